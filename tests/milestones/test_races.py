"""Many at once, over real connections: one effect, one winner, and every cent explained (P23, P25, P33)."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, local
from typing import Any

import pytest

from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from django.test import Client

from config.refusals import WrongState
from config.seen import Seen
from finances.ledger.models import Account, Transfer
from milestones.lifecycle import MOST_WAITING
from milestones.models import (
    AskEvent,
    CancelRequest,
    CriteriaChange,
    Milestone,
    MilestoneEvent,
    MilestoneRequest,
    ReleaseRequest,
    ReturnRequest,
)  # fmt: skip
from milestones.models.requests import SHOWN_REQUEST, SHOWN_VERSION
from milestones.parts import Part
from tests import factories
from tests.milestones.test_requests import asked as requested_of
from tests.milestones.test_requests import made_of
from tests.money import EUR
from tests.situation import hold
from tests.steps import ask, confirm

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 16


@pytest.fixture
def erin(transactional_db):
    return factories.MemberFactory(name="Erin Vogel", email="erin@example.com")


@pytest.fixture
def wes(transactional_db):
    return factories.MemberFactory(name="Wes Adeyemi", email="wes@example.com")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    """Threads with a database connection each, which they close in the end."""
    barrier = Barrier(WORKERS)

    def leave() -> None:
        barrier.wait()
        connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        yield pool
        for future in [pool.submit(leave) for _ in range(WORKERS)]:
            future.result()


@pytest.fixture
def at_once(pool) -> Callable[..., list[Any]]:
    """``at_once([verb, …])`` starts all together and returns what each gave, or the refusal."""

    def at_once(verbs: Sequence[Callable[[], Any]]) -> list[Any]:
        barrier = Barrier(len(verbs))

        def start(verb: Callable[[], Any]) -> Any:
            connection.ensure_connection()
            barrier.wait()
            try:
                return verb()
            except (WrongState, PermissionDenied) as refusal:  # a right can be lost meanwhile, too
                return refusal

        return list(pool.map(start, verbs))

    return at_once


@pytest.fixture
def browsers() -> Callable[[Client], Client]:
    """``browsers(client)`` is this thread's own browser with the session of *client*."""
    mine = local()

    def browser(client: Client) -> Client:
        if not hasattr(mine, "browser"):
            mine.browser = Client(raise_request_exception=True)
            mine.browser.cookies.load(client.cookies.output(header=""))
        return mine.browser

    return browser


def test_p23_a_thousand_posts_of_one_confirmation_pay_once(
    milestone, erin, wes, signed_in, pool, browsers, available, held
):
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/release/"
    token = ask(client, url, amount="150")
    answers = Counter(
        (answer.status_code, answer.headers.get("Location"))
        for answer in pool.map(lambda _: confirm(browsers(client), url, token), range(1_000))
    )
    event = MilestoneEvent.objects.get(action="release")
    assert answers == {(302, event.get_absolute_url()): 1_000}
    assert (available(wes), held(milestone)) == (15_000, 25_000)
    assert Transfer.objects.filter(kind="release").count() == 1
    assert wes.notifications.filter(kind="milestone-released").count() == 1


def test_p15_many_posts_of_one_confirmation_create_once(award, erin, signed_in, pool, browsers, available):
    client, url = signed_in(erin), f"/awards/{award.pk}/milestones/new/"
    token = ask(client, url, amount="150", task="x")
    answers = set(pool.map(lambda _: confirm(browsers(client), url, token)["Location"], range(64)))
    assert answers == {MilestoneEvent.objects.get().get_absolute_url()}
    assert Milestone.objects.count() == 1
    assert available(erin) == 85_000


@pytest.mark.parametrize("step", ["release", "cancel", "create"])
def test_p25_of_fifty_confirmations_of_one_version_exactly_one_wins(
    award, milestone, erin, wes, signed_in, pool, browsers, available, step
):
    client = signed_in({"cancel": wes}.get(step, erin))
    url, typed = {
        "release": (f"/milestones/{milestone.pk}/release/", {"amount": "1"}),
        "cancel": (f"/milestones/{milestone.pk}/cancel/", {}),
        "create": (f"/awards/{award.pk}/milestones/new/", {"amount": "1", "task": "x"}),
    }[step]
    tokens = [ask(client, url, **typed) for _ in range(50)]
    answers = Counter(a.status_code for a in pool.map(lambda token: confirm(browsers(client), url, token), tokens))
    assert answers == {302: 1, 409: 49}
    assert MilestoneEvent.objects.count() == 2
    assert (available(erin), available(wes)) == {
        "release": (60_000, 100),
        "cancel": (100_000, 0),
        "create": (59_900, 0),
    }[step]


