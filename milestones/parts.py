"""What a milestone is to be made of, before there is one."""

from dataclasses import dataclass

MOST_PARTS = 50  # milestones made at once


@dataclass(frozen=True)
class Part:
    """*amount* minor units for *task*; *criteria* say what done means, *request* is the one that it answers, if any."""

    task: str
    amount: int
    advance: bool = False
    criteria: tuple[str, ...] = ()
    request: int | None = None
