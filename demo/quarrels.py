"""What the demo's people don't agree on, and what became of it: one in every state, and some of each outcome.

Sums are minor units. A step says how many hours after the one before it comes, who takes it and what they say.
"""

from typing import Any, NamedTuple

from demo.content import Work
from demo.story import Part

BOTH = ("employer", "freelancer")


class Step(NamedTuple):
    """*by* does *what* so many hours *after* the step before; *more* is what that step needs."""

    after: float
    by: str
    what: str
    more: dict[str, Any] = {}


class Quarrel(NamedTuple):
    """An award of *work* to *freelancer*, of whose *parts* those in *disputed* are disputed *opened* days ago.

    The parts before the first of them are released. *opener* claims and *offers* the freelancer a sum of each.
    """

    work: Work
    freelancer: str
    pitch: str
    parts: tuple[Part, ...]
    disputed: tuple[int, ...]
    opened: float
    opener: str
    claim: str
    offers: tuple[int, ...]
    steps: tuple[Step, ...] = ()


def _work(
    title: str, about: str, skills: str, employer: str, budget: tuple[int, int], posted: float, code: str
) -> Work:
    return Work(title, about, skills, employer, code, budget, posted)


def _offer(after: float, by: str, sums: tuple[int, ...], words: str) -> Step:
    return Step(after, by, "offer", {"to_freelancer": list(sums), "words": words})


def _shows(after: float, by: str, text: str, **more: Any) -> Step:
    return Step(after, by, "evidence", {"text": text, **more})


