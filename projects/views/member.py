"""Members as others see them: profile, standing, picture; and one's own profile to edit."""

import re

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import Member, Picture, Profile
from projects.closing import review_row
from projects.forms import ProfileForm
from projects.models import Review, Standing
from projects.page import skill_links
from projects.pictures import picture_url
from projects.standing import figures

PAGE = 20
KEPT = 31_536_000  # seconds: a year, since another picture has another address


def _members() -> "QuerySet[Member]":
    """Those who have a page: a suspended member has none."""
    return Member.objects.filter(is_active=True).select_related("profile")


@require_safe
def member(request: HttpRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(_members(), pk=pk)
    reviews = Review.objects.visible().filter(subject=person).select_related("author").order_by("-id")
    before = request.GET.get("before", "")
    if re.fullmatch(r"[0-9]{1,18}", before):
        reviews = reviews.filter(pk__lt=int(before))
    found = list(reviews[: PAGE + 1])
    profile = getattr(person, "profile", None)
    context = {
        "person": person,
        "profile": profile,
        "picture": picture_url(person),
        "skills": skill_links(profile.skills) if profile else [],
        "standings": [figures([person], side)[person.pk] for side in Standing.Side],
        "reviews": [review_row(review) for review in found[:PAGE]],
        "older": f"?before={found[PAGE - 1].pk}" if len(found) > PAGE else "",
        "newest": request.path if before else "",
        "own": person.pk == request.user.pk,
    }
    return render(request, "projects/member.html", context)


@require_safe
def standing(request: HttpRequest, pk: int) -> HttpResponse:
    """Why each figure is what it is."""
    person = get_object_or_404(_members(), pk=pk)
    context = {
        "person": person,
        "back": reverse("projects:member", args=[person.pk]),
        "standings": [figures([person], side)[person.pk] for side in Standing.Side],
    }
    return render(request, "projects/standing.html", context)


@require_safe
def picture(request: HttpRequest, pk: int) -> HttpResponse:
    """The member's picture, as we have written it ourselves. Kept by the reader's own browser under its version."""
    kept = get_object_or_404(Picture.objects.filter(member__is_active=True), pk=pk)
    response = HttpResponse(kept.content, content_type=kept.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    current = request.GET.get("v") == str(kept.version)
    response["Cache-Control"] = f"private, max-age={KEPT}, immutable" if current else "private, no-cache"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """What a member says about themselves, to everybody who is signed in."""
    profile = Profile.objects.filter(member=request.user).first() or Profile(member=request.user)
    posted = request.method == "POST"
    form = ProfileForm(request.POST if posted else None, request.FILES if posted else None, profile=profile)
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data
        profile.change(
            text=wanted["text"], skills=wanted["skills"], picture=wanted["picture"], remove_picture=wanted["remove"]
        )
        messages.success(request, _("Your profile is saved."))
        return redirect("projects:member", pk=request.user.pk)
    return render(request, "projects/profile.html", {"form": form}, status=422 if form.is_bound else 200)
