"""What the forms about milestones take, and what they answer to anything else."""

import pytest

from django.core.exceptions import ValidationError

from milestones.forms import CriteriaField
from milestones.models.criteria import LONGEST, MOST


@pytest.mark.parametrize(
    ("typed", "criteria"),
    [
        ("", ()),
        (None, ()),
        ("\r\n  \r\n", ()),
        ("Works on a phone\r\n\r\n  Loads  within a second ", ("Works on a phone", "Loads within a second")),
        ("x" * LONGEST, ("x" * LONGEST,)),
        ("\n".join(["a line"] * MOST), ("a line",) * MOST),
    ],
)
def test_criteria_are_lines_that_say_something(typed, criteria):
    assert CriteriaField().clean(typed) == criteria


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("\n".join(["a line"] * (MOST + 1)), f"Write at most {MOST} lines."),
        ("fine\n" + "x" * (LONGEST + 1), f"Keep each line under {LONGEST + 1} characters."),
        ("a\u202eb", "Leave out control characters."),
        ("fine\na\u200bb", "Leave out line breaks and invisible characters."),
        ("fine\n\u2800", "Write something that can be seen."),
        ("a\x00b", "Null characters are not allowed."),
        ("x" * 100_000, "Ensure this value has at most"),
    ],
)
def test_criteria_that_are_none_are_answered(typed, answer):
    with pytest.raises(ValidationError) as refusal:
        CriteriaField().clean(typed)
    assert answer in str(refusal.value.messages)
