"""Members' pages: profile, standing and why it is what it is, picture (P3)."""

import datetime
import io
import uuid

import pytest
import time_machine
from PIL import Image

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Picture, Profile
from finances.payments.models import PaymentSource
from milestones import standing as computed
from projects import standing
from projects.models import Review, Standing
from tests import factories
from tests.finances.dashboard.conftest import awarded
from tests.finances.payments.memory import saved
from tests.money import EUR, JPY
from tests.situation import hold
from tests.steps import error_at, page


def picture(size=(400, 300), kind="PNG", name="me.png", colour="#aa3355", exif=None) -> SimpleUploadedFile:
    content = io.BytesIO()
    Image.new("RGB", size, colour).save(content, kind, **({"exif": exif} if exif else {}))
    return SimpleUploadedFile(name, content.getvalue())


@pytest.fixture
def story(erin, wes, fund):
    """Erin paid Wes 150.00 in euros over two projects and 3,000 yen, and holds more."""
    fund(erin, EUR("1000.00"))
    fund(erin, JPY("100000"))
    for code, amounts in (("EUR", (10_000, 3_700)), ("EUR", (1_300,)), ("JPY", (3_000,))):
        award = awarded(erin, wes, currency=code)
        for amount in amounts:
            hold(award, "Part", amount).release(amount, by=erin, key=uuid.uuid4())
    hold(awarded(erin, wes), "Only held", 20_000)
    computed.recount()
    return award


def test_it_says_who_somebody_is_to_everybody_who_is_signed_in(wes, sam, signed_in, client):
    Profile(member=wes).change(text="I build <b>small</b> sites.", skills=["django", "design"])
    text = page(signed_in(sam).get(f"/members/{wes.pk}/"))
    assert "<h1>Wes Adeyemi</h1>" in text
    assert "I build <b>small</b> sites." in text  # with its entities read
    assert "<b>small</b>" not in signed_in(sam).get(f"/members/{wes.pk}/").content.decode()
    assert '/projects/?skill=django"' in text
    assert "Edit your profile" not in text
    assert wes.email not in text
    assert "Edit your profile" in page(signed_in(wes).get(f"/members/{wes.pk}/"))
    assert client.get(f"/members/{wes.pk}/")["Location"].startswith("/accounts/login/")


def test_a_suspended_member_has_no_page(wes, sam, signed_in):
    signed_in(wes).post("/profile/", {"picture": picture()})
    assert signed_in(sam).get(f"/members/{wes.pk}/picture/").status_code == 200
    wes.is_active = False
    wes.save()
    for address in ("", "standing/", "picture/"):
        assert signed_in(sam).get(f"/members/{wes.pk}/{address}").status_code == 404


def test_the_profile_is_edited_by_its_member(wes, signed_in):
    client = signed_in(wes)
    answer = client.post("/profile/", {"text": "Quick.", "skills": "Django, CSS , django"})
    assert (answer.status_code, answer["Location"]) == (302, f"/members/{wes.pk}/")
    profile = Profile.objects.get(member=wes)
    assert (profile.text, profile.skills) == ("Quick.", ["django", "css"])
    assert 'value="django, css"' in page(client.get("/profile/"))
    for sent, field in (({"text": "x" * 2001}, "text"), ({"skills": ",".join("abcdefghijk")}, "skills")):
        refused = client.post("/profile/", sent)
        assert refused.status_code == 422
        assert error_at(refused, field)
    profile.refresh_from_db()
    assert profile.text == "Quick."


def test_a_picture_becomes_a_small_square_of_our_own(wes, sam, signed_in):
    client = signed_in(wes)
    exif = Image.Exif()
    exif[0x010E] = "where I live"
    client.post("/profile/", {"picture": picture((900, 500), "JPEG", "me.jpg", exif=exif)})
    profile = Profile.objects.get(member=wes)
    address = f"/members/{wes.pk}/picture/?v={profile.pictures}"
    assert address in page(signed_in(sam).get(f"/members/{wes.pk}/"))
    answer = signed_in(sam).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "private, max-age=31536000, immutable"
    assert b"where I live" not in answer.content
    assert Image.open(io.BytesIO(answer.content)).size == (256, 256)
    assert signed_in(sam).get(f"/members/{wes.pk}/picture/?v=99")["Cache-Control"] == "private, no-cache"


