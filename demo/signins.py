"""The demo's sign-ins: the one source for what ``manage.py demo --sign-ins`` prints and README lists."""

from typing import NamedTuple

PASSWORD = "demo-milepost"

EMPLOYER = "employer@example.com"
FIRST_FREELANCER = "freelancer@example.com"
SECOND_FREELANCER = "freelancer2@example.com"
STRANGER = "stranger@example.com"
SUPPORTER = "support@example.com"
MEDIATOR = "arbitrator@example.com"
ACCOUNTANT = "finance@example.com"


class SignIn(NamedTuple):
    """An address, who that is, and what there is to see."""

    email: str
    name: str
    about: str


SIGN_INS = (
    SignIn(EMPLOYER, "Erin Vogel", "hires; has money, an award awaiting an answer, two at work, and disputes"),
    SignIn(FIRST_FREELANCER, "Wes Adeyemi", "works for Erin; has an award to accept or decline, and a dispute"),
    SignIn(SECOND_FREELANCER, "Ana Lima", "works for Erin on the same project as Wes"),
    SignIn(STRANGER, "Sam Stone", "has no part in anything"),
    SignIn(SUPPORTER, "Sue Park", "staff: support"),
    SignIn(MEDIATOR, "Mia Novak", "staff: decides disputes"),
    SignIn(ACCOUNTANT, "Finn Aalto", "staff: reads the books"),
)


def table() -> str:
    """Return the sign-ins as a Markdown table that also reads well in a terminal."""
    rows = [("Sign in as", "Name", "Who"), *SIGN_INS]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)