def test_p33_cancelling_against_accepting_against_declining_has_one_outcome(wes, erin, fund, at_once, available):
    """The employer cancels, the freelancer cancels, accepts or declines, all at the same moment, many times."""
    fund(erin, EUR("1000.00"))
    outcomes = Counter()
    kept = paid = 0
    for turn in range(12):
        offer = factories.AwardFactory(employer=erin, freelancer=wes)
        milestone = hold(offer, "x", 1_000)
        verbs = [
            partial(milestone.release, 1_000, by=erin, key=uuid.uuid4()),
            partial(milestone.cancel, by=erin, key=uuid.uuid4()),
            partial(milestone.cancel, by=wes, key=uuid.uuid4()),
            partial(offer.accept, by=wes, key=uuid.uuid4()),
            partial(offer.decline, by=wes, key=uuid.uuid4()),
            partial(offer.revoke, by=erin, key=uuid.uuid4()),
        ]
        random.Random(turn).shuffle(verbs)
        at_once(verbs)
        offer.refresh_from_db()
        milestone = Milestone.objects.get(pk=milestone.pk)
        actions = sorted(milestone.events.values_list("action", flat=True))
        outcomes[offer.state, milestone.state] += 1
        assert offer.state in ("accepted", "declined", "revoked")
        assert len(actions) == (1 if milestone.state == "held" else 2), actions
        if milestone.state == "held":
            assert offer.state == "accepted"
            kept += 1_000
        if milestone.state == "released":
            assert offer.state == "accepted"
            paid += 1_000
    assert available(erin) == 100_000 - kept - paid
    assert available(wes) == paid
    assert len(outcomes) > 1, f"no race was run: {outcomes}"


def later(seconds: float, verb):
    """Do *verb* a moment later, so that it isn't always the quicker of two verbs that wins."""
    time.sleep(seconds)
    return verb()


def test_p23_p34_releasing_against_cancelling_has_one_winner(award, erin, wes, at_once, available):
    """What is held goes to one of them, once, however many try."""
    winners = Counter()
    for turn in range(12):
        milestone = hold(award, "x", 1_000)
        verbs = [partial(milestone.release, 1_000, by=erin, key=uuid.uuid4()) for _ in range(3)]
        verbs += [partial(milestone.cancel, by=wes, key=uuid.uuid4()) for _ in range(3)]
        dice = random.Random(turn)
        results = at_once([partial(later, dice.uniform(0, 0.02), verb) for verb in verbs])
        won = [r.action for r in results if isinstance(r, MilestoneEvent)]
        assert len(won) == 1
        assert Milestone.objects.get(pk=milestone.pk).state == {"release": "released", "cancel": "cancelled"}[won[0]]
        winners[won[0]] += 1
    assert available(wes) == 1_000 * winners["release"]
    assert available(erin) == 100_000 - 1_000 * winners["release"]
    assert len(winners) == 2, f"no race was run: {winners}"


def test_p24_partial_releases_at_once_never_pay_more_than_is_held(award, erin, wes, at_once, available, held):
    """Without a dialog's version to guard them (as a job would): the sum guards itself."""
    milestone = hold(award, "x", 1_000)
    results = at_once([lambda: milestone.release(300, by=erin, key=uuid.uuid4())] * 8)
    assert sum(isinstance(r, MilestoneEvent) for r in results) == 3
    assert (available(wes), held(milestone)) == (900, 100)


def test_p16_two_creates_for_the_last_funds_leave_one_milestone(erin, wes, fund, at_once, available):
    fund(erin, EUR("100.00"))
    awards = [factories.AwardFactory(employer=erin, freelancer=wes) for _ in range(4)]
    verbs = [lambda a=a: Milestone.create(a, task="x", amount=6_000, by=erin, key=uuid.uuid4()) for a in awards]
    results = at_once(verbs)
    assert sum(isinstance(r, Milestone) for r in results) == 1
    assert Milestone.objects.count() == 1
    assert available(erin) == 4_000


PARTS = [Part("A", 1_000), Part("B", 2_000, advance=True), Part("C", 3_000, criteria=("Printed",))]


