"""The pages on which a milestone is requested, and the request answered (P30, P31, P82)."""

import uuid

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.todo import all_of
from config.refusals import WrongState
from finances.ledger.models import Account
from finances.payments import charging
from finances.payments.gateways import Outcome
from finances.payments.models import Payment, PaymentSource
from milestones.lifecycle import MOST_WAITING
from milestones.models import AskEvent, Funding, Milestone, MilestoneRequest
from milestones.parts import Part
from milestones.rows import award_panels
from projects.models import Award
from tests.finances.payments.memory import saved
from tests.milestones.test_requests import asked, state
from tests.steps import ask, confirm, error_at, page

pytestmark = pytest.mark.django_db

TYPED = {"amount": "250", "task": "Map"}


def form_of(response) -> dict[str, str]:
    """The hidden fields that the form carries."""
    return {name: response.context[name] for name in ("key", "version") if name in response.context}


@pytest.fixture
def theirs(wes, signed_in):
    """Wes's browser."""
    return signed_in(wes)


@pytest.fixture
def hers(employer, signed_in):
    """Erin's browser."""
    return signed_in(employer)


def ask_page(award) -> str:
    return f"/awards/{award.pk}/milestone-requests/new/"


def create_page(award) -> str:
    return f"/awards/{award.pk}/milestones/new/"


def test_p30_a_freelancer_asks_on_the_project_page(award, theirs):
    project = theirs.get(award.project.get_absolute_url())
    assert f'href="{ask_page(award)}"' in page(project)
    form = theirs.get(ask_page(award))
    answer = theirs.post(ask_page(award), {**TYPED, "note": "Half is done.", **form_of(form)})
    assert (answer.status_code, answer["Location"]) == (302, award.project.get_absolute_url())
    request = MilestoneRequest.objects.get()
    assert (request.amount, request.task, request.note, request.advance) == (25_000, "Map", "Half is done.", False)
    event = AskEvent.objects.get()
    assert event.address == "127.0.0.1"
    assert event.shown == {"amount": 25_000, "task": "Map", "note": "Half is done.", "advance": False}


def test_p30_a_double_click_asks_once_and_other_words_ask_again(award, theirs):
    form = form_of(theirs.get(ask_page(award)))
    for _twice in range(2):
        assert theirs.post(ask_page(award), {**TYPED, **form}).status_code == 302
    assert MilestoneRequest.objects.count() == 1
    theirs.post(ask_page(award), {**TYPED, **form, "amount": "260"})
    assert sorted(MilestoneRequest.objects.values_list("amount", flat=True)) == [25_000, 26_000]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Enter an amount."),
        ("0", "more than"),
        ("-5", ""),
        ("1.001", "decimal"),
        ("abc", ""),
        ("1e3", ""),
        ("NaN", ""),
        ("٣", None),
        ("9" * 17, ""),
        ("9" * 5000, ""),
        ("1\x002", ""),
        ("25%", ""),
    ],
)
def test_p30_p82_an_ugly_amount_is_said_at_the_field(award, theirs, typed, said):
    answer = theirs.post(ask_page(award), {"amount": typed, "task": "Map"})
    if said is None:  # digits of another script are a number, or they are not; they are no error of ours
        assert answer.status_code in (302, 422)
        return
    assert answer.status_code == 422
    assert said in error_at(answer, "amount")
    assert not MilestoneRequest.objects.exists()


@pytest.mark.parametrize("task", ["", "   ", "x" * 201, "Map\u202e", "a\nb"])
def test_p82_an_ugly_task_is_said_at_the_field(award, theirs, task):
    answer = theirs.post(ask_page(award), {"amount": "5", "task": task})
    assert answer.status_code == 422
    assert error_at(answer, "task")


def test_p31_the_form_advises_on_advances(award, theirs):
    words = page(theirs.get(ask_page(award)))
    for said in (
        "nobody is obliged to agree",
        "freelancers they have come to trust well",
        "no responsibility for an advance that is lost",
    ):
        assert said in words
    theirs.post(ask_page(award), {**TYPED, "advance": "on"})
    assert MilestoneRequest.objects.get().advance


