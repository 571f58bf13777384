"""Members and what they are told."""

import uuid
import zoneinfo
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
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
    """Something that a member is told, in the app and by e-mail. Its text is made when it is read."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    words = models.JSONField(default=dict)  # what the kind's sentence needs: names, amounts as text
    path = models.CharField(max_length=200)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    # What could not be mailed is tried again, after a pause that doubles.
    mail_after = models.DateTimeField(db_default=Now())
    mail_failures = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        indexes = [
            models.Index(fields=["member", "-id"], name="notification_of_member"),
            models.Index(fields=["member"], condition=models.Q(read_at=None), name="notification_unread"),
            models.Index(fields=["mail_after"], condition=models.Q(mailed_at=None), name="notification_unmailed"),
        ]
