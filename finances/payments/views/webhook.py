"""Where the payment provider tells what happened. Its signature is its sign-in."""

import logging

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from finances.payments import webhooks
from finances.payments.gateways import BadSignature

logger = logging.getLogger(__name__)

LARGEST = 256 * 1024  # bytes


@csrf_exempt  # a provider has no form of ours; the signature says that it is the one who tells
@login_not_required  # a provider is no member
@require_POST
def webhook(request: HttpRequest, name: str) -> HttpResponse:
    """Store what is signed by the provider in use, for a job to look into. It is told again what we didn't take."""
    if name != settings.PAYMENT_GATEWAY:
        return HttpResponse("unknown provider\n", status=404, content_type="text/plain")
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        return HttpResponse("too long\n", status=413, content_type="text/plain")
    try:
        webhooks.receive(name, request.body, request.headers)
    except (BadSignature, UnreadablePostError):
        return HttpResponse("not signed by the provider\n", status=400, content_type="text/plain")
    except DatabaseError:
        logger.exception("A webhook could not be stored; the provider sends it again.")
        return HttpResponse("send it again later\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
