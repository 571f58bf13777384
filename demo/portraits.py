"""Members' pictures: calm shapes in few colours, drawn from a name, the same every time."""

import colorsys
import io
import random

from PIL import Image, ImageDraw

from accounts.pictures import SIDE, square
from config.uploads import PNG, Checked

LARGE = SIDE * 2  # drawn in twice the size, so that edges are smooth when it is made small

Colour = tuple[int, int, int]


def of(key: str) -> Checked:
    """Return the picture of the member *key*, as the profile's page takes it."""
    dice = random.Random(f"portrait {key}")
    hue = dice.random()
    ground, light, dark = (
        _shade(hue, 0.86, 0.32),
        _shade(hue + 0.04, 0.66, 0.42),
        _shade(hue + dice.choice((0.09, 0.5)), 0.34, 0.34),
    )
    picture = Image.new("RGB", (LARGE, LARGE), ground)
    draw = dice.choice((_person, _person, _hills, _circles, _leaf))
    draw(ImageDraw.Draw(picture), dice, light, dark)
    written = io.BytesIO()
    picture.save(written, "PNG", compress_level=0)
    content = written.getvalue()
    return square(Checked(f"{key}.png", PNG, len(content), content))


def _person(pen: ImageDraw.ImageDraw, dice: random.Random, light: Colour, dark: Colour) -> None:
    """The outline of somebody before a round window."""
    pen.ellipse(_round(0.5, 0.46, 0.4), fill=light)
    pen.ellipse(_round(0.5, 1.08, 0.37), fill=dark)
    pen.rounded_rectangle(_box(0.44, 0.5, 0.56, 0.8), radius=LARGE // 20, fill=dark)
    pen.ellipse(_box(0.375, 0.27, 0.625, 0.6), fill=dark)
    length = dice.choice((0.4, 0.46, 0.56, 0.68))
    pen.rounded_rectangle(_box(0.345, 0.21, 0.655, length), radius=LARGE // 7, fill=dark)
    if dice.random() < 0.4:
        pen.ellipse(_round(0.5, 0.2, 0.07), fill=dark)


def _hills(pen: ImageDraw.ImageDraw, dice: random.Random, light: Colour, dark: Colour) -> None:
    """Two hills and a sun."""
    pen.ellipse(_round(dice.uniform(0.3, 0.7), 0.34, 0.13), fill=(250, 236, 196))
    pen.ellipse(_round(dice.uniform(0.1, 0.4), 1.15, 0.62), fill=light)
    pen.ellipse(_round(dice.uniform(0.65, 1.0), 1.3, 0.66), fill=dark)


def _circles(pen: ImageDraw.ImageDraw, dice: random.Random, light: Colour, dark: Colour) -> None:
    """Rings that have a common foot."""
    for number, colour in enumerate((dark, light, dark, light)):
        radius = 0.4 - 0.095 * number
        pen.ellipse(_round(0.5, 0.9 - radius, radius), fill=colour)
    pen.ellipse(_round(0.5, 0.86, 0.03), fill=(250, 240, 214))


def _leaf(pen: ImageDraw.ImageDraw, dice: random.Random, light: Colour, dark: Colour) -> None:
    """A twig with leaves."""
    pen.line(_box(0.5, 0.12, 0.5, 0.92), fill=dark, width=LARGE // 40)
    turn = dice.choice((0, 0.07))
    for number in range(4):
        y = 0.2 + number * 0.16
        pen.chord(_box(0.44, y, 0.9, y + 0.34), 150, 270, fill=light)
        pen.chord(_box(0.1, y + turn, 0.56, y + turn + 0.34), 270, 390, fill=light)


def _shade(hue: float, lightness: float, saturation: float) -> Colour:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, saturation)
    return int(red * 255), int(green * 255), int(blue * 255)


def _round(x: float, y: float, radius: float) -> tuple[float, float, float, float]:
    return _box(x - radius, y - radius, x + radius, y + radius)


def _box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
    """Return the corners in pixels; given are parts of the side."""
    return left * LARGE, top * LARGE, right * LARGE, bottom * LARGE
