"""What was released comes back when the freelancer agrees, twice asked, and not otherwise (P36)."""

import uuid

import pytest

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts import todo
from config.refusals import KeyConflict, WrongState
from finances.ledger.models import Account, Transfer
from milestones.escrow import InsufficientFunds
from milestones.models import AskEvent, Milestone, MilestoneEvent, ReturnRequest, Sums
from tests import factories
from tests.money import EUR
from tests.situation import hold
from tests.steps import ask, confirm, error_at, page, token_of


@pytest.fixture
def paid(milestone, erin) -> Milestone:
    """€150.00 of €400.00 released, in two parts."""
    milestone.release(10_000, by=erin, key=uuid.uuid4())
    milestone.release(5_000, by=erin, key=uuid.uuid4())
    return milestone


@pytest.fixture
def asked(paid, erin) -> ReturnRequest:
    """Erin has asked for €40.00 of it back."""
    return ask_back(paid, 4_000, erin)


def ask_back(milestone, amount, by, key=None) -> ReturnRequest:
    about = {"milestone": milestone, "amount": amount, "note": "A page is missing."}
    return ReturnRequest.ask(milestone.award, by=by, key=key or uuid.uuid4(), **about)


def key_in(response) -> str:
    return page(response).split('name="key" value="')[1].split('"')[0]


def agreeing(ask: ReturnRequest) -> str:
    return f"/return-requests/{ask.pk}/agree/"


def spend(member, amount) -> None:
    """Let *member* hold *amount* for somebody else."""
    hold(factories.AwardFactory(employer=member), "Elsewhere", amount)


def test_p36_a_released_sum_shows_work_it_out_and_no_cancel(milestone, erin, signed_in):
    client, url = signed_in(erin), f"/milestones/{milestone.pk}/return-request/"
    assert url not in page(client.get(milestone.get_absolute_url())), "nothing was released yet"
    response = client.get(url)
    assert response.status_code == 409
    assert "Nothing of this milestone was released" in page(response)
    milestone.release(40_000, by=erin, key=uuid.uuid4())
    text = page(client.get(milestone.get_absolute_url()))
    assert f'href="{url}"' in text
    assert ">Work it out<" in text
    assert f"/milestones/{milestone.pk}/cancel" not in text
    assert "dispute" not in text.lower()


def test_p36_the_employer_asks_for_some_with_a_reason(paid, erin, wes, signed_in, available):
    client, url = signed_in(erin), f"/milestones/{paid.pk}/return-request/"
    form = client.get(url)
    text = page(form)
    assert "it comes back only if Wes agrees" in text
    assert '<dt>Can be asked back</dt><dd><data value="150.00">€150.00</data>' in text
    assert 'aria-label="What you can do now' in text
    typed = {"key": key_in(form), "amount": "40", "reason": "A page is missing."}
    assert {client.post(url, typed)["Location"] for _ in range(3)} == {paid.get_absolute_url()}
    made = ReturnRequest.objects.get()
    assert (made.amount, made.state, made.note) == (4_000, "waiting", "A page is missing.")
    assert (available(erin), available(wes)) == (60_000, 15_000), "asking moves nothing"
    assert wes.notifications.filter(kind="return-asked").count() == 1
    text = page(signed_in(wes).get(paid.get_absolute_url()))
    assert "Erin asks you to return €40.00 of what was released to you." in text
    assert f'href="{agreeing(made)}"' in text
    assert url not in page(client.get(paid.get_absolute_url())), "one at a time"


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "more than zero"),
        ("-1", ""),
        ("150.01", "Only €150.00 can be asked back."),
        ("1.234", ""),
        ("x", ""),
        ("", "Enter an amount."),
    ],
)
def test_p36_an_amount_that_can_not_be_asked_is_told_at_its_field(paid, erin, signed_in, amount, words):
    url = f"/milestones/{paid.pk}/return-request/"
    response = signed_in(erin).post(url, {"amount": amount, "reason": "Why"})
    assert response.status_code == 422
    assert words.lower() in error_at(response, "amount").lower()
    assert not ReturnRequest.objects.exists()


