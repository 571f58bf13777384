"""Members and what they are told."""

import uuid
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models.functions import Lower, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.uploads import LONGEST_NAME, Checked


class MemberManager(BaseUserManager["Member"]):
    """Makes members; ``createsuperuser`` uses it too."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        member = self.model(email=self.normalize_email(email).lower(), **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, email: str | None) -> "Member":
        return self.get(email__iexact=email)


def known_time_zone(name: str) -> None:
    """Raise ValidationError unless *name* is an IANA time zone."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("That is not a time zone we know."))


class Member(AbstractBaseUser, PermissionsMixin):
    """A person. One member can hire on one project and work on another."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[known_time_zone])
    language = models.CharField(_("language"), max_length=10, blank=True, default="", db_default="")
    is_staff = models.BooleanField(_("staff"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(Lower("email"), name="member_email_once")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        """The first word of the name, for sentences ("Release €400.00 to Wes?")."""
        return self.name.split(" ")[0]

    @property
    def reads(self) -> str:
        """The language in which this member is written to: the one they chose, else the site's."""
        return self.language if self.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE

    @property
    def initials(self) -> str:
        """One or two letters for the avatar."""
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def display_name(member: Member) -> str:
    """How allauth names a member in its pages and e-mails."""
    return str(member)


class Event(models.Model):
    """A lasting record of a confirmed step (P26): who, when, from which address, what they were shown.

    Its ``key`` is the operation's key: the ledger's transfers of the same operation carry it too. Rows are never
    changed or deleted; triggers in the migrations of the apps that inherit this see to it.
    """

    at = models.DateTimeField(default=timezone.now, editable=False)
    actor = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=30)
    key = models.UUIDField(null=True, unique=True)
    address = models.GenericIPAddressField(null=True)
    shown = models.JSONField(default=dict)

    class Meta:
        abstract = True


def private_path(attachment: models.Model, name: str) -> str:
    """Where a file is kept, below the storage's root: a name of our own, nothing of the one it came with."""
    return f"{attachment._meta.app_label}/{timezone.now():%Y/%m}/{uuid.uuid4()}"


@contextmanager
def kept_files() -> Iterator["list[Attachment]"]:
    """Collect the files that are kept within: if that fails their rows are gone, and so go the files on the disk."""
    kept: list[Attachment] = []
    try:
        yield kept
    except BaseException:
        for attachment in kept:
            attachment.file.delete(save=False)
        raise


class Attachment(models.Model):
    """A file that somebody sent, as ``config.uploads.check`` let it in; it leaves by ``config.uploads.send``.

    ``name`` is what people call it, ``media_type`` what its content is, ``size`` its bytes. Apps inherit this and add
    what the file belongs to.
    """

    file = models.FileField(upload_to=private_path, max_length=200)
    name = models.CharField(max_length=LONGEST_NAME)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @classmethod
    def keep(cls, checked: Checked, **fields: Any) -> Self:
        """Write the file to the disk, and the row that knows it. *fields* say what it belongs to."""
        file = cls(name=checked.name, media_type=checked.media_type, size=checked.size, **fields)
        file.file.save(checked.name, ContentFile(checked.content), save=False)
        file.save(force_insert=True)
        return file


class Profile(models.Model):
    """What a member says about themselves to everybody who is signed in. Made when it is first said."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, primary_key=True, related_name="profile")
    text = models.TextField(_("text"), max_length=2000, blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    # The picture has a row of its own. Its version is the number of pictures so far, so that each has another address.
    has_picture = models.BooleanField(default=False)
    pictures = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")

    def __str__(self) -> str:
        return str(self.member)

    def change(
        self, *, text: str, skills: list[str], picture: Checked | None = None, remove_picture: bool = False
    ) -> None:
        """Say *text* and *skills*; take *picture* (a square of ``accounts.pictures``), or none any more."""
        with transaction.atomic():
            Member.objects.select_for_update(no_key=True).get(pk=self.member_id)
            old = Profile.objects.filter(pk=self.pk).first()
            if old:
                self.has_picture, self.pictures = old.has_picture, old.pictures
            self.text, self.skills, self.changed_at = text, skills, timezone.now()
            if picture or remove_picture:
                Picture.objects.filter(pk=self.pk).delete()
                self.has_picture = picture is not None
            if picture:
                self.pictures += 1
                Picture.objects.create(
                    member_id=self.member_id,
                    media_type=picture.media_type,
                    content=picture.content,
                    version=self.pictures,
                )
            self.save()


class Picture(models.Model):
    """A member's picture: at most a few dozen kilobytes, so it is kept with the rest and saved and lost with it."""

    member = models.OneToOneField(Member, on_delete=models.PROTECT, primary_key=True, related_name="picture")
    media_type = models.CharField(max_length=20)
    content = models.BinaryField()
    version = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return str(self.member)