def test_p30_no_more_than_the_bound_and_no_button_then(award, theirs):
    for _each in range(MOST_WAITING):
        asked(award)
    answer = theirs.post(ask_page(award), TYPED)
    assert answer.status_code == 409
    assert "not more than 20 requests" in page(answer)
    assert ask_page(award) not in page(theirs.get(award.project.get_absolute_url()))
    assert MilestoneRequest.objects.count() == MOST_WAITING


def test_p30_both_see_what_waits_with_their_own_actions(award, hers, theirs):
    request = asked(award, advance=True, note="Half is done.")
    address = award.project.get_absolute_url()
    her_page, his_page = page(hers.get(address)), page(theirs.get(address))
    create = f"{create_page(award)}?amount=250.00&task=Map&advance=1&request={request.pk}"
    assert create in her_page
    assert f"{request.get_absolute_url()}decline/" in her_page
    assert "under no obligation" in her_page  # the advice to who pays (P31)
    assert f"{request.get_absolute_url()}edit/" not in her_page
    for step in ("edit", "withdraw"):
        assert f"{request.get_absolute_url()}{step}/" in his_page
    assert f"{request.get_absolute_url()}decline/" not in his_page
    for words in (her_page, his_page):
        assert "Half is done." in words
        assert "Advance" in words


def test_p30_accepting_is_the_create_form_filled_in_with_its_two_steps(award, employer, hers, available, held):
    request = asked(award, note="Half is done.")
    url = create_page(award)
    form = hers.get(f"{url}?request={request.pk}")
    words = page(form)
    assert 'value="250.00"' in words
    assert 'value="Map"' in words
    assert "Wes asks for €250.00" in words
    assert "Half is done." in words
    token = ask(hers, url, **TYPED, request=str(request.pk))
    assert (state(request), available(employer)) == ("waiting", 100_000)
    answer = confirm(hers, url, token)
    milestone = Milestone.objects.get()
    assert answer["Location"] == milestone.events.get().get_absolute_url()
    assert (state(request), held(milestone), milestone.advance) == ("agreed", 25_000, False)
    assert confirm(hers, url, token)["Location"] == answer["Location"]
    assert Milestone.objects.count() == 1


def test_p31_an_advance_is_advised_on_in_both_steps_and_marked(award, hers):
    request = asked(award, advance=True)
    url = create_page(award)
    assert "under no obligation" in page(hers.get(f"{url}?request={request.pk}"))
    second = hers.post(url, {**TYPED, "advance": "on", "request": request.pk})
    assert "under no obligation" in page(second)
    confirm(hers, url, second.context["token"])
    assert Milestone.objects.get().advance


def test_p30_the_employer_may_hold_another_sum_and_both_are_told(award, hers, theirs):
    request = asked(award)
    url = create_page(award)
    confirm(hers, url, ask(hers, url, amount="100", task="First map", request=str(request.pk)))
    said = "€100.00 was put on hold, not the €250.00 that was asked for."
    for browser in (hers, theirs):
        assert said in page(browser.get(request.get_absolute_url()))
        assert said in page(browser.get(award.project.get_absolute_url()))
    milestone = Milestone.objects.get()
    assert "Made of a request for €250.00" in page(theirs.get(milestone.get_absolute_url()))


@pytest.mark.parametrize("change", ["withdraw", "edit", "decline", "fulfil"])
def test_p25_p30_a_request_that_changed_between_the_two_steps_is_409(award, employer, wes, hers, available, change):
    request = asked(award)
    url = create_page(award)
    tokens = [ask(hers, url, **TYPED, request=str(request.pk)) for _ in range(2)]
    if change == "edit":
        request.edit(by=wes, key=uuid.uuid4(), task="Map", amount=60_000, advance=False)
    elif change == "fulfil":
        confirm(hers, url, tokens.pop())
    else:
        request.take(change, by=wes if change == "withdraw" else employer, key=uuid.uuid4(), note="No.")
    left = available(employer)
    answer = confirm(hers, url, tokens[0])
    assert answer.status_code == 409
    said = {"withdraw": "Withdrawn", "edit": "€600.00", "decline": "Declined", "fulfil": "Something changed"}
    assert said[change] in page(answer)
    assert available(employer) == left
    assert Milestone.objects.count() == (change == "fulfil")
    # The first step says so as well, unless the request can still be answered.
    assert hers.get(f"{url}?request={request.pk}").status_code == (200 if change == "edit" else 409)