WEBCAM = Quarrel(
    _work(
        "Webcam above the lake, on our start page",
        "A camera on the boathouse that shows the lake on our start page, a new picture every ten minutes, and at "
        "night the last one with daylight. It must go on when the power was gone.",
        "Web development, Hardware", "erin", (300, 600), 31, "EUR",
    ),
    "wes",
    "I have put two such cameras on roofs. The picture is easy; the power is what one has to plan.",
    (Part("Camera mounted and on line", 18_000), Part("Picture on the start page", 24_000, ("New every ten minutes",))),
    (1,), 1.1, "wes",
    "The picture has been on the page for nine days, new every ten minutes as agreed. What is asked of me now, a film "
    "of the last day, was never part of it. I ask for the whole of this milestone.",
    (24_000,),
    (
        _shows(
            1, "wes", "The pictures of the last nine days, one an hour, with the times at which they were made. None "
            "is missing but those of the evening on which the fuse blew.", file="pictures of nine days.txt",
        ),
    ),
)  # fmt: skip
MENU = Quarrel(
    _work(
        "Breakfast menu in four languages",
        "Our breakfast menu on one sheet in German, English, Polish and Danish, with the allergens, ready for the "
        "printer, and as a page that guests open from the code on the table.",
        "Writing, Translation, Print", "erin", (350, 700), 38, "EUR",
    ),
    "ana",
    "I'd write it short enough to be read before the coffee comes.",
    (Part("German and English", 16_000), Part("Polish and Danish", 19_500), Part("Sheet and page", 14_000)),
    (1, 2), 5.8, "erin",
    "The Danish text was made by a machine: our Danish guests laugh about it at the table. The Polish one is good. "
    "The sheet can't be printed with it. I'd pay for the Polish half and for what the sheet is worth without Danish.",
    (9_750, 7_000),
    (
        _shows(3, "erin", "Three guests have marked the mistakes. The worst is “smoked sheep”, which is smoked cheese.",
               file="marked by our guests.png"),
        _offer(27, "ana", (15_000, 14_000),
               "Two lines of forty were wrong, and I corrected them the same evening. The sheet is finished."),
        _offer(21, "erin", (12_000, 10_000), "If the corrected Danish is read once by somebody who speaks it."),
        _shows(6, "ana", "The corrected text. A friend in Aarhus has read it.", links=["https://example.org/menu/da"]),
    ),
)  # fmt: skip
ROUTES = Quarrel(
    _work(
        "Route planner for our rental bicycles",
        "Guests choose how far and how steep, and get three loops from our shop with water and cafés on the way, as "
        "a page and as a file for their devices. Twelve loops to begin with.",
        "Web development, Maps", "marta", (1200, 2200), 74, "EUR",
    ),
    "tomek",
    "I ride there on Sundays and have most of your loops in my own recordings.",
    (Part("Twelve loops, recorded", 60_000), Part("Planner and files", 85_000), Part("Cafés and water", 30_000)),
    (1, 2), 12.5, "marta",
    "The planner proposes gravel to people who asked for asphalt, and on Android the files don't open. Four customers "
    "brought their bicycles back early. I don't want to pay for what I can't use.",
    (20_000, 0),
    (
        _shows(2, "marta", "The four complaints, with the loops that they rode.", file="complaints.txt"),
        _offer(40, "tomek", (85_000, 25_000),
               "Surface data is what the map says; I wrote so in my bid. The files open since Tuesday."),
        _offer(30, "marta", (40_000, 10_000), "That is half, and I still have to find somebody who repairs it."),
        _shows(5, "tomek", "Recording of all twelve files being opened on three devices.",
               links=["https://example.org/loops/devices"]),
        Step(62, "tomek", "escalate"),
    ),
)  # fmt: skip
JINGLE = Quarrel(
    _work(
        "Music for a podcast about allotments",
        "An opening of twenty seconds, a bed for the credits and four short stings. Recorded instruments, no loops "
        "from a library; we'd like something that sounds like a shed in the rain.",
        "Music, Sound", "tom", (500, 900), 60, "GBP",
    ),
    "oskar",
    "I have a harmonium that sounds like a shed in the rain on a dry day.",
    (Part("Opening and credits", 42_000), Part("Four stings", 18_000)),
    (1,), 11.2, "oskar",
    "The four stings were delivered twice. Tom wants other instruments now than in the opening which he released. "
    "That is new work, and I would gladly make an offer for it.",
    (18_000,),
    (
        _offer(30, "tom", (6_000,), "Two of the four are the same tune on another instrument."),
        _shows(2, "oskar", "All four, as delivered, with their dates.", file="stings.txt"),
        Step(74, "tom", "escalate"),
        Step(20, "mia", "take"),
        Step(4, "mia", "ask", {"text": "Where did you agree on the instruments, and when?", "of": BOTH}),
        Step(18, "oskar", "answer", {"text": "In our messages on the day of the award: “as in the opening”."}),
    ),
)  # fmt: skip
TICKETS = Quarrel(
    _work(
        "Ticket shop for a small theatre",
        "Season tickets, single tickets with a seat plan of 140 seats, and a list for the door that works without "
        "a connection. We open the season in nine weeks.",
        "Web development, Payments", "priya", (4000, 7000), 96, "USD",
    ),
    "devika",
    "I'd build the door list first: it is what fails on an opening night.",
    (Part("Door list", 120_000), Part("Seat plan and single tickets", 260_000), Part("Season tickets", 150_000)),
    (1, 2), 21.0, "priya",
    "On the first evening of sales eleven seats were sold twice. We refunded them at the door. The season tickets "
    "are not there at all, five weeks after the day that we agreed on.",
    (90_000, 0),
    (
        _shows(4, "priya", "The list of the eleven seats, with both orders of each.", file="sold twice.txt"),
        _offer(50, "devika", (260_000, 60_000),
               "The seats were sold twice by the old shop, which was still open. Season tickets are done by half."),
        _shows(8, "devika", "Log of that evening: each of the eleven second orders came through the old address.",
               file="evening of sales.txt"),
        Step(75, "devika", "escalate"),
        Step(30, "ilse", "take"),
        Step(3, "ilse", "ask", {"text": "Who was to close the old shop, and by when?", "of": BOTH}),
        Step(20, "priya", "answer", {"text": "We were. It should have been closed the day before; it wasn't."}),
        Step(6, "devika", "answer", {"text": "Priya's box office, on the 1st. I had written so the week before."}),
        Step(40, "ilse", "decide", {
            "to_freelancer": [235_000, 50_000], "cites": [1, 2, 3],
            "words": "E2 shows that the seats were sold twice because the old shop was open, which E3 says was for the "
            "employer to close. The seat plan works; its price is reduced by what late corrections cost. Of the "
            "season tickets a third can be used, as both sides say.",
        }),
    ),
)  # fmt: skip
LABELS = Quarrel(
    _work(
        "Shelf labels for a tea warehouse",
        "Labels for 1,200 shelves with a code that our old scanners read, printed from our list, and a page that "
        "shows what lies where.",
        "Data, Print", "yuki", (150000, 260000), 55, "JPY",
    ),
    "kenji",
    "I have measured your scanner's model before: it needs a wider margin than the standard says.",
    (Part("Labels, printed and sent", 96_000), Part("Page: what lies where", 88_000)),
    (1,), 14.0, "yuki",
    "The page shows the shelves of the first floor only. The warehouse has two.",
    (30_000,),
    (
        _offer(20, "kenji", (88_000,), "The list that I was given has one floor."),
        _shows(2, "kenji", "The list as I got it: 1,200 rows, all of them “1F”.", file="shelves.txt"),
        Step(73, "yuki", "escalate"),
        Step(12, "mia", "take"),
        Step(26, "mia", "propose", {
            "to_freelancer": [66_000],
            "words": "The list named one floor, and the project didn't say two. Three quarters for what is there, "
            "the rest for adding the second floor yourselves.",
        }),
        Step(9, "kenji", "accept_proposal"),
    ),
)  # fmt: skip
LETTERS = Quarrel(
    _work(
        "Letters of a grandfather, typed",
        "Some 90 pages of handwriting from the 1930s, in Danish and a little German, typed with notes on the places.",
        "Writing, Translation", "henrik", (300, 600), 120, "EUR",
    ),
    "leo",
    "Old hands are my favourite reading.",
    (Part("First fifty pages", 22_000), Part("The rest, with notes", 20_000)),
    (1,), 84.0, "henrik",
    "Eleven pages are missing, and the notes stop in 1936.",
    (12_000,),
    (_offer(31, "leo", (16_000,), "The eleven pages could not be read by anybody. I can return them."),
     Step(22, "henrik", "accept")),
)  # fmt: skip
AUDIT = Quarrel(
    _work(
        "Security check of a booking form",
        "Someone who tries to break our booking form, writes down how, and looks again once we have mended it.",
        "Security", "grace", (500, 900), 150, "GBP",
    ),
    "viktor",
    "You get each finding with the request that shows it.",
    (Part("Report", 38_000), Part("Second look", 17_000)),
    (1,), 101.0, "grace",
    "The second look was to come in May. I have written four times and got no answer.",
    (0,),
    (Step(97, "grace", "execute"),),
)  # fmt: skip
SIGNS = Quarrel(
    _work(
        "Signs for a bicycle parking house",
        "Signs for three floors that people understand while riding slowly, with drawings for the sign maker.",
        "Illustration, Print", "noor", (700, 1200), 140, "EUR",
    ),
    "elif",
    "I'd test them on a bicycle, with somebody who doesn't know the house.",
    (Part("Sketches", 25_000), Part("Drawings for three floors", 60_000)),
    (1,), 70.0, "noor",
    "The sign maker can't use the drawings: the colours are not his.",
    (35_000,),
    (
        _offer(28, "elif", (60_000,), "Nobody told me of his colours. The drawings are what the sketches were."),
        _shows(2, "elif", "The approved sketches beside the drawings.", file="sketches.png"),
        Step(73, "noor", "escalate"),
        Step(18, "mia", "take"),
        Step(20, "mia", "propose", {"to_freelancer": [50_000],
             "words": "The drawings follow the sketches. Changing the colours is a morning's work: Noor's."}),
        Step(5, "elif", "accept_proposal"),
        Step(11, "noor", "accept_proposal"),
    ),
)  # fmt: skip
FIREWOOD = Quarrel(
    _work(
        "Order form for firewood, with delivery days",
        "Our neighbours order firewood from us. A form that knows on which days the trailer drives to which village.",
        "Web development", "erin", (400, 700), 132, "EUR",
    ),
    "wes",
    "A form, a calendar and a list for the driver; the calendar is the part that needs care.",
    (Part("Form", 21_000), Part("Delivery days and the driver's list", 32_000)),
    (1,), 88.0, "wes",
    "The list is used every week since March. It was to be released after a fortnight.",
    (32_000,),
    (
        _shows(1, "wes", "The driver's lists of six weeks, as they were opened on his telephone.", file="lists.txt"),
        _offer(44, "erin", (16_000,), "Twice the trailer stood in the wrong village."),
        _shows(3, "erin", "The two days, with the orders of each village.", file="two wrong days.txt"),
        Step(75, "wes", "escalate"),
        Step(26, "mia", "take"),
        Step(70, "mia", "decide", {
            "to_freelancer": [27_500], "cites": [1, 2],
            "words": "E1 shows that the list was used for six weeks without another complaint. E2 shows two days on "
            "which it was wrong, both before it was corrected. What they cost is taken off.",
        }),
    ),
)  # fmt: skip
TASTING = Quarrel(
    _work(
        "Cards for a wine tasting",
        "Twenty cards with one wine each, drawn labels, two sentences and a scale from dry to sweet.",
        "Illustration, Writing", "lucia", (300, 500), 66, "EUR",
    ),
    "paolo",
    "I taste what I draw.",
    (Part("Twenty cards", 36_000),),
    (0,), 25.0, "lucia",
    "Three weeks late, and the tasting was on Saturday.",
    (10_000,),
    (Step(40, "lucia", "withdraw"),),
)  # fmt: skip
GARDEN = Quarrel(
    _work(
        "Planting plan for a school yard",
        "A plan for 300 square metres that children look after, with a list of plants by month.",
        "Illustration, Writing", "ben", (600, 1000), 110, "USD",
    ),
    "saoirse",
    "I have planted two school yards, and one of them is still alive.",
    (Part("Plan", 45_000), Part("List by month", 30_000)),
    (1,), 52.0, "saoirse",
    "The list was delivered on the agreed day. It names 64 plants; the text of the project gives no number.",
    (30_000,),
    (
        _offer(26, "ben", (20_000,), "We can't buy 64 kinds of plants. Twenty would be right."),
        _offer(20, "saoirse", (26_000,), "I'd mark the twenty that matter."),
        Step(9, "ben", "accept"),
    ),
)  # fmt: skip

