"""What people may type as words: nothing that can't be seen, nothing that turns what stands beside it."""

import pytest

from django.core.exceptions import ValidationError

from config.words import many_lines, one_line

INVISIBLE = "Leave out line breaks and invisible characters."
BLANK = "Write something that can be seen."


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Erin Vogel",
        "Zoë O’Brien-Núñez",
        "李小龙",
        "محمد",
        "می\u200cخواهم",  # Persian, with its non-joiner
        "क्\u200dष",  # Hindi, with a joiner after the mark of a letter
        "e\u0301",
        "Logo \u2764\ufe0f",
        "100 % & <b>",
    ],
)
def test_it_takes_what_people_write(text):
    assert one_line(text) == many_lines(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        *((f"Erin{sign}Vogel", INVISIBLE) for sign in "\n\r\t\x00\x1b\x7f\x85\u2028\u2029"),
        *((f"Erin{sign}", INVISIBLE) for sign in "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u061c"),
        *((f"Er{sign}in", INVISIBLE) for sign in "\u200b\u2060\ufeff\u00ad\ud800\ue000\uffff\U000e0041"),
        ("\u200d", INVISIBLE),
        ("\u200dErin", INVISIBLE),
        ("Erin\u200c", INVISIBLE),
        ("1\u200d2", INVISIBLE),
        ("a\u200d\u200db", INVISIBLE),
        ("\u3164", BLANK),
        ("\u2800 \u115f", BLANK),
        ("\u00a0", BLANK),
        ("\u0301", BLANK),
    ],
)
def test_one_line_refuses_what_is_not_seen(text, words):
    with pytest.raises(ValidationError, match=words):
        one_line(text)


def test_many_lines_have_breaks_and_tabs():
    assert many_lines("One\r\n\n\tTwo")


@pytest.mark.parametrize("sign", "\x00\x0b\x1b\x85\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_many_lines_have_nothing_that_turns_or_controls(sign):
    with pytest.raises(ValidationError, match="Leave out control characters"):
        many_lines(f"One{sign} two")


def test_many_lines_are_not_blank():
    with pytest.raises(ValidationError, match=BLANK):
        many_lines("\u200b\n\u200b")