@pytest.mark.parametrize("number", ["x", "0", "-1", "9" * 18, "9" * 40, "1 OR 1=1", "²"])
def test_a_request_that_is_none_is_404(award, hers, number):
    assert hers.get(create_page(award), {"request": number}).status_code == 404
    assert hers.post(create_page(award), {**TYPED, "request": number}).status_code == 404


def test_p30_declining_needs_a_reason(award, hers):
    request = asked(award)
    url = f"{request.get_absolute_url()}decline/"
    form = form_of(hers.get(url))
    answer = hers.post(url, {**form, "reason": " "})
    assert answer.status_code == 422
    assert error_at(answer, "reason")
    assert form_of(answer)["version"] == form["version"]
    for _twice in range(2):
        assert hers.post(url, {**form, "reason": "Not yet."}).status_code == 302
    assert AskEvent.objects.filter(action="decline").count() == 1
    assert "“Not yet.”" in page(hers.get(award.project.get_absolute_url()))


def test_p25_declining_what_was_changed_meanwhile_is_409(award, wes, hers):
    request = asked(award)
    url = f"{request.get_absolute_url()}decline/"
    form = form_of(hers.get(url))
    request.edit(by=wes, key=uuid.uuid4(), task="Map", amount=9_900, advance=False)
    answer = hers.post(url, {**form, "reason": "Too much."})
    assert answer.status_code == 409
    assert "€99.00" in page(answer)
    assert state(request) == "waiting"


def test_p30_editing_fills_in_what_was_asked(award, theirs):
    request = asked(award, note="Soon", advance=True)
    url = f"{request.get_absolute_url()}edit/"
    form = theirs.get(url)
    words = page(form)
    for value in ('value="250.00"', 'value="Map"', "checked", ">\nSoon</textarea>"):
        assert value in words
    for _twice in range(2):
        assert theirs.post(url, {**TYPED, "amount": "99,", **form_of(form)}).status_code in (302, 422)
    assert theirs.post(url, {**TYPED, "amount": "99", **form_of(form)}).status_code == 302
    request.refresh_from_db()
    assert (request.amount, request.advance, request.note, request.version) == (9_900, False, "", 2)
    # The same form from another window, with other words: it has not seen the change.
    assert theirs.post(url, {**TYPED, "amount": "98", **form_of(form)}).status_code == 409


def test_p30_withdrawing_asks_first(award, theirs):
    request = asked(award)
    url = f"{request.get_absolute_url()}withdraw/"
    form = form_of(theirs.get(url))
    assert state(request) == "waiting"
    for _twice in range(2):
        assert theirs.post(url, form).status_code == 302
    assert state(request) == "withdrawn"
    assert theirs.get(url).status_code == 409


def test_p30_p50_the_employer_finds_it_in_finances_and_both_in_what_waits(award, employer, wes, hers, theirs):
    request = asked(award, advance=True)
    words = page(hers.get("/finances/"))
    assert "Wes asks you for an advance" in words
    assert request.get_absolute_url() in words
    assert "since" in words
    assert request.get_absolute_url() not in page(theirs.get("/finances/"))
    hers_todo = [t for t in all_of(employer) if t.url == request.get_absolute_url()]
    his_todo = [t for t in all_of(wes) if t.url == request.get_absolute_url()]
    assert [(t.mine, t.words, t.minor, t.currency) for t in hers_todo] == [
        (True, "Wes asks you for an advance", 25_000, "EUR")
    ]
    assert [(t.mine, t.words, t.action) for t in his_todo] == [(False, "Erin has yet to answer your request", "View")]
    request.take("decline", by=employer, key=uuid.uuid4(), note="No.")
    assert request.get_absolute_url() not in page(hers.get("/finances/"))
    assert not [t for who in (employer, wes) for t in all_of(who) if t.url == request.get_absolute_url()]


def test_the_panel_asks_once_for_all_awards(award, offer):
    def panels() -> None:
        awards = list(Award.objects.filter(employer=award.employer).select_related("project", "employer", "freelancer"))
        award_panels(awards, award.employer)

    with CaptureQueriesContext(connection) as few:
        panels()
    for _each in range(5):
        asked(award)
        asked(offer)
    asked(award).take("withdraw", by=award.freelancer, key=uuid.uuid4())
    with CaptureQueriesContext(connection) as many:
        panels()
    assert len(many) == len(few)


