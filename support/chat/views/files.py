"""Files of conversations: for their member, and for staff who may read conversations."""

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from config import uploads
from support.chat.models import MessageFile


@require_safe
def file(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Send the file, to be kept and not to be shown."""
    found = get_object_or_404(MessageFile.objects.select_related("message__conversation"), pk=pk)
    staff = admin.site.has_permission(request) and request.user.has_perm("chat.view_conversation")
    if found.message.conversation.member_id != request.user.pk and not staff:
        raise Http404
    return uploads.send(found)
