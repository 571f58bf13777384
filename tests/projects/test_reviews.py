"""Both sides of a completed award review each other; nobody learns what is hidden before its time (P7)."""

import datetime
import uuid

import pytest
import time_machine

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts import todo
from accounts.models import Notification
from accounts.notices import sentence
from config.refusals import KeyConflict, WrongState
from projects.models import Award, Review, StandingDue
from projects.models.reviews import remind_of_review, tell_of_reviews
from projects.tasks import look_after_reviews
from tests import factories
from tests.projects.test_races import at_once
from tests.steps import page

WORDS = "The gallery loads slowly and nobody answered for weeks."


@pytest.fixture
def award(award) -> Award:
    """Completed just now."""
    return factories.accepted(award).complete(by=award.employer, key=uuid.uuid4())


@pytest.fixture
def url(award) -> str:
    return f"/awards/{award.pk}/review/"


def write(award, by, stars=2, text=WORDS, key=None) -> Review:
    return Review.write(award, by=by, stars=stars, text=text, key=key or uuid.uuid4())


def later(**time) -> time_machine.travel:
    return time_machine.travel(timezone.now() + datetime.timedelta(**time), tick=True)


def main_of(response) -> str:
    return page(response).split("<main")[1].split("</main>")[0]


def kinds(member) -> list[str]:
    return list(Notification.objects.filter(member=member).order_by("pk").values_list("kind", flat=True))


def test_a_review_is_written_once_with_stars_and_words(award, url, erin, wes, signed_in):
    client = signed_in(erin)
    form = client.get(url)
    assert "Review Wes" in page(form)
    key = form.context["form"]["key"].value()
    sent = {"stars": "4", "text": "Quick and careful.", "key": key}
    answers = [client.post(url, sent) for _ in range(3)]
    assert {(a.status_code, a["Location"]) for a in answers} == {(302, f"/projects/{award.project_id}/")}
    review = Review.objects.get()
    assert (review.author, review.subject, review.of) == (erin, wes, "freelancer")
    assert (review.stars, review.text) == (4, "Quick and careful.")
    again = client.post(url, {**sent, "key": str(uuid.uuid4())})
    assert again.status_code == 409
    assert "It can't be changed." in page(again)


def test_bad_input_is_said_at_the_field(url, erin, signed_in):
    client = signed_in(erin)
    for sent in ({"stars": "6"}, {"stars": "0"}, {}, {"stars": "5", "text": "x" * 1001}, {"stars": "5", "key": "none"}):
        assert client.post(url, {"key": str(uuid.uuid4()), **sent}).status_code == 422
    assert not Review.objects.exists()


def test_a_hidden_review_leaks_nothing_anywhere(award, erin, wes, sam, mia, signed_in, settings):
    """P7: the reviewee learns that there is one, and when they see it; everybody else nothing at all."""
    settings.STAFF_SECOND_FACTOR = False
    quiet = {person: main_of(signed_in(person).get(f"/members/{wes.pk}/")) for person in (erin, sam)}
    review = write(award, erin)
    told = Notification.objects.get(member=wes, kind="review-written")
    assert sentence(told).startswith("Erin Vogel has reviewed you: Guest house website. You see it when")
    addresses = [
        f"/projects/{award.project_id}/",
        "/my-work/",
        f"/awards/{award.pk}/review/",
        f"/awards/{award.pk}/money/",
        f"/members/{wes.pk}/",
        f"/members/{wes.pk}/standing/",
        "/notifications/",
        "/",
    ]
    root = factories.MemberFactory(name="Root", is_staff=True, is_superuser=True)
    admin = ["/admin/projects/review/", f"/admin/projects/review/{review.pk}/change/"]
    for person, pages in ((wes, addresses), (sam, addresses), (mia, addresses), (root, [*addresses, *admin])):
        client = signed_in(person)
        for address in pages:
            text = page(client.get(address, follow=True))
            assert WORDS not in text, (person, address)
            assert "★" not in text, (person, address)
            assert "2 of 5 stars" not in text, (person, address)
    for person, text in quiet.items():
        assert main_of(signed_in(person).get(f"/members/{wes.pk}/")) == text
    assert list(Review.objects.visible()) == []
    assert list(Review.objects.visible_to(wes)) == []
    assert list(Review.objects.visible_to(erin)) == [review]
    assert "Erin has reviewed you." in page(signed_in(wes).get(f"/projects/{award.project_id}/"))
    assert WORDS in page(signed_in(erin).get(f"/projects/{award.project_id}/"))


def test_both_are_read_once_both_are_in(award, erin, wes, sam, signed_in):
    write(award, erin)
    StandingDue.objects.all().delete()
    write(award, wes, stars=5, text="Clear from the first day.")
    assert Review.objects.visible().count() == 2
    for person in (erin, wes):
        text = page(signed_in(person).get(f"/projects/{award.project_id}/"))
        assert WORDS in text
        assert "Clear from the first day." in text
        assert kinds(person)[-1] == "reviews-readable"
    assert WORDS in page(signed_in(sam).get(f"/members/{wes.pk}/"))
    assert "Clear from the first day." in page(signed_in(sam).get(f"/members/{erin.pk}/"))
    assert set(StandingDue.objects.values_list("member", flat=True)) == {erin.pk, wes.pk}
    with later(days=15):
        look_after_reviews()
    assert kinds(erin).count("reviews-readable") == 1


