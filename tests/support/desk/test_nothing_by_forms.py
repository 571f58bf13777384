"""Nobody changes money, history, states, evidence or their own rights by a form of the admin (P70), whatever they send.

For every page of the admin, also those of models to come: adding, changing, deleting, the rows below a thing, the
list's own fields and actions, and the windows that other forms open, each as a crafted POST with every column.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.db import connection, models, transaction
from django.forms.models import _get_foreign_key
from django.test import Client, RequestFactory

from accounts.models import Member
from tests import factories, situation
from tests.test_permissions import within_the_test

pytestmark = pytest.mark.django_db

# What is written by a form, by whom, and why it may be.
TEXTS = {"chat.savedanswer"}  # support's own words; no history
RIGHTS = {"auth.group", "accounts.member"}  # superusers give others rights, never themselves
READ = {"chat.conversation", "disputes.dispute"}  # pages of their own, that show themselves whatever is sent
ACTIONS = {"chat.savedanswer": {"delete_selected"}, "procrastinate.procrastinatejob": {"try_again"}}
# What no page changes, and changes by being read or asked: who signed in, what was counted, what was asked for.
LEFT_OUT = {"django_session", "accounts_auditentry", "django_cache"}

PAGES = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)


@pytest.fixture
def scene(db: None, settings: Any) -> situation.Situation:
    settings.STAFF_SECOND_FACTOR = settings.ACCOUNT_RATE_LIMITS = False
    cache.clear()
    scene = situation.build()
    situation.of_the_admin()
    return scene


def everybody() -> dict[str, Member]:
    """A superuser, and somebody of all groups who was given every permission that there is, too."""
    root = factories.MemberFactory(email="root@example.net", is_staff=True, is_superuser=True)
    all_ = factories.MemberFactory(email="all@example.net", is_staff=True)
    all_.groups.set(Group.objects.all())
    all_.user_permissions.set(Permission.objects.all())
    return {"superuser": Member.objects.get(pk=root.pk), "all rights": Member.objects.get(pk=all_.pk)}


def digests() -> dict[str, str]:
    """A digest of every table of the database, but of those that are left out."""
    tables = sorted(set(connection.introspection.table_names()) - LEFT_OUT)
    digest = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(digest.format(table) for table in tables))
        return dict(cursor.fetchall())


def other(field: Any, value: Any) -> str:
    """Another value than *value* for *field*, as a form would send it."""
    if isinstance(field, models.BooleanField):
        return "" if value else "on"
    if isinstance(field, models.ForeignKey):
        rows = field.related_model._default_manager.exclude(pk=value).values_list("pk", flat=True)
        return str(rows.order_by("-pk").first() or value or "")
    if isinstance(field, models.IntegerField | models.DecimalField):
        return str((value or 0) + 1)
    if field.choices:
        return str(next((key for key, _ in field.flatchoices if key != value), value))
    if isinstance(field, models.EmailField):
        return "another@example.org"
    if isinstance(field, models.DateTimeField):
        return "2020-01-01 00:00:00"
    return f"{value or ''}x"


def typed(model: Any, row: Any, prefix: str = "") -> dict[str, str]:
    """Every column of *model*, with another value than *row* has."""
    sent = {}
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        value = getattr(row, field.attname, None)
        sent[f"{prefix}{field.name}"] = text = other(field, value)
        if isinstance(field, models.DateTimeField):
            sent[f"{prefix}{field.name}_0"], _, sent[f"{prefix}{field.name}_1"] = text.partition(" ")
    return {name: value for name, value in sent.items() if value != ""}


def inlines(page: Any, row: Any) -> dict[str, str]:
    """The rows below *row*: the first changed, or deleted, and one added."""
    sent = {}
    for inline in page.inlines:
        shown = inline(page.model, admin.site)
        key = _get_foreign_key(page.model, inline.model, fk_name=shown.fk_name)
        prefix = shown.get_formset(RequestFactory().get("/"), row, fields=[]).get_default_prefix()
        found = inline.model._default_manager.filter(**{key.name: row}).order_by("pk").first()
        begin = int(found is not None)
        sent |= {f"{prefix}-TOTAL_FORMS": str(begin + 1), f"{prefix}-INITIAL_FORMS": str(begin)}
        for number in range(begin + 1):
            sent |= typed(inline.model, found if number < begin else None, f"{prefix}-{number}-")
            sent[f"{prefix}-{number}-{key.name}"] = str(row.pk)
        if found is not None:
            sent |= {f"{prefix}-0-{found._meta.pk.name}": str(found.pk), f"{prefix}-0-DELETE": "on"}
    return sent


def requests(model: Any, page: Any, row: Any, reader: Member) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every address of *model*'s page that takes a POST, with what somebody would send who knows how."""
    at = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    sent, windows = typed(model, row), ("", "?_popup=1")
    for window in windows:
        yield f"{at}add/{window}", {**sent, "_popup": "1"} if window else {**sent, "_save": "1"}
    for window in windows:
        for button in ("_save", "_continue", "_saveasnew"):
            yield f"{at}{row.pk}/change/{window}", {**sent, **inlines(page, row), button: "1"}
        yield f"{at}{row.pk}/delete/{window}", {"post": "yes"}
    listed = {f"form-0-{name}": value for name, value in sent.items()}
    forms = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(row.pk), "_save": "1"}
    yield at, {**listed, **forms, f"form-0-{model._meta.pk.name}": str(row.pk)}
    request = RequestFactory().get(at)
    request.user = reader
    for action in {"delete_selected", *page.actions, *page.get_actions(request)}:
        yield at, {"action": action, "_selected_action": [str(row.pk)], "select_across": "0", "post": "yes"}


