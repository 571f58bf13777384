"""Corrections (P70, P71): a reason, asked twice, above a sum by two people, within what there is, and on record."""

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from unittest import mock

import pytest

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone

from accounts.models import Member, Notification
from config.refusals import KeyConflict, WrongState
from config.seen import Seen
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds, Leg, post
from finances.ledger.verification import verify
from finances.payments import tasks
from finances.payments.models import Correction, CorrectionEvent
from finances.payments.verification import corrections
from tests.finances.payments.refunds import of_finance
from tests.money import EUR, JPY
from tests.steps import page, token_of

pytestmark = pytest.mark.django_db

PROPOSE = "/admin/payments/correction/propose/"


@pytest.fixture(autouse=True)
def _site(settings) -> None:
    settings.STAFF_SECOND_FACTOR = False
    settings.CORRECTION_ALONE_LIMIT = {"EUR": 10_000}


@pytest.fixture
def finn(db) -> Member:
    return of_finance("Finn")


@pytest.fixture
def freya(db) -> Member:
    return of_finance("Freya")


def wallet(member: Member) -> Account:
    return Account.wallet(member.pk, "EUR")


def site_fees() -> Account:
    return Account.platform(Account.Kind.FEES, "EUR")


def propose(payer: Account, payee: Account, amount: int, by: Member, **about: Any) -> Correction:
    about = {"reason": "Paid to the wrong person.", "key": uuid.uuid4(), **about}
    return Correction.propose(payer, payee, amount, by=by, **about)


def balance(member: Member) -> int:
    return wallet(member).balance


def confirm(correction: Correction, by: Member, **about: Any) -> Correction:
    return correction.confirm(by=by, **{"key": uuid.uuid4(), **about})


def test_a_small_one_is_made_by_one_person_asked_twice_and_is_told(trusted, finn, erin, wes, fund):
    fund(erin, EUR("200.00"))
    client = trusted(finn)
    typed = {"payer": "erin@example.com", "payee": "WES@example.com", "currency": "EUR", "amount": "100.00"}
    said = {"reason": "Sent to <b>the wrong</b> person.", "note": "Ticket 5."}
    shown = client.post(PROPOSE, {**typed, **said})
    assert shown.status_code == 200
    assert "Sent to &lt;b&gt;the wrong" in shown.text
    assert balance(wes) == 0
    token = token_of(shown)
    assert client.post(PROPOSE, {"token": token}).status_code == 302
    assert client.post(PROPOSE, {"token": token}).status_code == 302  # a double click
    correction = Correction.objects.get()
    assert (balance(erin), balance(wes)) == (10_000, 10_000)
    assert (correction.state, correction.confirmed_by, correction.transfer.kind) == ("made", finn, "correction")
    assert [event.action for event in correction.events.order_by("pk")] == ["propose", "make"]
    event = correction.events.get(action="make")
    assert (event.actor, event.address, event.shown["amount"]) == (finn, "127.0.0.1", 10_000)
    told = {each.member: each for each in Notification.objects.filter(kind__startswith="correction-")}
    assert (told[erin].kind, told[wes].kind) == ("correction-went", "correction-came")
    assert told[wes].words["reason"] == said["reason"]
    assert told[wes].path == f"/finances/transfers/{correction.transfer_id}/"
    assert verify() == []


def test_a_transfer_says_its_reason_to_both_and_its_note_to_nobody(signed_in, finn, erin, wes, sam, fund):
    fund(erin, EUR("200.00"))
    made = propose(wallet(erin), wallet(wes), 500, finn, note="Ticket 5.", reason="Sent to the wrong person.")
    for member in (erin, wes):
        client = signed_in(member)
        one = client.get(f"/finances/transfers/{made.transfer_id}/")
        many = client.get("/finances/transfers/?currency=EUR")
        for answer in (one, many):
            assert "Sent to the wrong person." in page(answer)
            assert "Ticket 5." not in page(answer)
    assert signed_in(sam).get(f"/finances/transfers/{made.transfer_id}/").status_code == 404


