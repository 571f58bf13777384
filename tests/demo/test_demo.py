"""What the demo promises (issue 2, point 9)."""

import datetime
from io import StringIO

import pytest

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count
from django.test import Client, override_settings
from django.utils import timezone

from accounts import todo
from accounts.models import Member, Notification, Profile
from demo import making, signins
from disputes import verification as dispute_verification
from disputes.models import Dispute
from finances.ledger.models import Account, Pending, Transfer, Verification
from finances.payments.models import Correction, Payment, PaymentSource, PayoutDestination, Withdrawal
from finances.payments.sandbox.models import SandboxCharge, SandboxInstrument, SandboxPayout
from milestones import verification
from milestones.models import (
    CancelRequest,
    ConsentRequest,
    CriteriaChange,
    Funding,
    Message,
    Milestone,
    MilestoneEvent,
    MilestoneRequest,
    ReleaseRequest,
    ReturnRequest,
)
from milestones.plans import plans_of
from projects.models import Award, Bid, Project, Review, Standing
from support.desk.models import Look

pytestmark = pytest.mark.django_db  # each test inside a savepoint of the fixture's transaction


@pytest.fixture(scope="module", autouse=True)
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, made once for all tests of this module and forgotten after them; its files are kept elsewhere."""
    away = {**settings.STORAGES["default"], "OPTIONS": {"location": tmp_path_factory.mktemp("files")}}
    elsewhere = override_settings(STORAGES={**settings.STORAGES, "default": away})
    with django_db_blocker.unblock(), transaction.atomic(), elsewhere:
        assert connection.settings_dict["NAME"].startswith("test_")
        assert making.make() is True
        yield
        transaction.set_rollback(True)
    connection.close()


def member(email: str) -> Member:
    return Member.objects.get(email=email)


def wallet(email: str, currency: str) -> int:
    return Account.objects.get(owner__email=email, kind="wallet", currency=currency).balance


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


def test_it_is_a_living_marketplace():
    assert Member.objects.count() == 43
    assert Project.objects.count() == 76
    assert 300 <= Milestone.objects.count() <= 360
    assert set(Milestone.objects.values_list("currency", flat=True)) == {"EUR", "USD", "GBP", "JPY"}
    assert set(Project.objects.values_list("state", flat=True)) == set(Project.State.values)


def test_it_has_every_state_of_everything():
    assert set(Milestone.objects.values_list("state", flat=True)) == set(Milestone.State.values)
    assert set(Award.objects.values_list("state", flat=True)) == set(Award.State.values)
    assert set(Bid.objects.values_list("state", flat=True)) == set(Bid.State.values)
    assert set(MilestoneEvent.objects.values_list("action", flat=True)) == set(MilestoneEvent.ACTIONS)
    returned = MilestoneEvent.objects.filter(action="return", cause="")
    assert set(returned.values_list("milestone__award__state", flat=True)) == {"declined", "revoked", "lapsed"}


def test_disputes_are_in_every_state_and_have_ended_in_every_way():
    assert set(Dispute.objects.values_list("state", flat=True)) == set(Dispute.State.values) - {"new"}
    assert set(Dispute.objects.values_list("outcome", flat=True)) == {*Dispute.Outcome.values, ""}
    assert set(Dispute.objects.values_list("currency", flat=True)) == {"EUR", "USD", "GBP", "JPY"}
    assert Dispute.objects.exclude(awaited=None).count() == 1
    assert list(dispute_verification.differences()) == []


def test_it_has_what_lies_between_the_states():
    whole = Milestone.objects.with_money()
    partly = [m for m in whole.filter(state="held") if 0 < m.released_so_far < m.amount]
    parted = [m for m in whole.filter(state="cancelled") if m.released_so_far > 0]
    assert len(partly) > 5
    assert parted
    assert all(m.events.filter(action__in=("cancel", "return")).exists() for m in parted)
    assert Project.objects.filter(state="open", bids=None).count() >= 3
    assert Project.objects.filter(state="open", bids__state="placed", awards=None).exists()
    assert any(project.awards.filter(state="accepted").count() > 1 for project in Project.objects.all())


def test_its_history_is_in_the_order_of_time_and_ends_now():
    times = list(Transfer.objects.order_by("id").values_list("created_at", flat=True))
    assert times == sorted(times)
    assert times[0] < timezone.now() - datetime.timedelta(days=180)
    assert timezone.now() - datetime.timedelta(days=2) < times[-1] <= timezone.now()
    for model, field in ((Project, "posted_at"), (Bid, "placed_at"), (Award, "awarded_at"), (Milestone, "created_at")):
        assert not model.objects.filter(**{f"{field}__gt": timezone.now()}).exists()


def test_what_was_to_be_done_by_today_is_done():
    for project in Project.objects.filter(state="closed"):
        assert not project.awards.filter(state="awaiting").exists(), project
        assert not Milestone.objects.filter(award__project=project, state="held").exists(), project


def test_yen_have_no_decimals_and_sums_are_sensible():
    for milestone in Milestone.objects.all():
        assert milestone.amount % (500 if milestone.currency == "JPY" else 5) == 0, milestone
        assert milestone.amount <= (700_000 if milestone.currency == "JPY" else 350_000), milestone
    assert Milestone.objects.exclude(currency="JPY").extra(where=["amount %% 100 <> 0"]).exists()


def test_the_books_balance():
    with connection.cursor() as cursor:
        cursor.execute("SELECT currency, sum(balance) FROM ledger_account GROUP BY currency")
        assert {code: int(total) for code, total in cursor} == dict.fromkeys(("EUR", "USD", "GBP", "JPY"), 0)
        cursor.execute(
            "SELECT a.id FROM ledger_account a"
            " LEFT JOIN ledger_transfer t ON a.id IN (t.debit_account_id, t.credit_account_id) GROUP BY a.id"
            " HAVING a.balance <> coalesce(sum(CASE a.id WHEN credit_account_id THEN t.amount ELSE -t.amount END), 0)"
        )
        assert cursor.fetchall() == []
    assert not Pending.objects.exists()
    assert list(verification.differences()) == []


def test_verify_ledger_finds_no_difference():
    said = StringIO()
    call_command("verify_ledger", stdout=said)
    assert said.getvalue().strip().endswith("no difference.")


@pytest.mark.parametrize("sign_in", signins.SIGN_INS, ids=lambda sign_in: sign_in.email)
def test_each_sign_in_can_sign_in(sign_in, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # as when the demo was made
    client = Client()
    client.post("/accounts/login/", {"login": sign_in.email, "password": signins.PASSWORD})
    assert client.session["_auth_user_id"] == str(member(sign_in.email).pk)
    assert member(sign_in.email).name == sign_in.name


def test_staff_can_look_and_nobody_else_is_staff():
    saved = {f"chat.{verb}_savedanswer" for verb in ("add", "change", "delete")}
    finance = {f"payments.{verb}" for verb in ("propose_correction", "confirm_correction", "refund_payment")}
    own = {
        signins.SUPPORTER: {
            "desk.suspend_member", "desk.look_as_member", "desk.mail_again", "milestones.give_back_by_consent",
            "chat.answer_conversation", *saved,
        },
        signins.ACCOUNTANT: finance,
        signins.MEDIATOR: {"disputes.arbitrate"},
        "ilse@example.org": {"disputes.arbitrate", *finance},  # who helps out with the books, too
    }  # fmt: skip
    staff = Member.objects.filter(is_staff=True)
    assert {m.email for m in staff} == set(own)
    for one in staff:
        assert one.has_perm("accounts.view_member")
        assert not one.is_superuser
        may = {name for name in one.get_all_permissions() if ".view_" not in name}
        assert may == own[one.email]
        assert one.has_perm("desk.view_books") is (finance <= may)


def test_a_suspended_member_is_there_and_cant_sign_in():
    rufus = member("rufus@example.org")
    assert not rufus.is_active
    assert rufus.suspensions.get().actor == member(signins.SUPPORTER)


def test_erin_has_money_in_three_currencies():
    assert wallet(signins.EMPLOYER, "EUR") >= 500_000
    assert wallet(signins.EMPLOYER, "USD") > 0
    assert wallet(signins.EMPLOYER, "JPY") > 0


def test_erins_guest_house_has_both_freelancers_at_work():
    project = Project.objects.get(title="Guest house website")
    awards = project.awards.filter(state="accepted", employer__email=signins.EMPLOYER)
    assert {award.freelancer.email for award in awards} == {signins.FIRST_FREELANCER, signins.SECOND_FREELANCER}
    held = {award.freelancer.email: award.milestones.filter(state="held").with_money() for award in awards}
    assert all(held.values())
    assert any(m.released_so_far for m in held[signins.FIRST_FREELANCER])


def test_one_award_awaits_the_first_freelancer_with_money_on_it():
    (award,) = Award.objects.filter(state="awaiting", freelancer__email=signins.FIRST_FREELANCER)
    assert award.employer.email == signins.EMPLOYER
    assert award.project.title != "Guest house website"
    assert award.answer_by > timezone.now() + datetime.timedelta(hours=24)
    assert award.milestones.get().held > 0
    assert Award.objects.filter(state="awaiting").count() == 3


def behaviours(instruments) -> list[str]:
    """How they behave at the test provider, in the order in which they are tried."""
    verified = instruments.listed().filter(state="verified", gateway="sandbox")
    return [SandboxInstrument.objects.get(reference=one.reference).behaviour for one in verified]


def test_p15_erin_has_a_card_that_pays_one_that_asks_for_a_step_and_one_that_is_declined():
    mine = PaymentSource.objects.visible_to(member(signins.EMPLOYER))
    assert behaviours(mine) == ["succeeds", "needs_step", "declined"]
    assert str(mine.usable("EUR")[0]) == "Guest house card ···· 4242"


def test_p15_others_have_two_sources_a_bank_account_and_one_that_they_never_verified():
    counts = PaymentSource.objects.values_list("owner").annotate(number=Count("pk")).values_list("number", flat=True)
    assert set(counts) == {1, 2, 3}
    assert len(counts) == 16  # all who hire
    assert PaymentSource.objects.get(kind="bank").state == "verified"
    assert PaymentSource.objects.get(state="unverified").kind == "card"


def test_p51_who_works_has_a_verified_payout_account():
    assert behaviours(PayoutDestination.objects.visible_to(member(signins.FIRST_FREELANCER))) == ["succeeds", "slow"]
    at_work = Award.objects.filter(state="accepted").values_list("freelancer", flat=True)
    assert set(at_work) <= set(PayoutDestination.objects.filter(state="verified").values_list("owner", flat=True))


def test_p17_erin_has_unfunded_milestones_declined_and_waiting_for_a_step():
    unfunded = Funding.objects.visible_to(member(signins.EMPLOYER)).unfunded()
    assert {one.payment.state for one in unfunded} == {"declined", "needs_step"}
    assert {one.award.project.title for one in unfunded} == {"Guest house website"}
    assert all(one.payment.step_url for one in unfunded if one.payment.state == "needs_step")
    assert Funding.objects.get(payment__state="succeeded").milestone.held > 0


def test_payments_and_withdrawals_are_in_every_state_that_lasts():
    assert set(Payment.objects.values_list("state", flat=True)) == {
        "succeeded", "declined", "needs_step", "processing", "cancelled",
    }  # fmt: skip
    assert set(Withdrawal.objects.values_list("state", flat=True)) == {
        "requested", "sent", "paid", "failed", "cancelled",
    }  # fmt: skip
    assert set(Withdrawal.objects.filter(owner=member(signins.FIRST_FREELANCER)).values_list("state", flat=True)) == {
        "requested", "sent", "paid",
    }  # fmt: skip


def test_every_deposit_came_from_a_payment_source():
    deposits = Transfer.objects.filter(kind="deposit")
    assert deposits.count() > 40
    assert set(deposits.values_list("key", flat=True)) == set(
        Payment.objects.filter(state="succeeded").values_list("key", flat=True)
    )


def test_the_provider_did_its_part_in_the_past_too():
    for made in (*SandboxCharge.objects.select_related("call"), *SandboxPayout.objects.select_related("call")):
        intents = Payment if isinstance(made, SandboxCharge) else Withdrawal
        intent = intents.objects.get(key=made.call.key)
        assert datetime.timedelta(0) <= made.at - intent.created_at < datetime.timedelta(hours=1)
        assert made.at < timezone.now()
    assert SandboxCharge.objects.count() + SandboxPayout.objects.count() > 60


def states() -> list[list[str]]:
    return [list(model.objects.order_by("pk").values_list("state", flat=True)) for model in (Payment, Withdrawal)]


def test_p73_the_providers_books_and_the_ledger_agree():
    before = states()
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert out.getvalue().splitlines()[-1] == "Everything agrees."
    for currency in ("EUR", "USD", "GBP", "JPY"):
        assert f"{currency}: the provider holds" in out.getvalue()
    assert states() == before  # what is open stays open: somebody wants to look at it


def test_p73_what_is_open_ends_by_itself_and_the_books_still_agree(time_machine):
    """Three days later: the bank debit arrived, the payout was sent, and nobody took the bank's step."""
    time_machine.move_to(timezone.now() + datetime.timedelta(days=3))
    call_command("reconcile", stdout=StringIO())
    assert not Payment.objects.open().exists()
    assert not Withdrawal.objects.under_way().exists()
    assert Funding.objects.filter(payment__state="cancelled").count() == 1