def test_p14_dividing_while_the_award_ends_holds_all_or_nothing(wes, erin, fund, at_once, available):
    """Whoever is first: either all were made and went back again, or none ever was."""
    fund(erin, EUR("1000.00"))
    outcomes = Counter()
    for turn in range(10):
        offer = factories.AwardFactory(employer=erin, freelancer=wes)
        verbs = [partial(Milestone.create_many, offer, PARTS, by=erin, key=uuid.uuid4()) for _ in range(2)]
        verbs.append(partial(offer.decline, by=wes, key=uuid.uuid4()))
        random.Random(turn).shuffle(verbs)
        at_once(verbs)
        made = Milestone.objects.filter(award=offer)
        assert made.count() in (0, 3, 6)
        assert {m.state for m in made} <= {"cancelled"}
        outcomes[made.count()] += 1
    assert available(erin) == 100_000
    assert len(outcomes) > 1, f"no race was run: {outcomes}"


def test_p16_of_two_that_divide_the_last_funds_one_is_made(wes, erin, fund, at_once, available):
    fund(erin, EUR("100.00"))
    awards = [factories.AwardFactory(employer=erin, freelancer=wes) for _ in range(4)]
    verbs = [partial(Milestone.create_many, award, PARTS, by=erin, key=uuid.uuid4()) for award in awards]
    results = at_once(verbs)
    assert sum(isinstance(result, list) for result in results) == 1
    assert [m.task for m in Milestone.objects.order_by("id")] == ["A", "B", "C"]
    assert available(erin) == 4_000


def test_p23_the_same_division_at_once_is_made_once(award, erin, at_once, available):
    key = uuid.uuid4()
    results = at_once([partial(Milestone.create_many, award, PARTS, by=erin, key=key)] * 8)
    assert {tuple(m.pk for m in made) for made in results} == {
        tuple(Milestone.objects.order_by("id").values_list("pk", flat=True))
    }
    assert Milestone.objects.count() == 3
    assert available(erin) == 94_000


@pytest.mark.parametrize("site_fees", [("", ""), ("EUR=8% min 0.50", "EUR=5%")], ids=["free", "with fees"])
def test_everything_at_once_ends_with_books_that_add_up(erin, wes, fund, at_once, rates, site_fees):
    """Two who hire each other and a third, all verbs mixed: no deadlock is left over, no cent is lost."""
    rates(*site_fees)
    ana = factories.MemberFactory(name="Ana Lima")
    people = [erin, wes, ana]
    for person in people:
        fund(person, EUR("500.00"))
    pairs = [(a, b) for a in people for b in people if a != b]
    awards = [factories.accepted(factories.AwardFactory(employer=a, freelancer=b)) for a, b in pairs]
    for turn in range(8):
        dice, verbs = random.Random(turn), []
        for _ in range(WORKERS):
            award = dice.choice(awards)
            made = list(Milestone.objects.filter(award=award, state="held"))
            if not made or dice.random() < 0.4:
                verbs.append(partial(hold, award, "x", dice.randint(1, 9_000)))
            elif dice.random() < 0.2:
                parts = [Part("x", dice.randint(1, 4_000)) for _ in range(dice.randint(2, 5))]
                verbs.append(partial(Milestone.create_many, award, parts, by=award.employer, key=uuid.uuid4()))
            elif dice.random() < 0.6:
                m = dice.choice(made)
                verbs.append(partial(m.release, dice.randint(1, m.held), by=m.employer, key=uuid.uuid4()))
            else:
                m = dice.choice(made)
                verbs.append(partial(m.cancel, by=m.freelancer, key=uuid.uuid4()))
        at_once(verbs)
    kept = Account.platform(Account.Kind.FEES, "EUR").true_balance()
    total = sum(a.balance for a in Account.objects.filter(kind__in=("wallet", "escrow"))) + kept
    assert total == 150_000
    assert (kept > 0) == any(site_fees)
    assert MilestoneEvent.objects.count() > 60


@pytest.fixture
def asked(milestone, erin) -> ReturnRequest:
    """€150.00 of €400.00 released; Erin asks Wes to return €40.00 of it."""
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    about = {"milestone": milestone, "amount": 4_000, "note": "Why"}
    return ReturnRequest.ask(milestone.award, by=erin, key=uuid.uuid4(), **about)


