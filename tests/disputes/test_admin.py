"""Arbitrators work in the admin; other staff read; whoever has dealings does neither (P70 to P72)."""

import uuid

import pytest

from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission

from accounts.models import Member
from config import fees
from disputes.models import Dispute, EvidenceFile, Said
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


@pytest.fixture
def waiting(settings, request, arbitrator) -> Dispute:
    """A verdict of Mia's that waits for a second arbitrator."""
    settings.SECOND_ARBITRATOR_FROM = {"EUR": 40_000}
    taken = request.getfixturevalue("taken")
    return taken.decide([0], words="E1.", cites=[1], by=arbitrator, key=key())


@pytest.mark.parametrize(
    ("state", "by", "step", "typed"),
    [
        ("escalated", "arbitrator", "take", {}),
        ("taken", "arbitrator", "hand_over", {"to": "", "reason": "I am away."}),
        ("taken", "arbitrator", "ask", {"of": ["employer"], "text": "Which?"}),
        ("waiting", "second", "send_back", {"reason": "Say more."}),
    ],
)
def test_a_double_click_on_a_step_is_that_step_once(request, signed_in, state, by, step, typed):
    """P25, P26: the second answer is the first one's, not a refusal."""
    dispute, client = request.getfixturevalue(state), signed_in(request.getfixturevalue(by))
    sent = {**typed, "key": str(key()), "seen": again(dispute).seen_version, "verdict": dispute.awaited_id or ""}
    assert [client.post(case(dispute, step), sent).status_code for _ in range(2)] == [302, 302]
    assert dispute.events.filter(action=step).count() == 1


@pytest.mark.parametrize("named", ["", "x", "-1", "²", "9" * 40])
def test_a_verdict_that_is_none_is_not_found(waiting, second, signed_in, named):
    answer = signed_in(second).post(case(waiting, "send_back"), {"reason": "Say more.", "verdict": named})
    assert answer.status_code == 404
    assert again(waiting).verdict_waits


def test_a_proposal_on_an_old_form_takes_no_place_of_one_that_was_answered_since(taken, arbitrator, wes, signed_in):
    """P25: a question harms nobody then, and is taken."""
    taken.propose([20_000], words="Half.", by=arbitrator, key=key())
    client, old = signed_in(arbitrator), {"seen": again(taken).seen_version}
    assert f'name="seen" value="{old["seen"]}"' in page(client.get(case(taken, "propose")))
    taken.accept_proposal(taken.latest_proposal(), by=wes, key=key())
    answer = client.post(case(taken, "propose"), typed(taken, "100", words="A quarter.", **old))
    assert answer.status_code == 409
    assert taken.proposals.count() == 1
    assert client.post(case(taken, "ask"), {"of": ["employer"], "text": "And you?", **old}).status_code == 302


def test_an_old_form_that_is_sent_again_after_a_mistake_is_still_old(taken, arbitrator, signed_in):
    old = again(taken).seen_version
    taken.ask("Which ones?", of=["employer"], by=arbitrator, key=key())
    answer = signed_in(arbitrator).post(case(taken, "propose"), {"words": "No sum.", "seen": old})
    assert answer.status_code == 422
    assert f'name="seen" value="{old}"' in page(answer)


def test_the_reasons_of_staff_are_read_by_staff_alone(waiting, arbitrator, second, erin, signed_in):
    """P72: every staff action is on record."""
    waiting.send_back(waiting.awaited, reason="E1 says more than that.", by=second, key=key())
    again(waiting).hand_over(second, reason="My leave begins.", by=arbitrator, key=key())
    text = page(signed_in(second).get(case(waiting)))
    for words in ("E1 says more than that.", "My leave begins.", "to Ilse Brandt"):
        assert words in text
    for address in ("", "chronology/"):
        text = page(signed_in(erin).get(f"{waiting.get_absolute_url()}{address}"))
        assert "My leave begins." not in text
        assert "E1 says more than that." not in text


