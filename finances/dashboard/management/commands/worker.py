"""``manage.py worker``: runs the jobs and folds the shared accounts until it is told to stop.

It stands on the roof because a worker runs what every floor below has to do later: the tasks of all apps
(their ``tasks.py``) and the ledger's folding.
"""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

import procrastinate.exceptions
import psycopg
from asgiref.sync import sync_to_async
from procrastinate import PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params

from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from config import caller
from finances.ledger.folding import fold

logger = logging.getLogger(__name__)

FOLD_EVERY = 0.25  # seconds
PAUSE = 1.0  # seconds before the database is tried again
CONNECT = 5.0  # seconds that jobs wait for a connection before the database counts as lost
LOST = (DatabaseError, InterfaceError, psycopg.Error, procrastinate.exceptions.ConnectorException)


class Command(BaseCommand):
    help = "Runs jobs and folds shared accounts until SIGTERM or Ctrl-C. Several workers may run at once."

    def handle(self, **options: Any) -> None:
        for handler in logging.getLogger().handlers:
            handler.addFilter(_is_no_lost_database)
        stop = threading.Event()
        folding = threading.Thread(target=keep_folding, args=(stop,), name="folding")
        folding.start()
        try:
            asyncio.run(keep_working(stop))
        finally:
            stop.set()
            folding.join()


def _is_no_lost_database(record: logging.LogRecord) -> bool:
    """Keep Procrastinate's tracebacks of a lost database out of the log: Trouble says it in a line."""
    return not (record.exc_info and isinstance(record.exc_info[1], LOST))


def keep_folding(stop: threading.Event) -> None:
    """Fold all that is pending, every FOLD_EVERY seconds, until *stop*. A lost database is waited for."""
    trouble = Trouble("folding")
    while not stop.is_set():
        try:
            close_old_connections()
            while fold() and not stop.is_set():
                pass
            trouble.over()
        except LOST as error:
            trouble.met(error)
            connections.close_all()
        stop.wait(FOLD_EVERY)
    connections.close_all()


async def keep_working(stop: threading.Event) -> None:
    """Run jobs until a signal comes, and set *stop*. A lost database is waited for.

    A running job is finished first.
    """
    loop = asyncio.get_running_loop()
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    trouble = Trouble("running jobs")
    while not asked.is_set():
        try:
            await _work(asked, trouble.over)
        except LOST as error:
            trouble.met(error)
            # The connections that tasks used on other threads may be dead as well.
            await sync_to_async(connections.close_all)()
        if not asked.is_set():
            await _either(asked.wait(), asyncio.sleep(PAUSE))
    stop.set()


async def _work(asked: asyncio.Event, ready: Callable[[], None]) -> None:
    # A second app for the worker's own connections, with the same tasks. The tasks keep the first one, so a job
    # that a job defers goes through Django's connection and is part of its transaction.
    connector = PsycopgConnector(kwargs=connector_params(), timeout=CONNECT)
    worker = app.with_connector(connector)
    async with worker.open_async():
        ready()
        options: Any = {"install_signal_handlers": False, "task_middleware": [_around_task]}
        running = asyncio.create_task(worker.run_worker_async(**options))
        await _either(asked.wait(), running)
        running.cancel()
        try:
            await running
        except asyncio.CancelledError:
            return


def _around_task(process: Any, context: Any, worker: Any) -> Any:
    """Run a job on behalf of its name, on the thread of its own: a connection there that died is made anew."""
    close_old_connections()
    return caller.around_task(process, context, worker)


async def _either(first: Any, second: Any) -> None:
    """Return when one of two awaitables is done; the first is given up, a task as the second goes on."""
    tasks = [asyncio.ensure_future(first), asyncio.ensure_future(second)]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    tasks[0].cancel()


class Trouble:
    """Tells the log once that the database is lost and once that it is back."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.present = False

    def met(self, error: Exception) -> None:
        if not self.present:
            logger.warning("The database is lost while %s: %s", self.what, str(error).strip())
        self.present = True

    def over(self) -> None:
        if self.present:
            logger.warning("The database is back; %s goes on.", self.what)
        self.present = False
