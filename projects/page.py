"""What the project's page shows of the project itself and of its bids, prepared for the templates.

``templates/projects/_description.html`` and ``templates/projects/_bids.html`` need what ``project_context`` returns.
"""

from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from config import fees
from config.templatetags.money import money
from projects.models import Award, Bid, Project, Standing
from projects.pictures import picture_url
from projects.standing import figures

PROJECT_TONES = {"open": "accent", "closed": "neutral"}
BID_TONES = {"placed": "accent", "withdrawn": "neutral", "awarded": "positive"}


def project_context(project: Project, user: Member) -> dict[str, Any]:
    """Return ``project``, ``about``, ``is_employer``, ``bids`` (the employer's), ``my_bid``, ``may_bid``.

    *project* comes with its employer; one query reads the bids, and a few the standing of those whom the reader
    decides about. Bids are sealed: a freelancer gets their own only.
    """
    is_employer = project.employer_id == user.pk
    visible = (
        Bid.objects.visible_to(user)
        .filter(project=project)
        .select_related("freelancer__profile")
        .order_by("-placed_at")
    )
    bids = [bid_row(bid, project, user) for bid in visible]
    mine = None if is_employer or not bids else bids[0]
    if is_employer:
        given = figures([bid["freelancer"] for bid in bids], Standing.Side.FREELANCER)
        bids = [{**bid, "standing": given[bid["freelancer"].pk]} for bid in bids]
    side = Standing.Side.EMPLOYER
    return {
        "employer_standing": None if is_employer else figures([project.employer], side)[project.employer_id],
        "project": project,
        "about": about(project, user),
        "is_employer": is_employer,
        "bids": bids if is_employer else [],
        "my_bid": mine,
        "may_bid": mine is None and project.allows("bid", user),
    }


def about(project: Project, user: Member) -> dict[str, Any]:
    """The project's own words and figures."""
    pages = {"edit": "projects:edit", "close": "projects:close"}
    return {
        "state": project.get_state_display(),
        "tone": PROJECT_TONES[project.state],
        "budget": budget(project),
        "skills": skill_links(project.skills),
        "actions": [
            {"name": row.name, "label": row.label, "url": reverse(pages[row.name], args=[project.pk])}
            for row in project.actions_for(user)
            if row.name in pages
        ],
    }


def state_now(project: Project, bid: Bid | None = None) -> list[tuple[str, Any]]:
    """What is true now, read anew, for the page that says that something changed."""
    project.refresh_from_db(fields=["state"])
    facts = [(_("Project"), project.title), (_("State"), project.get_state_display())]
    if bid:
        bid.refresh_from_db(fields=["state"])
        facts.append((_("Your bid"), bid.get_state_display()))
    return facts


def bid_row(bid: Bid, project: Project, user: Member) -> dict[str, Any]:
    """One bid: its figures formatted, its plan, and the addresses of what *user* may do with it."""
    bid.project = project  # read once, not once a bid
    pages = {
        "revise": reverse("projects:bid", args=[project.pk]),
        "withdraw": reverse("projects:withdraw", args=[project.pk]),
        "award": reverse("projects:award", args=[bid.pk]),
    }
    # What it would bring is told to its freelancer while it stands; then the award says it.
    tell = bid.freelancer_id == user.pk and bid.state == Bid.State.PLACED
    fee = fees.current(project.currency).freelancer if tell else fees.Fee()
    allowed = [row for row in bid.actions_for(user) if row.name != "revise" or project.state == Project.State.OPEN]
    return {
        "id": bid.pk,
        "freelancer": bid.freelancer,
        "picture": picture_url(bid.freelancer),
        "amount": money(bid.amount, project.currency),
        "receives": money(bid.amount - fee.on(bid.amount), project.currency) if fee else "",
        "days": days(bid.days),
        "proposal": bid.proposal,
        "placed_at": bid.placed_at,
        # A bid that simply stands needs no word for it.
        "state": "" if bid.state == Bid.State.PLACED else bid.get_state_display(),
        "tone": BID_TONES[bid.state],
        "plan": [{"task": row["task"], "amount": money(row["amount"], project.currency)} for row in bid.plan],
        "plan_title": ngettext("Plan: %(parts)d milestone", "Plan: %(parts)d milestones", len(bid.plan))
        % {"parts": len(bid.plan)},
        "actions": [{"name": row.name, "label": row.label, "url": pages[row.name]} for row in allowed],
    }


def budget(project: Project) -> SafeString:
    """The budget as a reader says it: one sum, or from one to another."""
    low, high = money(project.budget_from, project.currency), money(project.budget_to, project.currency)
    return low if project.budget_from == project.budget_to else format_html(_("{} to {}"), low, high)


def skill_links(skills: list[str]) -> list[dict[str, str]]:
    """Each skill with the address of the open projects that ask for it."""
    here = reverse("projects:list")
    return [{"name": skill, "url": f"{here}?{urlencode({'skill': skill})}"} for skill in skills]


def award_facts(award: Award, held: int) -> list[tuple[str, Any]]:
    """What is true of *award* now, *held* minor units included: (name, value) pairs for a dialog or a 409 page."""
    return [
        (_("Project"), award.project.title),
        (_("Agreed amount"), money(award.amount, award.currency)),
        (_("To be done within"), days(award.days)),
        (_("Held now"), money(held, award.currency)),
        (_("State"), award.get_state_display()),
    ]


def days(number: int) -> str:
    """A number of days in words."""
    return ngettext("%(days)d day", "%(days)d days", number) % {"days": number}
