"""Jobs that the worker has given up."""

from typing import Any

from procrastinate.contrib.django.models import ProcrastinateJob

from django.db.models import QuerySet


def failed(jobs: QuerySet[Any] | None = None) -> QuerySet[Any]:
    """Return those of *jobs* (all) that failed, and won't be tried again by themselves."""
    return (ProcrastinateJob.objects.all() if jobs is None else jobs).filter(status="failed")