@pytest.mark.parametrize("person", ["superuser", "all rights"])
def test_p70_no_form_changes_anything(scene: situation.Situation, person: str) -> None:
    reader = everybody()[person]
    client = Client(raise_request_exception=False)
    client.force_login(reader)
    mine = TEXTS | RIGHTS if person == "superuser" else TEXTS
    before, wrong = digests(), []
    for model in PAGES:
        label, page = model._meta.label_lower, admin.site._registry[model]
        row = model._default_manager.order_by("-pk").first()
        assert row is not None, f"the scene has no {label}"
        with within_the_test():
            for address, sent in requests(model, page, row, reader):
                answer = client.post(address, sent)
                listed = address.endswith(f"/{model._meta.model_name}/")  # a list takes posts: of its actions
                shown = label in READ and "/change/" in address and answer.status_code == 200
                refused = listed or shown or answer.status_code in (403, 404)
                if answer.status_code >= 500 or (label not in mine and not refused):
                    wrong.append(f"{address}: {answer.status_code}")
            after = digests()
            changed = {table for table in before if after[table] != before[table]}
            if label not in mine and changed:
                wrong.append(f"{label}: changed {changed}")
            if label in TEXTS and model._meta.db_table not in changed:
                wrong.append(f"{label}: what was sent would not have changed what may be changed")
            transaction.set_rollback(True)
    assert wrong == [], "\n" + "\n".join(wrong)


@pytest.mark.parametrize("person", ["superuser", "all rights"])
def test_p70_pages_offer_no_more_than_this(scene: situation.Situation, person: str, rf: RequestFactory) -> None:
    request = rf.get("/admin/")
    request.user = everybody()[person]
    mine = TEXTS | {"auth.group"} if person == "superuser" else TEXTS
    for model in PAGES:
        label, page = model._meta.label_lower, admin.site._registry[model]
        row = model._default_manager.order_by("-pk").first()
        allowed = [page.has_add_permission(request), page.has_delete_permission(request, row)]
        assert allowed == [label in mine] * 2, label
        gives = label in RIGHTS and person == "superuser"
        assert page.has_change_permission(request, row) == (label in mine or gives), label
        groups = {"delete_selected"} if label == "auth.group" and person == "superuser" else set()
        assert set(page.get_actions(request)) == ACTIONS.get(label, groups), label
        assert not page.list_editable, label
        for more in ("actions_list", "actions_detail", "actions_row", "actions_submit_line"):  # the theme's own
            assert not getattr(page, more), (label, more)
        for inline in page.inlines:
            below = inline(model, admin.site)
            may = [below.has_add_permission(request, row), below.has_change_permission(request, row)]
            assert [*may, below.has_delete_permission(request, row)] == [False] * 3, (label, inline)


def test_p70_nobody_gives_themselves_rights(scene: situation.Situation) -> None:
    for reader in everybody().values():
        client = Client()
        client.force_login(reader)
        before = reader.is_superuser, set(reader.groups.all()), set(reader.user_permissions.all())
        rights = {"is_superuser": "on", "is_staff": "on", "is_active": "on"}
        some = [str(pk) for pk in Permission.objects.order_by("pk").values_list("pk", flat=True)[:3]]
        groups = [str(pk) for pk in Group.objects.values_list("pk", flat=True)[:1]]
        sent = {**rights, "groups": groups, "user_permissions": some}
        for window in ("", "?_popup=1"):
            answer = client.post(
                f"/admin/accounts/member/{reader.pk}/change/{window}",
                {**sent, "user_permissions": [str(pk) for pk in some]},
            )
            assert answer.status_code == 403
        reader.refresh_from_db()
        assert (reader.is_superuser, set(reader.groups.all()), set(reader.user_permissions.all())) == before
    group = Group.objects.get(name="support")
    answer = client.post(
        f"/admin/auth/group/{group.pk}/change/", {"name": "support", "permissions": [str(pk) for pk in some]}
    )
    assert answer.status_code == 403, "the last of them is no superuser"
    assert group.permissions.count() > len(some)
