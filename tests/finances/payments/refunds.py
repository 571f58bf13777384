"""Giving back what is under review, in tests of what comes of it."""

import uuid
from typing import Any

from django.contrib.auth.models import Group

from accounts.models import Member
from finances.payments import refunding
from finances.payments.models import Payment
from tests import factories


def of_finance(name: str) -> Member:
    """Return a new member of the staff's group finance."""
    member = factories.MemberFactory(name=name, email=f"{name.lower()}@example.com", is_staff=True)
    member.groups.add(Group.objects.get(name="finance"))
    return Member.objects.get(pk=member.pk)


def give_back(payment: Payment, by: Member, **about: Any) -> Payment:
    """Take the step as *by*, for a reason."""
    return refunding.refund(payment, by=by, **{"reason": "Another sum was taken.", "key": uuid.uuid4(), **about})
