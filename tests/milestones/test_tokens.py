"""Confirmations: good for one person, session, object, operation and moment (P15, P23, P25, P82)."""

import uuid

import pytest

from django.contrib.auth import get_user_model
from django.core import signing

from config.confirmation import SALT
from milestones.models import Milestone, MilestoneEvent
from tests import factories
from tests.situation import hold
from tests.steps import HTMX, ask, confirm, page

NOON = "2026-11-24 12:00:00 +0000"


@pytest.fixture
def release(milestone) -> str:
    return f"/milestones/{milestone.pk}/release/"


@pytest.fixture
def create(award) -> str:
    return f"/awards/{award.pk}/milestones/new/"


@pytest.fixture
def nothing_moves(milestone, erin, wes, held, available):
    """``nothing_moves(response, 422)``"""

    def nothing_moves(response, status: int) -> None:
        assert response.status_code == status, page(response)
        assert "Nothing was moved" in page(response)
        assert (held(milestone), available(erin), available(wes)) == (40_000, 60_000, 0)
        assert MilestoneEvent.objects.count() == 1
        assert Milestone.objects.count() == 1

    return nothing_moves


def test_an_expired_one_moves_nothing(release, create, milestone, erin, wes, signed_in, time_machine, nothing_moves):
    time_machine.move_to(NOON)
    client, wess = signed_in(erin), signed_in(wes)
    cancel = f"/milestones/{milestone.pk}/cancel/"
    tokens = {release: ask(client, release, amount="1"), create: ask(client, create, amount="1", task="x")}
    cancelling = ask(wess, cancel)
    time_machine.shift(601)
    for url, token in tokens.items():
        response = confirm(client, url, token)
        nothing_moves(response, 409)
        assert "You were asked too long ago." in page(response)
        assert "<dt>Held now</dt>" in page(response)
    nothing_moves(confirm(wess, cancel, cancelling), 409)


def test_one_is_good_for_ten_minutes(release, erin, signed_in, time_machine):
    time_machine.move_to(NOON, tick=False)
    client = signed_in(erin)
    token = ask(client, release, amount="1")
    time_machine.shift(600)
    assert confirm(client, release, token).status_code == 302


def test_an_expired_one_of_a_done_step_still_leads_to_its_receipt(
    release, create, milestone, erin, wes, signed_in, time_machine, held, available
):
    time_machine.move_to(NOON)
    client, wess = signed_in(erin), signed_in(wes)
    done = []
    for browser, url, typed in (
        (client, create, {"amount": "1", "task": "x"}),
        (client, release, {"amount": "1"}),
        (wess, f"/milestones/{milestone.pk}/cancel/", {}),
    ):
        token = ask(browser, url, **typed)
        done.append((browser, url, token, confirm(browser, url, token)["Location"]))
    time_machine.shift(86_400)
    for browser, url, token, receipt in done:
        assert confirm(browser, url, token)["Location"] == receipt
        assert browser.get(receipt).status_code == 200
    assert (held(milestone), available(wes)) == (0, 100)
    assert MilestoneEvent.objects.count() == 4


def test_an_altered_one_is_refused(release, erin, signed_in, nothing_moves):
    client = signed_in(erin)
    token = ask(client, release, amount="1")
    body, at, signature = token.split(":")
    swapped = signature[:-2] + ("AA" if signature[-2:] != "AA" else "BB")
    for altered in (
        "",
        " ",
        "x",
        "::",
        token[:-1],
        token + "x",
        token[1:],
        f"{body}:{at}:{swapped}",
        f"{body}x:{at}:{signature}",
        f"{body}:{at}x:{signature}",
        f"{body}:1vKDoU:{signature}",
        f"{body}:{at}:",
        f".{token}",
        "\0" + token,
        token + "\ud7ff",
        "é" * 10_000,
        ":" * 10_000,
    ):
        nothing_moves(confirm(client, release, altered), 422)
    dialog = confirm(client, release, token[:-1], headers=HTMX)
    nothing_moves(dialog, 422)
    assert "<html" not in page(dialog)


