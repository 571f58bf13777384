"""The books and what waits, for Prometheus. Computed when it is asked for, so all web processes say the same."""

import hmac
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from support.desk import books

KEPT = 15  # seconds for which an answer is given again: who asks more often costs the database nothing

WAITING = {
    "failed_jobs": "SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'",
    "waiting_jobs": "SELECT count(*) FROM procrastinate_jobs"
    " WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()",
    "payments_under_review": "SELECT count(*) FROM payments_payment WHERE state = 'review'",
    "webhooks_unhandled": "SELECT count(*) FROM payments_delivery WHERE handled_at IS NULL",
    "disputes_in_arbitration": "SELECT count(*) FROM disputes_dispute WHERE state = 'arbitration'",
    "conversations": "SELECT count(*) FROM chat_conversation WHERE state = 'waiting'",
    "transfers_to_fold": "SELECT count(*) FROM ledger_pending",
}


class Books(Collector):
    """Amounts are in minor units of the label ``currency``."""

    def collect(self) -> Iterator[Metric]:
        read = books.read()
        yield from _amounts(read)
        ages = GaugeMetricFamily(
            "milepost_last_check_age_seconds", "Age of the newest check; none where there was none", labels=["check"]
        )
        for name, of in (("verification", read.verification), ("reconciliation", read.reconciliation)):
            if (age := read.age(of)) is not None:
                ages.add_metric([name], age)
        yield ages
        problems = GaugeMetricFamily("milepost_problems", "What the books page shows in red", labels=["problem"])
        names = [problem.name for problem in read.problems]
        for name in sorted({*names, "sum", "held", "verification", "reconciliation"}):
            problems.add_metric([name], names.count(name))
        yield problems
        yield from _waiting()


def _amounts(read: books.Books) -> Iterator[Metric]:
    balance = GaugeMetricFamily("milepost_balance", "Sum of the accounts of a kind", labels=["currency", "kind"])
    total = GaugeMetricFamily("milepost_ledger_sum", "Sum of all accounts: zero", labels=["currency"])
    for currency, sums in read.sums.items():
        total.add_metric([currency], sum(sums.values()))
        for kind, amount in sums.items():
            balance.add_metric([currency, kind], amount)
    held = GaugeMetricFamily("milepost_held", "Held for milestones, by who says so", labels=["currency", "by"])
    for currency, figures in read.held.items():
        for name, amount in zip(("accounts", "employers", "freelancers"), figures, strict=True):
            held.add_metric([currency, name], amount)
    provider = GaugeMetricFamily(
        "milepost_provider_balance", "At the last comparison, by who says so", labels=["currency", "by"]
    )
    for row in read.provider:
        for name in ("provider", "ledger"):
            provider.add_metric([row["currency"], name], row[name])
    yield from (balance, total, held, provider)


def _waiting() -> Iterator[Metric]:
    waiting = GaugeMetricFamily("milepost_waiting", "What waits for somebody or something", labels=["what"])
    with connection.cursor() as cursor:
        for name, statement in WAITING.items():
            cursor.execute(statement)
            waiting.add_metric([name], cursor.fetchone()[0])
    yield waiting


@never_cache
@login_not_required  # asked by a machine, with METRICS_TOKEN
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Answer in Prometheus's text format to whoever brings METRICS_TOKEN as a bearer, else 404."""
    token = settings.METRICS_TOKEN
    brought = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(brought.encode(), f"Bearer {token}".encode()):
        raise Http404
    if (body := cache.get("metrics")) is None:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(Books())
        body = generate_latest(registry)
        cache.set("metrics", body, KEPT)
    return HttpResponse(body, content_type=CONTENT_TYPE_LATEST)
