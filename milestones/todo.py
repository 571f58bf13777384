"""What waits about an award's money: a first milestone, a payment that was declined."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from finances.payments.models import Payment
from milestones.models import Funding, Milestone
from projects.models import Award


def first_milestones(member: Member) -> Iterator[Todo]:
    """Yield the member's awards for which nothing was ever put on hold. One query.

    The employer makes the first milestone, before or after the acceptance (P5); the freelancer who has accepted
    waits for it.
    """
    without = ~Exists(Milestone.objects.filter(award=OuterRef("pk"))) & ~Exists(
        Funding.objects.filter(award=OuterRef("pk")).unfunded()
    )
    awards = Award.objects.filter(
        without,
        # One whose time to answer has run out is about to lapse: nothing can be made for it.
        ~Q(state=Award.State.AWAITING, answer_by__lte=timezone.now()),
        Q(employer=member, state__in=Award.STANDING) | Q(freelancer=member, state=Award.State.ACCEPTED),
    )
    for award in awards.select_related("project", "employer", "freelancer").order_by("id")[:MOST]:
        mine = award.employer_id == member.pk
        if mine:
            words = _("Put money on hold for %(name)s: the work starts sooner when it can be seen")
            url, action = reverse("milestones:after-award", args=[award.pk]), _("Create milestones")
        else:
            words = _("%(name)s has put nothing on hold for you yet")
            url, action = reverse("milestones:request-new", args=[award.pk]), _("Request a milestone")
        yield Todo(
            mine=mine,
            words=words % {"name": (award.freelancer if mine else award.employer).get_short_name()},
            about=award.project.title,
            url=url,
            action=action,
            since=award.awarded_at,
            minor=award.amount,
            currency=award.currency,
            dialog=not mine,
        )


def declined_payments(member: Member) -> Iterator[Todo]:
    """Yield the member's milestones that are unfunded because their payment was declined (P17). One query."""
    unfunded = Funding.objects.visible_to(member).unfunded().filter(payment__state=Payment.State.DECLINED)
    for funding in unfunded[:MOST]:
        yield Todo(
            mine=True,
            words=_("A payment was declined, so a milestone is unfunded"),
            about=funding.task,
            url=funding.get_absolute_url(),
            action=_("View"),
            since=funding.payment.created_at,
            minor=funding.amount,
            currency=funding.payment.currency,
        )
