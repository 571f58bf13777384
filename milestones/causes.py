"""By what else a milestone's money moved than by its two sides: a dispute, which stands on a floor above."""

from config.doors import address_if_there
from config.receipts import link


def address_of(cause: str) -> str:
    """Return the address of what people quote as *cause* ("D12"); "" where the site has no page of it."""
    return address_if_there("disputes:case", int(cause.removeprefix("D"))) if cause.startswith("D") else ""


def link_to(cause: str) -> str:
    """Return *cause* as a link to its page, or as words where there is none."""
    address = address_of(cause)
    return link(address, cause) if address else cause
