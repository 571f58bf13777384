"""The site in the reader's language: chosen by the browser, by the switch, or by the member."""

import pytest

from django.urls import reverse
from django.utils import translation

from accounts import mails, notices
from accounts.models import Member, Notification
from config.money import parse_amount, typed_minor
from tests.situation import build


def switch(client, language, **more):
    return client.post(reverse("language"), {"language": language, **more})


def html_of(client, path="/", **headers):
    return client.get(path, headers=headers or None).content.decode()


@pytest.mark.django_db
class TestAnybody:
    def test_reads_what_the_browser_asks_for(self, client):
        assert '<html lang="pt-br"' in html_of(client, **{"accept-language": "pt-BR,pt;q=0.9,en;q=0.5"})
        assert '<html lang="en"' in html_of(client, **{"accept-language": "fr"})

    def test_is_told_apart_by_caches(self, client):
        answer = client.get("/", headers={"accept-language": "pt-BR"})
        assert answer["Content-Language"] == "pt-br"
        assert "Accept-Language" in answer["Vary"]

    def test_switches_without_signing_in(self, client):
        assert switch(client, "pt-br", next="/accounts/login/").url == "/accounts/login/"
        assert '<html lang="pt-br"' in html_of(client)

    def test_finds_their_language_by_its_own_name(self, client):
        page = html_of(client, **{"accept-language": "pt-BR"})
        assert "English</button>" in page
        assert "Português (Brasil)</button>" in page

    def test_gets_no_language_that_there_is_none_of(self, client):
        assert switch(client, "xx").status_code == 400
        assert switch(client, "").status_code == 400

    @pytest.mark.parametrize(
        "goal", ["//evil.example/", "https://evil.example/", "\\\\evil.example", "javascript:alert(1)"]
    )
    def test_is_not_sent_elsewhere(self, client, goal):
        assert switch(client, "en", next=goal).url == "/"


@pytest.mark.django_db
class TestMember:
    def test_keeps_the_choice_on_every_device(self, signed_in, erin):
        client = signed_in(erin)
        switch(client, "pt-br")
        erin.refresh_from_db()
        assert erin.language == "pt-br"
        client.cookies.pop("django_language")
        assert '<html lang="pt-br"' in html_of(client, reverse("preferences"))

    def test_chooses_in_the_preferences(self, signed_in, erin):
        client = signed_in(erin)
        client.post(reverse("preferences"), {"name": erin.name, "language": "pt-br", "time_zone": ""})
        erin.refresh_from_db()
        assert erin.language == "pt-br"
        answer = client.post(reverse("preferences"), {"name": erin.name, "language": "xx", "time_zone": ""})
        assert answer.status_code == 422

    def test_is_written_to_in_the_language_of_the_sign_up(self, client, db):
        client.post(
            reverse("account_signup"),
            {"email": "nova@example.com", "name": "Nova Reis", "password1": "long-Enough-91"},
            headers={"accept-language": "pt-BR"},
        )
        assert Member.objects.get(email="nova@example.com").language == "pt-br"


@pytest.mark.django_db
class TestWhatIsTold:
    """One event, two readers: amounts, times and sentences are made when they are read (P80)."""

    @pytest.fixture
    def told(self, wes):
        return notices.tell(
            wes, "milestone-released", "/", who="Erin", sum=notices.amount(123456, "EUR"), task="Photo gallery"
        )

    def test_a_sum_is_written_as_the_reader_writes_it(self, told):
        with translation.override("en"):
            assert "€1,234.56" in notices.sentence(told)
        with translation.override("pt-br"):
            assert "€\N{NO-BREAK SPACE}1.234,56" in notices.sentence(told)

    def test_it_is_mailed_in_the_members_language(self, told, wes):
        wes.language = "pt-br"
        wes.save()
        row = Notification.objects.select_related("member").get(pk=told.pk)
        mail = mails.message([row], row.pk)
        assert "€\N{NO-BREAK SPACE}1.234,56" in mail.body
        assert "1,234.56" not in mail.body
        assert "You get this" not in mail.body

    def test_old_sums_that_were_kept_as_text_are_shown_as_they_are(self, wes):
        told = notices.tell(wes, "milestone-released", "/", who="Erin", sum="€4.00", task="Photo")
        assert "€4.00" in notices.sentence(told)

    def test_a_release_is_told_by_amount_and_not_by_text(self):
        situation = build()
        wes = situation.people["freelancer"]
        told = Notification.objects.filter(member=wes, kind__startswith="milestone-released").first()
        assert told.words["sum"] == {"as": "amount", "of": [25_000, "EUR"]}


def test_amounts_are_read_as_the_reader_types_them():
    with translation.override("pt-br"):
        assert parse_amount("1.234,56", "EUR") == 123_456
        assert typed_minor(123_456, "EUR") == "1234,56"
        with pytest.raises(ValueError, match="1234,56"):
            parse_amount("1,234.56", "EUR")
