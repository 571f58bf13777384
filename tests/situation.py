"""The standard situation: Erin has hired Wes and Ana for one project, and waits for an answer on another.

The permission matrix and the browser's walk over all pages look at the same things, under the same names.
"""

import datetime
import io
import uuid
from dataclasses import dataclass

from PIL import Image

from django.apps import apps
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts import pictures, unsubscribing
from accounts.models import MailChoice, Member, Profile
from config.uploads import TEXT, Checked
from disputes import arbitrators
from disputes.models import Dispute, Said
from finances.ledger.models import Account, Transfer
from finances.payments import adding, charging, withdrawing
from finances.payments.deposits import record_deposit
from finances.payments.gateways import gateway
from finances.payments.models import Instrument, PaymentSource, PayoutDestination
from finances.payments.sandbox import Behaviour
from finances.payments.sandbox.models import SandboxSetup
from milestones import standing
from milestones.models import (
    CancelRequest,
    ConsentRequest,
    CriteriaChange,
    Funding,
    Message,
    Milestone,
    MilestoneRequest,
    ReleaseRequest,
    ReturnRequest,
)
from milestones.models.criteria_changes import rewrite
from projects.models import Award, Review, Standing
from support.chat.models import Conversation
from tests import factories
from tests.money import EUR


@dataclass(frozen=True)
class Situation:
    """People by their part, and things by the name that stands for them in an address: ``{milestone}``."""

    people: dict[str, Member]
    things: dict[str, int | str]

    def address(self, pattern: str) -> str:
        """Return *pattern* with numbers or references in the place of names."""
        return pattern.format(**self.things)


def build() -> Situation:
    """Make it all, through the models' own verbs."""
    make = factories.MemberFactory
    erin = make(name="Erin Vogel", email="erin@example.com")
    wes = make(name="Wes Adeyemi", email="wes@example.com")
    ana = make(name="Ana Lima", email="ana@example.com")
    people = {
        "stranger": make(name="Sam Stone", email="sam@example.com"),
        "employer": erin,
        "freelancer": wes,
        "co-freelancer": ana,
        "staff": make(name="Sue Park", email="sue@example.com", is_staff=True),
    }
    record_deposit(erin, EUR("10000.00"), key=uuid.uuid4())
    wallet = Account.wallet(erin.pk, "EUR")

    project = factories.ProjectFactory(employer=erin)
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    beside = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=ana)))
    milestone = hold(award, "Photo gallery", 100_000)
    hold(beside, "Booking form", 50_000)
    released = milestone.release(25_000, by=erin, key=uuid.uuid4())

    brochure = factories.ProjectFactory(employer=erin, title="Summer brochure")
    offer = factories.award(factories.BidFactory(project=brochure, freelancer=wes))
    offered = hold(offer, "Cover and first pages", 20_000)

    newsletter = factories.ProjectFactory(employer=erin, title="Monthly newsletter")
    bid = factories.BidFactory(project=newsletter, freelancer=wes)

    closed = factories.ProjectFactory(employer=erin, title="Old signs")
    factories.BidFactory(project=closed, freelancer=wes)
    closed.close(by=erin)

    deposit = Transfer.objects.get(credit_account=wallet, kind=Transfer.Kind.DEPOSIT)
    things = {
        "project": project.pk,  # open; Wes and Ana work on it
        "award": award.pk,  # Wes's, accepted
        "milestone": milestone.pk,  # of that award; 250.00 of 1,000.00 released
        "receipt": released.pk,  # of that release
        "transfer": released.transfer_id,
        "deposit": deposit.pk,  # Erin's own
        "wallet": wallet.pk,  # Erin's, in euros
        "offer": offer.pk,  # the award that awaits Wes's answer
        "offered": offered.pk,  # the milestone held for it
        "open": newsletter.pk,  # a project with a bid of Wes and no award
        "bid": bid.pk,  # that bid
        "month": f"{datetime.datetime.now(datetime.UTC):%Y-%m}",
        "closed": closed.pk,  # a project that is closed; Wes has a bid on it
    }
    things |= {**_at_the_sandbox(erin), **_outside(erin, wes, award), **_notices(wes)}
    things |= {**_messages(award), **_back(erin, wes), **_release(erin, wes)}
    things |= _standing(erin, wes)
    things |= {**_create(erin, wes), **_requests(erin, wes)}
    things |= _disputes(erin, wes)
    things |= _consent(erin, wes)
    things |= _support(erin, milestone)
    return Situation(people, things)