@pytest.mark.parametrize("amount", [0, -1, 15_001])
def test_p36_the_verb_refuses_such_an_amount_too(paid, erin, amount):
    with pytest.raises(WrongState, match=r"€150\.00 was released and can still be asked back"):
        ask_back(paid, amount, erin)


def test_p36_a_reason_is_required(paid, erin, signed_in):
    response = signed_in(erin).post(f"/milestones/{paid.pk}/return-request/", {"amount": "1", "reason": " "})
    assert response.status_code == 422
    assert error_at(response, "reason") == "This field is required."


def test_p36_the_freelancer_consents_in_two_steps_and_then_it_moves(asked, paid, erin, wes, signed_in, available, held):
    client, url = signed_in(wes), agreeing(asked)
    first = page(client.get(url))
    assert "Erin asks for €40.00 back" in first
    assert "A page is missing." in first
    assert "Nothing moves unless you agree." in first
    assert 'name="token"' not in first
    response = client.post(url)
    text = page(response)
    assert "Return €40.00 to Erin?" in text
    assert '<dt>Left available afterwards</dt><dd><data value="110.00">€110.00</data>' in text
    assert '<dt>You keep of what was released</dt><dd><data value="110.00">€110.00</data>' in text
    assert (available(erin), available(wes)) == (60_000, 15_000)
    token = token_of(response)
    answers = [confirm(client, url, token) for _ in range(3)]
    event = MilestoneEvent.objects.get(action="take-back")
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, event.get_absolute_url())}
    assert (available(erin), available(wes), held(paid)) == (64_000, 11_000, 25_000)
    transfer = event.transfer
    assert (transfer.kind, transfer.amount, transfer.key) == ("refund", 4_000, event.key)
    assert (transfer.debit_account, transfer.credit_account) == (
        Account.wallet(wes.pk, "EUR"), Account.wallet(erin.pk, "EUR"),
    )  # fmt: skip
    assert (event.held_after, event.freelancer_fee, event.employer_fee, event.actor) == (25_000, 0, 0, wes)
    assert event.shown["amount"] == 4_000
    asked.refresh_from_db()
    paid.refresh_from_db()
    assert (asked.state, paid.state) == ("agreed", "held")
    assert erin.notifications.filter(kind="return-agreed").count() == 1
    assert AskEvent.objects.filter(action="agree", key=event.key, amount=4_000).count() == 1


def test_p26_its_receipt_is_for_both(asked, erin, wes, signed_in):
    event = asked.agree(by=wes, key=uuid.uuid4())
    for reader in (erin, wes):
        client = signed_in(reader)
        text = page(client.get(event.get_absolute_url()))
        assert "<h1>Returned after release</h1>" in text
        assert "<dt>From</dt><dd>Wes Adeyemi's available funds</dd>" in text
        assert "<dt>Returned to</dt><dd>Erin Vogel</dd>" in text
        assert "Erin Vogel: “A page is missing.”" in text
        assert "The money is back in Erin's available funds." in text
        csv = b"".join(client.get(f"/receipts/{event.pk}.csv").streaming_content).decode()
        assert "Returned after release" in csv
        assert "40.00" in csv
        assert client.get(f"/receipts/{event.pk}.pdf").status_code == 200


def test_p53_the_figures_say_what_was_released_returned_and_kept(asked, paid, erin, wes, signed_in):
    asked.agree(by=wes, key=uuid.uuid4())
    ask_back(paid, 1_000, erin).agree(by=wes, key=uuid.uuid4())
    for reader in (erin, wes):
        client = signed_in(reader)
        text = page(client.get(paid.get_absolute_url()))
        for name, value in (("Released", "150.00"), ("Returned after release", "50.00"), ("Kept by Wes", "100.00")):
            assert (
                f'<dt>{name}</dt><dd class="figure"><a class="figure-link" href="#history"><data value="{value}">'
                in text
            )
        assert "€150.00 released, €50.00 of it returned since, and €250.00 held of €400.00" in text
        assert "Wes Adeyemi agreed and returned €40.00 of what was released" in text
        money = page(client.get(f"/awards/{paid.award_id}/money/"))
        assert '<dt>Returned after release</dt><dd><data value="50.00">' in money
        assert '<dt>Released and kept by Wes</dt><dd><data value="100.00">' in money
        for transfer in Transfer.objects.filter(kind="refund"):
            assert f'href="/transfers/{transfer.pk}/"' in money or f"T{transfer.pk}" in money
            opened = page(client.get(f"/finances/transfers/{transfer.pk}/"))
            assert "<h1>Returned after release</h1>" in opened
            assert "Wes Adeyemi's available funds" in opened
        panel = page(client.get(paid.award.project.get_absolute_url()))
        assert "<dt>Returned after release</dt>" in panel


