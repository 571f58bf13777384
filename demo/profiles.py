"""What the demo's members say about themselves."""

from accounts.models import Profile
from demo import portraits
from demo.people import PEOPLE
from demo.stage import Stage, Story, minutes
from projects.models import Project

# What employers and others say; freelancers say what their proposals are made of.
ABOUT = {
    "erin": "I run a guest house with seven rooms on a lake, in the third generation. I answer in the afternoon, when"
    " the rooms are done, and I release money the same day when something is finished.",
    "marta": "Beekeeper and publisher of small books for other beekeepers. I plan in seasons and pay in parts.",
    "henrik": "Sailing school, ferry users' group, old barns: whatever our harbour needs somebody to organise.",
    "grace": "I conduct a choir of forty and teach ear training. Wednesdays I rehearse and don't answer.",
    "yuki": "Our tea house has twelve seats. We are slow to decide and quick to pay.",
    "diego": "Bicycles, tools and tomatoes: I look after the workshop of our neighbourhood.",
    "noor": "I work for a housing co-operative and a hospital. Texts and signs have to work for everybody.",
    "tom": "Editor of a magazine on bread and host of a podcast on small railways.",
    "lucia": "Cultural department of a small town with a large past. Invoices go through me, so I write short briefs.",
    "priya": "I keep the office of a clinic running: shifts, reminders, apprentices.",
    "callum": "Distillery tours on weekdays, railway club on Sundays.",
    "hana": "Curator at a museum of craft. I bring good photographs and bad spreadsheets.",
    "jonas": "I measure rain, count birds and plant trees, and need people who take numbers seriously.",
    "odette": "Forty members, one kitchen, one cookbook: I write for the co-operative.",
    "ben": "A hardware store and a food bank, three streets apart. I like things that can be repaired.",
    "amara": "Community radio and an archive of voices. We have little money and a lot of patience.",
    "sam": "I look around before I hire anybody for the first time.",
    "sue": "Support. I read what you write within a working day.",
    "finn": "I keep the books, and I like them dull.",
    "rufus": "Ask me about cheaper ways.",
    "mia": "I decide when two people can't agree, after reading everything that both have written.",
    "ilse": "Retired judge of a small court. I look at other people's verdicts, and write some of my own.",
}
SKILLS = {
    "wes": ("Web development", "Booking systems", "Django", "Accessibility"),
    "ana": ("Photography", "Writing", "German", "Portuguese"),
    "rosa": ("Illustration", "Book design", "Gouache"),
    "tomek": ("Python", "Testing", "Web scraping"),
    "aisha": ("Data cleaning", "Statistics", "Python"),
    "leo": ("Audio editing", "Mixing", "Voice"),
    "mei": ("Typesetting", "Book design"),
    "viktor": ("Server administration", "Migration", "Python"),
    "saoirse": ("Copy editing", "Plain language", "Voice"),
    "kofi": ("Film", "Photography", "Subtitles"),
    "elif": ("Interface design", "Accessibility", "User tests"),
    "rafael": ("CAD", "Joinery", "Technical drawing"),
    "ingrid": ("Translation", "German", "Norwegian"),
    "devika": ("Mobile apps", "Android", "iOS"),
    "paolo": ("Maps", "GIS", "Field work"),
    "hugo": ("Music engraving", "Arranging", "Composition"),
    "naomi": ("Spreadsheets", "Bookkeeping", "Teaching"),
    "kenji": ("Translation", "Japanese", "Web development"),
    "zanele": ("Logo design", "Lettering", "Signs"),
    "oskar": ("Embedded", "Circuit design", "C"),
    "lin": ("Testing", "Accessibility", "Old phones"),
}


def introduce(stage: Stage) -> Story:
    """Everybody says who they are, within the first hours."""
    for person in PEOPLE:
        Profile(member=stage.cast[person.key]).change(
            text=ABOUT.get(person.key) or "\n\n".join(person.voice),
            skills=Project.folded(SKILLS.get(person.key, ())),
            picture=portraits.of(person.key),
        )
        yield minutes(7)