def test_p36_a_thousand_posts_of_one_consent_pay_back_once(asked, erin, wes, signed_in, pool, browsers, available):
    client, url = signed_in(wes), f"/return-requests/{asked.pk}/agree/"
    token = ask(client, url)
    answers = Counter(
        (answer.status_code, answer.headers.get("Location"))
        for answer in pool.map(lambda _: confirm(browsers(client), url, token), range(1_000))
    )
    event = MilestoneEvent.objects.get(action="take-back")
    assert answers == {(302, event.get_absolute_url()): 1_000}
    assert (available(erin), available(wes)) == (64_000, 11_000)
    assert Transfer.objects.filter(kind="refund").count() == 1
    assert erin.notifications.filter(kind="return-agreed").count() == 1


@pytest.mark.parametrize("step", ["return", "cancel"])
def test_p35_p36_of_many_windows_that_consent_exactly_one_wins(
    asked, milestone, erin, wes, signed_in, pool, browsers, available, step
):
    to_cancel = CancelRequest.ask(milestone.award, milestone=milestone, note="Why", by=erin, key=uuid.uuid4())
    client = signed_in(wes)
    url = {"return": f"/return-requests/{asked.pk}/agree/", "cancel": f"/cancel-requests/{to_cancel.pk}/agree/"}[step]
    tokens = [ask(client, url) for _ in range(30)]
    answers = Counter(a.status_code for a in pool.map(lambda token: confirm(browsers(client), url, token), tokens))
    assert answers == {302: 1, 409: 29}
    assert AskEvent.objects.filter(action="agree").count() == 1
    assert (available(erin), available(wes)) == {"return": (64_000, 11_000), "cancel": (85_000, 15_000)}[step]


def test_p36_many_windows_that_ask_leave_one_waiting(milestone, erin, signed_in, pool, browsers):
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/return-request/"
    typed = [{"amount": "40", "reason": "Why", "key": str(uuid.uuid4())} for _ in range(16)]
    answers = Counter(a.status_code for a in pool.map(lambda sent: browsers(client).post(url, sent), typed * 2))
    assert answers == {302: 2, 409: 30}, "the one that won was sent twice"
    assert ReturnRequest.objects.count() == 1
    assert AskEvent.objects.count() == 1


def test_p36_consenting_against_withdrawing_against_releasing_has_one_outcome(award, erin, wes, at_once, available):
    """Agreed or taken back, never both; the releases and the cancelling beside it go their own way."""
    outcomes, back, kept = Counter(), 0, 0
    for turn in range(12):
        milestone = hold(award, "x", 2_000)
        milestone.release(1_000, by=erin, key=uuid.uuid4())
        about = {"milestone": milestone, "note": "Why"}
        to_return = ReturnRequest.ask(award, amount=500, by=erin, key=uuid.uuid4(), **about)
        to_cancel = CancelRequest.ask(award, by=erin, key=uuid.uuid4(), **about)
        verbs = [
            *[partial(to_return.agree, by=wes, key=uuid.uuid4()) for _ in range(2)],
            partial(to_return.take, "withdraw", by=erin, key=uuid.uuid4()),
            partial(to_return.take, "refuse", by=wes, key=uuid.uuid4(), note="No"),
            partial(to_cancel.agree, by=wes, key=uuid.uuid4()),
            partial(to_cancel.take, "withdraw", by=erin, key=uuid.uuid4()),
            partial(milestone.release, 1_000, by=erin, key=uuid.uuid4()),
            partial(milestone.cancel, by=wes, key=uuid.uuid4()),
        ]
        random.Random(turn).shuffle(verbs)
        at_once(verbs)
        to_return.refresh_from_db()
        to_cancel.refresh_from_db()
        milestone = Milestone.objects.get(pk=milestone.pk)
        actions = Counter(milestone.events.values_list("action", flat=True))
        assert actions["take-back"] == (to_return.state == "agreed")
        assert to_return.state in ("agreed", "withdrawn", "refused")
        assert to_cancel.state in ("agreed", "withdrawn", "overtaken")
        assert milestone.state in ("released", "cancelled")
        assert to_cancel.state != "agreed" or milestone.state == "cancelled"
        outcomes[to_return.state, to_cancel.state, milestone.state] += 1
        back += 500 * actions["take-back"]
        kept += 1_000 * actions["release"]
    assert available(wes) == kept - back
    assert available(erin) == 100_000 - kept + back
    assert len(outcomes) > 2, f"no race was run: {outcomes}"


