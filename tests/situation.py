"""The standard situation: Erin has hired Wes and Ana for one project, and waits for an answer on another.

The permission matrix and the browser's walk over all pages look at the same things, under the same names.
"""

import datetime
import uuid
from dataclasses import dataclass

from accounts.models import Member
from finances.ledger.models import Account, Transfer
from finances.payments import adding, charging, withdrawing
from finances.payments.deposits import record_deposit
from finances.payments.gateways import gateway
from finances.payments.models import Instrument, PaymentSource, PayoutDestination
from finances.payments.sandbox import Behaviour
from finances.payments.sandbox.models import SandboxSetup
from milestones.models import Funding, Milestone
from projects.models import Award
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
    return Situation(people, {**things, **_at_the_sandbox(erin), **_outside(erin, wes, award), **_create(erin, wes)})


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
