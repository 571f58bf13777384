"""Review the other side of a completed award (P7): stars and words, written once."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from config import steps
from config.refusals import WrongState
from projects.forms import ReviewForm
from projects.models import Award, Review


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    parties = Award.objects.visible_to(request.user).select_related("project", "employer", "freelancer")
    award = get_object_or_404(parties, pk=pk)
    form = ReviewForm(request.POST if request.method == "POST" else None, initial={"key": uuid.uuid4()})
    other = award.freelancer if request.user.pk == award.employer_id else award.employer
    try:
        if form.is_bound and form.is_valid():
            said = {"stars": form.cleaned_data["stars"], "text": form.cleaned_data["text"]}
            Review.write(award, by=request.user, key=steps.key_for(request, said), **said)
            messages.success(request, _("Your review of %(name)s is written.") % {"name": other.get_short_name()})
            return steps.done(request, award.project)
        Review.require(award, request.user)
    except WrongState as refusal:
        return steps.stale(request, refusal, award.project)
    context = {"award": award, "other": other, "form": form, "back": award.project.get_absolute_url()}
    return render(request, "projects/review.html", context, status=422 if form.is_bound else 200)
