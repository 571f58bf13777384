"""A conversation as support reads and answers it in the admin."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Member
from config import steps, subjects
from config.refusals import TooOften, WrongState
from support.chat import entries
from support.chat.forms import AnswerForm, HandOverForm
from support.chat.lifecycle import ANSWER
from support.chat.models import Conversation, SavedAnswer
from support.chat.views.conversation import number

DONE = {
    "take": gettext_lazy("You look after it now."),
    "hand-over": gettext_lazy("It is handed over."),
    "close": gettext_lazy("The conversation is closed."),
}


def of_reader(request: HttpRequest, pk: int) -> Conversation:
    """Return the conversation, for reading; PermissionDenied for who asked it themselves."""
    found = get_object_or_404(Conversation.objects.select_related("member", "taken_by"), pk=pk)
    if found.member_id == request.user.pk:
        raise PermissionDenied(_("You asked this yourself, so others look after it. Read it as a member."))
    return found


def colleagues(conversation: Conversation) -> QuerySet[Member]:
    """Return who else may answer in *conversation*."""
    app, codename = ANSWER.split(".")
    right = {"codename": codename, "content_type__app_label": app}
    given = Q(**{f"user_permissions__{name}": value for name, value in right.items()})
    given |= Q(**{f"groups__permissions__{name}": value for name, value in right.items()})
    found = Member.objects.filter(given, is_active=True, is_staff=True).exclude(pk=conversation.member_id)
    return found.distinct().order_by("name", "pk")


def saved_answers(member: Member) -> QuerySet[SavedAnswer]:
    """Return the saved answers, those in the language that *member* reads first."""
    other = Case(When(language=member.reads, then=0), default=1, output_field=IntegerField())
    return SavedAnswer.objects.annotate(other=other).order_by("other", "title")


def conversation(
    model_admin: Any, request: HttpRequest, found: Conversation, *, form: Any = None, status: int = 200
) -> HttpResponse:
    """The whole page: what it is about, all that was said and done, and the steps that the reader may take."""
    before = number(request.GET.get("before", ""))
    rows, more = entries.newest(entries.of_staff(found), before)
    actions = {row.name for row in found.actions_for(request.user)}
    context = {
        **model_admin.admin_site.each_context(request),
        "title": str(found),
        "opts": model_admin.opts,
        "conversation": found,
        "entries": entries.shown(rows, request.user, for_staff=True),
        "earlier": f"?before={rows[0].pk}" if more else "",
        "since": rows[-1].pk if rows else 0,
        "newest": before is None,
        "may": {name.replace("-", "_"): name in actions for name in found.lifecycle},
        "form": form or AnswerForm(initial={"key": uuid.uuid4()}),
        "saved": saved_answers(found.member),
        "hand_over": HandOverForm(colleagues=colleagues(found).exclude(pk=found.taken_by_id or 0)),
        "step_key": uuid.uuid4(),
        "subject": subjects.read(found.about, found.member),
        "subject_url": subjects.staff_url(found.about, found.member),
        "others": Conversation.objects.filter(member=found.member).exclude(pk=found.pk).order_by("-pk")[:5],
        "mine": found.taken_by_id == request.user.pk,
    }
    return TemplateResponse(request, "admin/chat/conversation.html", context, status=status)


def news(request: HttpRequest, found: Conversation) -> HttpResponse:
    """Answer an open page with what came after ``?since=``; nothing (204) where nothing did."""
    since = number(request.GET.get("since", ""))
    rows = entries.after(entries.of_staff(found), since) if since is not None else []
    if not rows:
        return HttpResponse(status=204)
    shown = entries.shown(rows, request.user, for_staff=True)
    return render(request, "admin/chat/_news.html", {"entries": shown, "since": rows[-1].pk})


def step(model_admin: Any, request: HttpRequest, found: Conversation, action: str) -> HttpResponse:
    """Take a step and go back to the conversation; 422 at the field, 429 too often, 409 where it can't be done."""
    back = reverse("admin:chat_conversation_change", args=[found.pk])
    if action not in ("write", *DONE):
        raise Http404
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    try:
        if action == "write":
            return _write(model_admin, request, found, back)
        key = steps.key_for(request, {"to": request.POST.get("to", "")})
        if action == "hand-over":
            found.require("hand-over", request.user)
            form = HandOverForm(request.POST, colleagues=colleagues(found))
            if not form.is_valid():
                raise WrongState(_("This colleague can't answer here (any more)."))
            found.hand_over(by=request.user, to=form.cleaned_data["to"], key=key)
        else:
            getattr(found, action)(by=request.user, key=key)
    except WrongState as refusal:
        found.refresh_from_db()
        facts = [(_("State"), found.get_state_display()), (_("Taken by"), found.taken_by or "–")]
        return steps.stale(request, refusal, back, facts)
    messages.success(request, DONE[action])
    return redirect(back)


def _write(model_admin: Any, request: HttpRequest, found: Conversation, back: str) -> HttpResponse:
    """Answer or note, or insert a saved answer into what is being written."""
    do = request.POST.get("do", "answer")
    found.require("note" if do == "note" else "answer", request.user)
    if do == "insert":
        return _insert(model_admin, request, found)
    form, status = AnswerForm(request.POST, request.FILES), 422
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("text", "files")}
        try:
            key = steps.key_for(request, {**said, "do": do})
            if do == "note" and said["files"]:
                form.add_error("files", _("A note has no files."))
            elif do == "note":
                found.note(by=request.user, text=said["text"], key=key)
                return redirect(f"{back}#writing")
            else:
                found.answer(by=request.user, key=key, **said)
                return redirect(f"{back}#writing")
        except TooOften as refusal:
            form.add_error(None, str(refusal))
            status = 429
    return conversation(model_admin, request, found, form=form, status=status)


def _insert(model_admin: Any, request: HttpRequest, found: Conversation) -> HttpResponse:
    """Show the page again, with a saved answer behind what was typed. Nothing is said yet."""
    typed = request.POST.get("text", "").replace("\0", "")
    chosen = number(request.POST.get("saved", ""))
    saved = SavedAnswer.objects.filter(pk=chosen).first() if chosen is not None else None
    words = saved.words_for(found.member.get_short_name()) if saved else ""
    initial = {"key": uuid.uuid4(), "text": "\n\n".join(part for part in (typed.strip(), words) if part)}
    return conversation(model_admin, request, found, form=AnswerForm(initial=initial))
