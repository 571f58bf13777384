"""What waits for money to be put on hold: awards without any milestone, and payments for milestones (P5, P17)."""

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


def todo(member: Member) -> Iterator[Todo]:
    """Yield what *member* is to fund or to pay, and where they wait for money to be put on hold. Three queries."""
    yield from _to_pay(member)
    none = ~Exists(Milestone.objects.filter(award=OuterRef("pk")))
    # An award whose time to answer has run out is about to lapse: nothing can be made for it.
    stands = Q(state=Award.State.ACCEPTED) | Q(state=Award.State.AWAITING, answer_by__gt=timezone.now())
    waiting = Award.objects.filter(none, stands).select_related("project", "employer", "freelancer").order_by("-id")
    for award in waiting.filter(employer=member)[: MOST // 2]:
        yield Todo(
            mine=True,
            words=_("Nothing is on hold for %(name)s yet. Work starts sooner once something is.")
            % {"name": award.freelancer.get_short_name()},
            about=award.project.title,
            url=reverse("milestones:after-award", args=[award.pk]),
            action=_("Create milestones"),
            since=award.awarded_at,
            minor=award.amount,
            currency=award.currency,
        )
    for award in waiting.filter(freelancer=member, state=Award.State.ACCEPTED)[: MOST // 4]:
        yield Todo(
            mine=False,
            words=_("%(name)s has put nothing on hold for you yet.") % {"name": award.employer.get_short_name()},
            about=award.project.title,
            url=award.project.get_absolute_url(),
            action=_("View"),
            since=award.awarded_at,
            minor=award.amount,
            currency=award.currency,
        )


def _to_pay(member: Member) -> Iterator[Todo]:
    """Milestones that wait for their payment: for a step of *member*'s, or another try."""
    states = (Payment.State.NEEDS_STEP, Payment.State.DECLINED)
    for funding in Funding.objects.visible_to(member).unfunded().filter(payment__state__in=states)[: MOST // 4]:
        payment = funding.payment
        declined = payment.state == Payment.State.DECLINED
        yield Todo(
            mine=True,
            words=_("The payment was declined, so nothing is on hold.")
            if declined
            else _("Your bank asks you to confirm the payment. Until then nothing is on hold."),
            about=funding.task,
            url=payment.get_absolute_url(),
            action=_("View"),
            since=payment.created_at,
            minor=funding.amount,
            currency=payment.currency,
        )
