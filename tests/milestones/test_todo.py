"""The to-do at the top of the home page: what waits for me, what I wait for, each with its one action."""

import re
import uuid
from html import unescape

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from finances.payments import charging
from finances.payments.gateways import Outcome
from finances.payments.models import PaymentSource
from milestones.models import Funding, Milestone
from tests import factories
from tests.finances.payments.memory import saved
from tests.situation import build


def moves(client: Client) -> tuple[list[str], list[str]]:
    """What the home page says waits for its reader, and for others: each as one line of words."""
    page = client.get("/", follow=True)
    assert page.status_code == 200
    whole = page.content.decode()

    def lines(name: str) -> list[str]:
        panel = re.search(rf'aria-labelledby="{name}">(.*?)</section>', whole, re.S)
        entries = re.findall(r"<li>(.*?)</li>", panel[1], re.S) if panel else []
        return [unescape(" ".join(re.sub(r"<[^>]+>", " ", each).split())) for each in entries]

    return lines("my-move"), lines("their-move")


def test_an_award_waits_for_its_freelancer_and_both_see_it(erin, wes, signed_in):
    award = factories.award(factories.BidFactory(project=factories.ProjectFactory(employer=erin), freelancer=wes))
    mine, theirs = moves(signed_in(wes))
    assert [line.startswith("Erin awarded you a project €") for line in mine] == [True]
    assert f"{award.project.title} · until" in mine[0]
    assert mine[0].endswith(f"Answer : {award.project.title}")
    assert theirs == []
    mine, theirs = moves(signed_in(erin))
    assert [line.startswith("Put money on hold for Wes") for line in mine] == [True]
    assert [line.startswith("Wes has yet to accept your award") for line in theirs] == [True]


def test_a_first_milestone_is_the_employers_move_until_there_is_one(erin, wes, fund, signed_in):
    award = factories.award(factories.BidFactory(project=factories.ProjectFactory(employer=erin), freelancer=wes))
    factories.accepted(award)
    assert moves(signed_in(wes))[1][0].startswith("Erin has put nothing on hold for you yet")
    fund(erin)
    Milestone.create(award, task="Sketches", amount=100, by=erin, key=uuid.uuid4())
    assert moves(signed_in(erin)) == ([], [])
    assert moves(signed_in(wes)) == ([], [])


def test_strangers_see_nothing_of_it(erin, sam, signed_in):
    factories.award(factories.BidFactory(project=factories.ProjectFactory(employer=erin)))
    assert moves(signed_in(sam)) == ([], [])


def test_a_payment_that_the_bank_asks_about_or_declines_is_the_payers_move(erin, provider, signed_in):
    award = factories.AwardFactory(employer=erin)
    card = saved(PaymentSource, erin)
    for task, outcome in (("Map", Outcome.NEEDS_STEP), ("Signs", Outcome.DECLINED)):
        provider.next = outcome
        about = {"task": task, "amount": 30_000}
        charging.charge(Funding.begin(award, **about, source=card, by=erin, key=uuid.uuid4()).payment)
    mine, _ = moves(signed_in(erin))
    assert [line.split(" €")[0] for line in mine] == [
        "Your bank asks you to confirm a payment",
        "A payment was declined, so a milestone is unfunded",
    ]
    assert "payment" not in str(moves(signed_in(award.freelancer)))


def test_the_number_of_queries_does_not_grow(db, signed_in):
    scene = build()
    erin = scene.people["employer"]
    client = signed_in(erin)
    client.get("/my-work/")
    with CaptureQueriesContext(connection) as few:
        client.get("/my-work/")
    for _ in range(8):
        factories.award(factories.BidFactory(project=factories.ProjectFactory(employer=erin)))
    with CaptureQueriesContext(connection) as many:
        page = client.get("/my-work/").content.decode()
    assert page.count("has yet to accept your award") == 9
    assert len(many) == len(few)