def test_the_stranger_has_no_part_in_it():
    sam = member(signins.STRANGER)
    assert not Project.objects.filter(employer=sam).exists()
    assert not Bid.objects.filter(freelancer=sam).exists()
    assert not Account.objects.filter(owner=sam).exists()
    assert not PaymentSource.objects.filter(owner=sam).exists()
    assert not Notification.objects.filter(member=sam).exists()


def test_news_is_there_a_little_of_it_unread_and_none_of_it_mailed(mailoutbox):
    with connection.cursor() as cursor:
        cursor.execute("SELECT task_name FROM procrastinate_jobs ORDER BY 1")
        suspended, compared = "support.desk.tasks.end_sessions", "finances.payments.tasks.compare_with_provider"
        assert [name for (name,) in cursor.fetchall()] == [compared, suspended]
    assert mailoutbox == []
    assert not Notification.objects.filter(mailed_at=None).exists()
    unread = Notification.objects.filter(read_at=None).count()
    assert 0 < unread < Notification.objects.count() / 4
    for email in (signins.EMPLOYER, signins.FIRST_FREELANCER):
        assert 0 < member(email).notifications.filter(read_at=None).count() < 15


def test_a_second_time_does_nothing():
    before = Transfer.objects.count(), Member.objects.count(), Notification.objects.count()
    assert "is there" in run()
    assert (Transfer.objects.count(), Member.objects.count(), Notification.objects.count()) == before