def test_p36_two_consents_to_the_last_money_move_one(award, erin, wes, at_once, available):
    """Wes has €10.00; two milestones' requests for €6.00 each are agreed to at the same moment."""
    milestones = [hold(award, f"Part {n}", 1_000) for n in range(2)]
    for milestone in milestones:
        milestone.release(600, by=erin, key=uuid.uuid4())
    hold(factories.AwardFactory(employer=wes), "Elsewhere", 200)
    asks = [
        ReturnRequest.ask(award, milestone=m, amount=600, note="Why", by=erin, key=uuid.uuid4()) for m in milestones
    ]
    results = at_once([partial(ask.agree, by=wes, key=uuid.uuid4()) for ask in asks])
    assert sum(isinstance(result, MilestoneEvent) for result in results) == 1
    assert available(wes) == 400
    assert sorted(ReturnRequest.objects.values_list("state", flat=True)) == ["agreed", "waiting"]


def test_p30_many_who_make_a_milestone_of_one_request_make_one(award, erin, at_once, available):
    request = requested_of(award, 1_000)
    results = at_once([partial(made_of, request) for _ in range(12)])
    assert sum(isinstance(result, Milestone) for result in results) == 1
    assert Milestone.objects.get().request == request
    assert available(erin) == 99_000
    assert AskEvent.objects.filter(action="fulfil").count() == 1


def test_p30_a_double_click_in_two_windows_makes_one(award, erin, signed_in, pool, browsers, available):
    request = requested_of(award)
    client, url = signed_in(erin), f"/awards/{award.pk}/milestones/new/"
    token = ask(client, url, amount="250", task="Map", request=str(request.pk))
    answers = list(pool.map(lambda _: confirm(browsers(client), url, token), range(24)))
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, Milestone.objects.get().events.get().get_absolute_url())
    }
    assert available(erin) == 75_000


@pytest.mark.parametrize("change", ["withdraw", "edit", "decline"])
def test_p25_p30_changing_against_making_has_one_winner(award, erin, wes, at_once, available, change):
    """In two windows at the same moment: either the milestone is there, or the request is changed, never both."""
    outcomes = Counter()
    for turn in range(24):
        request = requested_of(award, 1_000)
        seen = Seen(None, {SHOWN_REQUEST: request.pk, SHOWN_VERSION: request.version})
        changes = {
            "withdraw": partial(request.take, "withdraw", by=wes, key=uuid.uuid4()),
            "edit": partial(request.edit, by=wes, key=uuid.uuid4(), task="x", amount=2_000, advance=False),
            "decline": partial(request.take, "decline", by=erin, key=uuid.uuid4(), note="No."),
        }
        verbs = [partial(made_of, request, 1_000, seen=seen) for _ in range(2)] + [changes[change]] * 2
        random.Random(turn).shuffle(verbs)
        made = sum(isinstance(result, Milestone) for result in at_once(verbs))
        request.refresh_from_db()
        outcomes[made] += 1
        if made:
            assert (request.state, request.amount, request.made.amount) == ("agreed", 1_000, 1_000)
        else:
            assert (request.made, request.state) == (
                None,
                {"withdraw": "withdrawn", "edit": "waiting", "decline": "refused"}[change],
            )
        if request.state == "waiting":
            request.take("withdraw", by=wes, key=uuid.uuid4())
    assert Milestone.objects.count() == outcomes[1]
    assert available(erin) == 100_000 - 1_000 * outcomes[1]
    assert set(outcomes) == {0, 1}, f"no race was run: {outcomes}"


def test_p30_no_more_wait_than_may(award, at_once):
    for _each in range(MOST_WAITING - 3):
        requested_of(award, 100)
    at_once([partial(requested_of, award, 100) for _ in range(12)])
    assert MilestoneRequest.objects.filter(state="waiting").count() == MOST_WAITING


def test_p30_one_form_sent_many_times_asks_once(award, wes, signed_in, pool, browsers):
    client, url = signed_in(wes), f"/awards/{award.pk}/milestone-requests/new/"
    typed = {"amount": "5", "task": "Map", "key": str(uuid.uuid4())}
    answers = Counter(a.status_code for a in pool.map(lambda _: browsers(client).post(url, typed), range(24)))
    assert answers == {302: 24}
    assert MilestoneRequest.objects.count() == 1