class Notification(models.Model):
    """Something that a member is told, in the app and by e-mail. Its text is made when it is read.

    The row is also its mail. ``mail_batch`` is empty until the mail is begun; then it is the id of the first
    notification of the mail (its own, unless it is a digest), and ``mailed_at`` stays empty until the mail server has
    taken it. What is not to be mailed has a ``mail_skipped`` that says why, and the time when that was decided.
    """

    class Skipped(models.TextChoices):
        OFF = "off", _("their e-mail about this is switched off")
        READ = "read", _("read before it was due")

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=40)
    words = models.JSONField(default=dict)  # what the kind's sentence needs: names, amounts as text
    path = models.CharField(_("page"), max_length=200)
    created_at = models.DateTimeField(_("told"), default=timezone.now)
    read_at = models.DateTimeField(_("read"), null=True)
    mail_started_at = models.DateTimeField(_("mail begun"), null=True)
    mail_batch = models.BigIntegerField(_("mail"), null=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True)
    mail_skipped = models.CharField(_("not mailed"), max_length=4, choices=Skipped, default="", db_default="")
    # Not before. A digest waits for its hour; what could not be mailed is tried again, after a pause that doubles.
    mail_after = models.DateTimeField(_("mail not before"), db_default=Now())
    mail_failures = models.SmallIntegerField(_("failed mails"), default=0, db_default=0)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        indexes = [
            models.Index(fields=["member", "-id"], name="notification_of_member"),
            models.Index(fields=["member", "-id"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(fields=["mail_after"], condition=models.Q(mailed_at=None), name="notification_unmailed"),
            models.Index(
                fields=["mail_batch"],
                condition=models.Q(mailed_at=None, mail_batch__isnull=False),
                name="notification_mail_begun",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class MailChoice(models.Model):
    """What of their notifications a member wants mailed, and when. Who has no row gets everything at once.

    Kept is what was switched off, so what comes new with a release is mailed.
    """

    EVERYTHING = "all"  # beside the groups of notice_groups: no notification is mailed while it is off

    class Delivery(models.TextChoices):
        ONCE = "once", _("At once")
        DAILY = "daily", _("Once a day, together")
        WEEKLY = "weekly", _("On Mondays, together")

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="mail_choice")
    delivery = models.CharField(max_length=6, choices=Delivery, default=Delivery.ONCE)
    off = ArrayField(models.CharField(max_length=20), default=list)

    @classmethod
    def of(cls, member_id: int) -> "MailChoice":
        """Return what the member chose, or what holds for who never chose."""
        return cls.objects.filter(pk=member_id).first() or cls(pk=member_id)

    @classmethod
    def locked(cls, member_id: int) -> "MailChoice":
        """Return it with its row locked, made where there is none; for a transaction that changes it."""
        cls.objects.get_or_create(pk=member_id)
        return cls.objects.select_for_update().get(pk=member_id)

    def mails(self, group: str) -> bool:
        """Whether notifications of *group* (or ``EVERYTHING``) are mailed."""
        return self.EVERYTHING not in self.off and group not in self.off

    @classmethod
    @transaction.atomic
    def switch(cls, member_id: int, group: str, *, on: bool) -> None:
        """Switch the mail of *group* (or of ``EVERYTHING``) on or off, and leave the others as they are."""
        choice = cls.locked(member_id)
        choice.off = sorted({*choice.off, group} - ({group} if on else set()))
        choice.save(update_fields=["off"])

    @classmethod
    @transaction.atomic
    def change(cls, member_id: int, *, delivery: str, off: list[str]) -> None:
        """Choose anew. What waited for a digest is looked at again now, so at once means at once for it, too."""
        choice = cls.locked(member_id)
        changed, choice.delivery, choice.off = choice.delivery != delivery, delivery, off
        choice.save(update_fields=["delivery", "off"])
        if changed:
            waiting = Notification.objects.filter(member_id=member_id, mailed_at=None, mail_batch=None)
            waiting.update(mail_after=timezone.now())


class AuditEntry(models.Model):
    """Who did what, when and from where, as the database wrote it down itself (docs/audit.md). Never changed.

    An update's ``changes`` are {column: [before, after]}, a delete's the whole row. Of the rest (sign-ins, exports,
    pages looked at) they say what there is to say.
    """

    class Action(models.TextChoices):
        INSERT = "insert", _("added")
        UPDATE = "update", _("changed")
        DELETE = "delete", _("deleted")
        SIGN_IN = "sign-in", _("signed in")
        SIGN_OUT = "sign-out", _("signed out")
        FAILED = "failed", _("failed to sign in")
        EXPORT = "export", _("exported the audit")
        LOOK = "look", _("looked at a page as the member")

    at = models.DateTimeField(_("time"), db_default=Now())
    action = models.CharField(_("what"), max_length=10, choices=Action)
    table = models.CharField(_("table"), max_length=63, blank=True, db_column="table_name")
    row = models.CharField(_("row"), max_length=100, blank=True, db_column="row_id")
    # Without constraints: writing them down must wait for no member's row, and they are never deleted.
    member = models.ForeignKey(
        Member,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("member"),
    )
    looking_by = models.ForeignKey(
        Member,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("looking"),
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    path = models.CharField(_("where"), max_length=400, blank=True)
    changes = models.JSONField(_("changes"), default=dict)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit")
        indexes = [
            models.Index(fields=["member", "id"], name="audit_of_member"),
            models.Index(
                fields=["looking_by", "id"], condition=models.Q(looking_by__isnull=False), name="audit_of_looking"
            ),
            models.Index(fields=["table", "row", "id"], name="audit_of_row"),
            models.Index(fields=["address", "id"], condition=models.Q(address__isnull=False), name="audit_of_address"),
            models.Index(fields=["path"], opclasses=["varchar_pattern_ops"], name="audit_of_path"),
            BrinIndex(fields=["at"], name="audit_of_time", autosummarize=True),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.table} {self.row}".strip()
