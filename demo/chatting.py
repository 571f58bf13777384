"""What people ask support: some answered, some rated, some waiting, one in Portuguese, one with a file."""

import uuid
from collections.abc import Callable
from typing import NamedTuple

from accounts.models import Member
from config import subjects
from config.uploads import Checked
from demo import files
from demo.stage import Stage, Story, hours, minutes
from disputes.models import Dispute
from finances.payments.models import Payment
from milestones.models import Milestone
from support.chat.models import Conversation, SavedAnswer
from support.help.models import Missed, Vote

SAVED = (
    ("en", "Where a milestone's money is", "Hello {name},\n\nthe money of each milestone lies in an account of its "
     "own. Nobody can spend it, we can't either. You see it under Finances, and each sum there opens to the transfers "
     "that make it up."),
    ("en", "A payment was declined", "Hello {name},\n\nyour bank declined the charge and didn't tell us why. Nothing "
     "was taken. Please ask them, or choose another payment source and try again: the milestone waits for you."),
    ("en", "Paying outside the site", "Hello {name},\n\nplease don't: what is paid elsewhere is not held for anybody, "
     "and we can't help to get it back."),
    ("pt-br", "Quando o dinheiro é liberado", "Olá, {name},\n\nnenhum prazo libera o dinheiro sozinho: só quem "
     "contrata pode liberar, e confirma duas vezes. Você pode pedir a liberação na página da etapa."),
)  # fmt: skip


class Line(NamedTuple):
    """*after* so many minutes *by* (a key of the cast) says *text*, or does what *does* names."""

    after: float
    by: str
    text: str = ""
    does: str = "say"
    stars: int = 0


class Chat(NamedTuple):
    """*member* asks *ago* days before the demo is made; *about* finds the thing that it is about, if any."""

    member: str
    ago: float
    title: str
    text: str
    lines: tuple[Line, ...]
    about: Callable[[Member], str] = lambda member: ""
    file: Checked | None = None


def _released(member: Member) -> str:
    return _of("milestone", Milestone.objects.visible_to(member).filter(state="released"))


def _dispute(member: Member) -> str:
    return _of("dispute", Dispute.objects.visible_to(member).filter(ended_at=None))


def _declined(member: Member) -> str:
    return _of("payment", Payment.objects.visible_to(member).filter(state="declined"))


def _of(name: str, things: object) -> str:
    newest = things.order_by("-pk").first()  # type: ignore[attr-defined]
    return f"{name}-{newest.pk}" if newest else ""


CHATS = (
    Chat(
        "marta",
        41,
        "Can I take back what I released?",
        "I released the whole chapter and found three pages missing the next morning. Can you book it back?",
        (
            Line(
                9,
                "sue",
                "Hello Marta, we can't, and that is on purpose: a release is final. You can ask Ingrid to "
                "return a part of it, on the milestone's page under “work it out”. She will most likely send the "
                "pages instead.",
            ),
            Line(31, "marta", "She did, within the hour. Thank you!"),
            Line(35, "sue", does="close"),
            Line(60, "marta", "Honest and quick.", "rate", 5),
        ),
        _released,
    ),
    Chat(
        "diego",
        9,
        "Which of my cards was charged?",
        "I have two cards here and my bank shows only an amount.",
        (
            Line(
                140,
                "sue",
                "Hello Diego, the one that ends in the four figures on the payment's page; open it from "
                "Finances, Deposits.",
            ),
            Line(200, "diego", does="close"),
            Line(203, "diego", "Right answer, but I waited two hours.", "rate", 3),
        ),
    ),
    Chat(
        "ana",
        12,
        "Quando recebo o dinheiro da etapa?",
        "Terminei as fotos da cozinha e pedi a liberação há dois dias. O dinheiro é liberado sozinho depois de um "
        "prazo?",
        (
            Line(
                22,
                "sue",
                "Olá, Ana,\n\nnenhum prazo libera o dinheiro sozinho: só quem contrata pode liberar, e "
                "confirma duas vezes. O pedido aparece no topo da lista da Erin, e ela foi avisada.",
            ),
            Line(24, "sue", "Ana writes Portuguese; the saved answer fits.", "note"),
            Line(44, "ana", "Entendi, obrigada! Ela acabou de liberar."),
            Line(50, "ana", does="close"),
            Line(52, "ana", "Rápido e claro.", "rate", 5),
        ),
        _released,
    ),
    Chat(
        "erin",
        0.25,
        "My card was declined, is the milestone lost?",
        "I tried to pay for a milestone and the bank said no. I attach what it shows. Do I have to type it all again?",
        (
            Line(16, "sue", does="take"),
            Line(
                18,
                "sue",
                "Hello Erin,\n\nnothing is lost and nothing was taken. The milestone waits under "
                "“Unfunded” on the project's page; choose another payment source there and it is made as you wrote "
                "it. Your bank doesn't tell us why it declined.",
            ),
        ),
        _declined,
        files.text("what the bank shows.txt", "Transaction not authorised (51).", "Please contact your branch."),
    ),
    Chat(
        "wes",
        0.09,
        "Who reads the evidence in a dispute?",
        "Before I upload the whole exchange with the supplier: who will be able to read it?",
        (),
        _dispute,
    ),
    Chat(
        "noor",
        0.02,
        "Invoice with our company's name",
        "Our accountant needs the company's name on the receipts. Where do I put it?",
        (),
    ),
)


