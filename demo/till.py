"""The demo's payment provider: the sandbox, keeping its books in the transaction that makes the demo.

The product asks its provider outside any transaction, because a provider's yes can't be rolled back. The demo is made
whole or not at all, so what its provider did has to go with the rest of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest import mock

from demo.stage import days
from finances.payments.gateways.sandbox import SandboxGateway


class Till(SandboxGateway):
    """The sandbox, whose slow banks take as long as banks do."""

    apart = False
    slow = days(2)


@contextmanager
def opened() -> Iterator[None]:
    """Let the till be the payment provider, and queue no job about what goes through it.

    Jobs would be looked at now, not in the past in which they were queued. Whatever is still open when the demo is made
    the worker finds by itself, every minute (``settle_open_intents``).
    """
    till = Till()
    no_jobs = mock.patch.multiple("finances.payments.jobs", look_up_later=mock.DEFAULT, send_later=mock.DEFAULT)
    with mock.patch("finances.payments.gateways.base.by_name", return_value=till), no_jobs:
        yield