def _at_the_sandbox(erin: Member) -> dict[str, str]:
    """What Erin has at the test provider: a setup to finish, a card, and a charge that her bank asks about."""
    sandbox, back = gateway("sandbox"), "http://testserver/finances/"
    begun = [
        sandbox.begin_source(owner_id=erin.pk, email=erin.email, kind="card", currency="EUR", back=back)
        for _ in range(2)
    ]
    setup = SandboxSetup.objects.get(reference=begun[0].reference)
    card = setup.add(next(each for each in setup.choices if each.behaviour == Behaviour.NEEDS_STEP))
    sandbox.verify(card.reference, card.code)
    charge = sandbox.charge(
        key=str(uuid.uuid4()),
        source=card.reference,
        customer="",
        amount=12_000,
        currency="EUR",
        words="Photo gallery",
        back=back,
    )
    return {"sandbox_setup": begun[1].reference, "sandbox_card": card.reference, "sandbox_charge": charge.reference}


def _outside(erin: Member, wes: Member, award: Award) -> dict[str, int]:
    """Erin's sources with a payment that her bank asks about, Wes's account with a withdrawal that is still to be sent.

    Wes withdraws what he has deposited himself, so his available funds are what was released to him.
    """
    source = saved(PaymentSource, erin, Behaviour.NEEDS_STEP)
    declining = saved(PaymentSource, erin, Behaviour.DECLINED)
    unverified = saved(PaymentSource, erin, Behaviour.SUCCEEDS, verify=False)
    payment = charging.charge(charging.begin(source, 12_000, "EUR", by=erin, key=uuid.uuid4()))
    declined = charging.charge(charging.begin(declining, 7_500, "EUR", by=erin, key=uuid.uuid4()))
    about = {"task": "Map of the valley", "amount": 3_300}
    unfunded = Funding.begin(award, **about, source=declining, by=erin, key=uuid.uuid4())
    charging.charge(unfunded.payment)
    destination = saved(PayoutDestination, wes, Behaviour.SUCCEEDS)
    record_deposit(wes, EUR("60.00"), key=uuid.uuid4())
    withdrawal = withdrawing.request(destination, 6_000, "EUR", by=wes, key=uuid.uuid4())
    return {
        "source": source.pk,  # verified; the bank asks about every payment
        "declining": declining.pk,  # verified; the bank declines every payment
        "unverified": unverified.pk,  # its code was not typed back yet
        "adding": adding.begin_source(erin, kind="card").pk,  # not finished at the provider
        "payment": payment.pk,  # needs a step
        "declined": declined.pk,  # a payment
        "unfunded": unfunded.pk,  # a milestone whose payment was declined
        "destination": destination.pk,
        "adding_destination": adding.begin_destination(wes, currency="EUR").pk,
        "withdrawal": withdrawal.pk,  # can be cancelled
    }


def _create(erin: Member, wes: Member) -> dict[str, int]:
    """An award that Wes has accepted, whose bid brought a plan, of which nothing is on hold yet."""
    project = factories.ProjectFactory(employer=erin, title="Hiking maps")
    plan = [{"task": "Valley map", "amount": 40_000}, {"task": "Summit map", "amount": 35_000}]
    award = factories.award(factories.BidFactory(project=project, freelancer=wes, plan=plan))
    return {"planned": factories.accepted(award).pk}


def _requests(erin: Member, wes: Member) -> dict[str, int | str]:
    """An award of its own on which Wes has asked for milestones: one waits, one was declined."""
    project = factories.ProjectFactory(employer=erin, title="Cellar catalogue")
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    what = {"by": wes, "amount": 12_000, "note": "The first half is done."}
    declined = MilestoneRequest.ask(award, key=uuid.uuid4(), task="Photos of the cellar", **what)
    declined.take("decline", by=erin, key=uuid.uuid4(), note="Not before the harvest.")
    request = MilestoneRequest.ask(award, key=uuid.uuid4(), task="Texts for the catalogue", advance=True, **what)
    return {
        "requested": award.pk,  # Wes's, accepted, on a project of its own
        "request": request.pk,  # waits for Erin's answer
        "declined_request": declined.pk,
        "request_version": request.seen_version,
    }


