"""Tries a transaction again that the database gave up for the sake of another one."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from psycopg import errors

from django.db import OperationalError, connection

P = ParamSpec("P")
T = TypeVar("T")
TRIES = 5


def retried(verb: Callable[P, T]) -> Callable[P, T]:
    """Run *verb*, a whole transaction, again after a deadlock or serialization failure (PostgreSQL 40P01, 40001).

    Inside an outer transaction it runs once: only the whole of it could be tried again.
    """

    @functools.wraps(verb)
    def trying(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, TRIES + 1):
            try:
                return verb(*args, **kwargs)
            except OperationalError as error:
                given_up = isinstance(error.__cause__, errors.SerializationFailure | errors.DeadlockDetected)
                if not given_up or attempt == TRIES or connection.in_atomic_block:
                    raise
                time.sleep(random.uniform(0, 0.02 * attempt))
        raise AssertionError("not reached")

    return trying