def test_each_picture_has_another_address_and_none_is_kept_that_was_removed(wes, signed_in):
    client = signed_in(wes)
    for number in (1, 2):
        client.post("/profile/", {"picture": picture()})
        assert Profile.objects.get(member=wes).pictures == number
    client.post("/profile/", {"text": "Still here."})
    assert Picture.objects.get().version == 2
    client.post("/profile/", {"remove": "on"})
    assert not Picture.objects.exists()
    assert client.get(f"/members/{wes.pk}/picture/?v=2").status_code == 404
    assert "<img" not in page(client.get(f"/members/{wes.pk}/"))
    client.post("/profile/", {"picture": picture()})
    assert Picture.objects.get().version == 3


@pytest.mark.parametrize(
    "file",
    [
        SimpleUploadedFile("me.png", b"%PDF-1.4\n%%EOF"),
        SimpleUploadedFile("me.png", b"just words"),
        SimpleUploadedFile("me.png", b"\x89PNG\r\n\x1a\nnothing"),
        SimpleUploadedFile("me.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ],
)
def test_what_is_no_picture_is_refused_at_the_field(file, wes, signed_in):
    refused = signed_in(wes).post("/profile/", {"picture": file})
    assert refused.status_code == 422
    assert error_at(refused, "picture")
    assert not Picture.objects.exists()


def test_a_new_picture_and_none_at_once_is_asked_again(wes, signed_in):
    client = signed_in(wes)
    client.post("/profile/", {"picture": picture()})
    assert client.post("/profile/", {"picture": picture(), "remove": "on"}).status_code == 422
    assert Picture.objects.get().version == 1


def test_p3_the_standing_is_shown_before_one_bids(story, erin, wes, sam, signed_in):
    project = factories.ProjectFactory(employer=erin, title="Map")
    for address in (f"/projects/{project.pk}/", f"/projects/{project.pk}/bid/", f"/members/{erin.pk}/"):
        text = page(signed_in(sam).get(address))
        assert "€150.00" in text, address
        assert "¥3,000" in text, address
        assert "not verified" in text, address
        assert f"/members/{erin.pk}/standing/#employer" in text
        assert "As of" in text
    listed = page(signed_in(sam).get("/projects/"))
    assert "€150.00 + ¥3,000 paid" in listed
    assert "Payment not verified" in listed
    saved(PaymentSource, erin)
    assert "Payment verified" in page(signed_in(sam).get("/projects/"))


def test_the_employer_sees_each_bidders_standing_beside_the_bid(story, erin, wes, sam, ana, signed_in):
    project = factories.ProjectFactory(employer=erin, title="Map")
    for bidder in (wes, ana):
        factories.BidFactory(project=project, freelancer=bidder)
    text = page(signed_in(erin).get(f"/projects/{project.pk}/"))
    bids = text.split('class="bids"')[1]
    assert bids.count("Why these figures?") == 2
    assert "€150.00" in bids
    assert f'href="/members/{wes.pk}/"' in bids
    assert "bid-standing" not in page(signed_in(wes).get(f"/projects/{project.pk}/"))


def test_every_figure_says_why_and_no_single_deal_is_told(story, erin, wes, sam, signed_in):
    text = page(signed_in(sam).get(f"/members/{wes.pk}/standing/"))
    assert "Earned through milestones: <strong>" in text
    assert "For 2 projects, over 3 milestones." in text
    assert f"{timezone.now():%B %Y}: 4" in text
    for private in ("€100.00", "€37.00", "€13.00", "Erin", "Guest house website", "€200.00"):
        assert private not in text
    assert "not verified" in text


def test_who_is_new_here_is_told_to_be_so(sam, wes, signed_in):
    text = page(signed_in(wes).get(f"/members/{sam.pk}/"))
    assert text.count("nothing yet") == 2
    assert "none yet" in text
    assert "No review can be read yet." in text
    assert signed_in(wes).get(f"/members/{sam.pk}/standing/").status_code == 200


def test_reviews_are_read_page_by_page(erin, wes, sam, signed_in, monkeypatch):
    monkeypatch.setattr("projects.views.member.PAGE", 2)
    for number in range(3):
        award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
        award.complete(by=erin, key=uuid.uuid4())
        Review.write(award, by=erin, stars=5 - number, text=f"Words {number}.", key=uuid.uuid4())
        Review.write(award, by=wes, stars=3, text="Fine.", key=uuid.uuid4())
    computed.refresh()
    text = page(signed_in(sam).get(f"/members/{wes.pk}/"))
    assert "Words 2." in text
    assert "Words 1." in text
    assert "Words 0." not in text
    assert "3 reviews" in text
    assert "4.0" in text
    older = text.split('href="?before=')[1].split('"')[0]
    assert "Words 0." in page(signed_in(sam).get(f"/members/{wes.pk}/", {"before": older}))
    for bad in ("x", "9" * 30, "-1", "\0"):
        assert signed_in(sam).get(f"/members/{wes.pk}/", {"before": bad}).status_code == 200


def test_no_page_computes_it(story, erin, wes, sam, signed_in):
    """P3: pages read a few rows, however much has happened."""
    project = factories.ProjectFactory(employer=erin, title="Map")
    factories.BidFactory(project=project, freelancer=wes)
    for person, address in (
        (sam, "/projects/"),
        (sam, f"/projects/{project.pk}/"),
        (sam, f"/projects/{project.pk}/bid/"),
        (sam, f"/members/{wes.pk}/"),
        (sam, f"/members/{wes.pk}/standing/"),
        (erin, f"/projects/{project.pk}/"),
    ):
        client = signed_in(person)
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 14, address
        for query in queries:
            assert "milestoneevent" not in query["sql"], address


def test_bids_and_lists_take_no_query_a_row(story, erin, wes, signed_in):
    project = factories.ProjectFactory(employer=erin, title="Map")

    def queries(person, address):
        client = signed_in(person)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    def bid():
        freelancer = factories.MemberFactory()
        Profile(member=freelancer).change(text="", skills=[])
        Standing.objects.create(
            member=freelancer, side="freelancer", milestones=1, completed=0, reviews=0, stars=0, as_of=timezone.now()
        )
        factories.BidFactory(project=project, freelancer=freelancer)

    bid()
    before = queries(erin, f"/projects/{project.pk}/"), queries(wes, "/projects/")
    for _ in range(5):
        bid()
        factories.ProjectFactory()
    assert (queries(erin, f"/projects/{project.pk}/"), queries(wes, "/projects/")) == before


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than an hour"),
        (3599, "less than an hour"),
        (3600, "about 1 hour"),
        (5 * 3600 + 1700, "about 5 hours"),
        (47 * 3600, "about 47 hours"),
        (3 * 86_400, "about 3 days"),
    ],
)
def test_a_time_is_said_as_one_says_it(seconds, words):
    assert standing.time_words(seconds) == words