def saved(model: type[Instrument], owner: Member, behaviour: Behaviour, *, verify: bool = True) -> Instrument:
    """Add a source or destination at the test provider, as *owner* does on its pages."""
    if model is PaymentSource:
        begun: Instrument = adding.begin_source(owner, kind="card")
    else:
        begun = adding.begin_destination(owner, currency="EUR")
    setup = SandboxSetup.objects.get(reference=begun.setup)
    at_provider = setup.add(next(each for each in setup.choices if each.behaviour == behaviour))
    finished = adding.finish(begun)
    if verify and finished.state == Instrument.State.UNVERIFIED:
        finished.verify(at_provider.code, by=owner)
    return finished


def hold(award: object, task: str, amount: int) -> Milestone:
    """Put *amount* minor units on hold for *task*."""
    return Milestone.create(award, task=task, amount=amount, by=award.employer, key=uuid.uuid4())


def _back(erin: Member, wes: Member) -> dict[str, int]:
    """On a project of its own: what Erin asks Wes to cancel and to return, waiting, refused and returned."""
    project = factories.ProjectFactory(employer=erin, title="Harbour map")
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    milestones = [hold(award, task, 30_000) for task in ("Coast line", "Piers", "Lighthouse")]
    for milestone in milestones:
        milestone.release(10_000, by=erin, key=uuid.uuid4())
    asked, refused, returned = milestones
    to_cancel = CancelRequest.ask(award, milestone=asked, note="We sail elsewhere.", by=erin, key=uuid.uuid4())
    to_return = ReturnRequest.ask(
        award, milestone=asked, amount=4_000, note="A pier is missing.", by=erin, key=uuid.uuid4()
    )
    for ask in (
        CancelRequest.ask(award, milestone=refused, note="No ships come.", by=erin, key=uuid.uuid4()),
        ReturnRequest.ask(award, milestone=refused, amount=1, note="One cent too much.", by=erin, key=uuid.uuid4()),
    ):
        ask.take("refuse", by=wes, key=uuid.uuid4(), note="They do.")
    back = ReturnRequest.ask(award, milestone=returned, amount=2_500, note="It is dark.", by=erin, key=uuid.uuid4())
    receipt = back.agree(by=wes, key=uuid.uuid4())
    return {
        "mapped_project": project.pk,
        "mapped": award.pk,  # Wes's, accepted, with the milestones below
        "asked": asked.pk,  # a milestone; Erin asks to cancel it and to return some, and Wes has not answered
        "cancel_request": to_cancel.pk,  # that request
        "return_request": to_return.pk,  # and that one
        "refused": refused.pk,  # a milestone of which Wes refused both
        "returned": returned.pk,  # a milestone; 25.00 of 100.00 that was released came back
        "return_receipt": receipt.pk,  # of that
    }


def _release(erin: Member, wes: Member) -> dict[str, int]:
    """On a project of its own: work whose release Wes asks for, and work on which a change of "done" is proposed."""
    project = factories.ProjectFactory(employer=erin, title="Field guide")
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    drawn = hold(award, "Drawings of ten birds", 12_000)
    rewrite(drawn, ["Ten birds", "Each with its name"])
    file = Checked("birds.txt", "text/plain; charset=utf-8", 5, b"birds")
    about = {"note": "Nine are done.", "amount": 9_000, "done": [drawn.criteria.first().pk], "files": [file]}
    request = ReleaseRequest.make(drawn, by=wes, key=uuid.uuid4(), **about)
    change = CriteriaChange.propose(
        drawn, ["Twelve birds"], by=erin, key=uuid.uuid4(), note="Two more came to the lake."
    )
    return {
        "guide": project.pk,
        "drawn": drawn.pk,  # a milestone of Wes; he asks for its release
        "release_request": request.pk,  # so
        "release_file": request.files.get().pk,  # with this file
        "criteria_change": change.pk,  # what Erin proposes to change of it
    }


