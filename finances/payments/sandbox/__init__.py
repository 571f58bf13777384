"""A payment provider of the site's own, for trying things out: it moves no real money and is absent in production.

It plays a provider that stands elsewhere: it keeps its own books in its own tables and knows nothing of wallets or
milestones. ``CARDS``, ``BANKS`` and ``PAYOUT_ACCOUNTS`` say what can be tried; its pages, the help and the README list
them from here.
"""

from finances.payments.sandbox.instruments import BANKS, CARDS, PAYOUT_ACCOUNTS, Behaviour, Instrument

__all__ = ["BANKS", "CARDS", "PAYOUT_ACCOUNTS", "Behaviour", "Instrument"]