def saved_answers(stage: Stage) -> Story:
    """What Sue has written down so that she needs not write it again."""
    for language, title, text in SAVED:
        SavedAnswer.objects.create(language=language, title=title, text=text)
    yield from ()


VOTES = (
    ("releasing", "erin", True, ""),
    ("releasing", "marta", False, "It should say sooner that it can't be undone."),
    ("milestone-payments", "wes", True, ""),
    ("milestone-payments", "noor", True, ""),
    ("disputes", "wes", True, "Clear. I wish I had read it before."),
    ("withdrawing", "ana", False, "How long until it is in Portugal?"),
    ("fees", "diego", True, ""),
)


def votes(stage: Stage) -> Story:
    """Whether the help helped them, and what they looked for in vain."""
    for slug, key, helpful, words in VOTES:
        Vote.cast(slug, "en", helpful=helpful, words=words, member=stage.cast[key], visitor=None)
        yield hours(31)
    for words in ("vat", "invoice address", "vat"):
        Missed.note(words, "en", stage.clock.now)


def stories(stage: Stage) -> list[tuple[Story, float]]:
    """Return the stories, each with the days ago when it begins."""
    return [(saved_answers(stage), 60), (votes(stage), 20), *((_told(stage, chat), chat.ago) for chat in CHATS)]


def _told(stage: Stage, chat: Chat) -> Story:
    member = stage.cast[chat.member]
    about, begun = chat.about(member), stage.clock.now
    subject = subjects.read(about, member)
    conversation = Conversation.open(
        by=member,
        title=chat.title,
        text=chat.text,
        about=subject.reference if subject else "",
        key=_key(chat, 0),
        files=[chat.file] if chat.file else (),
    )
    for number, line in enumerate(chat.lines, 1):
        yield begun + minutes(line.after)
        _do(Conversation.objects.get(pk=conversation.pk), line, stage.cast[line.by], _key(chat, number))
    if conversation.messages.filter(of_staff=True).exists() and chat.ago > 1:
        yield stage.clock.now + hours(1)
        newest = conversation.messages.order_by("-pk").first()
        if chat.member != "erin":  # who has not read it yet
            Conversation.objects.get(pk=conversation.pk).seen(newest.pk)


def _do(conversation: Conversation, line: Line, by: Member, key: uuid.UUID) -> None:
    if line.does == "rate":
        conversation.rate(by=by, stars=line.stars, words=line.text, key=key)
    elif line.does in ("close", "take"):
        getattr(conversation, line.does)(by=by, key=key)
    elif line.does == "note":
        conversation.note(by=by, text=line.text, key=key)
    elif by.pk == conversation.member_id:
        conversation.write(by=by, text=line.text, key=key)
    else:
        conversation.answer(by=by, text=line.text, key=key)


def _key(chat: Chat, number: int) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, f"demo chat {chat.title} {number}")