def test_p32_releasing_against_taking_back_against_sending_back_has_one_answer(award, erin, wes, at_once, available):
    """A release pays whatever becomes of the request; the request gets one end, and one that fits."""
    outcomes, paid = Counter(), 0
    for turn in range(16):
        milestone = hold(award, "x", 1_000)
        request = ReleaseRequest.make(milestone, by=wes, key=uuid.uuid4())
        verbs = [
            *[partial(request.take, "withdraw", by=wes, key=uuid.uuid4()) for _ in range(2)],
            partial(request.take, "send_back", by=erin, key=uuid.uuid4(), note="More"),
            partial(milestone.release, 1_000, by=erin, key=uuid.uuid4()),
            partial(milestone.cancel, by=wes, key=uuid.uuid4()),
        ]
        random.Random(turn).shuffle(verbs)
        at_once(verbs)
        request.refresh_from_db()
        (end,) = milestone.events.exclude(action="create").values_list("action", flat=True)
        steps = AskEvent.objects.filter(kind=request.kind, ask_id=request.pk).exclude(action="ask")
        assert steps.count() == (request.state in ("withdrawn", "refused"))
        assert request.state in ("withdrawn", "refused", {"release": "agreed", "cancel": "overtaken"}[end])
        paid += 1_000 * (end == "release")
        outcomes[request.state] += 1
    assert (available(erin), available(wes)) == (100_000 - paid, paid)
    assert len(outcomes) > 1, f"no race was run: {outcomes}"


def test_p32_many_windows_that_ask_for_a_release_leave_one_waiting(milestone, erin, wes, signed_in, pool, browsers):
    client, url = signed_in(wes), f"/milestones/{milestone.pk}/ask-release/"
    typed = [{"amount": "40", "note": f"Window {n}", "key": str(uuid.uuid4())} for n in range(16)]
    answers = Counter(a.status_code for a in pool.map(lambda sent: browsers(client).post(url, sent), typed * 2))
    assert answers == {302: 2, 409: 30}, "the one that won was sent twice"
    assert ReleaseRequest.objects.get().state == "waiting"
    assert AskEvent.objects.count() == 1
    assert erin.notifications.filter(kind="release-asked").count() == 1


def test_two_proposals_at_once_leave_one_waiting(award, erin, wes, at_once):
    """Whoever of the two sides is first; the other learns that one waits."""
    winners = Counter()
    for turn in range(12):
        milestone = hold(award, "x", 1_000)
        verbs = [
            partial(CriteriaChange.propose, milestone, [by.name], by=by, key=uuid.uuid4()) for by in (erin, wes) * 3
        ]
        random.Random(turn).shuffle(verbs)
        (made,) = [result for result in at_once(verbs) if isinstance(result, CriteriaChange)]
        assert CriteriaChange.objects.get(milestone=milestone) == made
        assert [line.words for line in milestone.criteria.all()] == []
        winners[made.proposed_by_id] += 1
    assert len(winners) == 2, f"no race was run: {winners}"


def test_agreeing_to_what_done_means_against_releasing_has_one_outcome(award, erin, wes, at_once, available):
    """The list changes with the consent, or it stays and the change is overtaken; the dialog of before never pays."""
    outcomes, paid = Counter(), 0
    for turn in range(16):
        milestone = Milestone.objects.get(pk=hold(award, "x", 1_000).pk)
        change = CriteriaChange.propose(milestone, ["New"], by=erin, key=uuid.uuid4())
        verbs = [
            *[partial(change.agree, by=wes, key=uuid.uuid4()) for _ in range(2)],
            partial(change.take, "withdraw", by=erin, key=uuid.uuid4()),
            partial(milestone.release, 1_000, by=erin, key=uuid.uuid4(), seen=Seen(milestone.seen_version)),
        ]
        random.Random(turn).shuffle(verbs)
        at_once(verbs)
        change.refresh_from_db()
        now = Milestone.objects.get(pk=milestone.pk)
        assert [line.words for line in now.criteria.all()] == (["New"] if change.state == "agreed" else [])
        assert change.state == "withdrawn" or (change.state, now.state) in (
            ("agreed", "held"),
            ("overtaken", "released"),
        )
        paid += 1_000 * (now.state == "released")
        outcomes[change.state, now.state] += 1
    assert available(wes) == paid
    assert len(outcomes) > 1, f"no race was run: {outcomes}"