# With a payment source


@pytest.fixture
def card(award, employer, provider) -> PaymentSource:
    """The only thing that the employer can pay with."""
    wallet = Account.wallet(employer.pk, "EUR")
    Milestone.create(award, task="The rest", amount=wallet.balance, by=employer, key=uuid.uuid4())
    return saved(PaymentSource, employer)


def paid_later(request, hers, provider) -> Funding:
    """The employer confirms, and the bank takes its time."""
    provider.next = Outcome.PROCESSING
    url = create_page(request.award)
    confirm(hers, url, ask(hers, url, **TYPED, request=str(request.pk)))
    return Funding.objects.get(parts__request=request.pk, payment__state__in=Payment.OPEN)


def arrives(funding, provider) -> Funding:
    provider.ends(provider.charges, funding.payment.key, Outcome.SUCCEEDED)
    charging.look_up(funding.payment)
    funding.refresh_from_db()
    return funding


def test_p17_p30_a_charged_card_answers_the_request(award, card, hers, provider):
    request = asked(award, advance=True)
    url = create_page(award)
    confirm(hers, url, ask(hers, url, **TYPED, advance="on", request=str(request.pk)))
    request.refresh_from_db()
    assert (request.state, request.made.amount, request.made.advance) == ("agreed", 25_000, True)


def test_p30_while_a_payment_is_under_way_it_cannot_be_made_twice(award, card, employer, wes, hers, theirs, provider):
    request = asked(award)
    stale = ask(hers, create_page(award), **TYPED, request=str(request.pk))
    funding = paid_later(request, hers, provider)
    assert confirm(hers, create_page(award), stale).status_code == 409
    for address in (f"{create_page(award)}?request={request.pk}", f"{request.get_absolute_url()}decline/"):
        answer = hers.get(address)
        assert answer.status_code == 409
        assert "A payment for this request is under way" in page(answer)
    for address in (award.project.get_absolute_url(), request.get_absolute_url()):
        assert "ayment under way" in page(hers.get(address)) or "payment for this request is" in page(hers.get(address))
        assert "under way" not in page(theirs.get(address))  # who sees money that is held, and nothing before (P18)
    assert [t.mine for t in all_of(employer) if t.url == request.get_absolute_url()] == [False]
    assert arrives(funding, provider).milestone == MilestoneRequest.objects.get(pk=request.pk).made
    assert state(request) == "agreed"


@pytest.mark.parametrize("change", ["withdraw", "edit"])
def test_p17_p30_money_for_a_request_that_changed_meanwhile_stays_available(
    award, card, employer, wes, hers, provider, available, change
):
    request = asked(award)
    funding = paid_later(request, hers, provider)
    if change == "edit":
        request.edit(by=wes, key=uuid.uuid4(), task="Map", amount=60_000, advance=False)
    else:
        request.take("withdraw", by=wes, key=uuid.uuid4())
    arrives(funding, provider)
    assert funding.milestone is None
    assert {"edit": "Wes has changed the request", "withdraw": "“Withdrawn” now"}[change] in funding.refused
    assert available(employer) == 25_000
    assert employer.notifications.filter(kind="milestone-not-created").count() == 1
    assert state(request) == {"edit": "waiting", "withdraw": "withdrawn"}[change]


def test_p17_a_declined_card_leaves_the_request_waiting_to_be_tried_again(award, card, employer, hers, provider):
    request = asked(award)
    provider.next = Outcome.DECLINED
    url = create_page(award)
    confirm(hers, url, ask(hers, url, **TYPED, request=str(request.pk)))
    assert state(request) == "waiting"
    payment = Payment.objects.get()
    again = f"request={request.pk}"
    assert again in page(hers.get(payment.get_absolute_url()))
    provider.next = Outcome.SUCCEEDED
    confirm(hers, url, ask(hers, url, **TYPED, request=str(request.pk)))
    assert state(request) == "agreed"


def test_a_payment_does_not_begin_for_a_request_that_waits_no_more(award, card, employer, wes, provider):
    request = asked(award)
    request.take("withdraw", by=wes, key=uuid.uuid4())
    with pytest.raises(WrongState):
        Funding.begin_many(award, [Part("x", 100, request=request.pk)], source=card, by=employer, key=uuid.uuid4())
    assert not Payment.objects.exists()