def test_above_the_limit_a_second_person_makes_it(trusted, finn, freya, erin, wes, fund):
    fund(erin, EUR("200.00"))
    correction = propose(wallet(erin), wallet(wes), 10_001, finn)
    assert (correction.state, balance(wes)) == ("proposed", 0)
    assert Notification.objects.get(kind="correction-waiting").member == freya
    step = f"/admin/payments/correction/{correction.pk}/step/confirm/"
    first, second = trusted(finn), trusted(freya)
    assert first.post(step).status_code == 403
    with pytest.raises(PermissionDenied):
        confirm(correction, finn)
    overview = page(second.get(f"/admin/payments/correction/{correction.pk}/change/"))
    assert step in overview
    assert step not in page(first.get(f"/admin/payments/correction/{correction.pk}/change/"))
    token = token_of(second.post(step))
    assert second.post(step, {"token": token}).status_code == 302
    assert second.post(step, {"token": token}).status_code == 302
    correction.refresh_from_db()
    assert (correction.state, correction.confirmed_by) == ("made", freya)
    assert balance(wes) == 10_001
    assert second.post(step).status_code == 409
    assert verify() == []


def test_another_currency_always_needs_two(finn, erin, wes, fund):
    fund(erin, JPY("5000"))
    payer, payee = Account.wallet(erin.pk, "JPY"), Account.wallet(wes.pk, "JPY")
    assert propose(payer, payee, 1, finn).state == "proposed"


def test_fees_come_back_and_are_taken_but_never_more_than_there_is(finn, erin, fund):
    fund(erin, EUR("100.00"))
    assert propose(wallet(erin), site_fees(), 3_000, finn).state == "made"
    assert site_fees().true_balance() == 3_000
    with pytest.raises(InsufficientFunds, match=r"€30\.00 is available"):
        propose(site_fees(), wallet(erin), 3_001, finn)
    propose(site_fees(), wallet(erin), 3_000, finn)
    assert (balance(erin), site_fees().true_balance()) == (10_000, 0)
    assert verify() == []


def test_a_wallet_never_goes_below_zero_and_the_form_says_how_much_there_is(trusted, finn, erin, wes, fund):
    fund(erin, EUR("50.00"))
    typed = {"payer": erin.email, "payee": wes.email, "currency": "EUR", "amount": "50.01", "reason": "Why."}
    answer = trusted(finn).post(PROPOSE, typed)
    assert answer.status_code == 422
    assert "€50.00 is available" in page(answer)
    with pytest.raises(InsufficientFunds):
        propose(wallet(erin), wallet(wes), 5_001, finn)
    assert not Correction.objects.exists()


def test_one_that_waits_is_refused_where_the_money_is_gone_meanwhile(finn, freya, erin, wes, ana, fund):
    fund(erin, EUR("200.00"))
    waiting = propose(wallet(erin), wallet(wes), 20_000, finn)
    propose(wallet(erin), wallet(ana), 1, finn)
    with pytest.raises(InsufficientFunds):
        confirm(waiting, freya)
    waiting.refresh_from_db()
    assert (waiting.state, balance(wes)) == ("proposed", 0)


def test_a_transfer_is_corrected_up_to_its_amount_in_all(finn, freya, erin, wes, ana, fund):
    fund(erin, EUR("500.00"))
    wrong = Transfer.objects.get(credit_account=wallet(erin))
    propose(wallet(erin), wallet(wes), 9_000, finn, corrects=wrong)
    waiting = propose(wallet(erin), wallet(wes), 40_000, finn, corrects=wrong)
    with pytest.raises(WrongState, match=r"only €10\.00 is left"):
        propose(wallet(erin), wallet(wes), 1_001, finn, corrects=wrong)
    waiting.withdraw(note="Too much.", by=finn, key=uuid.uuid4())
    fund(ana, EUR("10.00"))
    with pytest.raises(WrongState, match="brought nothing"):
        propose(wallet(ana), wallet(wes), 1, finn, corrects=wrong)
    propose(wallet(erin), wallet(wes), 10_000, finn, corrects=wrong)
    assert verify() == []


@pytest.mark.parametrize("kind", ["clearing", "escrow", "payout", "itself", "other currency"])
def test_other_accounts_are_no_place_for_it(finn, erin, wes, fund, kind):
    fund(erin, EUR("100.00"))
    account = {
        "clearing": lambda: Account.platform(Account.Kind.CLEARING, "EUR"),
        "escrow": lambda: Account.open_escrow("EUR"),
        "payout": lambda: Account.payout(wes.pk, "EUR"),
        "itself": lambda: wallet(erin),
        "other currency": lambda: Account.wallet(wes.pk, "USD"),
    }[kind]()
    with pytest.raises(WrongState):
        propose(wallet(erin), account, 100, finn)
    with pytest.raises(WrongState):
        propose(account, wallet(erin), 100, finn)


