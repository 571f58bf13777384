"""What those who watch the site ask: whether the process lives, and whether it can work."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

_migrated = False  # whether this process has seen that nothing is left to migrate; it stays so until it ends


@never_cache
@login_not_required  # asked by machines
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 while this process serves requests. A database that is down is no reason to restart it."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@login_not_required  # asked by machines
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if members can be served, else 503, with each part as ``ok`` or ``failed`` and no more than that."""
    parts = {"database": _database(), "migrations": False, "cache": False}
    if parts["database"]:
        parts["migrations"], parts["cache"] = _migrations(), _cache()
    told: dict[str, Any] = {name: "ok" if fine else "failed" for name, fine in parts.items()}
    return JsonResponse(told, status=200 if all(parts.values()) else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False


def _migrations() -> bool:
    """Whether the database is that of this code. Looked up until it is: this code never needs another one later."""
    global _migrated
    if not _migrated:
        try:
            executor = MigrationExecutor(connection)
            _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
        except DatabaseError:
            return False
    return _migrated


def _cache() -> bool:
    """Whether the shared cache answers: sign-ins are limited by it."""
    try:
        cache.set("readyz", 1, 10)
        return cache.get("readyz") == 1
    except DatabaseError:
        return False
