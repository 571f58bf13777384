"""Files that the demo's people send each other: small pictures and texts, made here."""

import io
import random

from PIL import Image, ImageDraw

from config.uploads import PNG, TEXT, Checked


def text(name: str, *lines: str) -> Checked:
    """Return a plain text of *lines*."""
    content = "\n".join(lines).encode() + b"\n"
    return Checked(name, TEXT, len(content), content)


def page(name: str, seed: str) -> Checked:
    """Return a picture that looks like the sketch of a page: a bar, some lines, a few boxes."""
    dice = random.Random(f"page {seed}")
    picture = Image.new("RGB", (480, 320), (248, 247, 243))
    pen = ImageDraw.Draw(picture)
    accent = dice.choice(((38, 84, 124), (62, 107, 72), (133, 77, 46), (92, 70, 132)))
    pen.rectangle((0, 0, 480, 36), fill=accent)
    pen.rectangle((20, 56, 20 + dice.randint(160, 320), 72), fill=(70, 70, 74))
    for number in range(3):
        pen.rectangle((20, 88 + number * 14, dice.randint(260, 440), 94 + number * 14), fill=(196, 196, 192))
    for number in range(dice.choice((2, 3, 4))):
        left = 20 + number * 112
        pen.rounded_rectangle((left, 150, left + 96, 230), 8, fill=dice.choice(((226, 222, 210), (210, 220, 226))))
        pen.rectangle((left, 240, left + dice.randint(40, 90), 248), fill=(150, 150, 148))
    pen.rounded_rectangle((20, 272, 140, 300), 6, fill=accent)
    return _png(name, picture)


def view(name: str, seed: str) -> Checked:
    """Return a picture that could be a photograph in very bad light: a lake, a shore, a sky."""
    dice = random.Random(f"view {seed}")
    picture = Image.new("RGB", (480, 320), dice.choice(((214, 226, 236), (240, 224, 204), (222, 214, 232))))
    pen = ImageDraw.Draw(picture)
    line = dice.randint(130, 190)
    pen.ellipse((dice.randint(60, 380), 40, 440, 100), fill=(252, 244, 222))
    pen.polygon(((0, line), (dice.randint(90, 200), dice.randint(60, 110)), (320, line)), fill=(104, 124, 112))
    pen.polygon(((180, line), (dice.randint(300, 400), 90), (480, line)), fill=(78, 100, 98))
    pen.rectangle((0, line, 480, 320), fill=(112, 146, 168))
    for number in range(6):
        y = line + 14 + number * 20
        pen.line((dice.randint(0, 200), y, dice.randint(240, 480), y), fill=(144, 174, 192), width=3)
    return _png(name, picture)


def _png(name: str, picture: Image.Image) -> Checked:
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=6)
    content = written.getvalue()
    return Checked(name, PNG, len(content), content)