def test_p13_what_was_returned_is_no_longer_committed(asked, paid, erin, wes, signed_in):
    asked.agree(by=wes, key=uuid.uuid4())
    sums = Milestone.objects.filter(award=paid.award).sums_by_award()[paid.award_id]
    assert sums == Sums(1, 40_000, 25_000, 15_000, 4_000)
    assert (sums.committed, sums.kept) == (36_000, 11_000)
    text = page(signed_in(erin).get(f"/awards/{paid.award_id}/milestones/new/"))
    assert '<data value="360.00">€360.00</data>' in text.split("Already committed")[1].split("</div>")[0]
    assert '<data value="640.00">€640.00</data>' in text.split("<dt>Left</dt>")[1].split("</div>")[0]
    text = page(signed_in(wes).get(f"/awards/{paid.award_id}/milestone-requests/new/"))
    assert '<data value="360.00">€360.00</data>' in text.split("Already committed")[1].split("</div>")[0]
    assert '<data value="640.00">€640.00</data>' in text.split("<dt>Left</dt>")[1].split("</div>")[0]
    panel = page(signed_in(erin).get(paid.award.project.get_absolute_url()))
    assert '<data value="640.00">' in panel.split("Not yet funded")[1].split("</div>")[0]


def test_p36_no_more_comes_back_than_was_released(paid, erin, wes, signed_in):
    ask_back(paid, 14_000, erin).agree(by=wes, key=uuid.uuid4())
    with pytest.raises(WrongState):
        ask_back(paid, 1_001, erin)
    ask_back(paid, 1_000, erin).agree(by=wes, key=uuid.uuid4())
    url = f"/milestones/{paid.pk}/return-request/"
    assert url not in page(signed_in(erin).get(paid.get_absolute_url()))
    response = signed_in(erin).get(url)
    assert response.status_code == 409
    assert "All that was released of this milestone has been returned." in page(response)
    paid.release(500, by=erin, key=uuid.uuid4())
    assert paid.returnable() == 500, "what is released later can be asked back again"


def test_p36_agreeing_looks_again_at_what_can_come_back(asked, paid, erin, wes, tamper, available):
    """A request that was made larger by somebody past the verbs takes no more than was released."""
    tamper("UPDATE milestones_returnrequest SET amount = 15001 WHERE id = %s", asked.pk)
    with pytest.raises(WrongState):
        asked.agree(by=wes, key=uuid.uuid4())
    assert available(wes) == 15_000


def test_p36_with_too_little_available_it_says_what_is_missing_and_moves_nothing(
    asked, erin, wes, fund, signed_in, available
):
    spend(wes, 12_000)
    client, url = signed_in(wes), agreeing(asked)
    for response, status in ((client.get(url), 200), (client.post(url), 422)):
        assert response.status_code == status
        text = page(response)
        assert "€10.00 is missing" in text
        assert 'href="/finances/deposit/?currency=EUR"' in text
        assert 'name="token"' not in text
    with pytest.raises(InsufficientFunds):
        asked.agree(by=wes, key=uuid.uuid4())
    asked.refresh_from_db()
    assert (asked.state, available(wes)) == ("waiting", 3_000)
    assert not AskEvent.objects.filter(action="agree").exists()
    fund(wes, EUR("10.00"))
    assert confirm(client, url, ask(client, url)).status_code == 302
    assert available(wes) == 0


def test_p36_what_is_gone_between_the_steps_moves_nothing(asked, wes, signed_in, available):
    client, url = signed_in(wes), agreeing(asked)
    token = ask(client, url)
    spend(wes, 12_000)
    response = confirm(client, url, token)
    text = page(response)
    assert response.status_code == 409
    assert "the request goes on waiting" in text
    assert '<dt>Missing</dt><dd><data value="10.00">€10.00</data>' in text
    assert 'href="/finances/deposit/?currency=EUR"' in text
    asked.refresh_from_db()
    assert (asked.state, available(wes)) == ("waiting", 3_000)


