"""What each group of the staff reads and does in the admin, and what it doesn't (P72)."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client

from accounts.models import Member
from tests import factories, situation
from tests.support.desk.test_nothing_by_forms import digests
from tests.test_permissions import routes, within_the_test

pytestmark = pytest.mark.django_db

GROUPS = ("support", "arbitrators", "finance")
ALL = "support arbitrators finance"
# Which groups read each list and its rows. Members are named everywhere, so all staff read who they are.
LISTS = {
    "account/emailaddress": "support",
    "accounts/auditentry": "finance",
    "accounts/member": f"{ALL} none",
    "accounts/notification": "support",
    "accounts/profile": "support",
    "auth/group": "",
    "chat/conversation": "support",
    "chat/savedanswer": "support",
    "desk/errand": "support finance",
    "desk/look": "support",
    "desk/suspension": "support",
    "disputes/dispute": ALL,
    "help/missed": "support",
    "help/vote": "support",
    "ledger/account": "support finance",
    "ledger/transfer": "support finance",
    "mfa/authenticator": "support",
    "milestones/consentrequest": "support",
    "milestones/message": "support arbitrators",
    "milestones/milestone": ALL,
    "milestones/milestonerequest": "support arbitrators",
    "milestones/releaserequest": "support arbitrators",
    "payments/correction": "support finance",
    "payments/delivery": "finance",
    "payments/payment": "support finance",
    "payments/paymentsource": "support finance",
    "payments/payoutdestination": "support finance",
    "payments/reconciliation": "finance",
    "payments/withdrawal": "support finance",
    "procrastinate/procrastinatejob": "support finance",
    "projects/award": ALL,
    "projects/bid": "support arbitrators",
    "projects/project": ALL,
    "projects/review": "support",
    "projects/standing": "support",
}
# Pages that are no list and no row: an address, and which groups are not refused with 403.
PAGES = {
    "": f"{ALL} none",
    "search/": f"{ALL} none",  # which finds what its reader may look at
    "help-figures/": "support",
    "books/": "finance",
    "books/check/?check=verify": "finance",
    "books/check/?check=compare": "finance",
    "jobs/again/": "support finance",
    "accounts/auditentry/export/": "finance",
    "accounts/member/{member}/step/suspend/": "support",
    "accounts/member/{member}/look/": "support",
    "accounts/notification/{notification}/mail/": "support",
    "payments/correction/propose/": "finance",
    "payments/correction/{correction}/step/confirm/": "finance",
    "payments/payment/{payment}/refund/": "finance",
    "milestones/consentrequest/ask/{milestone}/": "support",
    "milestones/consentrequest/{consent}/step/give_back/": "support",
    "disputes/dispute/{arbitrated}/step/take/": "arbitrators",
    "chat/conversation/{conversation}/news/": "support",
    "chat/conversation/{conversation}/step/take/": "support",
}
# The library's own, the same for everybody, and what only a superuser has.
OTHERS = {"login/", "logout/", "password_change/", "password_change/done/", "autocomplete/", "jsi18n/", "looking/stop/"}
STANDARD = ("add/", "<path:object_id>/", "")  # of each list, with those below a row


@pytest.fixture
def scene(db: None, settings: Any) -> situation.Situation:
    settings.STAFF_SECOND_FACTOR = settings.ACCOUNT_RATE_LIMITS = False
    scene = situation.build()
    scene.things.update(situation.of_the_admin())
    return scene


@pytest.fixture
def staff(scene: situation.Situation) -> dict[str, Client]:
    """A browser of one person of each group, and of one of none."""
    clients = {}
    for name in (*GROUPS, "none"):
        member = factories.MemberFactory(name=f"{name} person", email=f"{name}@example.net", is_staff=True)
        if name in GROUPS:
            member.groups.add(Group.objects.get(name=name))
        clients[name] = Client()
        clients[name].force_login(Member.objects.get(pk=member.pk))
    return clients


def answers(staff: dict[str, Client], address: str, ask: Callable[[Client, str], Any] = Client.get) -> set[str]:
    """Return who is not refused at *address*: whoever gets anything but 403 or 404."""
    found = set()
    for name, client in staff.items():
        with within_the_test():
            status = ask(client, f"/admin/{address}").status_code
        assert status < 500, address
        if status not in (403, 404):
            found.add(name)
    return found


def test_p72_each_group_reads_its_own_lists_and_rows(staff: dict[str, Client]) -> None:
    pages = {f"{model._meta.app_label}/{model._meta.model_name}": model for model in admin.site._registry}
    assert set(pages) == set(LISTS), "each list of the admin has a row above"
    for name, model in pages.items():
        expected = set(LISTS[name].split())
        assert answers(staff, f"{name}/") == expected, name
        row = model._default_manager.order_by("-pk").first()
        assert answers(staff, f"{name}/{row.pk}/change/") <= expected, name


def test_p72_each_group_takes_its_own_steps(staff: dict[str, Client], scene: situation.Situation) -> None:
    wrong = {}
    for address, groups in PAGES.items():
        found = answers(staff, scene.address(address))
        if found != set(groups.split()):
            wrong[address] = found
    assert wrong == {}


def test_p72_each_page_of_the_admin_has_a_row_above() -> None:
    def pattern(address: str) -> str:
        return re.sub(r"\{\w+\}|/step/\w+/", "*", address.partition("?")[0])

    lists = {f"{name}/{rest}" for name in LISTS for rest in STANDARD}
    there = set()
    for route in routes():
        address = route.removeprefix("admin/")
        below = re.sub(r"(<path:object_id>/)(change|delete|history)/$", r"\1", address)
        if (
            route.startswith("admin/")
            and below not in lists | OTHERS
            and "(?P" not in address
            and "admin/r/" not in route
        ):
            there.add(re.sub(r"<int:pk>|/step/<slug:action>/", "*", address))
    assert there == {pattern(address) for address in PAGES}


def crafted(name: str) -> dict[str, str]:
    """What the steps of another group take, and whatever else somebody may try."""
    said = {"reason": "Please.", "note": "Please.", "text": "Please.", "task": "all", "payer": "1", "payee": "2"}
    return {**said, "amount": "1.00", "currency": "EUR", "token": "forged", "action": name}


def test_p72_a_crafted_step_of_another_group_does_nothing(staff: dict[str, Client], scene: situation.Situation) -> None:
    before = digests()
    for address, groups in PAGES.items():
        allowed = set(groups.split())
        others = {name: client for name, client in staff.items() if name not in allowed}
        for sent in (crafted("x"), {key: value for key, value in crafted("x").items() if key != "token"}):
            for client in others.values():
                answer = client.post(f"/admin/{scene.address(address)}", sent)
                assert answer.status_code in (403, 404, 405), address
    assert digests() == before


def test_p72_no_group_may_write_by_a_form_but_support_its_texts(db: None) -> None:
    for name in GROUPS:
        held = {f"{p.content_type.app_label}.{p.codename}" for p in Group.objects.get(name=name).permissions.all()}
        writing = {right for right in held if right.split(".")[1].startswith(("add_", "change_", "delete_"))}
        texts = {f"chat.{verb}_savedanswer" for verb in ("add", "change", "delete")}
        assert writing == (texts if name == "support" else set()), name
