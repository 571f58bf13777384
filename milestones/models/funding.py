"""Milestones that wait for their money: a payment source was charged for them, and has not paid yet (P17).

There is no milestone until the money is here. The charge credits the employer's wallet, and the milestones take the
money out of it in the same transaction: so all of it is held, for all of them, or nothing is.
"""

import logging
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import Member
from config.money import LARGEST
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.payments import charging
from finances.payments.models import Payment, PaymentSource
from milestones import notices, requests_port
from milestones.models import criteria
from milestones.models.milestones import Milestone
from milestones.parts import Part
from projects.models import Award

logger = logging.getLogger(__name__)

PURPOSE = "milestone"
# For so long does a milestone whose payment was declined stand in the lists, unless it is discarded before.
SHOWN = timedelta(days=14)


class FundingQuerySet(models.QuerySet["Funding"]):
    def visible_to(self, user: Member) -> "FundingQuerySet":
        """Those of the employer. The freelancer sees money that is held, and nothing before (P18)."""
        return self.filter(award__employer=user)

    def unfunded(self) -> "FundingQuerySet":
        """What stands in lists as unfunded milestones: its payment is open, under review, or was declined lately."""
        declined = Q(payment__state=Payment.State.DECLINED, payment__created_at__gt=timezone.now() - SHOWN)
        waiting = Q(payment__state__in=(*Payment.OPEN, Payment.State.REVIEW))
        # All of its milestones are made or none, so the first tells.
        none = Q(parts__position=0, parts__milestone=None)
        unfunded = self.filter(waiting | declined, none, discarded_at=None)
        return unfunded.select_related("payment").prefetch_related("parts").order_by("-id")


class Funding(models.Model):
    """What is to be put on hold, in ``parts``, once ``payment`` is there: a milestone of each, or none at all.

    ``refused`` says why the money came and no milestone could be made of it; it is in the available funds then.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="funding")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="fundings")
    refused = models.CharField(max_length=300, blank=True)
    discarded_at = models.DateTimeField(null=True)

    parts: Any  # those of FundingPart
    objects: ClassVar[Any] = FundingQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("funding of milestones")
        verbose_name_plural = gettext_lazy("fundings of milestones")

    def __str__(self) -> str:
        return self.task

    def get_absolute_url(self) -> str:
        return self.payment.get_absolute_url()

    @property
    def task(self) -> str:
        """What it pays for: a task, or how many milestones."""
        return in_words([part.task for part in self.parts.all()])

    @property
    def amount(self) -> int:
        """What is to be held in all, in minor units of the award's currency; the employer's fee is not in it."""
        return sum(part.amount for part in self.parts.all())

    @property
    def milestones(self) -> list[Milestone]:
        """The milestones that were made of it, in the order of its parts."""
        return [part.milestone for part in self.parts.select_related("milestone") if part.milestone]

    @property
    def milestone(self) -> Milestone | None:
        """The first of them."""
        return next(iter(self.milestones), None)

    @classmethod
    def begin(cls, award: Award, *, task: str, amount: int, **how: Any) -> "Funding":
        """Write the intent to pay one milestone; see ``begin_many``."""
        return cls.begin_many(award, [Part(task, amount)], **how)

    @classmethod
    @retried
    def begin_many(
        cls,
        award: Award,
        parts: Sequence[Part],
        *,
        source: PaymentSource,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
    ) -> "Funding":
        """Write the intent to pay *parts*, and their employer's fees, from *source* at once; the same for a *key*.

        The caller then charges ``payment``. Raises what ``Milestone.create_many`` and ``charging.begin`` raise.
        """
        with transaction.atomic():
            award = Award.locked(award.pk)
            done = cls.objects.filter(payment__key=key).select_related("payment").first()
            if done:
                if done.award_id != award.pk or done.as_parts() != list(parts):
                    raise KeyConflict(f"operation {key} was the payment of another milestone")
                return done  # type: ignore[no-any-return]
            award.require("fund", by)
            seen.require(str(award.version))
            for part in parts:
                if part.request is not None:
                    requests_port.require(part.request, award, by=by, seen=seen)
            payment = charging.begin(
                source,
                sum(part.amount + award.terms.employer.on(part.amount) for part in parts),
                award.currency,
                by=by,
                key=key,
                purpose=PURPOSE,
                words=in_words([part.task for part in parts]),
                seen=Seen(None, seen.shown, seen.address),
            )
            for tried in cls._tried_before(award, parts):
                cls.objects.filter(pk=tried.pk).update(discarded_at=timezone.now())
            award.touch()  # another dialog, in another window, is stale now (P25)
            funding: Funding = cls.objects.create(payment=payment, award=award)
            FundingPart.objects.bulk_create(FundingPart.of(funding, place, part) for place, part in enumerate(parts))
            return funding

    @classmethod
    def open_matters(cls, award: Award) -> list[str]:
        """Say that a payment for a milestone of *award* may still arrive: until then it can't be completed."""
        if not cls.objects.filter(award=award, payment__state__in=Payment.OPEN).exists():
            return []
        return [_("A payment for a milestone of this award is under way. Wait for its answer, or give it up.")]

    @classmethod
    def _tried_before(cls, award: Award, parts: Sequence[Part]) -> "list[Funding]":
        """What this is another try of: the same milestones, whose payment came to nothing."""
        stands = cls.objects.filter(award=award, discarded_at=None, payment__state__in=Payment.UNPAID)
        wanted = [(part.task, part.amount) for part in parts]
        tried = stands.prefetch_related("parts")
        return [each for each in tried if [(part.task, part.amount) for part in each.parts.all()] == wanted]

    def as_parts(self) -> list[Part]:
        """Return what its milestones are to be made of."""
        return [part.as_part() for part in self.parts.all()]

    @property
    def can_be_discarded(self) -> bool:
        """Whether it stands in lists although its payment came to nothing."""
        return self.payment.state in Payment.UNPAID and self.discarded_at is None

    def discard(self, *, by: Member) -> None:
        """Take it out of the lists. WrongState while its payment may still succeed, PermissionDenied for others.

        Money that comes after all goes to the available funds, as it does anyway once a payment was declined.
        """
        if self.award.employer_id != by.pk:
            raise PermissionDenied(_("Only the employer can discard an unfunded milestone."))
        with transaction.atomic():
            Award.locked(self.award_id)
            payment = Payment.objects.select_for_update(no_key=True).get(pk=self.payment_id)
            if payment.state not in Payment.UNPAID:
                raise WrongState(_("Its payment is “%(state)s” now.") % {"state": payment.get_state_display()})
            Funding.objects.filter(pk=self.pk, discarded_at=None).update(discarded_at=timezone.now())

    def arrived(self, *, late: bool) -> None:
        """Make the milestones of the money that the wallet has got in this transaction, if they still can be made."""
        with translation.override(self.payment.owner.reads):  # why not, is kept as words for them
            self._arrived(late=late)

    def _arrived(self, *, late: bool) -> None:
        if late:
            self.refused = _("The money came after the payment had been declined.")
        else:
            confirmed = self.payment.events.get(action="created")
            try:
                with transaction.atomic():
                    made = Milestone.create_many(
                        self.award,
                        self.as_parts(),
                        by=self.payment.owner,
                        key=uuid.uuid5(self.payment.key, "hold"),
                        seen=Seen(None, confirmed.shown, confirmed.address),
                    )
                    for part, milestone in zip(self.parts.all(), made, strict=True):
                        part.milestone = milestone
                        part.save(update_fields=["milestone"])
            except (WrongState, PermissionDenied) as refusal:
                logger.warning("%s was paid, but no milestone could be made: %s", self.payment, refusal)
                self.refused = str(refusal)[:300]
                notices.not_created(self)
        self.save(update_fields=["refused"])


