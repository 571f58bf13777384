"""What employers and freelancers write to each other about their work.

Decided by dice of its own and told beside the work's own story, so that nothing else in the demo depends on it.
"""

import random
import uuid
from collections.abc import Sequence
from typing import NamedTuple

from config.uploads import Checked
from demo import files
from demo.criteria import trade
from demo.stage import Stage, Story, days, hours, minutes
from milestones.models import Message, Milestone
from milestones.models.messages import MessageRead
from projects.models import Award


class Line(NamedTuple):
    """What one of the two says: ``by`` is "e" for the employer, "f" for the freelancer. ``file`` is what comes along.

    ``{e}`` and ``{f}`` in the text are their first names, ``{task}`` what is being worked on.
    """

    by: str
    text: str
    file: str = ""


Scene = tuple[Line, ...]

OPENINGS: tuple[Scene, ...] = (
    (
        Line("e", "Hello {f}, good to have you. Is there anything you need from me before you start?"),
        Line("f", "Hello {e}! Only the material that you have already, however messy it is. I'd begin tomorrow."),
        Line("e", "You'll have it tonight."),
    ),
    (
        Line(
            "f", "Thank you for the trust, {e}. I start with “{task}” and show you something early, while it's rough."
        ),
        Line("e", "Perfect. Rough is fine, I'd rather correct early than late."),
    ),
    (
        Line("e", "Welcome! Who asks me, gets an answer within a day, except at weekends."),
        Line("f", "Good to know. Then I'll collect my questions instead of sending them one by one."),
        Line("e", "Thank you, that helps me a lot."),
    ),
    (
        Line("f", "Before I begin: who besides you will look at the result? I'd like to know for whom I make it."),
        Line("e", "Two colleagues, both friendly. The last word is mine."),
        Line("f", "Then I'll write to you alone and you pass it on. Here is how I plan the weeks.", "plan"),
    ),
    (
        Line("e", "I have written down for “{task}” when I'd call it done. Does that make sense to you?"),
        Line("f", "It does. The last line will take longer than the others, but it's right to ask for it."),
    ),
)

MIDDLES: tuple[Scene, ...] = (
    (
        Line("e", "How is it going with “{task}”?"),
        Line("f", "Two thirds are there. I was held up by a question that I could answer myself in the end."),
        Line("e", "Glad to hear it. No hurry from my side."),
    ),
    (
        Line("f", "A first look at “{task}”. Please ignore the colours, it's about the order of things.", "page"),
        Line("e", "That's the right order. One wish: could the most important thing come first on a phone too?"),
        Line("f", "Yes, that's a small change. Done by tomorrow."),
    ),
    (
        Line("f", "I'll be away on Thursday and Friday. “{task}” will still be ready in time."),
        Line("e", "Thanks for telling me. Enjoy your days off!"),
    ),
    (
        Line("e", "My colleague found something in the last part, I've put her notes into the file.", "notes"),
        Line(
            "f", "She's right in three of four. The fourth is on purpose: I'll explain it in a sentence at that place."
        ),
        Line("e", "She agrees, and she is impressed that you noticed."),
    ),
    (
        Line("f", "A question about “{task}”: shall I keep the old names, or may I make them all alike?"),
        Line("e", "Make them alike, please. Nobody here remembers why they differ."),
    ),
)

OF_TRADES: dict[str, tuple[Scene, ...]] = {
    "programs": (
        (
            Line("f", "“{task}” runs on the preview address now. Please try to break it."),
            Line("e", "I tried with an empty field and with a very long name. Both were caught, well done."),
        ),
        (
            Line("e", "On my old telephone the lower button is half outside the screen."),
            Line("f", "Found it, thank you. It was a width that I had fixed; now it follows the screen."),
            Line("e", "Works here."),
        ),
    ),
    "photographs": (
        (
            Line("f", "The forecast says fog until ten. I'd come at eleven instead of eight, if that suits you."),
            Line("e", "It does. I'll have the lights off, as you asked."),
            Line("f", "A first one, straight from the camera.", "view"),
        ),
    ),
    "translation": (
        (
            Line(
                "f", "There is no single word for this one. I have put my three candidates into the glossary.", "notes"
            ),
            Line("e", "The second one, please. That's how we say it among ourselves."),
        ),
    ),
    "words": (
        (
            Line("f", "I cut a third of the second page. If you miss anything, it's in the file.", "notes"),
            Line("e", "I missed one sentence, and it turned out that I only liked the sound of it. Leave it out."),
        ),
    ),
    "sound": (
        (
            Line("e", "There is a hum in the left channel after minute nine. Is that in your copy too?"),
            Line("f", "It's on the tape, from the fridge behind the bar. I can make it quieter, but not remove it."),
            Line("e", "Quieter is enough. It is an old bar."),
        ),
    ),
    "numbers": (
        (
            Line("f", "Eleven rows can't be right, whatever I do with them. I've listed them with my guess.", "notes"),
            Line("e", "Nine of your guesses are correct. For the other two I'll ask the person who wrote them."),
        ),
    ),
    "drawings": (
        (
            Line("f", "Three sketches. I have a favourite, but I won't say which before you have chosen.", "page"),
            Line("e", "The second."),
            Line("f", "Mine too: it's the only one that still works when it's as small as a coin."),
        ),
    ),
    "objects": (
        (
            Line("e", "The joiner asks whether the 18 mm are with or without the veneer."),
            Line(
                "f", "With. I've written it beside the measurement now, since he won't be the last one to ask.", "page"
            ),
        ),
    ),
}