def test_one_is_read_after_its_days_and_none_can_be_written_any_more(award, url, erin, wes, signed_in):
    """P7: 14 days, of the day of completion: another setting later changes nothing for it."""
    write(award, erin)
    with later(days=13, hours=23):
        assert not Review.objects.visible().exists()
        assert signed_in(wes).get(url).status_code == 200
    with later(days=14, minutes=1):
        assert Review.objects.visible().count() == 1
        response = signed_in(wes).get(url)
        assert response.status_code == 409
        assert "The time for reviews of this award is over." in page(response)
        with pytest.raises(WrongState):
            write(award, wes)
        assert WORDS in page(signed_in(wes).get(f"/projects/{award.project_id}/"))


def test_a_longer_time_for_reviews_hides_nothing_again(award, erin, settings):
    write(award, erin)
    with later(days=15):
        settings.REVIEW_DAYS = 60
        assert Review.objects.visible().count() == 1


def test_only_the_two_sides_and_only_after_completion(award, url, erin, wes, ana, sam, signed_in):
    other = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    for method in ("get", "post"):
        assert getattr(signed_in(sam), method)(url).status_code == 404
        assert getattr(signed_in(erin), method)(f"/awards/{other.pk}/review/").status_code == 409
    with pytest.raises(PermissionDenied):
        write(award, sam)
    with pytest.raises(WrongState, match="once the employer has marked"):
        write(other, wes)
    key = uuid.uuid4()
    write(award, wes, key=key)
    with pytest.raises(KeyConflict):
        write(award, erin, key=key)


def test_the_job_tells_and_reminds_once_late_or_twice(award, erin, wes):
    write(award, erin)
    look_after_reviews()
    with later(days=11):
        look_after_reviews()
    assert "review-due" not in kinds(wes)
    for _ in range(2):
        with later(days=12, hours=1):
            look_after_reviews()
    assert (kinds(wes).count("review-due"), kinds(erin).count("review-due")) == (1, 0)
    StandingDue.objects.all().delete()
    for days in (14, 15, 40):
        with later(days=days, hours=1):
            look_after_reviews()
    assert (kinds(wes).count("reviews-readable"), kinds(erin).count("reviews-readable")) == (1, 1)
    assert StandingDue.objects.count() == 2


def test_a_job_that_slept_through_it_all_reminds_nobody(award, erin, wes):
    write(award, wes)
    with later(days=20):
        look_after_reviews()
    assert "review-due" not in kinds(erin)
    assert kinds(erin).count("reviews-readable") == 1


def test_where_nobody_wrote_nobody_is_told(award, erin, wes, signed_in):
    with later(days=15):
        look_after_reviews()
        assert "Nobody wrote one." in page(signed_in(erin).get(f"/projects/{award.project_id}/"))
    award.refresh_from_db()
    assert award.reviews_told_at
    assert "reviews-readable" not in kinds(erin) + kinds(wes)


def test_a_time_of_two_days_needs_no_reminder(erin, wes, settings):
    settings.REVIEW_DAYS = 2
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    award.complete(by=erin, key=uuid.uuid4())
    with later(hours=47):
        look_after_reviews()
    assert "review-due" not in kinds(wes)


def test_the_list_of_things_to_do_names_it_on_both_sides(award, erin, wes):
    def waits(member):
        return [(entry.mine, entry.words) for entry in todo.all_of(member) if "review" in entry.words]

    assert waits(erin) == [(True, "You can review Wes.")]
    write(award, erin)
    assert waits(erin) == [(False, "Wes has yet to review you.")]
    assert waits(wes) == [(True, "You can review Erin.")]
    entry = next(entry for entry in todo.all_of(wes) if "review" in entry.words)
    assert (entry.url, entry.until) == (f"/awards/{award.pk}/review/", award.review_by)
    write(award, wes)
    assert waits(erin) == waits(wes) == []


def test_what_was_written_can_not_be_changed_or_taken_away(award, erin):
    review = write(award, erin)
    for spoil in (
        lambda: Review.objects.filter(pk=review.pk).update(stars=5),
        lambda: Review.objects.filter(pk=review.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match="its rows are history"), transaction.atomic():
            spoil()


@pytest.mark.django_db(transaction=True)
def test_both_at_once_are_both_written_and_told_once(erin, wes):
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    award.complete(by=erin, key=uuid.uuid4())
    keys = [uuid.uuid4(), uuid.uuid4()]
    results = at_once(
        *(lambda: write(award, erin, key=keys[0]) for _ in range(2)),
        *(lambda: write(award, wes, key=keys[1]) for _ in range(2)),
    )
    assert all(isinstance(result, Review) for result in results), results
    assert Review.objects.count() == 2
    assert kinds(erin).count("reviews-readable") == kinds(wes).count("reviews-readable") == 1
    connection.close()


def test_two_runs_that_found_the_same_award_say_it_once(award, erin, wes):
    with later(days=12, hours=1):
        (found,) = Award.objects.reviews_to_remind_of()
        assert [remind_of_review(found) for _ in range(2)] == [2, 0]
    write(award, erin)
    with later(days=15):
        (found,) = Award.objects.reviews_to_tell_of()
        assert [tell_of_reviews(found) for _ in range(2)] == [True, False]
    for member in (erin, wes):
        assert (kinds(member).count("review-due"), kinds(member).count("reviews-readable")) == (1, 1)


def test_p7_other_words_after_going_back_are_not_taken_for_written(url, erin, signed_in):
    client, form = signed_in(erin), {"stars": "2", "text": WORDS, "key": str(uuid.uuid4())}
    assert [client.post(url, form).status_code for _ in range(2)] == [302, 302]
    again = client.post(url, {**form, "stars": "5"})
    assert again.status_code == 409
    assert "You have written your review." in page(again)
    assert Review.objects.get().stars == 2
