"""What people may type as words. Characters that can't be seen, or that turn the direction of what stands around
them, would let a name rewrite the sum beside it (U+202E shows "€12.01" as "10.21€"), or be no name at all.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Joiners: they shape letters in Persian, Hindi and other scripts, and mean nothing anywhere else.
JOINERS = "\u200c\u200d"
# Letters and symbols, says Unicode, that show nothing: the Hangul fillers and the empty Braille pattern.
BLANK = "\u115f\u1160\u2800\u3164\uffa0"
# Embeddings, overrides and isolates. In a text of many lines they reach to the end of their paragraph.
TURNING = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BREAKS = "\n\r\t"


def one_line(text: str) -> str:
    """Return *text* if it is one line of characters that can be seen. ValidationError with words if it isn't."""
    for place, sign in enumerate(text):
        kind = unicodedata.category(sign)
        if (kind in ("Zl", "Zp") or kind[0] == "C") and not _joins(text, place):
            raise ValidationError(_("Leave out line breaks and invisible characters."), code="invisible")
    return _seen(text)


def many_lines(text: str) -> str:
    """Return *text* if it has no control characters but line breaks and tabs, and turns no direction."""
    if any(sign in TURNING or (unicodedata.category(sign) in ("Cc", "Cs") and sign not in BREAKS) for sign in text):
        raise ValidationError(_("Leave out control characters."), code="invisible")
    return _seen(text)


def _joins(text: str, place: int) -> bool:
    """Whether there is a joiner at *place* that stands between letters (or after a letter's mark)."""
    if text[place] not in JOINERS or not 0 < place < len(text) - 1:
        return False
    return unicodedata.category(text[place - 1])[0] in "LM" and unicodedata.category(text[place + 1])[0] == "L"


def _seen(text: str) -> str:
    if text and not any(unicodedata.category(sign)[0] in "LNPS" and sign not in BLANK for sign in text):
        raise ValidationError(_("Write something that can be seen."), code="blank")
    return text