@pytest.mark.parametrize("whose", ["payer", "payee", "corrected"])
def test_nobody_corrects_or_confirms_where_their_own_money_is_concerned(finn, freya, erin, wes, fund, whose):
    fund(erin, EUR("500.00"))
    fund(freya, EUR("500.00"))
    payer, payee, about = wallet(erin), wallet(wes), {}
    if whose == "payer":
        payer = wallet(freya)
    elif whose == "payee":
        payee = wallet(freya)
    else:
        (wrong,) = post(uuid.uuid4(), Leg(wallet(freya), wallet(erin), 20_000, Transfer.Kind.REFUND))
        about = {"corrects": wrong}
    with pytest.raises(PermissionDenied):
        propose(payer, payee, 100, freya, **about)
    waiting = propose(payer, payee, 20_000, finn, **about)
    with pytest.raises(PermissionDenied):
        confirm(waiting, freya)
    assert not Notification.objects.filter(member=freya, kind="correction-waiting").exists()


@pytest.mark.parametrize("who", ["erin", "sue", "no longer staff", "suspended"])
def test_who_may_not(signed_in, settings, finn, freya, erin, wes, sue, fund, who):
    settings.ACCOUNT_RATE_LIMITS = False
    fund(erin, EUR("500.00"))
    waiting = propose(wallet(erin), wallet(wes), 20_000, finn)
    sue.groups.add(Group.objects.get(name="support"))
    if who == "no longer staff":
        Member.objects.filter(pk=freya.pk).update(is_staff=False)
    elif who == "suspended":
        Member.objects.filter(pk=freya.pk).update(is_active=False)
    member = Member.objects.get(pk={"erin": erin, "sue": sue}.get(who, freya).pk)
    for verb in (
        lambda: propose(wallet(erin), wallet(wes), 1, member),
        lambda: confirm(waiting, member),
        lambda: waiting.refuse(note="No.", by=member, key=uuid.uuid4()),
        lambda: waiting.withdraw(note="No.", by=member, key=uuid.uuid4()),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    client = signed_in(member)
    client.post("/accounts/reauthenticate/", {"password": "secret"})
    expected = 403 if who == "sue" else 302
    for address in (PROPOSE, *(f"/admin/payments/correction/{waiting.pk}/step/{s}/" for s in ("confirm", "refuse"))):
        assert client.post(address, {"note": "x"}).status_code == expected
    assert Correction.objects.get().state == "proposed"


def test_the_password_is_asked_again_first(signed_in, finn):
    for address in (PROPOSE, "/admin/payments/correction/1/step/confirm/"):
        assert signed_in(finn).get(address).headers["Location"].startswith("/accounts/reauthenticate/?next=")


def test_refusing_withdrawing_and_expiring_end_it_and_move_nothing(monkeypatch, trusted, finn, freya, erin, wes, fund):
    fund(erin, EUR("900.00"))
    refused, withdrawn, waiting = (propose(wallet(erin), wallet(wes), 20_000, finn) for _ in range(3))
    monkeypatch.setattr("finances.payments.models.corrections.WAITS", timedelta(0))
    late = propose(wallet(erin), wallet(wes), 20_000, finn)
    for correction, by, action in ((refused, freya, "refuse"), (withdrawn, finn, "withdraw")):
        client, step = trusted(by), f"/admin/payments/correction/{correction.pk}/step/{action}/"
        assert client.post(step, {"note": " "}).status_code == 422
        token = token_of(client.post(step, {"note": "Not proved."}))
        assert client.post(step, {"token": token}).status_code == 302
        assert correction.events.get(action=action).note == "Not proved."
    with pytest.raises(WrongState, match="too long"):
        confirm(late, freya)
    assert [tasks.expire_corrections() for _ in range(2)] == [1, 0]
    states = set(Correction.objects.values_list("state", flat=True))
    assert (states, balance(wes)) == ({"proposed", "refused", "withdrawn", "expired"}, 0)
    kinds = Notification.objects.filter(member=finn).values_list("kind", flat=True)
    assert sorted(kinds) == ["correction-expired", "correction-refused"]
    for correction in (refused, withdrawn, late):
        with pytest.raises(WrongState):
            confirm(Correction.objects.get(pk=correction.pk), freya)
    assert Correction.objects.get(pk=waiting.pk).state == "proposed"
    assert verify() == []


def test_a_key_does_one_thing_and_a_stale_confirmation_none(finn, freya, erin, wes, fund):
    fund(erin, EUR("900.00"))
    key = uuid.uuid4()
    one = propose(wallet(erin), wallet(wes), 20_000, finn, key=key)
    assert propose(wallet(erin), wallet(wes), 20_000, finn, key=key).pk == one.pk
    with pytest.raises(KeyConflict):
        propose(wallet(erin), wallet(wes), 20_001, finn, key=key)
    with pytest.raises(WrongState):
        confirm(one, freya, seen=Seen("7"))
    two = propose(wallet(erin), wallet(wes), 20_000, finn)
    confirm(one, freya, key=(done := uuid.uuid4()))
    with pytest.raises(KeyConflict):
        confirm(two, freya, key=done)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("payer", "nobody@example.com"), ("payer", "no address"), ("payee", "a\0b@example.com"), ("amount", "0"),
        ("amount", "-5"), ("amount", "9" * 39), ("amount", "1.001"), ("currency", "XXX"), ("reason", ""),
        ("reason", "x" * 2001), ("note", "x" * 2001), ("corrects", "T999999999999"), ("corrects", "M1"),
        ("payee", "erin@example.com"),
    ],
)  # fmt: skip
def test_bad_input_is_answered_at_its_field(trusted, finn, erin, wes, fund, field, typed):
    fund(erin, EUR("100.00"))
    good = {"payer": erin.email, "payee": wes.email, "currency": "EUR", "amount": "1", "reason": "Why."}
    client = trusted(finn)
    assert client.post(PROPOSE, good).status_code == 200
    answer = client.post(PROPOSE, {**good, field: typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {field}


def test_the_form_begins_with_what_a_transfer_brought(trusted, finn, erin, wes, fund):
    fund(erin, EUR("100.00"))
    (wrong,) = post(uuid.uuid4(), Leg(wallet(erin), wallet(wes), 1_234, Transfer.Kind.REFUND))
    client = trusted(finn)
    address = f"{PROPOSE}?transfer={wrong.reference}"
    assert address in page(client.get(f"/admin/ledger/transfer/{wrong.pk}/change/"))
    form = client.get(address).context["form"]
    assert form.initial == {
        "payer": wes.email, "payee": erin.email, "currency": "EUR", "amount": "12.34", "corrects": wrong.reference,
    }  # fmt: skip
    made = propose(wallet(wes), wallet(erin), 1_234, finn, corrects=wrong)
    assert f"/admin/payments/correction/{made.pk}/change/" in page(
        client.get(f"/admin/ledger/transfer/{wrong.pk}/change/")
    )
    assert f"/admin/ledger/transfer/{made.transfer_id}/change/" in page(
        client.get(f"/admin/payments/correction/{made.pk}/change/")
    )


def test_the_desk_shows_a_second_person_what_waits(signed_in, finn, freya, erin, wes, fund):
    fund(erin, EUR("900.00"))
    propose(wallet(erin), wallet(wes), 20_000, finn)
    assert "Corrections for a second person" in page(signed_in(freya).get("/admin/"))
    assert "Corrections for a second person" not in page(signed_in(finn).get("/admin/"))


def refused(statement: str, *values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_the_database_refuses_to_change_it(finn, freya, erin, wes, fund):
    fund(erin, EUR("900.00"))
    waiting = propose(wallet(erin), wallet(wes), 20_000, finn)
    made = propose(wallet(erin), wallet(wes), 1_000, finn)
    for column, value in (("amount", 1), ("reason", "x"), ("alone_limit", 10**9), ("proposed_by_id", freya.pk)):
        refused(f"UPDATE payments_correction SET {column} = %s WHERE id = %s", value, waiting.pk)
    refused("UPDATE payments_correction SET state = 'proposed' WHERE id = %s", made.pk)
    refused("DELETE FROM payments_correction WHERE id = %s", waiting.pk)
    refused("UPDATE payments_correctionevent SET note = 'x'")
    refused("DELETE FROM payments_correctionevent")
    # Above the limit nobody is both people, and nothing is made without its transfer.
    (free,) = post(uuid.uuid4(), Leg(wallet(erin), wallet(wes), 20_000, Transfer.Kind.CORRECTION))
    sql = "UPDATE payments_correction SET state = 'made', confirmed_by_id = %s, transfer_id = %s WHERE id = %s"
    refused(sql, finn.pk, free.pk, waiting.pk)
    refused(sql, freya.pk, None, waiting.pk)


def test_verification_tells_of_corrections_that_are_not_what_they_say(finn, freya, erin, wes, fund):
    fund(erin, EUR("900.00"))
    waiting = propose(wallet(erin), wallet(wes), 20_000, finn)
    assert list(corrections()) == []
    (free,) = post(uuid.uuid4(), Leg(wallet(erin), wallet(wes), 20_000, Transfer.Kind.CORRECTION))
    assert list(corrections()) == [f"T{free.pk} corrects, and no correction was made of it"]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE payments_correction SET state = 'made', confirmed_by_id = %s, transfer_id = %s WHERE id = %s",
            [freya.pk, free.pk, waiting.pk],
        )
    assert list(corrections()) == [
        f"C{waiting.pk} is “made” of 20000; its transfer says “none” of 0",
        f"C{waiting.pk} of 20000, above 10000, was not confirmed by a second person",
    ]


def together(verbs: list[Callable[[], Any]]) -> list[Any]:
    """Start all at once over connections of their own; return what each gave, or its refusal."""
    barrier = Barrier(len(verbs))

    def run(verb: Callable[[], Any]) -> Any:
        connection.ensure_connection()
        barrier.wait()
        try:
            return verb()
        except WrongState as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(verbs)) as pool:
        return list(pool.map(run, verbs))


@pytest.mark.django_db(transaction=True)
def test_two_seconds_at_once_make_it_once(finn, freya, erin, wes, fund):
    fund(erin, EUR("900.00"))
    third = of_finance("Fay")
    waiting = propose(wallet(erin), wallet(wes), 20_000, finn)
    got = together([lambda by=by: confirm(waiting, by) for by in (freya, third)])
    assert sorted(isinstance(each, WrongState) for each in got) == [False, True]
    assert balance(wes) == 20_000
    assert CorrectionEvent.objects.filter(action="make").count() == 1
    assert verify() == []


@pytest.mark.django_db(transaction=True)
def test_a_correction_and_the_owner_spending_never_take_more_than_there_is(finn, erin, wes, ana, fund):
    fund(erin, EUR("100.00"))
    spend = lambda: post(uuid.uuid4(), Leg(wallet(erin), Account.payout(erin.pk, "EUR"), 8_000, "withdrawal"))  # noqa: E731
    got = together([spend, lambda: propose(wallet(erin), wallet(wes), 8_000, finn)])
    assert sorted(isinstance(each, InsufficientFunds) for each in got) == [False, True]
    assert balance(erin) == 2_000


@pytest.mark.django_db(transaction=True)
def test_a_transfer_is_corrected_up_to_its_amount_by_many_at_once(finn, erin, wes, fund):
    fund(erin, EUR("100.00"))
    wrong = Transfer.objects.get(credit_account=wallet(erin))
    fund(erin, EUR("900.00"))
    got = together([lambda: propose(wallet(erin), wallet(wes), 4_000, finn, corrects=wrong) for _ in range(6)])
    assert sum(isinstance(each, WrongState) for each in got) == 4
    assert balance(wes) == 8_000
    assert verify() == []


def test_p71_many_small_ones_in_a_day_need_a_second_person_too(trusted, finn, freya, erin, wes, fund):
    fund(erin, EUR("500.00"))
    assert propose(wallet(erin), wallet(wes), 6_000, finn).state == "made"
    assert propose(wallet(erin), wallet(wes), 4_000, finn).state == "made"
    one_more = propose(wallet(erin), wallet(wes), 1, finn)
    assert (one_more.state, one_more.alone_limit) == ("proposed", 0)
    assert propose(wallet(erin), wallet(wes), 6_000, freya).state == "made"  # what others made is theirs
    confirm(one_more, freya)
    assert propose(wallet(erin), wallet(wes), 4_000, freya).state == "made"  # what two made is nobody's alone
    later = timezone.now() + timedelta(hours=24, seconds=1)
    with mock.patch("django.utils.timezone.now", return_value=later):
        assert Correction.limit_of(finn, "EUR") == 10_000
    assert verify() == []


def test_p71_a_confirmation_that_said_one_person_is_stale_once_it_needs_two(trusted, finn, erin, wes, fund):
    fund(erin, EUR("500.00"))
    client = trusted(finn)
    typed = {"payer": "erin@example.com", "payee": "wes@example.com", "currency": "EUR", "amount": "60.00"}
    tokens = [token_of(client.post(PROPOSE, {**typed, "reason": f"Reason {n}."})) for n in range(2)]
    assert [client.post(PROPOSE, {"token": token}).status_code for token in tokens] == [302, 409]
    assert Correction.objects.count() == 1


def test_who_may_not_is_told_so_before_a_password_is_asked(signed_in, sue):
    for address in (PROPOSE, "/admin/payments/correction/1/step/confirm/"):
        assert signed_in(sue).get(address).status_code == 403
