"""Files that people send: known by their content, never by the name or the type that they come with.

``check`` takes a picture, a PDF, a plain text or a ZIP archive and refuses everything else. Pictures are decoded and
written anew, so that nothing but the picture is kept: no place where it was taken, no script behind its end. What is
kept has a name of our own on the disk (``accounts.models.Attachment``) and leaves by ``send`` alone: as a file to
keep, never as a page.
"""

import io
import logging
import re
import unicodedata
import zipfile
from typing import Any, NamedTuple

from PIL import Image, ImageOps

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.uploadhandler import FileUploadHandler
from django.http import FileResponse, Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config import virus_scan

logger = logging.getLogger(__name__)

LONGEST_NAME = 120  # characters
MAX_PIXELS = 30_000_000  # of a picture: decoded, each takes four bytes of memory
JPEG_QUALITY = 88
MAX_ENTRIES = 5_000  # of an archive's directory
MAX_UNPACKED = 1_000_000_000  # bytes that an archive says it unpacks to
MAX_FORM = 1_000_000  # bytes of a form beside its files
# What a browser offers to choose from. A hint: what counts is the content.
ACCEPT = ".jpg,.jpeg,.png,.gif,.webp,.pdf,.txt,.zip"

JPEG, PNG, PDF, TEXT, ZIP = "image/jpeg", "image/png", "application/pdf", "text/plain; charset=utf-8", "application/zip"
EXTENSIONS = {JPEG: ".jpg", PNG: ".png", PDF: ".pdf", TEXT: ".txt", ZIP: ".zip"}
# Names end with the content's extension. These give way to it; others stay before it ("report.docx.zip").
GIVE_WAY = (".jpg", ".jpeg", ".png", ".gif", ".webp")
MARKUP = re.compile(r"\s*<[!?/a-z]", re.IGNORECASE)


class Checked(NamedTuple):
    """A file that was looked into: what it is called for people, what it is, its bytes and how many."""

    name: str
    media_type: str
    size: int
    content: bytes


