"""The statements of a step on a milestone, written as SQL.

Releasing is the busiest path there is, and building its eight statements with the ORM took four times as long as
running them (``make bench``, "release POST"). What they mean stays in the models: these only lock, read and write.
"""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from psycopg.types.json import Jsonb

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from accounts.models import Member
from finances.ledger.models import Account
from projects.models import Award, Project

if TYPE_CHECKING:
    from milestones.models import Milestone, MilestoneEvent
    from milestones.models.asks import Ask

T = TypeVar("T", bound=Model)

# The award's row first, then the milestone's: PostgreSQL locks in the order of the OF list.
LOCK = """
    SELECT m.id, m.award_id, m.employer_id, m.freelancer_id, m.currency, m.task, m.amount, m.escrow_id, m.fee_escrow_id,
           m.state, m.version, m.created_at, e.name, e.email, f.name, f.email, p.title,
           a.project_id, a.state, a.version,
           a.freelancer_fee_percent, a.freelancer_fee_least, a.employer_fee_percent, a.employer_fee_least
    FROM milestones_milestone m
    JOIN projects_award a ON a.id = m.award_id
    JOIN projects_project p ON p.id = a.project_id
    JOIN accounts_member e ON e.id = m.employer_id
    JOIN accounts_member f ON f.id = m.freelancer_id
    WHERE m.id = %s FOR NO KEY UPDATE OF a, m
"""
OWN = (
    "id", "award_id", "employer_id", "freelancer_id", "currency", "task", "amount", "escrow_id", "fee_escrow_id",
    "state", "version", "created_at",
)  # fmt: skip
OF_AWARD = (
    "project_id", "state", "version",
    "freelancer_fee_percent", "freelancer_fee_least", "employer_fee_percent", "employer_fee_least",
)  # fmt: skip
# What is held, read once the locks are there; the payee's wallet; what the key did before, if anything.
READ = """
    SELECT escrow.balance, wallet.id, event.id, event.milestone_id, event.action
    FROM ledger_account escrow
    LEFT JOIN ledger_account wallet
        ON wallet.owner_id = %s AND wallet.kind = 'wallet' AND wallet.currency = escrow.currency
    LEFT JOIN milestones_milestoneevent event ON event.key = %s
    WHERE escrow.id = %s
"""
SETTLE = "UPDATE milestones_milestone SET state = %s, version = %s WHERE id = %s"

RECORD = """
    INSERT INTO milestones_milestoneevent
        (at, actor_id, action, key, address, shown, milestone_id, transfer_id, amount, held_after,
         freelancer_fee, employer_fee, note, cause)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id
"""


def lock(model: "type[Milestone]", pk: int) -> "Milestone":
    """Return the milestone with its award's row and then its own locked: the order of the whole system."""
    (row,) = run(LOCK, [pk])
    own, people, of_award = row[: len(OWN)], row[len(OWN) : -len(OF_AWARD)], row[-len(OF_AWARD) :]
    employer, employer_email, freelancer, freelancer_email, title = people
    milestone = _loaded(model, **dict(zip(OWN, own, strict=True)))
    employer_id, freelancer_id = milestone.employer_id, milestone.freelancer_id
    milestone.employer = _loaded(Member, id=employer_id, name=employer, email=employer_email)
    milestone.freelancer = _loaded(Member, id=freelancer_id, name=freelancer, email=freelancer_email)
    milestone.award = _loaded(
        Award,
        id=milestone.award_id,
        employer_id=employer_id,
        freelancer_id=freelancer_id,
        currency=milestone.currency,
        **dict(zip(OF_AWARD, of_award, strict=True)),
    )
    milestone.award.project = _loaded(Project, id=milestone.award.project_id, title=title)
    return milestone


def read(milestone: "Milestone", key: uuid.UUID) -> tuple[int, int, str] | None:
    """Read what is held; return the event that *key* wrote before as (id, milestone, action), or None.

    The freelancer's wallet, if there is one, is remembered for ``escrow.release``.
    """
    ((balance, wallet, *event),) = run(READ, [milestone.freelancer_id, key, milestone.escrow_id])
    code = milestone.currency
    escrow = {"kind": Account.Kind.ESCROW, "currency": code, "owner_id": None}
    milestone.escrow = _loaded(Account, id=milestone.escrow_id, **escrow, balance=balance)
    if milestone.fee_escrow_id:
        milestone.fee_escrow = _loaded(Account, id=milestone.fee_escrow_id, **escrow)
    milestone.payee = wallet and _loaded(Account, id=wallet, kind=Account.Kind.WALLET, currency=code)
    return tuple(event) if event[0] else None  # type: ignore[return-value]


def settle(milestone: "Milestone") -> None:
    """Write the milestone's state and version."""
    run(SETTLE, [milestone.state, milestone.version, milestone.pk])


def record(event: "MilestoneEvent") -> None:
    """Write *event*, which takes its id."""
    names = ("at", "actor_id", "action", "key", "address")
    more = ("milestone_id", "transfer_id", "amount", "held_after", "freelancer_fee", "employer_fee", "note", "cause")
    values = [*(getattr(event, n) for n in names), Jsonb(event.shown), *(getattr(event, n) for n in more)]
    ((event.pk,),) = run(RECORD, values)


_asks: "list[type[Ask]]" = []


def register_ask(kind: "type[Ask]") -> None:
    """Name a kind of ask, whose waiting ones ``overtake`` sees to."""
    _asks.append(kind)


def overtake(milestones: Sequence[int], *, released: bool, ended: bool) -> None:
    """Give the asks that wait about *milestones* the end that the money's step has brought them, in one statement.

    *released*: some of it was paid; *ended*: nothing of it is held any more. The milestones' rows are locked.
    """
    steps = []
    for kind in _asks:
        state = kind.after_release if released else None
        state = state or (kind.after_end if ended else None)
        if state and hasattr(kind, "milestone"):
            steps.append((kind._meta.db_table, "milestone_id = ANY(%(of)s)", state))
    _overtake(steps, list(milestones))


def overtake_of_award(award: int) -> None:
    """Overtake everything that waits about an *award* that ends in this transaction, by its number."""
    steps = [(kind._meta.db_table, "award_id = %(of)s", kind.after_end) for kind in _asks if kind.ends_with_award]
    _overtake([step for step in steps if step[2]], award)


def _overtake(steps: Sequence[tuple[str, str, str | None]], of: Any) -> None:
    if not steps:
        return
    # Names of tables and states are the code's own.
    parts = [
        f"a{place} AS (UPDATE {table} SET state = '{state}', answered_at = %(at)s, version = version + 1"
        f" WHERE {where} AND state = 'waiting')"
        for place, (table, where, state) in enumerate(steps)
    ]
    # Not the database's now(): that is when the transaction began, which may be before what it answers was asked.
    run(f"WITH {', '.join(parts)} SELECT 1", {"of": of, "at": timezone.now()})


def _loaded(model: type[T], **values: Any) -> T:
    """Return an object as the ORM would have read it, with those fields; any other is read when it is asked for."""
    names = [field.attname for field in model._meta.concrete_fields if field.attname in values]
    return model.from_db("default", names, [values[name] for name in names])


def run(statement: str, values: Sequence[Any] | dict[str, Any]) -> list[Any]:
    """Execute *statement* in the current transaction and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