def test_the_sign_ins_are_printed():
    printed = run("--sign-ins")
    for sign_in in signins.SIGN_INS:
        assert sign_in.email in printed
    assert signins.PASSWORD in printed


def test_in_production_it_refuses_everything(settings):
    settings.PRODUCTION = True
    for arguments in ((), ("--reset",), ("--reset", "--yes-delete-everything"), ("--sign-ins",)):
        with pytest.raises(CommandError, match="production"):
            run(*arguments)
    with pytest.raises(making.NotHere):
        making.make()


def test_a_reset_of_a_server_of_ones_own_is_refused_unless_said_so(settings):
    settings.EMBEDDED_DATABASE = None
    with pytest.raises(CommandError, match="yes-delete-everything"):
        run("--reset")
    assert Member.objects.count() == 43


def test_no_demo_is_put_beside_members(monkeypatch):
    sam = member(signins.STRANGER)
    for own in (sam.picture, sam.profile, *sam.emailaddress_set.all()):
        own.delete()
    Member.objects.filter(email=signins.STRANGER).delete()
    before = Member.objects.count()
    assert "members of its own" in run()
    assert Member.objects.count() == before


def test_finished_work_is_completed_and_reviewed_by_both_by_one_or_by_nobody():
    """P7, P3: and everybody's standing is there."""
    awards = Award.objects.filter(state="completed").annotate(number=Count("reviews"))
    assert {award.number for award in awards} == {0, 1, 2}
    assert len({review.stars for review in Review.objects.all()}) > 2
    paid = set(MilestoneEvent.objects.filter(action="release").values_list("milestone__employer", flat=True))
    assert set(Standing.objects.filter(side="employer", milestones__gt=0).values_list("member", flat=True)) == paid
    assert not Award.objects.reviews_to_tell_of().exists()


