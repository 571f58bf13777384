"""An employer posts a project, edits it while it is open, closes it (P1)."""

import re
import uuid

import pytest

from projects.models import Project
from tests import factories

GOOD = {
    "title": "Guest house website",
    "description": "Rooms, prices <b>and</b> a booking form.",
    "skills": "Django, design , DJANGO,, web  design",
    "currency": "EUR",
    "budget_from": "500",
    "budget_to": "2,000.00",
}


def test_posts_a_project(erin, signed_in):
    client = signed_in(erin)
    assert client.get("/projects/new/").status_code == 200
    response = client.post("/projects/new/", GOOD)
    project = Project.objects.get()
    assert response["Location"] == f"/projects/{project.pk}/"
    assert (project.employer, project.state, project.currency) == (erin, "open", "EUR")
    assert (project.budget_from, project.budget_to) == (50_000, 200_000)
    assert project.skills == ["django", "design", "web design"]


def test_a_project_in_yen_has_no_decimals(erin, signed_in):
    client = signed_in(erin)
    yen = {**GOOD, "currency": "JPY", "budget_to": "200,000"}
    assert client.post("/projects/new/", {**yen, "budget_from": "500.50"}).status_code == 422
    client.post("/projects/new/", yen)
    project = Project.objects.get()
    assert (project.budget_from, project.budget_to) == (500, 200_000)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("title", "", "This field is required."),
        ("title", "x" * 121, "at most 120 characters"),
        ("title", "nul\0", "Null characters are not allowed."),
        ("title", b"\xff\xfe", None),
        ("title", "a\u202eb", "Leave out line breaks and invisible characters."),
        ("title", "a\nb", "Leave out line breaks and invisible characters."),
        ("title", "\u200b", "Leave out line breaks and invisible characters."),
        ("title", "\u3164", "Write something that can be seen."),
        ("skills", "django, \u200b", "Leave out line breaks and invisible characters."),
        ("description", "a\u202eb", "Leave out control characters."),
        ("description", "a\x1bb", "Leave out control characters."),
        ("description", "\u200b", "Write something that can be seen."),
        ("description", "", "This field is required."),
        ("description", "x" * 10_001, "at most 10000 characters"),
        ("skills", ",".join(f"skill {n}" for n in range(11)), "Name at most 10 skills."),
        ("skills", "x" * 41, "Keep each skill under 41 characters."),
        ("currency", "XXX", "Select a valid choice."),
        ("currency", "", "This field is required."),
        ("budget_from", "", "Enter an amount."),
        ("budget_from", "0", "The amount must be more than zero."),
        ("budget_from", "-1", "The amount must be more than zero."),
        ("budget_from", "1e400", "Write the amount as a number"),
        ("budget_from", "NaN", "Write the amount as a number"),
        ("budget_from", "５００", "Write the amount as a number"),
        ("budget_from", str(2**63), "more than one payment can hold"),
        ("budget_from", "9" * 41, "Write the amount as a number"),
        ("budget_from", "0.001", "EUR has 2 decimals"),
        ("budget_from", "1,5", "Write the amount as a number"),
        ("budget_to", "499.99", "must not be less than the budget&#x27;s lower end"),
    ],
)
def test_bad_input_is_told_at_the_field(field, value, words, erin, signed_in):
    """P82"""
    response = signed_in(erin).post("/projects/new/", {**GOOD, field: value})
    if words is None:  # bytes that are no text arrive as the replacement character, which is text
        assert response.status_code == 302
        return
    page = response.content.decode()
    assert response.status_code == 422
    assert words in page
    assert f'id="id_{field}_error"' in page
    assert not Project.objects.exists()


def test_a_missing_form_is_told_too(erin, signed_in):
    assert signed_in(erin).post("/projects/new/").status_code == 422


def test_html_is_shown_as_text(erin, signed_in):
    client = signed_in(erin)
    client.post("/projects/new/", GOOD)
    page = client.get(f"/projects/{Project.objects.get().pk}/").content.decode()
    assert "prices &lt;b&gt;and&lt;/b&gt; a booking form" in page
    assert "<b>and</b>" not in page


@pytest.fixture
def project(erin) -> Project:
    return factories.ProjectFactory(employer=erin)


def test_edits_an_open_project_but_not_its_currency(project, erin, signed_in):
    client = signed_in(erin)
    page = client.get(f"/projects/{project.pk}/edit/").content.decode()
    assert 'value="2000.00"' in page
    assert 'name="currency"' not in page
    client.post(f"/projects/{project.pk}/edit/", {**GOOD, "title": "New title", "currency": "USD"})
    project.refresh_from_db()
    assert (project.title, project.currency) == ("New title", "EUR")


def test_editing_refuses_bad_input(project, erin, signed_in):
    response = signed_in(erin).post(f"/projects/{project.pk}/edit/", {**GOOD, "budget_to": "1"})
    assert response.status_code == 422
    project.refresh_from_db()
    assert project.budget_to == 200_000


def test_closes_a_project_after_asking(project, erin, wes, signed_in):
    url, client = f"/projects/{project.pk}/close/", signed_in(erin)
    assert "A closed project can&#x27;t be opened again." in client.get(url).content.decode()
    project.refresh_from_db()
    assert project.state == "open"
    assert client.post(url)["Location"] == f"/projects/{project.pk}/"
    project.refresh_from_db()
    assert project.state == "closed"
    assert signed_in(wes).get(f"/projects/{project.pk}/").status_code == 404


@pytest.mark.parametrize("page", ["edit", "close"])
def test_a_closed_project_stays_as_it_is(page, project, erin, signed_in):
    project.close(by=erin)
    client = signed_in(erin)
    for response in (
        client.get(f"/projects/{project.pk}/{page}/"),
        client.post(f"/projects/{project.pk}/{page}/", GOOD),
    ):
        assert response.status_code == 409
        text = response.content.decode()
        assert "it is “Closed” now" in text
        assert "<dt>State</dt><dd>Closed</dd>" in text
        assert f'href="/projects/{project.pk}/"' in text, "the page leads on"


@pytest.mark.parametrize("page", ["edit", "close"])
def test_only_the_employer_may(page, project, erin, wes, signed_in):
    url = f"/projects/{project.pk}/{page}/"
    for response in (signed_in(wes).get(url), signed_in(wes).post(url, GOOD)):
        assert response.status_code == 403
        assert "Only the employer can" in response.content.decode()
    project.close(by=erin)
    assert signed_in(wes).get(url).status_code == 404


def test_p1_a_double_click_posts_one_project(erin, signed_in):
    client = signed_in(erin)
    key = re.search(r'name="key" value="([^"]+)"', client.get("/projects/new/").content.decode())[1]
    for _ in range(2):
        response = client.post("/projects/new/", {**GOOD, "key": key})
    assert response["Location"] == Project.objects.get().get_absolute_url()
    client.post("/projects/new/", {**GOOD, "title": "Another one", "key": key})  # back, and something else
    assert Project.objects.count() == 2


def test_a_key_is_nobody_elses(erin, sam, signed_in):
    key = str(uuid.uuid4())
    for person in (erin, sam):
        signed_in(person).post("/projects/new/", {**GOOD, "key": key})
    assert [project.employer for project in Project.objects.order_by("pk")] == [erin, sam]
