"""What belongs to a thing and stands elsewhere in the admin: below each page the newest of every kind, with links.

Each list is cut, and read through an index of what it is about, so a page costs the same however much there is.
"""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Member
from disputes.models import Dispute
from finances.ledger.models import Account, Transfer
from finances.payments.models import Correction, Payment, PaymentEvent, Withdrawal, WithdrawalEvent
from milestones.models import ConsentRequest, Milestone, MilestoneEvent
from projects.models import Award, Project
from support.chat.models import Conversation
from support.desk.searching import KINDS, SHOWN, Found, hits, readable

# What belongs to a thing: for each kind the conditions by which it is found. Several are asked one by one, so that
# each has its index.
Asked = list[dict[str, Any]]
Story = Callable[[Any], dict[type[Model], Asked]]


def _of_member(member: Member) -> dict[type[Model], Asked]:
    sides: Asked = [{"employer": member}, {"freelancer": member}]
    return {
        Account: [{"owner": member}],
        Project: [{"employer": member}],
        Award: sides,
        Milestone: sides,
        Dispute: [{"award__employer": member}, {"award__freelancer": member}],
        Conversation: [{"member": member}],
        Payment: [{"owner": member}],
        Withdrawal: [{"owner": member}],
        Correction: [{f"{side}_account__owner": member} for side in ("debit", "credit")],
    }


def _of_account(account: Account) -> dict[type[Model], Asked]:
    return {
        Milestone: [{"escrow": account}, {"fee_escrow": account}],
        Transfer: [{"debit_account": account}, {"credit_account": account}],
    }


def _of_milestone(milestone: Milestone) -> dict[type[Model], Asked]:
    accounts = [each for each in (milestone.escrow_id, milestone.fee_escrow_id) if each]
    return {
        Dispute: [{"parts__milestone": milestone}],
        ConsentRequest: [{"milestone": milestone}],
        Conversation: [{"about": f"milestone-{milestone.pk}"}],
        Payment: [{"funding__parts__milestone": milestone}],
        Transfer: [{f"{side}_account": each} for side in ("debit", "credit") for each in accounts],
    }


def _of_transfer(transfer: Transfer) -> dict[type[Model], Asked]:
    """The legs of its operation, and what it was made for: whichever has an event or a key of it."""
    payments = PaymentEvent.objects.filter(transfer=transfer).values("payment")
    withdrawals = WithdrawalEvent.objects.filter(transfer=transfer).values("withdrawal")
    # The legs of a fee have no event of their own: that of their operation says what they are for.
    legs = Transfer.objects.filter(key=transfer.key).values("pk")
    return {
        Transfer: [{"key": transfer.key}],
        Milestone: [{"pk__in": MilestoneEvent.objects.filter(transfer__in=legs).values("milestone")}],
        Payment: [{"transfer": transfer}, {"pk__in": payments}],
        Withdrawal: [{"pk__in": withdrawals}],
        Correction: [{"transfer": transfer}, {"corrects": transfer}],
    }


STORIES: dict[type[Model], Story] = {
    Member: _of_member,
    Project: lambda project: {Milestone: [{"award__project": project}], Dispute: [{"award__project": project}]},
    Award: lambda award: {
        Milestone: [{"award": award}],
        Dispute: [{"award": award}],
        ConsentRequest: [{"award": award}],
        Conversation: [{"about": f"award-{award.pk}"}],
        Payment: [{"funding__award": award}],
    },
    Milestone: _of_milestone,
    ConsentRequest: lambda asked: {Award: [{"pk": asked.award_id}], Milestone: [{"pk": asked.milestone_id}]},
    Account: _of_account,
    Transfer: _of_transfer,
    Payment: lambda payment: {
        Award: [{"fundings__payment": payment}],
        Conversation: [{"about": f"payment-{payment.pk}"}],
        Milestone: [{"funding_part__funding__payment": payment}],
        Transfer: [{"key": payment.key}, {"pk__in": payment.events.values("transfer")}],
    },
    Correction: lambda correction: {
        Transfer: [{"pk__in": [each for each in (correction.transfer_id, correction.corrects_id) if each]}]
    },
    Withdrawal: lambda withdrawal: {
        Conversation: [{"about": f"withdrawal-{withdrawal.pk}"}],
        Transfer: [{"pk__in": withdrawal.events.values("transfer")}],
    },
}


def context(request: HttpRequest, thing: Model) -> dict[str, Any]:
    """Return what ``admin/story.html`` shows below the page of *thing*."""
    return {"story": story(request, thing), "audit": audit_of(request, thing)}


def story(request: HttpRequest, thing: Model) -> list[Found]:
    """Return what belongs to *thing*, by kind, newest first, of the kinds that the reader may look at."""
    told = STORIES.get(type(thing))
    return list(_story(request, thing, told(thing))) if told else []


def _story(request: HttpRequest, thing: Model, asked: dict[type[Model], Asked]) -> Iterator[Found]:
    for kind in KINDS:
        if kind.model not in asked or (rows := readable(kind.model, request)) is None:
            continue
        found: dict[int, Any] = {}
        for condition in asked[kind.model]:
            some = rows.filter(**condition).select_related(*kind.related).order_by("-pk")
            found |= {row.pk: row for row in some[: SHOWN + 1]}
        if type(thing) is kind.model:
            found.pop(thing.pk, None)
        newest = [found[pk] for pk in sorted(found, reverse=True)]
        if newest:
            yield Found(kind.title, hits(kind, newest[:SHOWN]), len(newest) > SHOWN)


def audit_of(request: HttpRequest, thing: Model) -> str:
    """Return the address of all that was done to the row of *thing*; "" for who may not read it."""
    if not request.user.has_perm("accounts.view_auditentry"):
        return ""
    words = urlencode({"q": f"{thing._meta.db_table}:{thing.pk}"})
    return f"{reverse('admin:accounts_auditentry_changelist')}?{words}"