def test_the_right_shape_by_another_key_or_purpose_is_refused(milestone, release, erin, signed_in, nothing_moves):
    client = signed_in(erin)
    body = signing.loads(ask(client, release, amount="1"), salt=SALT)
    body["shown"]["amount"] = 40_000
    for forged in (
        signing.dumps(body, salt=SALT, key="another key", compress=True),
        signing.dumps(body, salt="another purpose", compress=True),
        signing.dumps(body),
    ):
        nothing_moves(confirm(client, release, forged), 422)


def test_one_of_an_older_release_of_the_code_is_refused(release, erin, signed_in, nothing_moves):
    client = signed_in(erin)
    body = signing.loads(ask(client, release, amount="100"), salt=SALT)
    del body["shape"], body["of"]
    nothing_moves(confirm(client, release, signing.dumps(body, salt=SALT)), 422)


def test_another_members_is_refused(release, milestone, erin, wes, signed_in, nothing_moves):
    """The freelancer can't use the employer's, nor a second employer another's."""
    token = ask(signed_in(erin), release, amount="1")
    nothing_moves(confirm(signed_in(wes), release, token), 422)
    cancel = f"/milestones/{milestone.pk}/cancel/"
    nothing_moves(confirm(signed_in(erin), cancel, ask(signed_in(wes), cancel)), 422)


def test_a_strangers_use_of_one_finds_nothing(release, create, erin, sam, signed_in, nothing_moves):
    client = signed_in(sam)
    for url, typed in ((release, {"amount": "1"}), (create, {"amount": "1", "task": "x"})):
        assert confirm(client, url, ask(signed_in(erin), url, **typed)).status_code == 404


def test_another_objects_is_refused(award, release, milestone, erin, signed_in, held):
    other = hold(award, "Another", 10_000)
    client = signed_in(erin)
    token = ask(client, f"/milestones/{other.pk}/release/", amount="1")
    assert confirm(client, release, token).status_code == 422
    assert (held(milestone), held(other)) == (40_000, 10_000)


def test_another_operations_is_refused(release, milestone, erin, wes, signed_in, nothing_moves):
    client = signed_in(erin)
    token = ask(client, release, amount="1")
    nothing_moves(confirm(client, f"/milestones/{milestone.pk}/cancel/", token), 422)
    wess = signed_in(wes)
    nothing_moves(confirm(wess, release, ask(wess, f"/milestones/{milestone.pk}/cancel/")), 422)


def test_a_creating_one_for_an_award_does_not_release_the_milestone_of_that_number(erin, wes, employer, signed_in):
    """The object's number alone proves nothing: the operation is part of the confirmation."""
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    client = signed_in(erin)
    milestone = hold(award, "x", 100)
    while milestone.pk < award.pk:
        milestone = hold(award, "x", 100)
    while award.pk < milestone.pk:
        award = factories.AwardFactory(employer=employer, freelancer=wes)
    assert award.pk == milestone.pk
    token = ask(client, f"/awards/{award.pk}/milestones/new/", amount="1", task="x")
    assert confirm(client, f"/milestones/{milestone.pk}/release/", token).status_code == 422


def test_one_ends_with_signing_out(release, create, erin, signed_in, nothing_moves):
    client = signed_in(erin)
    tokens = {release: ask(client, release, amount="1"), create: ask(client, create, amount="1", task="x")}
    client.logout()
    for url, token in tokens.items():
        signed_out = confirm(client, url, token)
        assert (signed_out.status_code, signed_out["Location"].split("?")[0]) == (302, "/accounts/login/")
    client.force_login(erin)
    for url, token in tokens.items():
        nothing_moves(confirm(client, url, token), 422)


def test_one_of_another_browser_of_the_same_member_is_refused(release, erin, signed_in, nothing_moves):
    token = ask(signed_in(erin), release, amount="1")
    nothing_moves(confirm(signed_in(erin), release, token), 422)


def test_a_member_who_was_shut_out_confirms_nothing(release, erin, signed_in, held, milestone):
    client = signed_in(erin)
    token = ask(client, release, amount="1")
    get_user_model().objects.filter(pk=erin.pk).update(is_active=False)
    assert confirm(client, release, token).status_code == 302
    assert held(milestone) == 40_000


