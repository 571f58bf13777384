"""What those who keep the books put right: a fee charged in error, and a deposit that went to the wrong member."""

import uuid

from django.contrib.auth.models import Group

from accounts.models import Member
from demo.stage import Stage, Story, days
from finances.ledger.models import Account, Transfer
from finances.payments.models import Correction


def stories(stage: Stage) -> Story:
    """Finn gives a fee back, alone, below the limit; what Ilse proposes is above it, and waits for him."""
    fees = Transfer.objects.filter(kind=Transfer.Kind.FEE, currency="USD", amount__lte=10_000)
    fee = fees.filter(debit_account__kind=Account.Kind.WALLET).order_by("-id").first()
    if fee is None:
        raise ValueError("nobody has paid a fee yet")
    Correction.propose(
        fee.credit_account,
        fee.debit_account,
        fee.amount,
        reason="You were charged our fee for work that we had promised to be free of it. Here it is again.",
        note="Promised by mail, before the project was posted.",
        corrects=fee,
        by=stage.cast["finn"],
        key=uuid.uuid5(uuid.NAMESPACE_OID, "a fee given back"),
    )
    yield days(4)
    # Above the limit: Ilse proposes it, and it waits for Finn.
    deposits = Transfer.objects.filter(kind=Transfer.Kind.DEPOSIT, currency="EUR", amount__gt=25_000)
    deposits = deposits.filter(credit_account__balance__gt=25_000).exclude(credit_account__owner=stage.cast["erin"])
    deposit = deposits.select_related("credit_account").order_by("-id").first()
    if deposit is None:
        raise ValueError("nobody has deposited enough")
    others = Account.objects.filter(kind=Account.Kind.WALLET, currency="EUR", owner=stage.cast["lucia"])
    payee = others.exclude(pk=deposit.credit_account_id).first() or Account.wallet(stage.cast["diego"].pk, "EUR")
    Correction.propose(
        deposit.credit_account,
        payee,
        25_000,
        reason="A bank transfer of the other member was booked to your wallet. It goes to where it belongs.",
        note="The bank's statement names the sender.",
        corrects=deposit,
        by=_helper(stage),
        key=uuid.uuid5(uuid.NAMESPACE_OID, "a deposit gone astray"),
    )


def _helper(stage: Stage) -> Member:
    """Ilse helps out with the books, too."""
    stage.cast["ilse"].groups.add(Group.objects.get(name="finance"))
    return Member.objects.get(pk=stage.cast["ilse"].pk)  # with her permissions