class FundingPart(models.Model):
    """One of the milestones that a payment is for, in the order of ``position``, which counts from 0."""

    funding = models.ForeignKey(Funding, on_delete=models.PROTECT, related_name="parts")
    position = models.PositiveSmallIntegerField()
    task = models.CharField(gettext_lazy("task"), max_length=200)
    amount = models.BigIntegerField()
    advance = models.BooleanField(gettext_lazy("advance"), default=False)
    criteria = ArrayField(models.CharField(max_length=criteria.LONGEST), default=list, blank=True)
    request = models.BigIntegerField(null=True)  # the request for a milestone that it answers, if it does
    milestone = models.OneToOneField(Milestone, on_delete=models.PROTECT, null=True, related_name="funding_part")

    class Meta:
        verbose_name = gettext_lazy("part of a funding")
        verbose_name_plural = gettext_lazy("parts of fundings")
        ordering: ClassVar[list[str]] = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["funding", "position"], name="funding_part_position"),
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=LARGEST), name="funding_amount_in_bounds"),
        ]

    def __str__(self) -> str:
        return self.task

    @classmethod
    def of(cls, funding: Funding, position: int, part: Part) -> "FundingPart":
        """Return *part* as a row that is still to be written."""
        values = {**vars(part), "criteria": list(part.criteria)}
        return cls(funding=funding, position=position, **values)

    def as_part(self) -> Part:
        """Return what the milestone is to be made of."""
        return Part(self.task, self.amount, self.advance, tuple(self.criteria), self.request)


def in_words(tasks: Sequence[str]) -> str:
    """Return what a payment for *tasks* is called in lists and on receipts: the task, or how many milestones."""
    if len(tasks) == 1:
        return tasks[0]
    return ngettext("%(number)d milestone", "%(number)d milestones", len(tasks)) % {"number": len(tasks)}
