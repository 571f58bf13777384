"""A milestone that waits for its money: a payment source was charged for it, and has not paid yet (P17).

There is no milestone until the money is here. The charge credits the employer's wallet, and the milestone takes the
money out of it in the same transaction: so it is held in full, or not at all.
"""

import logging
import uuid
from datetime import timedelta
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config.money import LARGEST
from config.refusals import KeyConflict, WrongState
from config.retry import retried
from config.seen import UNSEEN, Seen
from finances.payments import charging
from finances.payments.models import Payment, PaymentSource
from milestones import notices, requests_port
from milestones.models.milestones import Milestone
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
        """What stands in lists as an unfunded milestone: its payment is open, under review, or was declined lately."""
        declined = Q(payment__state=Payment.State.DECLINED, payment__created_at__gt=timezone.now() - SHOWN)
        waiting = Q(payment__state__in=(*Payment.OPEN, Payment.State.REVIEW))
        unfunded = self.filter(waiting | declined, milestone=None, discarded_at=None)
        return unfunded.select_related("payment").order_by("-id")


class Funding(models.Model):
    """``amount`` minor units of the award's currency that are to be put on hold for ``task`` once ``payment`` is there.

    ``refused`` says why the money came and no milestone could be made of it; it is in the available funds then.
    """

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="funding")
    award = models.ForeignKey(Award, on_delete=models.PROTECT, related_name="fundings")
    task = models.CharField(gettext_lazy("task"), max_length=200)
    amount = models.BigIntegerField()
    # The number of the freelancer's request that the milestone answers (P30), and whether it is an advance (P31).
    request = models.BigIntegerField(null=True)
    advance = models.BooleanField(default=False, db_default=False)
    milestone = models.OneToOneField(Milestone, on_delete=models.PROTECT, null=True, related_name="funding")
    refused = models.CharField(max_length=300, blank=True)
    discarded_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = FundingQuerySet.as_manager()

    class Meta:
        verbose_name = gettext_lazy("funding of a milestone")
        verbose_name_plural = gettext_lazy("fundings of milestones")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, amount__lte=LARGEST), name="funding_amount_in_bounds")
        ]

    def __str__(self) -> str:
        return self.task

    def get_absolute_url(self) -> str:
        return self.payment.get_absolute_url()

    @classmethod
    @retried
    def begin(
        cls,
        award: Award,
        *,
        task: str,
        amount: int,
        source: PaymentSource,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
        advance: bool = False,
        request: int | None = None,
    ) -> "Funding":
        """Write the intent to pay a milestone of *amount*, and its employer's fee, from *source*; the same for a *key*.

        The caller then charges ``payment``. Raises what ``Milestone.create`` and ``charging.begin`` raise.
        """
        with transaction.atomic():
            award = Award.locked(award.pk)
            done = cls.objects.filter(payment__key=key).select_related("payment").first()
            if done:
                if (done.award_id, done.task, done.amount) != (award.pk, task, amount):
                    raise KeyConflict(f"operation {key} was the payment of another milestone")
                return done  # type: ignore[no-any-return]
            award.require("fund", by)
            seen.require(str(award.version))
            if request is not None:
                requests_port.require(request, award, by=by, seen=seen)
            payment = charging.begin(
                source,
                amount + award.terms.employer.on(amount),
                award.currency,
                by=by,
                key=key,
                purpose=PURPOSE,
                words=task,
                seen=Seen(None, seen.shown, seen.address),
            )
            cls._tried_before(award, task, amount).update(discarded_at=timezone.now())
            award.touch()  # another dialog, in another window, is stale now (P25)
            what = {"task": task, "amount": amount, "advance": advance, "request": request}
            return cls.objects.create(payment=payment, award=award, **what)

    @classmethod
    def _tried_before(cls, award: Award, task: str, amount: int) -> FundingQuerySet:
        """What this is another try of: the same milestone, whose payment came to nothing."""
        same = cls.objects.filter(award=award, task=task, amount=amount, discarded_at=None)
        return same.filter(payment__state__in=Payment.UNPAID)  # type: ignore[no-any-return]

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
        """Make the milestone of the money that the wallet has got in this transaction, if it still can be made."""
        if late:
            self.refused = _("The money came after the payment had been declined.")
        else:
            confirmed = self.payment.events.get(action="created")
            try:
                with transaction.atomic():
                    self.milestone = Milestone.create(
                        self.award,
                        task=self.task,
                        amount=self.amount,
                        by=self.payment.owner,
                        key=uuid.uuid5(self.payment.key, "hold"),
                        seen=Seen(None, confirmed.shown, confirmed.address),
                        advance=self.advance,
                        request=self.request,
                    )
            except (WrongState, PermissionDenied) as refusal:
                logger.warning("%s was paid, but no milestone could be made: %s", self.payment, refusal)
                self.refused = str(refusal)[:300]
                notices.not_created(self)
        self.save(update_fields=["milestone", "refused"])
