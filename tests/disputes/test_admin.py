"""Arbitrators work in the admin; other staff read; whoever has dealings does neither (P70 to P72)."""

import uuid

import pytest

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission

from accounts.models import Member
from disputes.models import Dispute, Said
from tests import factories
from tests.steps import page, token_of


def key():
    return uuid.uuid4()


def again(thing):
    return type(thing).objects.get(pk=thing.pk)


def case(dispute, step=""):
    end = f"step/{step}/" if step else "change/"
    return f"/admin/disputes/dispute/{dispute.pk}/{end}"


@pytest.fixture
def arbitrator(mia) -> Member:
    """Mia, of the group of arbitrators."""
    mia.groups.add(Group.objects.get(name="arbitrators"))
    return Member.objects.get(pk=mia.pk)


@pytest.fixture
def second(db) -> Member:
    member = factories.MemberFactory(name="Ilse Brandt", email="ilse@example.com", is_staff=True)
    member.groups.add(Group.objects.get(name="arbitrators"))
    return Member.objects.get(pk=member.pk)


@pytest.fixture
def reader(sue) -> Member:
    """Sue, who may look."""
    sue.user_permissions.add(Permission.objects.get(codename="view_dispute"))
    return Member.objects.get(pk=sue.pk)


@pytest.fixture
def evidence(disputed, erin):
    return disputed.add_evidence(Said("Half of the pictures are missing."), by=erin, key=key())


@pytest.fixture
def taken(evidence, escalated, arbitrator) -> Dispute:
    return escalated.take(by=arbitrator, key=key())


def typed(dispute, sum_, **more):
    return {f"share_{dispute.milestones[0].milestone_id}": sum_, **more}


def test_the_queue_and_the_case_are_there_for_arbitrators(evidence, escalated, arbitrator, signed_in):
    client = signed_in(arbitrator)
    assert f">{escalated.reference}<" in page(client.get("/admin/disputes/dispute/?queue=untaken"))
    assert f">{escalated.reference}<" not in page(client.get("/admin/disputes/dispute/?queue=mine"))
    assert escalated.reference in page(client.get(f"/admin/disputes/dispute/?q={escalated.reference}&o=4"))
    text = page(client.get(case(escalated)))
    for words in (
        "Half of the pictures are missing.",
        "€400.00",
        "Photo gallery",
        "opened the dispute",
        "Take the dispute",
    ):
        assert words in text


def test_taking_asking_and_proposing_are_one_form_each(evidence, escalated, arbitrator, wes, signed_in):
    client = signed_in(arbitrator)
    assert client.get(case(escalated, "take")).status_code == 200
    assert client.post(case(escalated, "take")).status_code == 302
    assert client.post(case(escalated, "ask"), {"of": ["freelancer"], "text": "Which ones?"}).status_code == 302
    assert escalated.questions.get().freelancer_by
    assert client.post(case(escalated, "propose"), typed(escalated, "200", words="Half.")).status_code == 302
    assert escalated.proposals.get().to_freelancer == [20_000]
    assert LogEntry.objects.filter(user=arbitrator).count() == 3


@pytest.mark.parametrize(
    ("step", "bad"),
    [
        ("ask", {"text": "To nobody?"}),
        ("ask", {"of": ["site"], "text": "x"}),
        ("propose", {"words": "No sum."}),
        ("decide", {"words": "No evidence cited."}),
        ("hand_over", {"to": "999999", "reason": "To nobody."}),
        ("hand_over", {"to": ""}),
    ],
)
def test_what_is_missing_is_said_at_its_field(taken, arbitrator, signed_in, step, bad):
    answer = signed_in(arbitrator).post(case(taken, step), bad)
    assert answer.status_code == 422
    assert "errorlist" in page(answer)


def test_a_verdict_is_asked_twice_and_read_by_both(taken, arbitrator, erin, wes, signed_in, available):
    client, url = signed_in(arbitrator), case(taken, "decide")
    before = available(erin)
    first = client.post(url, typed(taken, "150.01", words="E1 shows that half is there.", cites=["1"]))
    assert first.status_code == 200
    assert "€249.99" in page(first)
    assert again(taken).state == "arbitration"
    for _ in range(2):
        assert client.post(url, {"token": token_of(first)}).status_code == 302
    assert again(taken).outcome == "verdict"
    assert (available(wes), available(erin) - before) == (15_001, 24_999)
    for side in (erin, wes):
        text = page(signed_in(side).get(taken.get_absolute_url()))
        assert "E1 shows that half is there." in text


