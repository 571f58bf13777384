"""Who hears that the staff ask for both sides' consent to give back what is held, and what became of it."""

from typing import TYPE_CHECKING

from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from accounts.notices import amount, register, tell

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from milestones.models import ConsentRequest, MilestoneEvent

register(
    "consent-asked", _("Our staff ask whether %(sum)s on hold shall go back to %(employer)s: %(task)s. %(reason)s")
)
register("consent-withdrawn", _("Our staff ask no more for your consent: %(task)s"))
register("consent-refused", _("%(who)s refused that what is held goes back: %(task)s"))
register("consent-given", _("%(who)s consented that what is held goes back: %(task)s"))
register("consent-revoked", _("%(who)s took back the consent that what is held goes back: %(task)s"))
register(
    "consent-second", _("Both sides consented that %(sum)s on hold goes back, and a second person must do it: %(task)s")
)
register("consent-done", _("%(sum)s on hold went back to %(employer)s, as you both had consented: %(task)s"))

GROUP = "support"
KINDS = {
    "ask": "consent-asked",
    "withdraw": "consent-withdrawn",
    "refuse": "consent-refused",
    "consent": "consent-given",
    "revoke": "consent-revoked",
}


def of_consent(ask: "ConsentRequest", action: str) -> None:
    """Both sides hear of what the staff do; of what one side answers, the other and who asked."""
    parties = [ask.award.employer, ask.award.freelancer]
    path = reverse("milestones:consent", args=[ask.milestone.pk])
    words = {
        "sum": amount(ask.milestone.held, ask.award.currency),
        "employer": ask.award.employer.name,
        "task": ask.milestone.task,
        "reason": f"“{ask.note}”",
    }
    if action in ("ask", "withdraw"):
        for member in parties:
            tell(member, KINDS[action], path, **words)
        return
    event = ask.last_step()
    for member in parties:
        if member.pk != event.actor_id:
            tell(member, KINDS[action], path, who=str(event.actor), **words)
    page = reverse("admin:milestones_consentrequest_change", args=[ask.pk])
    tell(ask.asked_by, KINDS[action], page, who=str(event.actor), **words)
    if action == "consent" and ask.employer_consents and ask.freelancer_consents and ask.needs_second:
        for member in _others(ask):
            tell(member, "consent-second", page, sum=words["sum"], task=words["task"])


def _others(ask: "ConsentRequest") -> "QuerySet[Member]":
    """Return who of the group support could be the second person."""
    group = Group.objects.filter(name=GROUP).first()
    others = Member.objects.filter(groups=group, is_active=True, is_staff=True)
    return others.exclude(pk__in=[ask.asked_by_id, ask.award.employer_id, ask.award.freelancer_id])


def given_back(ask: "ConsentRequest", event: "MilestoneEvent") -> None:
    """Both sides hear that it is done, with the receipt."""
    for member in (ask.award.employer, ask.award.freelancer):
        tell(
            member,
            "consent-done",
            event.get_absolute_url(),
            sum=amount(event.amount, ask.award.currency),
            employer=ask.award.employer.name,
            task=ask.milestone.task,
        )