PAIRS = (signins.EMPLOYER, signins.FIRST_FREELANCER, signins.SECOND_FREELANCER)


def test_p62_people_talk_about_their_work():
    accepted = Award.objects.filter(state__in=("accepted", "completed"))
    talk = accepted.annotate(said=Count("messages")).filter(said__range=(3, 11))
    assert talk.count() > accepted.count() * 0.7
    assert Message.objects.exclude(files=None).count() >= 8
    assert Message.objects.filter(hint="outside").get().award.employer == member(signins.EMPLOYER)
    assert {file.media_type.split(";")[0] for m in Message.objects.all() for file in m.files.all()} == {
        "image/png", "text/plain",
    }  # fmt: skip
    for email in PAIRS:
        assert 0 < Message.objects.unread_by(member(email)).count() < 10
    unread = Message.objects.unread_by(member(signins.EMPLOYER))
    assert unread.count() == 3  # old conversations have been read
    assert min(message.at for message in unread) > timezone.now() - datetime.timedelta(days=1)


def test_p32_many_milestones_say_what_done_means():
    numbers = list(Milestone.objects.annotate(lines=Count("criteria")).values_list("lines", flat=True))
    assert sum(number >= 2 for number in numbers) > len(numbers) / 2
    assert 0 in numbers
    assert max(numbers) <= 5


