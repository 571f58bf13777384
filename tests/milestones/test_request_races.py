"""Requests for milestones, many at once over real connections: one answer each, and money held only for it (P25, P30)."""

import random
import uuid
from collections import Counter
from functools import partial

import pytest

from milestones.lifecycle import MOST_WAITING
from milestones.models import AskEvent, Milestone, MilestoneRequest
from tests.milestones.test_races import at_once, browsers, erin, pool, wes  # noqa: F401
from tests.milestones.test_requests import asked, made_of
from tests.steps import ask, confirm

pytestmark = pytest.mark.django_db(transaction=True)


def test_p30_many_who_make_a_milestone_of_one_request_make_one(award, erin, at_once, available):  # noqa: F811
    request = asked(award, 1_000)
    results = at_once([partial(made_of, request) for _ in range(12)])
    assert sum(isinstance(result, Milestone) for result in results) == 1
    assert Milestone.objects.get().request == request
    assert available(erin) == 99_000
    assert AskEvent.objects.filter(action="fulfil").count() == 1


def test_p30_a_double_click_in_two_windows_makes_one(award, erin, signed_in, pool, browsers, available):  # noqa: F811
    request = asked(award)
    client, url = signed_in(erin), f"/awards/{award.pk}/milestones/new/"
    token = ask(client, url, amount="250", task="Map", request=str(request.pk))
    answers = list(pool.map(lambda _: confirm(browsers(client), url, token), range(24)))
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, Milestone.objects.get().events.get().get_absolute_url())
    }
    assert available(erin) == 75_000


@pytest.mark.parametrize("change", ["withdraw", "edit", "decline"])
def test_p25_p30_changing_against_making_has_one_winner(
    award,
    erin,
    wes,
    signed_in,
    pool,
    browsers,
    at_once,
    available,
    change,  # noqa: F811
):
    """In two windows at the same moment: either the milestone is there, or the request is changed, never both."""
    client, url, outcomes = signed_in(erin), f"/awards/{award.pk}/milestones/new/", Counter()
    for turn in range(16):
        request = asked(award, 1_000)
        token = ask(client, url, amount="10", task="Map", request=str(request.pk))
        changes = {
            "withdraw": partial(request.take, "withdraw", by=wes, key=uuid.uuid4()),
            "edit": partial(request.edit, by=wes, key=uuid.uuid4(), task="Map", amount=2_000, advance=False),
            "decline": partial(request.take, "decline", by=erin, key=uuid.uuid4(), note="No."),
        }
        verbs = [lambda token=token: confirm(browsers(client), url, token), changes[change]]
        random.Random(turn).shuffle(verbs)
        results = at_once(verbs)
        status = next(result.status_code for result in results if hasattr(result, "status_code"))
        request.refresh_from_db()
        outcomes[status] += 1
        if status == 302:
            assert (request.state, request.amount, request.made.amount) == ("agreed", 1_000, 1_000)
        else:
            assert status == 409
            assert request.made is None
            assert request.state == {"withdraw": "withdrawn", "edit": "waiting", "decline": "refused"}[change]
        if request.state == "waiting":
            request.take("withdraw", by=wes, key=uuid.uuid4())
    assert Milestone.objects.count() == outcomes[302]
    assert available(erin) == 100_000 - 1_000 * outcomes[302]
    assert len(outcomes) == 2, f"no race was run: {outcomes}"


def test_p30_no_more_wait_than_may(award, at_once):  # noqa: F811
    for _each in range(MOST_WAITING - 3):
        asked(award, 100)
    at_once([partial(asked, award, 100) for _ in range(12)])
    assert MilestoneRequest.objects.filter(state="waiting").count() == MOST_WAITING


def test_p30_one_form_sent_many_times_asks_once(award, wes, signed_in, pool, browsers):  # noqa: F811
    client, url = signed_in(wes), f"/awards/{award.pk}/milestone-requests/new/"
    typed = {"amount": "5", "task": "Map", "key": str(uuid.uuid4())}
    answers = Counter(a.status_code for a in pool.map(lambda _: browsers(client).post(url, typed), range(24)))
    assert answers == {302: 24}
    assert MilestoneRequest.objects.count() == 1
