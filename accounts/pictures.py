"""Members' pictures: a small square, written by us."""

import io

from PIL import Image, ImageOps

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config.uploads import JPEG, PNG, Checked

SIDE = 256  # pixels


def square(checked: Checked) -> Checked:
    """Return the middle of the picture *checked*, SIDE pixels wide and high. ValidationError if it is no picture."""
    if checked.media_type not in (JPEG, PNG):
        raise ValidationError(_("“%(name)s” is no picture.") % {"name": checked.name}, code="kind")
    with Image.open(io.BytesIO(checked.content), formats=("JPEG", "PNG")) as whole:
        clear = checked.media_type == PNG and whole.mode in ("RGBA", "LA", "P")
        part = ImageOps.fit(whole.convert("RGBA" if clear else "RGB"), (SIDE, SIDE))
    written = io.BytesIO()
    if clear:
        part.save(written, "PNG", optimize=True)
    else:
        part.save(written, "JPEG", quality=85)
    content = written.getvalue()
    return Checked(checked.name, PNG if clear else JPEG, len(content), content)
