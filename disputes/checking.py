"""Whether the record of a dispute is unbroken, and everything that was said and done is still as it was recorded.

The events are chained by their digests (``disputes.chain``). Who owns the database could change one and compute all
later digests anew; that shows only to who has kept an earlier digest, as it stands in every PDF of the case.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.utils.translation import gettext as _

from disputes import chain, vouching
from disputes.models import Dispute, DisputeEvent

DIGEST = re.compile(r"[0-9a-f]{64}")


def differences_of(dispute: Dispute, *, most_bytes: int | None = None) -> list[str]:
    """Return a sentence for each thing that isn't as the events of *dispute* say; none when all is well.

    All is read in one snapshot of the database. The files are read from the disk, *most_bytes* of them altogether at
    most; that the rest was not looked at is no difference.
    """
    with snapshot():
        case = vouching.Case.of(Dispute.objects.with_people().get(pk=dispute.pk))
        found = list(of_chain(case.events))
        for check in vouching.CHECKS:
            found += check(case)
        return [*found, *vouching.of_files(case, most_bytes)]


def of_chain(events: Iterable[DisputeEvent]) -> Iterator[str]:
    """Yield a sentence for each of *events*, in order, that is missing, was changed, or doesn't follow the last one."""
    previous, expected = chain.FIRST, 1
    for event in events:
        if event.number != expected:
            yield _("Event %(number)d is missing.") % {"number": expected}
        elif event.previous != previous:
            yield _("Event %(number)d does not follow the one before it: that one had another digest.") % {
                "number": event.number
            }
        if event.digest != event.expected_digest(event.previous):
            yield _("Event %(number)d was changed: its content has another digest.") % {"number": event.number}
        previous, expected = event.digest, event.number + 1
    if expected == 1:
        yield _("There are no events.")


def plain_digest(text: str) -> str:
    """Return the digest that *text* names, typed off or pasted from paper; "" if it is none."""
    bare = re.sub(r"[\s·.:-]", "", text).lower()
    return bare if DIGEST.fullmatch(bare) else ""


def on_paper(dispute: Dispute, number: int, digest: str) -> bool:
    """Return whether the event with that *number* still has the *digest* that somebody kept of it."""
    return dispute.events.filter(number=number, digest=digest).exists()


@contextmanager
def snapshot() -> Iterator[None]:
    """Read one state of the database throughout; within another transaction that is that one's affair."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
