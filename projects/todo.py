"""What waits about awards: the freelancer's answer, with its deadline."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from projects.models import Award


def awards_to_answer(member: Member) -> Iterator[Todo]:
    """Yield the awards that await an answer: the member's own, and those that others have to give. One query."""
    awards = Award.objects.visible_to(member).filter(state=Award.State.AWAITING)
    for award in awards.select_related("project", "employer", "freelancer").order_by("answer_by")[:MOST]:
        mine = award.freelancer_id == member.pk
        words = _("%(name)s awarded you a project") if mine else _("%(name)s has yet to accept your award")
        other = award.employer if mine else award.freelancer
        yield Todo(
            mine=mine,
            words=words % {"name": other.get_short_name()},
            about=award.project.title,
            url=award.project.get_absolute_url(),
            action=_("Answer") if mine else _("View"),
            since=award.awarded_at,
            minor=award.amount,
            currency=award.currency,
            until=award.answer_by,
        )