def test_the_queue_hides_who_the_reader_has_dealings_with(escalated, second, wes, signed_in):
    """Neither the list nor the history tells them anything."""
    client, history = signed_in(second), case(escalated).replace("change", "history")
    assert f">{escalated.reference}<" in page(client.get("/admin/disputes/dispute/"))
    assert client.get(history).status_code == 200
    factories.BidFactory(project=factories.ProjectFactory(employer=second), freelancer=wes)
    assert f">{escalated.reference}<" not in page(client.get("/admin/disputes/dispute/"))
    assert client.get(history).status_code == 302


def test_a_superuser_is_no_arbitrator_by_that_alone(waiting, erin, signed_in):
    """P44, P71: reads the case, gets no file and decides nothing."""
    root = factories.MemberFactory(name="Root", email="root@example.com", is_staff=True, is_superuser=True)
    client = signed_in(root)
    text = page(client.get(case(waiting)))
    assert "Half of the pictures are missing." in text
    assert "step/" not in text
    assert client.post(case(waiting, "confirm")).status_code == 403
    file = with_file(waiting, erin)
    assert client.get(f"/disputes/files/{file.pk}/open/").status_code == 404
    root.groups.add(Group.objects.get(name="arbitrators"))
    assert client.get(f"/disputes/files/{file.pk}/open/").status_code == 302
    assert client.post(case(waiting, "confirm")).status_code == 200


def with_file(dispute, by):
    """A file of evidence; the row alone is asked for here."""
    item = dispute.evidence.get(number=1)
    return EvidenceFile.objects.create(item=item, name="list.txt", size=3, media_type="text/plain", sha256="0" * 64)


def test_another_takes_over_from_one_who_can_arbitrate_no_more(taken, arbitrator, second, wes, signed_in):
    """Else nobody could ever decide: who has dealings can't even hand it over."""
    client = signed_in(second)
    assert client.post(case(taken, "take")).status_code == 409
    assert f">{taken.reference}<" not in page(client.get("/admin/disputes/dispute/?queue=untaken"))
    arbitrator.groups.clear()
    assert f">{taken.reference}<" in page(client.get("/admin/disputes/dispute/?queue=untaken"))
    assert client.post(case(taken, "take")).status_code == 302
    assert again(taken).arbitrator == second
    assert taken.events.filter(action="take").last().data == {"instead_of": arbitrator.pk}


def test_nobody_confirms_a_verdict_of_their_own(waiting, arbitrator, second, wes, signed_in):
    """P71: not even where the dispute were somebody else's by now."""
    arbitrator.groups.clear()
    assert signed_in(second).post(case(waiting, "take")).status_code == 409
    Dispute.objects.filter(pk=waiting.pk).update(arbitrator=second)
    arbitrator.groups.add(Group.objects.get(name="arbitrators"))
    assert signed_in(arbitrator).post(case(waiting, "confirm")).status_code == 403


def test_both_sides_read_who_is_asked_a_question(taken, arbitrator, erin, wes, signed_in):
    taken.ask("Which ones?", of=["freelancer"], by=arbitrator, key=key())
    for side in (erin, wes):
        text = page(signed_in(side).get(taken.get_absolute_url()))
        assert f"to {wes.name}" in " ".join(text.split())


def test_the_fee_is_named_where_money_is_listed_to_its_own_side(settings, request, arbitrator, erin, wes, signed_in):
    settings.ARBITRATION_FEES = fees.read("ARBITRATION_FEES", "EUR=5%")
    taken = request.getfixturevalue("taken")
    taken.decide([10_000], words="E1.", cites=[1], by=arbitrator, key=key())
    his = page(signed_in(wes).get(taken.get_absolute_url()))
    assert "€5.00" in his
    assert "€15.00" not in his
    hers = page(signed_in(erin).get(taken.get_absolute_url()))
    assert "€15.00" in hers
    assert "€5.00" not in hers
