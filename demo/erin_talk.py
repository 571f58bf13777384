"""What Erin, Wes and Ana write to each other, and what each of them has not read yet."""

import uuid
from typing import NamedTuple

from config.uploads import Checked
from demo import files
from demo.stage import Stage, Story, minutes
from demo.talk import read, say
from projects.models import Award

GUEST_HOUSE, BICYCLES, RECIPES, LATE = (
    "Guest house website",
    "Bicycle hire page for our guests",
    "Recipe cards for the breakfast table",
    "Key safe and late arrival page",
)
HAVE_READ_SINCE = minutes(25)  # after which both have read a line, unless it is fresh


class Said(NamedTuple):
    """*by* ("e" is Erin) says *text* about *project*, to or as *freelancer*, *ago* hours before the demo is made.

    *fresh*: the other side has not read it.
    """

    project: str
    freelancer: str
    ago: float
    by: str
    text: str
    file: Checked | None = None
    fresh: bool = False


LINES = (
    Said(
        GUEST_HOUSE,
        "wes",
        800,
        "e",
        "Hello Wes! The password of the old site is in the drawer of my late father's desk.",
    ),
    Said(GUEST_HOUSE, "wes", 798, "f", "Then we let it rest in peace. I copy what I need from the pages themselves."),
    Said(
        GUEST_HOUSE,
        "wes",
        622,
        "f",
        "The drawings of all pages are with you. Please look at the way of a booking first, I walked it as your aunt.",
        files.page("way of a booking.png", "booking"),
    ),
    Said(GUEST_HOUSE, "wes", 604, "e", "My aunt walked it too. She booked room six and now expects a confirmation."),
    Said(
        GUEST_HOUSE,
        "wes",
        488,
        "f",
        "The calendar service wants a year in advance, 90 euros. I have asked for it as an advance.",
    ),
    Said(
        GUEST_HOUSE,
        "wes",
        482,
        "e",
        "Made and released. I could also have sent you the money by PayPal, if that is easier for you?",
    ),
    Said(
        GUEST_HOUSE,
        "wes",
        481,
        "f",
        "Thank you, but let's keep it here: then both of us can see later what was paid, and for what.",
    ),
    Said(
        GUEST_HOUSE,
        "wes",
        122,
        "f",
        "About the deposit: I'll show you on Friday what is there. If your sister still says no, we talk.",
    ),
    Said(GUEST_HOUSE, "wes", 44, "e", "She has seen it, and she says: “Why didn't we have this ten years ago?”"),
    Said(
        GUEST_HOUSE,
        "wes",
        21,
        "f",
        "That's what I hoped for. The calendar is complete now, and I've asked for the rest of it.",
        fresh=True,
    ),
    Said(
        GUEST_HOUSE,
        "wes",
        3,
        "f",
        "One question: may guests see who else is in the house that week? I'd say no, but two of them asked.",
        fresh=True,
    ),
    Said(
        GUEST_HOUSE, "ana", 805, "f", "Dear Erin, is the light in room seven as good in the morning as on your picture?"
    ),
    Said(
        GUEST_HOUSE, "ana", 801, "e", "Better. That picture was taken by my brother, in November, through the window."
    ),
    Said(
        GUEST_HOUSE,
        "ana",
        430,
        "f",
        "All rooms but number five. A small one for you, the large ones are on their way.",
        files.view("room seven, morning.png", "room seven"),
    ),
    Said(GUEST_HOUSE, "ana", 426, "e", "I didn't know that we live so beautifully."),
    Said(
        GUEST_HOUSE,
        "ana",
        317,
        "f",
        "Room five: of course, I've returned its part. I'll take it when I come for the orchard.",
    ),
    Said(GUEST_HOUSE, "ana", 60, "f", "I'm writing the German texts now. Do you say “Frühstücksraum” or “Stube”?"),
    Said(GUEST_HOUSE, "ana", 55, "e", "“Stube”, always. A Frühstücksraum is what hotels have."),
    Said(
        GUEST_HOUSE,
        "ana",
        6,
        "e",
        "The bus company answered: every hour until eight. Could that go into the texts? I proposed it as a line.",
        fresh=True,
    ),
    Said(BICYCLES, "wes", 462, "f", "Eight bicycles and two helmets for children: is that still the whole list?"),
    Said(
        BICYCLES,
        "wes",
        458,
        "e",
        "And a trailer, which nobody has dared to take so far.",
        files.text("bicycles.txt", "8 bicycles", "2 helmets", "1 trailer"),
    ),
    Said(BICYCLES, "wes", 262, "f", "The page is there. Try to take nine bicycles, it becomes quite firm."),
    Said(BICYCLES, "wes", 255, "e", "It was very polite to me. Released!"),
    Said(
        BICYCLES,
        "wes",
        23,
        "e",
        "Wes, the shop in the village lends bicycles for a whole week now, so I asked you to cancel that last part.",
        fresh=True,
    ),
    Said(RECIPES, "ana", 52, "f", "Accepted, with pleasure! Shall I begin with the three breads?"),
    Said(RECIPES, "ana", 47, "e", "Yes please. I'll put the money on hold as soon as I'm back at my desk."),
    Said(
        RECIPES,
        "ana",
        9,
        "f",
        "No hurry. Your plan has three parts, all of it could be made in one go. Which flour do you use for the rye?",
        fresh=True,
    ),
    Said(
        LATE,
        "wes",
        0.6,
        "e",
        "Wes, the answer can wait until tomorrow, but the first late guest comes on the 3rd.",
        fresh=True,
    ),
)


def said(stage: Stage, line: Said) -> Story:
    """Say *line*, and let both read it a little later."""
    awards = Award.objects.select_related("project", "employer", "freelancer")
    award = awards.get(project__title=line.project, freelancer=stage.cast[line.freelancer])
    say(award, line.by, line.text, f"{uuid.uuid5(uuid.NAMESPACE_URL, line.text)}", line.file)
    if not line.fresh:
        yield HAVE_READ_SINCE
        read(award)
