"""What the staff had done once more, for a reason: a mail sent, the books recomputed or compared, jobs tried (P71)."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Self

from procrastinate.contrib.django import app as queue
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import PermissionDenied
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import notices
from accounts.models import Event, MailChoice, Member, Notification
from config.jobs import failed
from config.refusals import KeyConflict, WrongState
from config.seen import UNSEEN, Seen

PAUSE = timedelta(minutes=10)  # between two of the same mail


class Errand(Event):
    """One such step, for good: by whom, when, from where and why. A job does what it says, after its transaction.

    Nothing changes by it: a mail says what was told, and the checks read the books and write down what they found.
    """

    class Action(models.TextChoices):
        MAIL = "mail", gettext_lazy("Mail sent again")
        VERIFY = "verify", gettext_lazy("Books recomputed")
        COMPARE = "compare", gettext_lazy("Books compared with the provider's")
        RETRY = "retry", gettext_lazy("Jobs tried again")

    # Who reads jobs may have them tried again: a job does the same however often it runs.
    RIGHTS = {
        Action.MAIL: "desk.mail_again",
        Action.VERIFY: "desk.view_books",
        Action.COMPARE: "desk.view_books",
        Action.RETRY: "procrastinate.view_procrastinatejob",
    }
    CHECKS = {
        Action.VERIFY: ("finances.ledger.tasks.verify_ledger", "verify-ledger", "books"),
        Action.COMPARE: ("finances.payments.tasks.compare_with_provider", "compare-with-provider", "payments"),
    }

    notification = models.ForeignKey(Notification, on_delete=models.PROTECT, null=True, related_name="+")
    jobs = ArrayField(models.BigIntegerField(), default=list)  # those that were queued once more
    reason = models.TextField(max_length=2000)

    class Meta:
        ordering = ("-pk",)
        verbose_name = gettext_lazy("errand")
        verbose_name_plural = gettext_lazy("errands")
        permissions = (("mail_again", gettext_lazy("Can send a notification's mail again")),)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(action="mail", notification__isnull=False, jobs=[])
                | models.Q(action__in=("verify", "compare"), notification=None, jobs=[])
                | models.Q(action="retry", notification=None) & ~models.Q(jobs=[]),
                name="errand_about_one_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.pk}"

    def get_action_display(self) -> str:
        return str(self.Action(self.action).label)

    @classmethod
    def require_right(cls, action: str, by: Member) -> None:
        """Raise PermissionDenied, with words, for who may not."""
        if not (by.is_active and by.is_staff and by.has_perm(cls.RIGHTS[cls.Action(action)])):
            raise PermissionDenied(_("This is for staff with the right to it."))

    @classmethod
    def require(cls, action: str, notification: Notification | None, by: Member) -> None:
        """Raise PermissionDenied, with words, for who may not, and WrongState where it would be of no use now."""
        cls.require_right(action, by)
        if notification is None:
            return
        if notification.mailed_at is None:
            raise WrongState(_("It has not been mailed yet, and will be without you."))
        if not MailChoice.of(notification.member_id).mails(notices.group_of(notification.kind)):
            raise WrongState(_("Their e-mail about this is switched off."))
        lately = cls.objects.filter(notification=notification, at__gt=timezone.now() - PAUSE)
        if lately.exists():
            raise WrongState(_("It was sent again in the last ten minutes."))

    @classmethod
    @transaction.atomic
    def record(
        cls,
        action: str,
        notification: Notification | None = None,
        *,
        jobs: Sequence[int] = (),
        reason: str,
        by: Member,
        key: uuid.UUID,
        seen: Seen = UNSEEN,
    ) -> Self:
        """Write it down and have it done, and return the record. The same *key* again returns what it did then.

        Raises as ``require`` does, and KeyConflict where *key* was another step. A check that is about to run anyway
        runs once. Of *jobs* those are tried again that failed, and whose like doesn't wait already; WrongState where
        that is none.
        """
        with connection.cursor() as cursor:  # one after the other, so that the pause holds for two at once, too
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"errand {action}"])
        about = (action, notification.pk if notification else None, by.pk)
        if before := cls.objects.filter(key=key).first():
            if (before.action, before.notification_id, before.actor_id) != about:
                raise KeyConflict(key)
            return before
        cls.require(action, notification, by)
        seen.require("")
        made = cls.objects.create(
            jobs=_try_again(jobs) if action == cls.Action.RETRY else [],
            action=action, notification=notification, reason=reason, actor=by, key=key, address=seen.address,
            shown=seen.shown,
        )  # fmt: skip
        made._defer()
        return made

    def _defer(self) -> None:
        if self.action == self.Action.MAIL:
            queue.configure_task("support.desk.tasks.mail_again").defer(errand_id=self.pk)
            return
        if self.action == self.Action.RETRY:
            return
        task, lock, name = self.CHECKS[self.Action(self.action)]
        try:
            with transaction.atomic():  # a job that is there already fails a statement
                queue.configure_task(task, queueing_lock=lock, queue=name).defer(timestamp=0)
        except AlreadyEnqueued:
            pass


def _try_again(asked: Sequence[int]) -> list[int]:
    """Queue those of *asked* once more that failed, and return them."""
    done = []
    for pk in failed(ProcrastinateJob.objects.filter(pk__in=asked)).order_by("pk").values_list("pk", flat=True):
        try:
            with transaction.atomic():
                queue.job_manager.retry_job_by_id(pk, timezone.now())
            done.append(pk)
        except ConnectorException:  # somebody was quicker, or its like is waiting already
            continue
    if not done:
        raise WrongState(_("None of them can be tried again: they didn't fail, or their like is waiting already."))
    return done