QUARRELS = (WEBCAM, MENU, ROUTES, JINGLE, TICKETS, LABELS, LETTERS, AUDIT, SIGNS, FIREWOOD, TASTING, GARDEN)

# What stands in the texts that they show.
PAPERS: dict[str, tuple[str, ...]] = {
    "pictures of nine days.txt": (
        "Mon 06:00 lake-0001.jpg  412 kB", "Mon 06:10 lake-0002.jpg  409 kB", "…", "Thu 19:40 (fuse)",
        "Thu 21:50 lake-0511.jpg  233 kB", "…", "Wed 18:00 lake-1204.jpg  398 kB",
    ),
    "complaints.txt": (
        "Sat: family of four, loop 3, asked for asphalt, 6 km of gravel, back after an hour.",
        "Sat: couple, loop 7, the file would not open on their telephone.",
        "Sun: two riders, loop 3 again.", "Tue: one rider, loop 11, the café has been closed for a year.",
    ),
    "stings.txt": ("sting 1, harmonium and rain, 7 s, 3rd", "sting 2, banjo, 6 s, 3rd",
                   "sting 3, as 1 in another key, 7 s, 9th", "sting 4, spade and bell, 5 s, 9th"),
    "sold twice.txt": ("Row C 4: orders 1182 and 1190", "Row C 5: orders 1182 and 1190", "F 11: orders 1185 and 1201",
                       "… eleven seats in all, every second order made between 19:02 and 19:44"),
    "evening of sales.txt": ("19:02 1190 through old.tickets", "19:11 1194 through old.tickets",
                             "19:20 1201 through old.tickets", "19:44 1211 through old.tickets",
                             "no order after 19:00 came twice through the new shop"),
    "shelves.txt": ("shelf;floor;tea", "0001;1F;sencha", "0002;1F;sencha", "…", "1200;1F;hojicha"),
    "lists.txt": ("week 10: opened 6 times", "week 11: opened 5 times", "week 12: opened 7 times",
                  "week 13: opened 6 times", "week 14: opened 6 times", "week 15: opened 5 times"),
    "two wrong days.txt": ("12 March: list says Seedorf, five orders were for Kirchdorf",
                           "19 March: list says Kirchdorf, three orders were for Seedorf"),
}  # fmt: skip