def _messages(award: Award) -> dict[str, int]:
    """Wes wrote to Erin, with a file, and she has not read it yet; a hint stands under what he wrote."""
    file = Checked("colours.txt", "text/plain; charset=utf-8", 4, b"Blue")
    Message.send(award, by=award.employer, text="Could we have a darker blue?", key=uuid.uuid4())
    said = "Of course, see the file. Could you pay half in advance?"
    message = Message.send(award, by=award.freelancer, text=said, key=uuid.uuid4(), files=[file])
    return {"message": message.pk, "message_file": message.files.get().pk}


def _support(erin: Member, milestone: Milestone) -> dict[str, int]:
    """Erin has asked support about a milestone, with a file, and nobody has answered yet."""
    file = Checked("question.txt", "text/plain; charset=utf-8", 4, b"Why?")
    about = {"title": "Is it really held?", "text": "Where do I see it?", "about": f"milestone-{milestone.pk}"}
    conversation = Conversation.open(by=erin, key=uuid.uuid4(), files=[file], **about)
    return {"conversation": conversation.pk, "conversation_file": conversation.messages.get().files.get().pk}


def _notices(wes: Member) -> dict[str, int | str]:
    """What Wes was told, and what a mail to him brought along."""
    told = wes.notifications.filter(kind="milestone-released").latest("pk")
    return {
        "notification": told.pk,  # of the release
        "unsubscribe": unsubscribing.token(wes.pk, "money"),
        "unsubscribe_all": unsubscribing.token(wes.pk, MailChoice.EVERYTHING),
    }


def _standing(erin: Member, wes: Member) -> dict[str, int]:
    """An award of Wes's of which all is paid, and one that is completed, of which Erin has written her review."""
    awards = []
    for title in ("Winter rates", "Price list"):
        project = factories.ProjectFactory(employer=erin, title=title)
        awards.append(factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes))))
        hold(awards[-1], f"{title}, all pages", 10_000).release(10_000, by=erin, key=uuid.uuid4())
    finished, completed = awards
    completed.complete(by=erin, key=uuid.uuid4())
    review = Review.write(completed, by=erin, stars=4, text="Careful work.", key=uuid.uuid4())
    standing.recount()
    gone = factories.MemberFactory(name="Gus Tate", email="gus@example.com", is_active=False)
    profile = Profile(member=wes)
    drawing = io.BytesIO()
    Image.new("RGB", (300, 200), "#3355aa").save(drawing, "PNG")
    picture = pictures.square(Checked("wes.png", "image/png", drawing.tell(), drawing.getvalue()))
    profile.change(text="I build small sites that load fast.", skills=["django", "design"], picture=picture)
    return {
        "gone": gone.pk,  # a suspended member
        "a_standing": Standing.objects.get(member=wes).pk,
        "finished": finished.pk,  # an award, accepted; nothing of it is held
        "finished_project": finished.project_id,
        "completed": completed.pk,  # an award; Erin has reviewed Wes, who doesn't read it yet
        "completed_project": completed.project_id,
        "review": review.pk,
        "erin": erin.pk,
        "wes": wes.pk,
    }


def _disputes(erin: Member, wes: Member) -> dict[str, int | str]:
    """On awards of their own: a dispute to answer, one in negotiation, one in arbitration and one that is decided."""
    mia = factories.MemberFactory(name="Mia Novak", email="mia@example.com", is_staff=True)
    mia.groups.add(Group.objects.get(name=arbitrators.GROUP))
    mia = Member.objects.get(pk=mia.pk)  # with her permissions
    opened, negotiated, arbitrated, decided = (
        _disputed(erin, wes, title, early=early)
        for title, early in (("Boat hire", False), ("Tide tables", True), ("Pier lights", True), ("Old harbour", True))
    )
    key = uuid.uuid4
    opened.add_evidence(Said("Half is missing.", ["https://example.org/boats"], [_note()]), by=erin, key=key())
    negotiated.offer([20_000], by=wes, key=key(), words="Nearly all of it is done.")
    for dispute in (arbitrated, decided):
        dispute.add_evidence(Said("Half is missing."), by=erin, key=key())
        dispute.escalate(by=erin, key=key()).take(by=mia, key=key())
        dispute.ask("Which half?", of=["freelancer"], by=mia, key=key())
    arbitrated.propose([12_000], words="A little less than half.", by=mia, key=key())
    decided.decide([11_000], words="E1 shows that half of it is there.", cites=[1], by=mia, key=key())
    return {
        "disputed": opened.milestones[0].milestone_id,  # the milestone of {dispute}
        "dispute": opened.pk,  # opened by Erin; Wes can answer
        "evidence": opened.evidence.get().files.get().pk,  # a file of it
        "negotiated": negotiated.pk,  # Wes has made an offer; an arbitrator can't be called yet
        "arbitrated": arbitrated.pk,  # Mia has asked Wes and proposed a split
        "question": arbitrated.questions.get().pk,
        "decided": decided.pk,
    }


