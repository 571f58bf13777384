"""Reviews that can still be written, on both sides (P7)."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from accounts.todo import MOST, Todo
from projects.models import Award, Review


def reviews(member: Member) -> Iterator[Todo]:
    """Completed awards that the member has not reviewed yet, and those where the other side has not; one query."""
    written = Review.objects.filter(award=OuterRef("pk"))
    awards = (
        Award.objects.visible_to(member)
        .filter(state=Award.State.COMPLETED, review_by__gt=timezone.now(), reviews_told_at=None)
        .annotate(by_me=Exists(written.filter(author=member)))
        .select_related("project", "employer", "freelancer")
        .order_by("review_by")[:MOST]
    )
    for award in awards:
        names = {"name": (award.freelancer if member.pk == award.employer_id else award.employer).get_short_name()}
        mine = not award.by_me
        yield Todo(
            mine=mine,
            words=(_("You can review %(name)s.") if mine else _("%(name)s has yet to review you.")) % names,
            about=award.project.title,
            url=reverse("projects:review", args=[award.pk]) if mine else award.project.get_absolute_url(),
            action=_("Review %(name)s") % names if mine else _("See the award"),
            since=award.completed_at or award.awarded_at,
            until=award.review_by,
            dialog=mine,
        )
