"""The bell asks whether there is news, and every notification leads to a page (P80)."""

import pytest

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import notices
from accounts.models import Notification
from tests import situation

pytestmark = pytest.mark.django_db


def tell(member, who: str = "Erin", kind: str = "bid-placed") -> Notification:
    return notices.tell(member, kind, "/projects/1/", who=who, sum="€1.00", project="Garden")


def test_where_nothing_is_new_there_is_no_answer(signed_in, wes):
    client = signed_in(wes)
    assert client.get("/notifications/count/?seen=0&unread=0").status_code == 204
    told = tell(wes)
    assert client.get(f"/notifications/count/?seen={told.pk}&unread=1").status_code == 204


def test_what_is_new_is_told_with_the_way_to_it(signed_in, wes):
    client, old = signed_in(wes), tell(wes)
    new = tell(wes, who="Ana <b>")
    answer = client.get(f"/notifications/count/?seen={old.pk}&unread=1")
    assert answer.json() == {
        "unread": 2,
        "label": "2",
        "newest": new.pk,
        "words": "Ana <b> bids €1.00 on Garden",
        "url": f"/notifications/{new.pk}/",
    }
    assert answer["Content-Type"] == "application/json"
    assert "no-store" in answer["Cache-Control"]
    assert wes.notifications.filter(read_at=None).count() == 2, "asking is not reading"


def test_what_was_read_elsewhere_changes_the_number_and_tells_nothing(signed_in, wes):
    client, told = signed_in(wes), tell(wes)
    notices.mark_read(wes.notifications.all())
    answer = client.get(f"/notifications/count/?seen={told.pk}&unread=1")
    assert answer.json() == {"unread": 0, "label": "0", "newest": 0}


def test_many_are_counted_up_to_an_end(signed_in, wes):
    Notification.objects.bulk_create(Notification(member=wes, kind="bid-placed", path="/") for _ in range(120))
    answer = signed_in(wes).get("/notifications/count/?seen=0&unread=0").json()
    assert (answer["unread"], answer["label"]) == (100, "99+")
    assert answer["newest"] == wes.notifications.latest("pk").pk
    assert "99+" in signed_in(wes).get("/preferences/").text


def test_it_costs_one_query_beside_the_session(signed_in, wes):
    client, told = signed_in(wes), tell(wes)
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/notifications/count/?seen={told.pk}&unread=1")
    ours = [each["sql"] for each in queries if "notification" in each["sql"]]
    assert len(ours) == 1
    assert len(queries) == 3  # the session, the member, the unread ones


def test_nobody_hears_what_another_was_told(signed_in, wes, sam):
    tell(wes)
    assert signed_in(sam).get("/notifications/count/?seen=0&unread=0").status_code == 204


@pytest.mark.parametrize("seen", ["x", "-1", "9" * 40, "²", ""])
def test_what_can_not_have_been_seen_is_no_error(signed_in, wes, seen):
    tell(wes)
    assert signed_in(wes).get("/notifications/count/", {"seen": seen, "unread": seen}).status_code == 200


# --- Reading ------------------------------------------------------------------------------------------------


def test_a_notification_leads_to_its_page_and_is_read(signed_in, wes):
    told, other = tell(wes), tell(wes)
    answer = signed_in(wes).get(f"/notifications/{told.pk}/")
    assert (answer.status_code, answer.url) == (302, "/projects/1/")
    assert list(wes.notifications.filter(read_at=None)) == [other]


@pytest.mark.parametrize("ahead", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
def test_looking_ahead_is_not_reading(signed_in, wes, ahead):
    told, client = tell(wes), signed_in(wes)
    assert client.get(f"/notifications/{told.pk}/", headers=ahead).status_code == 302
    assert client.head(f"/notifications/{told.pk}/").status_code == 302
    assert wes.notifications.filter(read_at=None).exists()


def test_nobody_goes_where_another_was_sent(signed_in, wes, sam):
    told = tell(wes)
    assert signed_in(sam).get(f"/notifications/{told.pk}/").status_code == 404
    assert wes.notifications.filter(read_at=None).exists()


def test_the_page_can_show_one_group_alone(signed_in, wes):
    tell(wes)
    notices.tell(wes, "withdrawal-paid", "/", sum="€5.00", to="Bank")
    Notification.objects.create(member=wes, kind="of-an-older-release", path="/")
    client = signed_in(wes)
    page = client.get("/notifications/?about=awards").text
    assert "Erin bids" in page
    assert "was paid out" not in page
    assert '<option value="awards" selected>' in page
    assert wes.notifications.filter(read_at=None).count() == 2, "only what was shown is read"
    assert "told on its page" in client.get("/notifications/?about=other").text
    assert "Nothing about this." in client.get("/notifications/?about=reviews").text
    assert "Erin bids" in client.get("/notifications/?about=nonsense").text


def test_the_pages_of_a_group_follow_each_other(signed_in, wes):
    for number in range(27):
        tell(wes, who=f"Number {number}")
        notices.tell(wes, "withdrawal-paid", "/", sum="€5.00", to="Bank")
    client = signed_in(wes)
    second = client.get("/notifications/" + client.get("/notifications/?about=awards").context["older"])
    assert "Number 1 " in second.text
    assert "Number 2 " not in second.text
    assert "was paid out" not in second.text
    assert second.context["newer"] == "?about=awards"


def test_the_days_are_the_readers(signed_in, wes):
    wes.time_zone = "Asia/Tokyo"
    wes.save()
    tell(wes)
    Notification.objects.update(created_at="2026-03-01T20:00:00Z")
    tell(wes)
    page = signed_in(wes).get("/notifications/").text
    assert '<time datetime="2026-03-02">' in page
    assert page.count('<h2 id="day-') == 2


def test_every_notification_leads_to_a_page_that_its_member_may_see(signed_in):
    """What happens in the standard situation, and then some."""
    scene = situation.build()
    told = Notification.objects.select_related("member").order_by("pk")
    wrong = []
    for each in told:
        answer = signed_in(each.member).get(each.path)
        if answer.status_code not in (200, 302):
            wrong.append(f"{each.member}: {notices.sentence(each)}: {each.path}: {answer.status_code}")
    assert wrong == []
    assert len({each.kind for each in told}) >= 8, scene