def _disputed(erin: Member, wes: Member, title: str, *, early: bool) -> Dispute:
    """A dispute of Erin's about 240.00 on a project of its own; *early*: long enough ago to call an arbitrator."""
    project = factories.ProjectFactory(employer=erin, title=title)
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    milestone = hold(award, f"{title}, first part", 24_000)
    claim = "Half of what was agreed is missing."
    dispute = Dispute.open(award, {milestone.pk: 6_000}, claim=claim, by=erin, key=uuid.uuid4())
    if early:
        past = timezone.now() - datetime.timedelta(hours=1)
        Dispute.objects.filter(pk=dispute.pk).update(answer_by=past, escalate_from=past)
    return Dispute.objects.get(pk=dispute.pk)


def _note() -> Checked:
    content = b"What is missing, line by line.\n"
    return Checked("missing.txt", TEXT, len(content), content)


def _consent(erin: Member, wes: Member) -> dict[str, int]:
    """On a project of its own: staff ask whether what is held shall go back, and nobody has answered."""
    project = factories.ProjectFactory(employer=erin, title="Ferry posters")
    award = factories.accepted(factories.award(factories.BidFactory(project=project, freelancer=wes)))
    asker = factories.MemberFactory(name="Sol Reyes", email="sol@example.com", is_staff=True)
    asker.groups.add(Group.objects.get(name="support"))
    asker = Member.objects.get(pk=asker.pk)  # with the permissions
    milestone = hold(award, "Three posters", 9_000)
    asked = ConsentRequest.begin(milestone, note="The ferry is sold.", by=asker, key=uuid.uuid4())
    return {"consented": milestone.pk, "consent": asked.pk}


def of_the_admin() -> dict[str, int]:
    """One row of each model that stands in the admin only, of somebody who has no part in the rest."""
    other = factories.MemberFactory(name="Otto Haas", email="otto@example.com")
    make = {
        "address": ("account", "EmailAddress", {"user": other, "email": "otto2@example.com"}),
        "factor": ("mfa", "Authenticator", {"user": other, "type": "totp", "data": {}}),
        "group": ("auth", "Group", {"name": "others"}),
        "suspension": ("desk", "Suspension", {"member": other, "action": "suspend", "reason": "A test."}),
        "a_vote": ("help", "Vote", {"slug": "fees", "language": "en", "member": other, "helpful": True}),
        "missed": ("help", "Missed", {"words": "nothing", "language": "en"}),
        "saved": ("chat", "SavedAnswer", {"title": "Hello", "text": "Hello {name}"}),
        "look": (
            "desk",
            "Look",
            {"member": other, "actor": other, "action": "look", "reason": "A test.", "until": timezone.now()},
        ),
        "errand": ("desk", "Errand", {"actor": other, "action": "verify", "reason": "A test."}),
        "delivery": ("payments", "Delivery", {"gateway": "sandbox", "event_id": "e1", "kind": "charge"}),
        "reconciliation": ("payments", "Reconciliation", {"gateway": "sandbox", "since": timezone.now()}),
    }
    fees = Account.platform(Account.Kind.FEES, "EUR")
    about = {"amount": 1, "currency": "EUR", "alone_limit": 0, "key": uuid.uuid4(), "expires_at": timezone.now()}
    sides = {"debit_account": Account.wallet(other.pk, "EUR"), "credit_account": fees, "proposed_by": other}
    make["correction"] = ("payments", "Correction", {**about, **sides})
    made = {name: apps.get_model(app, model).objects.create(**fields).pk for name, (app, model, fields) in make.items()}
    made["entry"] = apps.get_model("accounts", "AuditEntry").objects.latest("pk").pk
    return {**made, "member": other.pk, "nojob": 0}  # jobs are made by work, and there is none to be done