def test_p36_a_wallet_that_never_was_has_nothing(award, erin, signed_in, wes, rates):
    """Who was paid has one; the page says all the same what is missing, not an error."""
    milestone = hold(award, "x", 1_000)
    milestone.release(1_000, by=erin, key=uuid.uuid4())
    spend(wes, 1_000)
    asked = ask_back(milestone, 1_000, erin)
    assert "€10.00 is missing" in page(signed_in(wes).get(agreeing(asked)))


def test_p36_refused_with_a_reason_it_leads_on(asked, paid, erin, wes, signed_in, available):
    client, url = signed_in(wes), f"/return-requests/{asked.pk}/refuse/"
    form = client.get(url)
    assert client.post(url, {"key": key_in(form), "reason": ""}).status_code == 422
    assert client.post(url, {"key": key_in(form), "reason": "It is page 7."})["Location"] == paid.get_absolute_url()
    asked.refresh_from_db()
    assert (asked.state, asked.answer, available(wes)) == ("refused", "It is page 7.", 15_000)
    assert erin.notifications.get(kind="return-refused").words["reason"] == "“It is page 7.”"
    text = page(signed_in(erin).get(paid.get_absolute_url()))
    assert "“It is page 7.”" in text
    assert 'aria-label="What you can do now' in text
    assert f'href="/milestones/{paid.pk}/return-request/"' in text, "it can be asked again"


def test_p36_the_employer_takes_it_back(asked, erin, wes, signed_in):
    client, url = signed_in(erin), f"/return-requests/{asked.pk}/withdraw/"
    key = key_in(client.get(url))
    assert {client.post(url, {"key": key}).status_code for _ in range(2)} == {302}
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    assert wes.notifications.filter(kind="return-withdrawn").count() == 1
    assert signed_in(wes).get(agreeing(asked)).status_code == 409


@pytest.mark.parametrize("meanwhile", ["release", "withdraw", "refuse", "cancel"])
def test_p25_a_stale_confirmation_moves_nothing(asked, paid, erin, wes, signed_in, available, meanwhile):
    client, url = signed_in(wes), agreeing(asked)
    token = ask(client, url)
    {
        "release": lambda: paid.release(100, by=erin, key=uuid.uuid4()),
        "cancel": lambda: paid.cancel(by=wes, key=uuid.uuid4()),
        "withdraw": lambda: asked.take("withdraw", by=erin, key=uuid.uuid4()),
        "refuse": lambda: asked.take("refuse", by=wes, key=uuid.uuid4(), note="No."),
    }[meanwhile]()
    before = (available(erin), available(wes))
    assert confirm(client, url, token).status_code == 409
    assert (available(erin), available(wes)) == before
    asked.refresh_from_db()
    ends = {"withdraw": "withdrawn", "refuse": "refused"}
    assert asked.state == ends.get(meanwhile, "waiting"), "the end of the milestone is not its end"


def test_p25_it_makes_dialogs_stale_that_show_the_milestone_or_what_is_committed(asked, paid, erin, wes, signed_in):
    client = signed_in(erin)
    release, create = f"/milestones/{paid.pk}/release/", f"/awards/{paid.award_id}/milestones/new/"
    tokens = {release: ask(client, release, amount="1"), create: ask(client, create, amount="1", task="x")}
    asked.agree(by=wes, key=uuid.uuid4())
    assert {confirm(client, url, token).status_code for url, token in tokens.items()} == {409}


@pytest.mark.parametrize("end", ["release", "cancel"])
def test_p36_it_waits_on_when_the_milestone_has_ended(asked, paid, erin, wes, end, available):
    if end == "release":
        paid.release(25_000, by=erin, key=uuid.uuid4())
    else:
        paid.cancel(by=wes, key=uuid.uuid4())
    before = available(wes)
    event = asked.agree(by=wes, key=uuid.uuid4())
    assert (event.held_after, available(wes)) == (0, before - 4_000)


