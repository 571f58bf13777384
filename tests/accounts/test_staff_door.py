"""Who gets into the admin, and what nobody can do there."""

import pytest
from allauth.mfa.totp.internal import auth as totp

from django.contrib.auth.models import Group, Permission

pytestmark = pytest.mark.django_db


def test_the_door_is_the_sites_own_sign_in(client):
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_members_who_are_not_staff_are_refused_with_words(signed_in, erin):
    answer = signed_in(erin).get("/admin/login/")
    assert answer.status_code == 403
    assert "not yours" in answer.text


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/member/", "/admin/password_change/", "/admin/jsi18n/"])
def test_without_a_second_factor_staff_are_sent_to_set_one_up(signed_in, sue, settings, path):
    settings.STAFF_SECOND_FACTOR = True
    answer = signed_in(sue).get(path, follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/2fa/"
    assert "The admin opens when you have set up a second step" in answer.text


def test_with_a_second_factor_the_admin_opens(signed_in, sue, settings):
    settings.STAFF_SECOND_FACTOR = True
    totp.TOTP.activate(sue, totp.generate_totp_secret())
    assert signed_in(sue).get("/admin/").status_code == 200


def test_where_no_second_factor_is_asked_for_the_admin_opens(signed_in, sue, settings):
    settings.STAFF_SECOND_FACTOR = False
    assert signed_in(sue).get("/admin/").status_code == 200


def test_only_the_admins_pages_let_a_script_read_expressions(signed_in, sue, settings):
    settings.STAFF_SECOND_FACTOR = False
    client = signed_in(sue)
    for path, permitted in (
        ("/admin/", True),
        ("/admin/accounts/member/", True),
        ("/", False),
        ("/notifications/", False),
    ):
        policy = client.get(path)["Content-Security-Policy"]
        assert ("'unsafe-eval'" in policy) is permitted, path
        assert "'unsafe-inline'" not in policy
    assert "<style" not in client.get("/admin/").text


def test_staff_read_members_and_change_nothing(signed_in, sue, erin, settings):
    settings.STAFF_SECOND_FACTOR = False
    client = signed_in(sue)
    assert "erin@example.com" in client.get("/admin/accounts/member/?q=vogel").text
    assert client.get(f"/admin/accounts/member/{erin.pk}/change/").status_code == 200
    assert client.post(f"/admin/accounts/member/{erin.pk}/change/", {"name": "X"}).status_code == 403
    assert client.post(f"/admin/accounts/member/{erin.pk}/delete/", {"post": "yes"}).status_code == 403


def test_staff_with_every_permission_cant_give_themselves_rights(signed_in, sue, settings):
    settings.STAFF_SECOND_FACTOR = False
    sue.user_permissions.set(Permission.objects.all())
    answer = signed_in(sue).post(
        f"/admin/accounts/member/{sue.pk}/change/", {"is_active": "on", "is_staff": "on", "is_superuser": "on"}
    )
    sue.refresh_from_db()
    assert answer.status_code == 403
    assert not sue.is_superuser


def test_a_superuser_gives_rights_to_others_and_not_to_themselves(signed_in, sue, mia, settings):
    settings.STAFF_SECOND_FACTOR = False
    sue.is_superuser = True
    sue.save()
    client = signed_in(sue)
    inlines = ("suspensions", "looks")
    story = {f"{prefix}-{kind}_FORMS": "0" for prefix in inlines for kind in ("TOTAL", "INITIAL")}
    assert client.post(f"/admin/accounts/member/{mia.pk}/change/", story).status_code == 302
    mia.refresh_from_db()
    assert not mia.is_staff
    assert client.post(f"/admin/accounts/member/{sue.pk}/change/", {"is_active": "on"}).status_code == 403
    assert client.post(f"/admin/accounts/member/{mia.pk}/delete/", {"post": "yes"}).status_code == 403


def test_groups_are_changed_by_superusers_alone(signed_in, sue, settings):
    settings.STAFF_SECOND_FACTOR = False
    own = Group.objects.create(name="own")
    sue.groups.add(own)
    sue.user_permissions.set(Permission.objects.filter(content_type__app_label="auth"))
    client = signed_in(sue)
    assert client.get("/admin/auth/group/").status_code == 403
    assert client.post(f"/admin/auth/group/{own.pk}/change/", {"name": "own"}).status_code == 403
    assert client.post("/admin/auth/group/add/", {"name": "more"}).status_code == 403
    sue.is_superuser = True
    sue.save()
    assert client.get(f"/admin/auth/group/{own.pk}/change/").status_code == 200


@pytest.mark.parametrize("kind", ["account/emailaddress", "mfa/authenticator"])
def test_nobody_changes_how_members_sign_in(signed_in, sue, erin, settings, kind):
    settings.STAFF_SECOND_FACTOR = False
    sue.is_superuser = True
    sue.save()
    totp.TOTP.activate(erin, "a secret that nobody reads")
    client, pk = (
        signed_in(sue),
        {"account/emailaddress": erin.emailaddress_set, "mfa/authenticator": erin.authenticator_set},
    )
    one = pk[kind].get().pk
    answer = client.get(f"/admin/{kind}/{one}/change/")
    assert answer.status_code == 200
    assert "secret that nobody" not in answer.text
    assert client.post(f"/admin/{kind}/{one}/change/", {"email": "thief@example.com"}).status_code == 403
    assert client.post(f"/admin/{kind}/{one}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"/admin/{kind}/add/").status_code == 403