def test_what_is_typed_beside_it_counts_for_nothing(release, milestone, erin, wes, signed_in, available):
    """Step two does what step one showed, whatever the second request says."""
    client = signed_in(erin)
    token = ask(client, release, amount="1")
    client.post(release, {"token": token, "amount": "400", "task": "x", "key": str(uuid.uuid4())})
    assert available(wes) == 100


def test_in_an_address_it_is_nothing(release, erin, signed_in, nothing_moves):
    client = signed_in(erin)
    token = ask(client, release, amount="1")
    assert client.get(release, {"token": token}).status_code == 200
    assert client.post(f"{release}?token={token}").status_code == 422
    assert MilestoneEvent.objects.count() == 1


# --- P25: what may have happened between the two steps ---------------------------------------------------------


def released_by_another_window(milestone, erin, wes):
    milestone.release(12_345, by=erin, key=uuid.uuid4())


def released_in_full(milestone, erin, wes):
    milestone.release(40_000, by=erin, key=uuid.uuid4())


def cancelled(milestone, erin, wes):
    milestone.cancel(by=wes, key=uuid.uuid4())


@pytest.mark.parametrize("step", ["release", "cancel"])
@pytest.mark.parametrize(
    ("event", "state", "now", "paid"),
    [
        (released_by_another_window, "Held", "276.55", "123.45"),
        (released_in_full, "Released", "0.00", "400.00"),
        (cancelled, "Cancelled", "0.00", "0.00"),
    ],
)
def test_p25_a_changed_milestone_moves_nothing_and_shows_what_is_true(
    milestone, erin, wes, signed_in, step, event, state, now, paid
):
    client, url = signed_in({"release": erin, "cancel": wes}[step]), f"/milestones/{milestone.pk}/{step}/"
    token = ask(client, url, **({"amount": "1"} if step == "release" else {}))
    event(milestone, erin, wes)
    before = MilestoneEvent.objects.count()
    for headers in ({}, HTMX):
        response = confirm(client, url, token, headers=headers)
        text = page(response)
        assert response.status_code == 409
        assert f"<dt>State</dt><dd>{state}</dd>" in text
        assert f'<dt>Held now</dt><dd><data value="{now}">€{now}</data>' in text
        assert f'<dt>Released so far</dt><dd><data value="{paid}">€{paid}</data>' in text
        assert MilestoneEvent.objects.count() == before
    assert f'href="{milestone.get_absolute_url()}"' in page(confirm(client, url, token))


@pytest.mark.parametrize("step", ["cancel", "withdraw"])
@pytest.mark.parametrize("end", ["accept", "decline", "revoke"])
def test_p25_a_changed_award_moves_nothing_and_shows_what_is_true(
    offer, offered, erin, wes, signed_in, held, available, step, end
):
    client, url = signed_in({"withdraw": erin, "cancel": wes}[step]), f"/milestones/{offered.pk}/cancel/"
    token = ask(client, url)
    getattr(offer, end)(by={"revoke": erin}.get(end, wes), key=uuid.uuid4())
    left = {"accept": 20_000}.get(end, 0)
    response = confirm(client, url, token)
    label = {"accept": "In progress", "decline": "Declined", "revoke": "Revoked"}[end]
    assert response.status_code == 409
    assert f"<dt>Award</dt><dd>{label}</dd>" in page(response)
    assert f'<dt>Held now</dt><dd><data value="{left / 100:.2f}">' in page(response)
    assert (held(offered), available(erin)) == (left, 100_000 - left)
    assert not MilestoneEvent.objects.filter(action__in=("cancel", "withdraw")).exists()


def test_p82_a_refused_confirmation_leads_back_to_step_one(release, create, erin, signed_in):
    client = signed_in(erin)
    for url in (release, create):
        text = page(confirm(client, url, "made:by:hand"))
        assert f'href="{url}">Start again</a>' in text
        assert client.get(url).status_code == 200