@pytest.mark.parametrize(
    ("reviews", "stars", "average", "drawn"),
    [(1, 5, "5.0", "★★★★★"), (2, 9, "4.5", "★★★★★"), (3, 13, "4.3", "★★★★☆"), (3, 5, "1.7", "★★☆☆☆")],
)
def test_the_average_is_rounded_to_one_decimal(wes, reviews, stars, average, drawn):
    Standing.objects.create(
        member=wes, side="freelancer", milestones=0, completed=1, reviews=reviews, stars=stars, as_of=timezone.now()
    )
    figures = standing.figures([wes], "freelancer")[wes.pk]
    assert (figures.average, figures.stars) == (average, drawn)


def test_a_removed_source_verifies_nobody(erin, sam, signed_in):
    source = saved(PaymentSource, erin)
    assert standing.verified_among([erin.pk, sam.pk]) == {erin.pk}
    PaymentSource.objects.filter(pk=source.pk).update(state="removed")
    assert standing.verified_among([erin.pk, sam.pk]) == set()


def test_a_review_becomes_readable_by_itself_when_its_time_is_over(erin, wes, sam, signed_in):
    """No job is needed for it."""
    award = factories.accepted(factories.AwardFactory(employer=erin, freelancer=wes))
    award.complete(by=erin, key=uuid.uuid4())
    Review.write(award, by=erin, stars=3, text="It was late.", key=uuid.uuid4())
    assert "It was late." not in page(signed_in(sam).get(f"/members/{wes.pk}/"))
    with time_machine.travel(timezone.now() + datetime.timedelta(days=14, seconds=5), tick=True):
        assert "It was late." in page(signed_in(sam).get(f"/members/{wes.pk}/"))
