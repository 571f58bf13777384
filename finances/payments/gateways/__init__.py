"""Payment providers behind one interface: ``gateway()`` is the one that PAYMENT_GATEWAY names."""

from finances.payments.gateways.base import (
    REASONS,
    Answer,
    BadSignature,
    Gateway,
    Movement,
    Notice,
    Outcome,
    Refused,
    Saved,
    Setup,
    Unreachable,
    gateway,
)

__all__ = [
    "REASONS",
    "Answer",
    "BadSignature",
    "Gateway",
    "Movement",
    "Notice",
    "Outcome",
    "Refused",
    "Saved",
    "Setup",
    "Unreachable",
    "gateway",
]