def test_a_verdict_that_waits_is_read_by_no_side_and_confirmed_by_another(
    settings, request, arbitrator, second, wes, signed_in, available
):
    """P71."""
    settings.SECOND_ARBITRATOR_FROM = {"EUR": 40_000}
    taken = request.getfixturevalue("taken")
    client = signed_in(arbitrator)
    first = client.post(case(taken, "decide"), typed(taken, "150", words="Secret so far.", cites=["1"]))
    assert "second arbitrator" in page(first)
    client.post(case(taken, "decide"), {"token": token_of(first)})
    assert available(wes) == 0
    assert "Secret so far." not in page(signed_in(wes).get(taken.get_absolute_url()))
    assert "Secret so far." not in page(signed_in(wes).get(f"{taken.get_absolute_url()}chronology/"))
    assert client.get(case(taken, "confirm")).status_code == 403
    other = signed_in(second)
    asked = other.post(case(taken, "confirm"))
    assert "Secret so far." in page(asked)
    assert other.post(case(taken, "confirm"), {"token": token_of(asked)}).status_code == 302
    assert available(wes) == 15_000


def test_sending_back_names_the_verdict_that_was_read(settings, request, arbitrator, second, signed_in):
    settings.SECOND_ARBITRATOR_FROM = {"EUR": 40_000}
    taken = request.getfixturevalue("taken")
    taken.decide([0], words="E1.", cites=[1], by=arbitrator, key=key())
    client, url = signed_in(second), case(taken, "send_back")
    verdict = taken.verdicts.get()
    assert client.post(url, {"reason": "Say more.", "verdict": 0}).status_code == 404
    assert client.post(url, {"reason": "Say more.", "verdict": verdict.pk}).status_code == 302
    assert not again(taken).verdict_waits
    assert arbitrator.notifications.filter(kind="dispute-sent-back").count() == 1


def test_other_staff_read_and_act_on_nothing(taken, reader, signed_in):
    client = signed_in(reader)
    text = page(client.get(case(taken)))
    assert "Half of the pictures are missing." in text
    assert "step/" not in text
    for step in ("take", "hand_over", "ask", "propose", "decide", "confirm", "send_back"):
        assert client.get(case(taken, step)).status_code == 403
        assert client.post(case(taken, step)).status_code == 403


@pytest.mark.parametrize("name", ["erin", "wes", "sam"])
def test_who_is_no_staff_does_not_get_in(taken, signed_in, request, name):
    client = signed_in(request.getfixturevalue(name))
    for address in (case(taken), case(taken, "take"), "/admin/disputes/dispute/"):
        assert client.get(address).status_code == 302


def test_staff_without_the_right_to_look_see_nothing(taken, sue, signed_in):
    assert signed_in(sue).get(case(taken)).status_code == 403


def test_who_has_dealings_with_a_side_sees_nothing_of_it(taken, second, wes, signed_in):
    factories.AwardFactory(employer=second, freelancer=wes)
    client = signed_in(second)
    assert client.get(case(taken)).status_code == 403
    assert client.post(case(taken, "take")).status_code == 403


def test_a_step_that_came_too_late_says_so(taken, arbitrator, erin, signed_in):
    client, url = signed_in(arbitrator), case(taken, "decide")
    first = client.post(url, typed(taken, "150", words="E1.", cites=["1"]))
    taken.withdraw(by=erin, key=key())
    answer = client.post(url, {"token": token_of(first)})
    assert answer.status_code == 409
    assert "Withdrawn" in page(answer)


def test_a_side_answers_a_question_and_a_proposal_on_its_pages(taken, arbitrator, erin, wes, signed_in, available):
    taken.ask("Which ones?", of=["freelancer"], by=arbitrator, key=key())
    question = taken.questions.get()
    url = f"/disputes/questions/{question.pk}/answer/"
    assert "Which ones?" in page(signed_in(wes).get(url))
    assert signed_in(erin).get(url).status_code == 403
    assert signed_in(wes).post(url, {"text": "These."}).status_code == 302
    assert taken.evidence.get(number=2).question == question
    taken.propose([20_000], words="Half each.", by=arbitrator, key=key())
    for side in (wes, erin):
        client, url = signed_in(side), f"/disputes/{taken.pk}/accept-proposal/"
        assert "Half each." in page(client.get(url))
        assert client.post(url, {"token": token_of(client.post(url))}).status_code == 302
    assert again(taken).outcome == "proposal"
    assert available(wes) == 20_000


def test_a_proposal_is_refused_on_its_page(taken, arbitrator, wes, signed_in):
    taken.propose([20_000], words="Half each.", by=arbitrator, key=key())
    client, url = signed_in(wes), f"/disputes/{taken.pk}/refuse-proposal/"
    assert client.post(url, {"token": token_of(client.post(url))}).status_code == 302
    assert "refused it" in page(client.get(taken.get_absolute_url()))
    assert client.get(f"/disputes/{taken.pk}/accept-proposal/").status_code == 409