def test_p5_bids_bring_plans_and_one_was_made_at_once_and_one_is_still_offered():
    assert Bid.objects.exclude(plan=[]).count() > 12
    at_once = Award.objects.get(project__title="Bicycle hire page for our guests")
    assert len({milestone.created_at.replace(microsecond=0) for milestone in at_once.milestones.all()}) == 1
    assert at_once.milestones.count() == 3
    offered = Award.objects.get(project__title="Recipe cards for the breakfast table")
    assert len(plans_of([offered])[offered.pk].parts) == 3


@pytest.mark.parametrize(
    ("kind", "states"),
    [
        (ReleaseRequest, {"waiting", "agreed", "refused"}),
        (MilestoneRequest, {"waiting", "agreed", "refused", "withdrawn"}),
        (CancelRequest, {"waiting", "refused"}),
        (ReturnRequest, {"waiting", "agreed"}),
        (CriteriaChange, {"waiting", "agreed", "refused"}),
    ],
    ids=lambda value: value.kind if isinstance(value, type) else "",
)
def test_requests_of_each_kind_are_answered_and_wait(kind, states):
    assert states <= set(kind.objects.values_list("state", flat=True))
    waits = kind.objects.filter(state="waiting", award__employer__email=signins.EMPLOYER)
    assert waits.exists()
    assert all(ask.note for ask in kind.objects.all())


def test_p31_there_are_advances_and_one_is_asked_for():
    assert Milestone.objects.filter(advance=True, state="released").exists()
    assert MilestoneRequest.objects.filter(state="waiting", advance=True, award__employer__email=signins.EMPLOYER)


def test_p32_requests_for_release_come_with_files_and_ticks():
    waiting = ReleaseRequest.objects.filter(state="waiting", asked_of=member(signins.EMPLOYER))
    assert {asked.award.freelancer.email for asked in waiting} == set(PAIRS[1:])
    assert all(asked.files.exists() and not asked.unticked for asked in waiting)
    sent_back = ReleaseRequest.objects.filter(state="refused")
    assert any(asked.unticked for asked in sent_back)
    assert all(asked.answer for asked in sent_back)


@pytest.mark.parametrize("email", PAIRS)
def test_each_of_the_three_has_something_to_do_and_something_to_wait_for(email):
    mine = [entry.mine for entry in todo.all_of(member(email))]
    assert mine.count(True) >= 3
    assert mine.count(False) >= 2


def test_a_release_comes_first_in_erins_list():
    words = [entry.words for entry in todo.all_of(member(signins.EMPLOYER)) if entry.mine]
    assert "release" in words[0]


def test_p7_one_review_waits_to_be_read_until_the_other_is_written():
    hidden = Review.objects.exclude(pk__in=Review.objects.visible().values("pk"))
    assert hidden.filter(subject=member(signins.EMPLOYER), author=member(signins.FIRST_FREELANCER)).exists()


def test_p3_everybody_has_a_face_and_says_who_they_are():
    profiles = Profile.objects.all()
    assert profiles.count() == Member.objects.count()
    assert all(profile.has_picture and profile.text for profile in profiles)
    at_work = Member.objects.filter(awards_received__isnull=False).distinct()
    assert all(one.profile.skills for one in at_work)


def test_p71_a_correction_was_made_and_another_waits_for_a_second_person():
    finn = Member.objects.get(email="finance@example.com")
    made, waiting = Correction.objects.order_by("pk")
    assert (made.state, made.confirmed_by, made.corrects.kind) == ("made", finn, "fee")
    assert waiting.state == "proposed"
    assert waiting.allows("confirm", finn)


def test_p71_what_both_consented_to_went_back_can_go_back_and_waits_for_a_side():
    asked = {(each.state, each.freelancer_consents, each.employer_consents) for each in ConsentRequest.objects.all()}
    assert asked == {("agreed", True, True), ("waiting", True, True), ("waiting", True, False)}


def test_p73_the_books_were_verified_and_agree():
    assert Verification.objects.get().differences == []


def test_support_looked_as_somebody_once_and_stopped():
    look = Look.objects.get()
    assert (look.actor.email, look.end.why) == (signins.SUPPORTER, "stopped")
    assert Notification.objects.filter(member=look.member, kind="account-look").count() == 1
