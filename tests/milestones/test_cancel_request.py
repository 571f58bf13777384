"""After acceptance the employer asks to cancel; the freelancer agrees or refuses (P35)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from accounts import todo
from config.refusals import WrongState
from milestones.models import AskEvent, CancelRequest, Milestone, MilestoneEvent
from milestones.ways_on import ways_on
from tests import factories
from tests.situation import hold
from tests.steps import HTMX, ask, confirm, error_at, page, token_of


@pytest.fixture
def asked(milestone, erin) -> CancelRequest:
    """Erin has asked Wes to cancel the milestone of €400.00."""
    return ask_to_cancel(milestone, erin)


def ask_to_cancel(milestone, by, key=None) -> CancelRequest:
    about = {"milestone": milestone, "note": "The house is sold."}
    return CancelRequest.ask(milestone.award, by=by, key=key or uuid.uuid4(), **about)


def key_in(response) -> str:
    return page(response).split('name="key" value="')[1].split('"')[0]


def agreeing(ask: CancelRequest) -> str:
    return f"/cancel-requests/{ask.pk}/agree/"


def told(member) -> list[str]:
    return list(member.notifications.order_by("id").values_list("kind", flat=True))


def test_p35_before_acceptance_it_is_not_offered_since_the_employer_can_cancel(offered, erin, signed_in):
    client, url = signed_in(erin), f"/milestones/{offered.pk}/cancel-request/"
    assert url not in page(client.get(offered.get_absolute_url()))
    response = client.get(url)
    assert response.status_code == 409
    assert "Until then you can cancel a milestone by yourself." in page(response)
    with pytest.raises(WrongState):
        ask_to_cancel(offered, erin)


def test_p35_the_employer_asks_with_a_reason_and_the_freelancer_is_told(milestone, erin, wes, signed_in, held):
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/cancel-request/"
    assert f'href="{url}"' in page(client.get(milestone.get_absolute_url()))
    form = client.get(url)
    for empty in ("", "  \n "):
        response = client.post(url, {"key": key_in(form), "reason": empty})
        assert response.status_code == 422
        assert error_at(response, "reason") == "This field is required."
    assert not CancelRequest.objects.exists()
    typed = {"key": key_in(form), "reason": "The house is sold."}
    answers = {client.post(url, typed)["Location"] for _ in range(3)}
    assert answers == {milestone.get_absolute_url()}, "pressed three times, it leads to the same place"
    made = CancelRequest.objects.get()
    assert (made.state, made.note, made.milestone, made.award) == (
        "waiting", "The house is sold.", milestone, milestone.award,
    )  # fmt: skip
    assert held(milestone) == 40_000, "asking moves nothing"
    assert wes.notifications.filter(kind="cancel-asked").count() == 1
    text = page(signed_in(wes).get(wes.notifications.get(kind="cancel-asked").path.split("#")[0]))
    assert "Erin asks you to cancel this milestone and return what is held." in text
    assert "“The house is sold.”" in text
    assert f'href="{agreeing(made)}"' in text
    mine = page(client.get(milestone.get_absolute_url()))
    assert url not in mine, "it can't be asked twice"
    assert f"/cancel-requests/{made.pk}/withdraw/" in mine
    assert "/agree/" not in mine


def test_p35_one_waits_at_a_time(asked, milestone, erin, signed_in):
    with pytest.raises(WrongState, match="You have asked for it already"):
        ask_to_cancel(milestone, erin)
    url = f"/milestones/{milestone.pk}/cancel-request/"
    assert signed_in(erin).post(url, {"reason": "Again", "key": str(uuid.uuid4())}).status_code == 409
    with pytest.raises(IntegrityError), transaction.atomic():
        CancelRequest.objects.create(award=milestone.award, milestone=milestone, state="waiting")
    assert CancelRequest.objects.count() == 1


def test_p35_agreeing_asks_twice_and_returns_all_that_is_held(asked, milestone, erin, wes, signed_in, available, held):
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    client, url = signed_in(wes), agreeing(asked)
    first = page(client.get(url))
    assert "The house is sold." in first
    assert '<dt>Goes back to Erin</dt><dd><data value="250.00">€250.00</data>' in first
    assert 'name="token"' not in first
    response = client.post(url)
    assert "Return €250.00 to Erin?" in page(response)
    assert ">Yes, cancel the milestone</button>" in page(response)
    assert held(milestone) == 25_000
    token = token_of(response)
    answers = [confirm(client, url, token) for _ in range(3)]
    event = MilestoneEvent.objects.get(action="cancel")
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, event.get_absolute_url())}
    asked.refresh_from_db()
    milestone.refresh_from_db()
    assert (asked.state, milestone.state, held(milestone)) == ("agreed", "cancelled", 0)
    assert (available(erin), available(wes)) == (85_000, 15_000)
    assert erin.notifications.filter(kind="milestone-cancelled-by-freelancer").count() == 1
    consent = AskEvent.objects.get(action="agree")
    assert (consent.key, consent.actor, consent.amount, consent.address) == (event.key, wes, 25_000, "127.0.0.1")
    assert consent.shown["amount"] == 25_000
    receipt = page(client.get(event.get_absolute_url()))
    assert "<dt>Asked for by</dt><dd>Erin Vogel: “The house is sold.”</dd>" in receipt


def test_p35_agreeing_gives_the_employers_fee_back_too(rates, employer, wes, available):
    rates("EUR=8%", "EUR=5%")
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    milestone = hold(award, "Map", 40_000)
    assert available(employer) == 58_000
    ask_to_cancel(milestone, employer).agree(by=wes, key=uuid.uuid4())
    assert available(employer) == 100_000


def test_p35_in_a_dialog_it_leads_to_the_receipt(asked, wes, signed_in):
    client, url = signed_in(wes), agreeing(asked)
    assert b"<html" not in client.get(url, headers=HTMX).content
    answer = confirm(client, url, ask(client, url), headers=HTMX)
    assert answer["HX-Redirect"] == MilestoneEvent.objects.get(action="cancel").get_absolute_url()


@pytest.mark.parametrize("meanwhile", ["release", "withdraw", "refuse", "cancel", "release all"])
def test_p25_a_stale_confirmation_moves_nothing(asked, milestone, erin, wes, signed_in, held, meanwhile):
    client, url = signed_in(wes), agreeing(asked)
    token = ask(client, url)
    {
        "release": lambda: milestone.release(100, by=erin, key=uuid.uuid4()),
        "release all": lambda: milestone.release(40_000, by=erin, key=uuid.uuid4()),
        "cancel": lambda: milestone.cancel(by=wes, key=uuid.uuid4()),
        "withdraw": lambda: asked.take("withdraw", by=erin, key=uuid.uuid4()),
        "refuse": lambda: asked.take("refuse", by=wes, key=uuid.uuid4(), note="No."),
    }[meanwhile]()
    before = (held(milestone), MilestoneEvent.objects.count())
    assert confirm(client, url, token).status_code == 409
    assert (held(milestone), MilestoneEvent.objects.count()) == before
    asked.refresh_from_db()
    ends = {"release": "waiting", "withdraw": "withdrawn", "refuse": "refused"}
    assert asked.state == ends.get(meanwhile, "overtaken")


def test_p35_after_a_partial_release_it_goes_on_waiting_for_what_is_held_now(asked, milestone, erin, wes, signed_in):
    milestone.release(15_000, by=erin, key=uuid.uuid4())
    client = signed_in(wes)
    assert "Return €250.00 to Erin?" in page(client.post(agreeing(asked)))


def test_p35_where_it_is_refused_the_page_says_so_and_leads_on(asked, milestone, erin, wes, signed_in, held):
    client, url = signed_in(wes), f"/cancel-requests/{asked.pk}/refuse/"
    form = client.get(url)
    assert client.post(url, {"key": key_in(form), "reason": ""}).status_code == 422
    typed = {"key": key_in(form), "reason": "I have nearly finished."}
    assert {client.post(url, typed).status_code for _ in range(3)} == {302}
    asked.refresh_from_db()
    assert (asked.state, asked.answer, held(milestone)) == ("refused", "I have nearly finished.", 40_000)
    assert AskEvent.objects.filter(action="refuse").count() == 1
    (notice,) = erin.notifications.filter(kind="cancel-refused")
    assert notice.words["reason"] == "“I have nearly finished.”"
    for reader in (erin, wes):
        text = page(signed_in(reader).get(milestone.get_absolute_url()))
        assert "“I have nearly finished.”" in text
        assert 'aria-label="What you can do now' in text
        other = "Wes" if reader == erin else "Erin"
        assert f'href="/awards/{milestone.award_id}/messages/">Write to {other}<' in text
    # It can be asked again, which takes the old answer's place.
    again = ask_to_cancel(milestone, erin)
    text = page(signed_in(erin).get(milestone.get_absolute_url()))
    assert 'aria-label="What you can do now' not in text
    assert f"/cancel-requests/{again.pk}/withdraw/" in text


def test_p35_p36_the_ways_on_are_those_that_are_there(milestone, erin):
    write = {"label": "Write to Wes", "url": f"/awards/{milestone.award_id}/messages/"}
    assert ways_on(milestone, erin, dispute=True)[0] == write
    assert {(way["label"], way["url"]) for way in ways_on(milestone, erin, dispute=True)} >= {
        ("Open a dispute", f"/milestones/{milestone.pk}/dispute/"),
        ("Chat Now!", f"/support/new/?about=milestone-{milestone.pk}"),
    }
    assert "Open a dispute" not in {way["label"] for way in ways_on(milestone, erin, dispute=False)}
    milestone.state = Milestone.State.RELEASED
    assert "Open a dispute" not in {way["label"] for way in ways_on(milestone, erin, dispute=True)}


def test_p35_the_employer_takes_it_back(asked, milestone, erin, wes, signed_in):
    client, url = signed_in(erin), f"/cancel-requests/{asked.pk}/withdraw/"
    assert "You asked Wes to cancel this milestone" in page(client.get(url))
    key = key_in(client.get(url))
    assert {client.post(url, {"key": key}).status_code for _ in range(3)} == {302}
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    assert wes.notifications.filter(kind="cancel-withdrawn").count() == 1
    assert client.post(url, {"key": str(uuid.uuid4())}).status_code == 409
    assert signed_in(wes).get(agreeing(asked)).status_code == 409


@pytest.mark.parametrize(
    ("step", "who"), [("agree", "erin"), ("refuse", "erin"), ("withdraw", "wes"), ("ask", "wes"), ("ask", "sam")]
)
def test_nobody_takes_anothers_step(asked, milestone, erin, wes, sam, step, who):
    by = {"erin": erin, "wes": wes, "sam": sam}[who]
    take = {"ask": lambda: ask_to_cancel(milestone, by), "agree": lambda: asked.agree(by=by, key=uuid.uuid4())}
    with pytest.raises(PermissionDenied):
        take.get(step, lambda: asked.take(step, by=by, key=uuid.uuid4()))()
    asked.refresh_from_db()
    assert asked.state == "waiting"


@pytest.mark.parametrize("end", ["withdraw", "refuse", "agree"])
@pytest.mark.parametrize("step", ["withdraw", "refuse", "agree"])
def test_what_has_an_end_has_no_other(asked, erin, wes, step, end):
    def take(name):
        by = erin if name == "withdraw" else wes
        if name == "agree":
            return asked.agree(by=by, key=uuid.uuid4())
        return asked.take(name, by=by, key=uuid.uuid4(), note="x")

    take(end)
    asked.refresh_from_db()
    ended = asked.state
    with pytest.raises(WrongState):
        take(step)
    asked.refresh_from_db()
    assert asked.state == ended


def test_another_freelancer_on_the_project_and_a_stranger_learn_nothing(asked, ana, sam, signed_in):
    bid = factories.BidFactory(project=asked.award.project, freelancer=ana)
    factories.accepted(factories.award(bid))
    for person in (ana, sam):
        for step in ("agree", "refuse", "withdraw"):
            assert signed_in(person).get(f"/cancel-requests/{asked.pk}/{step}/").status_code == 404
            assert signed_in(person).post(f"/cancel-requests/{asked.pk}/{step}/", {"token": "x"}).status_code == 404


def test_it_stands_in_the_history_with_its_words(asked, milestone, erin, wes, signed_in):
    asked.take("refuse", by=wes, key=uuid.uuid4(), note="Not yet.")
    milestone.release(100, by=erin, key=uuid.uuid4())
    second = ask_to_cancel(milestone, erin)
    second.agree(by=wes, key=uuid.uuid4())
    steps = signed_in(erin).get(milestone.get_absolute_url()).context["timeline"]
    assert [step["sentence"] for step in steps] == [
        "Wes Adeyemi cancelled: €399.00 went back",
        "Wes Adeyemi agreed to cancel: €399.00",
        "Erin Vogel asked to cancel the milestone",
        "Erin Vogel released €1.00",
        "Wes Adeyemi refused to cancel",
        "Erin Vogel asked to cancel the milestone",
        "Erin Vogel put €400.00 on hold",
    ]
    assert [step["note"] for step in steps if step["note"]] == ["The house is sold.", "Not yet.", "The house is sold."]


def test_both_sides_find_it_in_their_lists(asked, milestone, erin, wes, signed_in):
    (mine,) = [entry for entry in todo.all_of(wes) if "cancel" in entry.words]
    assert (mine.mine, mine.url, mine.minor, mine.currency) == (True, agreeing(asked), 40_000, "EUR")
    (theirs,) = [entry for entry in todo.all_of(erin) if "cancel" in entry.words]
    assert (theirs.mine, theirs.url) == (False, milestone.get_absolute_url())
    for reader, words in ((wes, "Waiting for you"), (erin, "Waiting")):
        text = page(signed_in(reader).get(milestone.award.project.get_absolute_url()))
        assert f'href="{milestone.get_absolute_url()}#cancel-request"' in text
        assert words in text
    asked.take("withdraw", by=erin, key=uuid.uuid4())
    assert [entry for entry in todo.all_of(wes) if "cancel" in entry.words] == []


def test_staff_read_what_was_asked(asked, milestone, admin_client):
    text = page(admin_client.get(reverse("admin:milestones_milestone_change", args=[milestone.pk])))
    assert "cancel-request" in text
    assert "The house is sold." in text


@pytest.mark.parametrize("column", ["note = 'x'", "asked_at = now()", "milestone_id = milestone_id + 1"])
def test_what_was_asked_never_changes(asked, column):
    for statement in (f"UPDATE milestones_cancelrequest SET {column}", "DELETE FROM milestones_cancelrequest"):
        with pytest.raises(Exception, match="history"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
