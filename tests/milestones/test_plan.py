"""A milestone right after awarding, or all of the bid's plan in one go (P5); and who is reminded of it."""

import uuid

import pytest

from django.utils import timezone

from accounts.todo import all_of
from finances.payments import charging
from finances.payments.gateways import Outcome
from finances.payments.models import PaymentSource
from milestones import plans
from milestones.models import Funding, Milestone
from milestones.parts import Part
from projects.models import Award
from tests import factories
from tests.finances.payments.memory import saved
from tests.situation import hold
from tests.steps import confirm, page, token_of

pytestmark = pytest.mark.django_db

PLAN = [{"task": "Draft", "amount": 30_000}, {"task": "Pages", "amount": 45_000}, {"task": "Draft", "amount": 10_000}]


@pytest.fixture
def planned(employer, wes) -> Award:
    """Wes's bid of €1,000.00 brought a plan that adds up to €850.00."""
    return factories.AwardFactory(employer=employer, freelancer=wes, plan=PLAN)


def rows_of(text: str) -> list[str]:
    return [f"part-{n}-task" for n in range(6) if f'name="part-{n}-task"' in text]


def test_p5_after_awarding_the_employer_is_asked_and_told_why(planned, erin, signed_in):
    text = page(signed_in(erin).get(f"/awards/{planned.pk}/milestones/"))
    assert "Work starts sooner when Wes sees that the money is there." in text
    assert "Until Wes has accepted, you can take it back." in text
    assert f'href="/awards/{planned.pk}/milestones/divide/?plan=1">Create all of the plan<' in text
    assert "The plan adds up to" in text
    assert '<data value="150.00">€150.00</data> less than the' in text
    assert ">Create Milestone</a>" in text


def test_p5_without_a_plan_none_is_offered(offer, erin, signed_in):
    for address in (f"/awards/{offer.pk}/milestones/", offer.project.get_absolute_url()):
        text = page(signed_in(erin).get(address))
        assert "of the plan" not in text
        assert f'href="/awards/{offer.pk}/milestones/divide/"' in text


def test_p5_all_of_the_plan_is_created_from_one_confirmation(planned, erin, signed_in, available):
    client = signed_in(erin)
    url = f"/awards/{planned.pk}/milestones/divide/?plan=1"
    text = page(client.get(url))
    assert len(rows_of(text)) == 3
    assert "less than the" in text
    sent = {"of": "sum", "part-TOTAL_FORMS": "3", "part-INITIAL_FORMS": "3"}
    for number, row in enumerate(PLAN):
        assert f'name="part-{number}-task" value="{row["task"]}"' in text
        sent |= {f"part-{number}-task": row["task"], f"part-{number}-amount": f"{row['amount'] // 100}"}
    assert confirm(client, url, token_of(client.post(url, sent))).status_code == 302
    assert [(m.task, m.amount) for m in Milestone.objects.order_by("id")] == [(r["task"], r["amount"]) for r in PLAN]
    assert available(erin) == 15_000
    assert "of the plan" not in page(client.get(planned.project.get_absolute_url()))


def test_p5_what_is_made_of_the_plan_is_not_offered_again(planned, erin, wes):
    assert plans.plan_of(planned).whole
    hold(planned, "Draft", 30_000)
    cancelled = hold(planned, "Pages", 45_000)
    assert plans.plan_of(planned) == plans.Plan([Part("Draft", 10_000)], whole=False)
    cancelled.cancel(by=erin, key=uuid.uuid4())
    assert plans.plan_of(planned).parts == [Part("Pages", 45_000), Part("Draft", 10_000)]


def test_p5_a_plan_for_more_than_was_agreed_says_so(employer, wes, signed_in):
    bid = factories.BidFactory(project=factories.ProjectFactory(employer=employer), freelancer=wes, plan=PLAN)
    type(bid).objects.filter(pk=bid.pk).update(amount=80_000)  # what no form lets pass
    bid.refresh_from_db()
    award = factories.award(bid)
    text = page(signed_in(employer).get(f"/awards/{award.pk}/milestones/"))
    assert '<data value="50.00">€50.00</data> more than the' in text


def test_p5_the_panels_of_many_awards_ask_two_questions_more(planned, erin, wes, django_assert_num_queries):
    awards = [planned, *(factories.AwardFactory(employer=erin, freelancer=wes, plan=PLAN) for _ in range(3))]
    with django_assert_num_queries(2):
        found = plans.offers(awards, erin)
    assert [offer["whole"] for offer in found.values()] == [True] * 4
    with django_assert_num_queries(0):
        assert plans.offers(awards, wes) == {}


def test_p82_strangers_find_nothing_and_the_freelancer_is_told_why(planned, sam, wes, signed_in):
    url = f"/awards/{planned.pk}/milestones/"
    assert signed_in(sam).get(url).status_code == 404
    assert signed_in(wes).get(url).status_code == 403
    planned.decline(by=wes, key=uuid.uuid4())
    assert signed_in(planned.employer).get(url).status_code == 409


# --- the to-do ----------------------------------------------------------------------------------------------


def todos(member) -> list[tuple[bool, str, str]]:
    return [(todo.mine, todo.about, todo.url) for todo in all_of(member) if "on hold" in todo.words]


def test_p5_an_award_without_a_milestone_waits_for_its_employer(award, erin, wes):
    title, here = award.project.title, f"/awards/{award.pk}/milestone-requests/new/"
    assert todos(erin) == [(True, title, f"/awards/{award.pk}/milestones/")]
    assert todos(wes) == [(False, title, here)]
    hold(award, "Draft", 1_000)
    assert todos(erin) == todos(wes) == []


def test_an_award_that_nobody_answered_in_time_waits_for_nobody(offer, erin):
    assert len(todos(erin)) == 1
    Award.objects.filter(pk=offer.pk).update(answer_by=timezone.now())
    assert todos(erin) == []


def test_p17_a_declined_payment_waits_for_its_employer(award, erin, provider):
    hold(award, "The rest", 100_000)
    provider.next = Outcome.DECLINED
    parts = [Part("Draft", 1_000), Part("Pages", 2_000)]
    source = saved(PaymentSource, erin)
    funding = Funding.begin_many(award, parts, source=source, by=erin, key=uuid.uuid4())
    assert todos(erin) == []
    charging.charge(funding.payment)
    (todo,) = [todo for todo in all_of(erin) if "declined" in todo.words]
    assert (todo.mine, todo.about, todo.minor, todo.url) == (True, "2 milestones", 3_000, funding.get_absolute_url())
