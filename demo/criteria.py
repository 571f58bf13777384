"""What "done" means in the demo: a few lines for most milestones, in the language of their trade.

Decided by dice of its own, so that nothing else in the demo depends on it.
"""

import random
import re

from projects.models import Award

# The first whose words are in the task or among the project's skills.
TRADES = (
    (
        "speech",
        r"transcri|voice|recording",
        (
            "Every name said as the list says it",
            "No breath or click before a sentence",
            "One file a dialogue, named by its number",
            "Read at the speed of the sample",
        ),
    ),
    (
        "sound",
        r"audio|sound|radio|restoration|jingle|reels|episode",
        (
            "No click at any cut, on headphones",
            "As loud as the other parts, within one decibel",
            "Delivered as WAV and MP3",
            "Names spoken at the start as in the running order",
            "Silence of two seconds at both ends",
        ),
    ),
    (
        "music",
        r"music|engraving|arrang|song",
        (
            "Every note compared with the manuscript",
            "No page turn in the middle of a line",
            "Score and parts agree",
            "Sung through once without a question",
        ),
    ),
    (
        "film",
        r"film|video|subtitle",
        (
            "Three to four minutes long",
            "Subtitles readable on a phone",
            "Whoever is seen has agreed in writing",
            "Master file and a version for the web",
        ),
    ),
    (
        "photographs",
        r"photo",
        (
            "In daylight, with straight walls",
            "Files named and captioned as in the list",
            "Two sizes: for print and for the web",
            "Nobody recognisable who did not agree",
        ),
    ),
    (
        "translation",
        r"translat|menu|norwegian|german|japanese",
        (
            "No sentence of the original is missing",
            "Terms as in our glossary",
            "Read by a second person",
            "Same headings and numbers as the original",
        ),
    ),
    (
        "objects",
        r"cad|draught|3d|joinery|surve|technical|woodwork|product design|embedded|electronic|hardware|pcb",
        (
            "Every measurement in millimetres, and they add up",
            "Opens in free software",
            "List of parts with a place to buy each",
            "Tried once on the real thing",
        ),
    ),
    (
        "drawings",
        r"illustrat|logo|design|pattern|typeset|poster|map|print|lettering|icon",
        (
            "As in the sketch that we agreed on",
            "Readable from two metres",
            "Works in one colour",
            "Source file and a PDF for the printer",
            "One round of changes included",
        ),
    ),
    (
        "numbers",
        r"data|excel|spreadsheet|bookkeep|statistic|workbook",
        (
            "Totals agree with the old file to the cent",
            "Doubtful values are marked, not removed",
            "Every step can be repeated from the notes",
            "Opens without a warning",
        ),
    ),
    (
        "words",
        r"writing|edit|plain language|letters|proofread",
        (
            "Every change can be seen and undone",
            "Names, places and numbers checked",
            "No sentence longer than thirty words",
            "No longer than the space on the page",
        ),
    ),
    (
        "programs",
        r"",
        (
            "Works on a phone and without a mouse",
            "Its tests come with it and pass",
            "A page of help that a colleague understood",
            "Tried for a day with our own data",
            "Can be undone until the next morning",
        ),
    ),
)


def trade(task: str, skills: list[str]) -> str:
    """Return the trade that *task* belongs to; its own words count before those of the project."""
    for text in (task.lower(), " ".join(skills).lower()):
        for name, words, _ in TRADES:
            if words and re.search(words, text):
                return name
    return "programs"


def of(award: Award, task: str) -> tuple[str, ...]:
    """Return the lines that the employer writes for *task*: two to four; for every fourth task none."""
    dice = random.Random(f"done {award.project.title} {task}")
    if dice.random() < 0.25:
        return ()
    mine = trade(task, award.project.skills)
    lines = next(lines for name, _, lines in TRADES if name == mine)
    chosen = dice.sample(lines, dice.randint(2, min(4, len(lines))))
    return tuple(line for line in lines if line in chosen)