class QuotaHandler(FileUploadHandler):
    """Refuses (400) a request that is longer than any form with all its files may be, before it is read."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        if content_length > settings.MAX_FILES * max_bytes() + MAX_FORM:
            raise RequestDataTooBig("The request has more bytes than all files of a form may have.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data  # to the next handler

    def file_complete(self, file_size: int) -> None:
        return None


def max_bytes() -> int:
    """The most bytes that one file may have."""
    return settings.MAX_FILE_MB * 1_000_000


def check(upload: Any) -> Checked:
    """Return what *upload* (an UploadedFile) is. ValidationError with words if it is nothing that is taken."""
    shown = safe_name(upload.name or "")
    if upload.size > max_bytes():
        raise _too_big(shown)
    upload.seek(0)
    content = upload.read(max_bytes() + 1)
    if not content:
        raise ValidationError(_("“%(name)s” is empty.") % {"name": shown}, code="empty")
    _scan(shown, content)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8")) or content[8:12] == b"WEBP":
        media_type, content = _picture(shown, content)
    elif content.startswith(b"%PDF-"):
        media_type = _pdf(shown, content)
    elif content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        media_type = _archive(shown, content)
    else:
        media_type = _text(shown, content)
    if len(content) > max_bytes():
        raise _too_big(shown)
    return Checked(_with_extension(shown, EXTENSIONS[media_type]), media_type, len(content), content)


def _scan(name: str, content: bytes) -> None:
    """Let only pass what the virus scanner calls clean, where the site has one."""
    try:
        virus_scan.scan(content)
    except virus_scan.Infected as error:
        words = _("“%(name)s” was not taken: a virus was found in it.")
        raise ValidationError(words % {"name": name}, code="virus") from error
    except virus_scan.NotScanned as error:
        words = _("“%(name)s” can't be checked for viruses now, so it was not taken. Try again later.")
        raise ValidationError(words % {"name": name}, code="not-scanned") from error


def safe_name(name: str) -> str:
    """Return the last part of *name* as one line that can be seen and turns no direction; "file" if none is left."""
    last = unicodedata.normalize("NFC", re.split(r"[/\\]", name[-2000:])[-1])
    seen = "".join(" " if sign.isspace() else sign for sign in last)
    seen = "".join(sign for sign in seen if unicodedata.category(sign)[0] != "C")
    return " ".join(seen.split()).lstrip(". ")[-LONGEST_NAME:] or "file"


def _with_extension(name: str, extension: str) -> str:
    stem, dot, end = name.rpartition(".")
    if dot and stem and (f".{end.lower()}" == extension or f".{end.lower()}" in GIVE_WAY):
        name = stem
    return name[: LONGEST_NAME - len(extension)].rstrip(". ") + extension


def _picture(name: str, content: bytes) -> tuple[str, bytes]:
    """Decode the picture, turn it as its camera says, and write its pixels anew."""
    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "GIF", "WEBP"))
        if picture.width * picture.height > MAX_PIXELS:
            raise Image.DecompressionBombError
        media_type = JPEG if picture.format in ("JPEG", "MPO") else PNG
        picture = ImageOps.exif_transpose(picture)
        picture = picture.convert(_mode(picture, media_type))
        picture.info.clear()
        written = io.BytesIO()
        if media_type == JPEG:
            picture.save(written, "JPEG", quality=JPEG_QUALITY)
        else:
            picture.save(written, "PNG")
    except Image.DecompressionBombError as error:
        words = _("“%(name)s” has more than %(millions)d million pixels. Make the picture smaller.")
        raise ValidationError(words % {"name": name, "millions": MAX_PIXELS // 1_000_000}, code="pixels") from error
    except Exception as error:  # decoders fail in many ways, and each of them means this
        raise ValidationError(_("“%(name)s” is no picture that can be read.") % {"name": name}, code="bad") from error
    return media_type, written.getvalue()


def _mode(picture: Image.Image, media_type: str) -> str:
    """Return in which of few modes the picture loses nothing that can be seen."""
    if media_type == PNG and (picture.mode.endswith(("A", "a")) or "transparency" in picture.info):
        return "RGBA"
    if picture.mode in ("1", "L"):
        return "L"
    return picture.mode if picture.mode.startswith("I;16") else "RGB"


def _pdf(name: str, content: bytes) -> str:
    if not content.rstrip(b"\0\t\r\n ").endswith(b"%%EOF"):
        raise ValidationError(_("“%(name)s” is no PDF that can be read.") % {"name": name}, code="bad")
    return PDF


def _archive(name: str, content: bytes) -> str:
    """Read the archive's directory, and nothing that is in it."""
    if content.count(b"PK\x01\x02") > MAX_ENTRIES:
        words = _("“%(name)s” has more than %(count)d files in it.") % {"name": name, "count": MAX_ENTRIES}
        raise ValidationError(words, code="entries")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except Exception as error:  # as above: it reads what anybody may have written
        words = _("“%(name)s” is no ZIP archive that can be read.") % {"name": name}
        raise ValidationError(words, code="bad") from error
    if unpacked > MAX_UNPACKED:
        raise ValidationError(_("“%(name)s” unpacks to too much.") % {"name": name}, code="unpacks")
    return ZIP


def _text(name: str, content: bytes) -> str:
    """Text in UTF-8 with no control characters but line breaks and tabs. Markup is no plain text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if any(unicodedata.category(sign) == "Cc" and sign not in "\n\r\t" for sign in text):
        words = _("“%(name)s” can't be sent: only pictures (JPEG, PNG, GIF, WebP), PDF, plain text and ZIP archives.")
        raise ValidationError(words % {"name": name}, code="kind")
    if MARKUP.match(text):
        words = _("“%(name)s” is a page or a drawing made of code, which is not taken. Put it into a ZIP archive.")
        raise ValidationError(words % {"name": name}, code="markup")
    return TEXT


def _too_big(name: str) -> ValidationError:
    words = _("“%(name)s” is larger than %(megabytes)d MB.") % {"name": name, "megabytes": settings.MAX_FILE_MB}
    return ValidationError(words, code="size")


def too_many() -> ValidationError:
    """What is said of more files than a form takes."""
    most = settings.MAX_FILES
    words = ngettext("Choose at most %(count)d file.", "Choose at most %(count)d files.", most) % {"count": most}
    return ValidationError(words, code="count")


def send(attachment: Any) -> FileResponse:
    """Send a kept file (an ``Attachment``) to be kept, not shown. 404 if it is gone from the disk.

    Who may have it is for the view to know.
    """
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        logger.error("%s %s: its file %s is gone", type(attachment).__name__, attachment.pk, attachment.file.name)
        raise Http404 from error
    response = FileResponse(content, as_attachment=True, filename=attachment.name, content_type=attachment.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"  # the site's own gives way to it
    response["Cache-Control"] = "private, no-store"
    return response
