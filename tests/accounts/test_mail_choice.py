"""What a member wants mailed: their page, and the link in every mail (P80)."""

import re

import pytest

from django.core import mail, signing
from django.test import Client

from accounts import notice_groups, notices, unsubscribing
from accounts.models import MailChoice, Notification
from accounts.notice_groups import GROUPS
from accounts.tasks import mail_notifications

pytestmark = pytest.mark.django_db

PAGE = "/preferences/notifications/"
ALL_ON = dict.fromkeys(["everything", *GROUPS], "on")


def link(member, group: str = "money") -> str:
    return f"/notifications/unsubscribe/{unsubscribing.token(member.pk, group)}/"


def test_at_first_everything_is_mailed_at_once(signed_in, wes):
    page = signed_in(wes).get(PAGE)
    assert page.text.count(" checked") == 1 + 1 + len(GROUPS)
    assert 'value="once" ' in page.text
    assert not MailChoice.objects.exists(), "looking writes nothing"


def test_the_choice_is_saved_and_shown(signed_in, wes):
    client = signed_in(wes)
    sent = {**ALL_ON, "delivery": "weekly"}
    del sent["messages"]
    answer = client.post(PAGE, sent, follow=True)
    assert "Your choice is saved." in answer.text
    choice = MailChoice.of(wes.pk)
    assert (choice.delivery, choice.off) == ("weekly", ["messages"])
    assert re.search(r'id="id_delivery_2"[^>]* checked', answer.text)
    assert not re.search(r'id="id_messages"[^>]* checked', answer.text)
    assert re.search(r'id="id_money"[^>]* checked', answer.text)


def test_all_can_be_off_and_the_groups_keep_their_switches(signed_in, wes):
    client = signed_in(wes)
    sent = {**ALL_ON, "delivery": "once"}
    del sent["everything"], sent["reviews"]
    client.post(PAGE, sent)
    choice = MailChoice.of(wes.pk)
    assert not choice.mails("money")
    client.post(PAGE, {**sent, "everything": "on"})
    choice = MailChoice.of(wes.pk)
    assert choice.mails("money")
    assert not choice.mails("reviews")


@pytest.mark.parametrize("sent", [{}, {"delivery": "hourly"}, {"delivery": "once\x00"}])
def test_a_choice_that_there_is_not_is_told_at_its_field(signed_in, wes, sent):
    """P82"""
    answer = signed_in(wes).post(PAGE, sent)
    assert answer.status_code == 422
    assert "errorlist" in answer.text
    assert not MailChoice.objects.exists()


def test_it_is_linked_from_the_preferences_and_from_the_notifications(signed_in, wes):
    client = signed_in(wes)
    assert f'href="{PAGE}"' in client.get("/notifications/").text
    assert client.get("/preferences/").text.count(f'href="{PAGE}"') == 2  # the page's own way, and the menu's


# --- The link in mails --------------------------------------------------------------------------------------


@pytest.fixture
def mail_program() -> Client:
    """It has no cookies and no form of ours."""
    return Client(enforce_csrf_checks=True)


def test_following_the_link_changes_nothing(mail_program, wes):
    """Whoever checks mails for harm follows every link."""
    for method in (mail_program.get, mail_program.head):
        assert method(link(wes)).status_code == 200
    assert not MailChoice.objects.exists()