def test_p36_it_works_whatever_has_become_of_the_award(asked, erin, wes, available):
    """An award that was accepted may be over by now."""
    asked.milestone.cancel(by=wes, key=uuid.uuid4())
    asked.award.complete(by=erin, key=uuid.uuid4())
    ReturnRequest.objects.get().agree(by=wes, key=uuid.uuid4())
    ask_back(Milestone.objects.get(), 1_000, erin).agree(by=wes, key=uuid.uuid4())
    assert available(wes) == 10_000


def test_p52_the_site_keeps_its_fees_and_both_are_told(rates, employer, wes, signed_in, available):
    rates("EUR=8%", "EUR=5%")
    award = factories.accepted(factories.AwardFactory(employer=employer, freelancer=wes))
    milestone = hold(award, "Map", 40_000)
    milestone.release(10_000, by=employer, key=uuid.uuid4())
    assert (available(employer), available(wes)) == (58_000, 9_200)
    text = page(signed_in(employer).get(f"/milestones/{milestone.pk}/return-request/"))
    assert "The site keeps the fees that were taken at the release." in text
    assert "Yours, €5.00, does not come back." in text
    assert "Wes paid €8.00" in text
    asked = ask_back(milestone, 9_200, employer)
    text = page(signed_in(wes).get(agreeing(asked)))
    assert '<dt>Your fee</dt><dd><data value="8.00">€8.00</data><small>stays with the site</small>' in text
    assert "The site keeps the fee that was taken at the release" in text
    assert "€5.00" not in text, "the employer's fee is none of the freelancer's affair"
    event = asked.agree(by=wes, key=uuid.uuid4())
    assert (available(employer), available(wes)) == (67_200, 0)
    assert Account.platform("fees", "EUR").true_balance() == 1_300
    for reader in (employer, wes):
        assert "stays with the site" in page(signed_in(reader).get(event.get_absolute_url()))
    # The rest is released and given back as if nothing had come back.
    milestone.release(10_000, by=employer, key=uuid.uuid4())
    milestone.cancel(by=wes, key=uuid.uuid4())
    assert Account.platform("fees", "EUR").true_balance() == 2_600


@pytest.mark.parametrize(
    ("step", "who"), [("agree", "erin"), ("refuse", "erin"), ("withdraw", "wes"), ("ask", "wes"), ("ask", "sam")]
)
def test_nobody_takes_anothers_step(asked, paid, erin, wes, sam, step, who, available):
    by = {"erin": erin, "wes": wes, "sam": sam}[who]
    take = {"ask": lambda: ask_back(paid, 1, by), "agree": lambda: asked.agree(by=by, key=uuid.uuid4())}
    with pytest.raises(PermissionDenied):
        take.get(step, lambda: asked.take(step, by=by, key=uuid.uuid4()))()
    assert available(wes) == 15_000


def test_a_key_does_one_thing_once(asked, paid, erin, wes, available):
    key = uuid.uuid4()
    first = asked.agree(by=wes, key=key)
    assert asked.agree(by=wes, key=key) == first
    assert available(wes) == 11_000
    with pytest.raises(KeyConflict):
        ask_back(paid, 1, erin, key=key)
    with pytest.raises(WrongState):
        asked.agree(by=wes, key=uuid.uuid4())


def test_one_waits_at_a_time(asked, paid, erin):
    with pytest.raises(WrongState, match="You have asked for it already"):
        ask_back(paid, 1, erin)
    with pytest.raises(IntegrityError), transaction.atomic():
        ReturnRequest.objects.create(award=paid.award, milestone=paid, amount=1, state="waiting")


def test_both_sides_find_it_in_their_lists(asked, paid, erin, wes):
    (mine,) = [entry for entry in todo.all_of(wes) if "return" in entry.words]
    assert (mine.mine, mine.url, mine.minor) == (True, agreeing(asked), 4_000)
    (theirs,) = [entry for entry in todo.all_of(erin) if "return" in entry.words]
    assert (theirs.mine, theirs.minor) == (False, 4_000)


@pytest.mark.parametrize("column", ["amount = 1", "note = 'x'", "milestone_id = milestone_id + 1"])
def test_what_was_asked_never_changes(asked, column):
    for statement in (f"UPDATE milestones_returnrequest SET {column}", "DELETE FROM milestones_returnrequest"):
        with pytest.raises(Exception, match="history"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
