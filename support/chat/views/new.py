"""Beginning a conversation, about the thing that the member was looking at (P60)."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from config import steps, subjects
from config.refusals import TooOften
from support.chat import figures
from support.chat.forms import NewForm
from support.chat.models import Conversation
from support.chat.models.messages import LONGEST


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The form; ``?about=milestone-7`` says what it is about, where that is a thing that the member may look at."""
    about = request.POST.get("about", "") or request.GET.get("about", "")
    subject = subjects.read(about, request.user)
    status = 200
    if request.method == "POST":
        form, status = NewForm(request.POST, request.FILES), 422
        if form.is_valid():
            said = {name: form.cleaned_data[name] for name in ("title", "text", "files")}
            about = subject.reference if subject else ""
            try:
                key = steps.key_for(request, {**said, "about": about})
                return redirect(Conversation.open(by=request.user, about=about, key=key, **said))
            except TooOften as refusal:
                form.add_error(None, str(refusal))
                status = 429
    else:
        form = NewForm(initial={"key": uuid.uuid4(), "title": subject.title[:120] if subject else ""})
    open_one = None
    if subject:
        own = Conversation.objects.visible_to(request.user).filter(about=subject.reference)
        open_one = own.exclude(state=Conversation.State.CLOSED).order_by("-pk").first()
    context = {"form": form, "subject": subject, "longest": LONGEST, "open_one": open_one}
    return render(request, "support/new.html", {**context, "expectation": figures.expectation()}, status=status)