def test_one_click_switches_that_group_off_and_no_other(mail_program, wes):
    MailChoice.switch(wes.pk, "reviews", on=False)
    body = "List-Unsubscribe=One-Click"
    answer = mail_program.post(link(wes), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert MailChoice.of(wes.pk).off == ["money", "reviews"]
    assert "No more e-mail about: Milestones and money for me" in answer.text


def test_the_header_of_a_mail_works(mail_program, wes, settings):
    settings.SITE_URL = "https://guild.example"
    notices.tell(wes, "bid-placed", "/projects/1/", who="Ana", sum="€1.00", project="Garden")
    mail_notifications(timestamp=0)
    address = mail.outbox[0].message()["List-Unsubscribe"].strip("<>")
    mail_program.post(address.removeprefix("https://guild.example"), {"List-Unsubscribe": "One-Click"})
    assert MailChoice.of(wes.pk).off == ["awards"]


def test_it_can_be_undone_on_the_same_page(mail_program, wes):
    off = mail_program.post(link(wes))
    assert 'name="again" value="1"' in off.text
    on = mail_program.post(link(wes), {"again": "1"})
    assert "switched on again" in on.text
    assert MailChoice.of(wes.pk).off == []


def test_undoing_all_leaves_what_was_off_before(mail_program, wes):
    MailChoice.switch(wes.pk, "messages", on=False)
    everything = link(wes, MailChoice.EVERYTHING)
    mail_program.post(everything)
    assert not MailChoice.of(wes.pk).mails("money")
    mail_program.post(everything, {"again": "1"})
    assert MailChoice.of(wes.pk).off == ["messages"]


def test_it_works_for_who_can_not_sign_in_and_tells_nothing_of_them(mail_program, wes):
    old = link(wes)
    wes.is_active, wes.email = False, "elsewhere@example.com"
    wes.save()
    for answer in (mail_program.get(old), mail_program.post(old)):
        assert answer.status_code == 200
        assert not any(word in answer.text for word in ("Wes", "Adeyemi", "wes@", "elsewhere@"))
    assert MailChoice.of(wes.pk).off == ["money"]


def test_signed_in_as_another_it_is_still_about_whom_it_names(signed_in, sam, wes):
    answer = signed_in(sam).post(link(wes))
    assert answer.status_code == 200
    assert "Adeyemi" not in answer.text
    assert MailChoice.of(wes.pk).off == ["money"]
    assert not MailChoice.objects.filter(member=sam).exists()


def test_a_forged_link_leads_nowhere(mail_program, wes, sam):
    good = unsubscribing.token(wes.pk, "money")
    for_sam = unsubscribing.token(sam.pk, "money")
    forged = [
        for_sam.split(":")[0] + ":" + good.split(":")[1],
        good[:-1],
        signing.Signer(salt="another").sign_object([wes.pk, "money"]),
        signing.Signer(salt="accounts.unsubscribing").sign_object([wes.pk, "nonsense"]),
        unsubscribing.token(10**12, "money"),
        "x",
    ]
    for token in forged:
        for ask in (mail_program.get, mail_program.post):
            assert ask(f"/notifications/unsubscribe/{token}/").status_code == 404, token
    assert not MailChoice.objects.exists()


def test_a_link_is_good_for_nothing_else(client, wes):
    token = unsubscribing.token(wes.pk, "money")
    with pytest.raises(signing.BadSignature):
        signing.loads(token)
    client.post(link(wes))
    assert client.get("/notifications/").status_code == 302, "nobody is signed in by it"


# --- Groups -------------------------------------------------------------------------------------------------


def test_every_kind_of_the_site_has_a_group_that_fits():
    assert [kind for kind in notices._sentences if notices.group_of(kind) == "other"] == []
    known = {"milestone-released": "money", "milestone-not-created": "payments", "award-made": "awards"}
    known |= {"withdrawal-paid": "payments", "bid-placed": "awards", "award-completed": "reviews"}
    known |= {"milestones-created": "money", "milestone-request-fulfilled-otherwise": "money"}
    known |= {"release-sent-back": "requests", "release-withdrawn": "requests", "milestone-request-made": "requests"}
    known |= {"award-reminder": "reminders", "review-due": "reminders", "reviews-readable": "reviews"}
    assert {kind: notices.group_of(kind) for kind in known} == known


def test_every_beginning_that_decides_is_one_of_a_kind_of_the_site():
    for beginning in (*notice_groups.BEGINNINGS, *notice_groups.REMINDING):
        assert any(kind.startswith(beginning) or kind.endswith(beginning) for kind in notices._sentences), beginning


@pytest.mark.parametrize(
    ("kind", "group"),
    [
        ("return-request-asked", "requests"),
        ("return-agreed", "money"),
        ("milestone-request-made", "requests"),
        ("award-reminder", "reminders"),
        ("weather", "other"),
        ("", "other"),
    ],
)
def test_a_group_follows_from_a_name(kind, group):
    assert notice_groups.group_of(kind) == group


def test_a_kind_may_name_its_group(monkeypatch, wes):
    monkeypatch.setattr(notices, "_sentences", {})
    monkeypatch.setattr(notices, "_groups", {})
    notices.register("weather", "It rains", group="reminders")
    assert notices.group_of("weather") == "reminders"
    with pytest.raises(ValueError, match="no group"):
        notices.register("snow", "It snows", group="weather")


def test_staff_see_what_became_of_a_mail_and_change_nothing(signed_in, sue, wes, erin, settings):
    """P70"""
    settings.STAFF_SECOND_FACTOR = False
    sue.is_superuser = True
    sue.save()
    notices.tell(wes, "bid-placed", "/projects/1/", who="Ana", sum="€1.00", project="Garden")
    told = notices.tell(erin, "bid-placed", "/projects/2/", who="Wes", sum="€2.00", project="Shop")
    MailChoice.change(wes.pk, delivery="daily", off=["messages"])
    Notification.objects.filter(pk=told.pk).update(mail_failures=3)
    client = signed_in(sue)
    member = client.get(f"/admin/accounts/member/{wes.pk}/change/").text
    assert "Once a day, together · not about: Messages" in member
    listed = client.get(re.search(r'href="(/admin/accounts/notification/\?[^"]+)"', member)[1]).text
    assert "Ana bids €1.00 on Garden" in listed
    assert "Wes bids" not in listed
    one = client.get(f"/admin/accounts/notification/{told.pk}/change/").text
    assert re.search(r'<div class="readonly[^"]*">3</div>', one)
    assert client.post(f"/admin/accounts/notification/{told.pk}/change/", {"path": "/x/"}).status_code == 403
    assert client.post(f"/admin/accounts/notification/{told.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/admin/accounts/notification/add/").status_code == 403