FAREWELLS: tuple[Scene, ...] = (
    (
        Line("e", "That was the last part. Thank you, {f}, I'd hire you again at once."),
        Line("f", "Thank you, {e}! If anything comes up in the next weeks, just write here."),
    ),
    (
        Line("f", "All files are with you now, and the list of what is where.", "notes"),
        Line("e", "Everything is there. I have marked it complete."),
    ),
    (Line("e", "Done and paid. It took a little longer than I had hoped, but I like the result."),),
)


def about_work(stage: Stage, award: Award) -> Story:
    """How the two talk while the work goes on: at its beginning, and once or twice later."""
    dice = _dice("talk", award)
    if dice.random() < 0.2:
        return  # some never write
    own = OF_TRADES.get(trade(_task(award), award.project.skills), ())
    yield hours(dice.uniform(1, 9))
    yield from play(stage, award, dice.choice(OPENINGS), dice, "opening")
    middles = dice.sample((*own, *own, *MIDDLES), dice.choice((1, 1, 1, 1, 2)))
    for number, scene in enumerate(dict.fromkeys(middles)):
        yield days(dice.uniform(2, 6))
        if not Award.objects.filter(pk=award.pk, state=Award.State.ACCEPTED).exists():
            return
        yield from play(stage, award, scene, dice, f"middle {number}")


def farewell(stage: Stage, award: Award) -> Story:
    """Most say something when it is complete."""
    dice = _dice("farewell", award)
    if dice.random() < 0.4:
        yield minutes(dice.uniform(2, 300))
        yield from play(stage, award, dice.choice(FAREWELLS), dice, "farewell")


def play(stage: Stage, award: Award, scene: Sequence[Line], dice: random.Random, which: str) -> Story:
    """Let the two say *scene*; in the end both have read it."""
    words = {
        "e": award.employer.get_short_name(),
        "f": award.freelancer.get_short_name(),
        "task": _task(award),
    }
    for number, line in enumerate(scene):
        if number:
            yield minutes(dice.uniform(4, 180))
        say(award, line.by, line.text.format(**words), f"{which} {number}", _file(line.file, award))
    read(award)


def say(award: Award, by: str, text: str, which: str, file: Checked | None = None) -> Message:
    """Let the employer ("e") or the freelancer ("f") say *text*; *which* message of the award it is makes its key."""
    author = award.employer if by == "e" else award.freelancer
    key = uuid.uuid5(uuid.NAMESPACE_URL, f"demo message {award.pk} {which}")
    return Message.send(award, by=author, text=text, key=key, files=[file] if file else [])


def read(award: Award) -> None:
    """Let both have seen what was said so far."""
    last = Message.objects.filter(award=award).latest("pk").pk
    for member in (award.employer, award.freelancer):
        MessageRead.note(award, member, last)


def _task(award: Award) -> str:
    """Return what is being worked on, or was made last."""
    made = Milestone.objects.filter(award=award).order_by("-pk")
    tasks = made.filter(state=Milestone.State.HELD).order_by("pk").values_list("task", flat=True)
    return tasks.first() or made.values_list("task", flat=True).first() or award.project.title


def _file(kind: str, award: Award) -> Checked | None:
    title = award.project.title
    if kind == "page":
        return files.page("sketch.png", title)
    if kind == "view":
        return files.view("first.png", title)
    if kind == "plan":
        return files.text("weeks.txt", title, "", "1: look at everything", "2: first part", "3: first part, corrected")
    if kind == "notes":
        return files.text("notes.txt", title, "", "Page 2: see above", "Page 4: which of the two?", "Page 7: done")
    return None


def _dice(what: str, award: Award) -> random.Random:
    return random.Random(f"{what} {award.project.title} {award.freelancer.email}")
