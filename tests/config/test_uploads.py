"""Files that people send are known by their content, and leave as files to keep, never as pages (P44)."""

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404
from django.test import Client
from django.utils.datastructures import MultiValueDict

from accounts.models import Attachment
from config import settings as real
from config import uploads
from config.fields import FilesField

SCRIPT = b"<script>alert(1)</script>"
ORIENTATION, PLACE = 0x0112, 0x8825


def picture(kind: str = "PNG", size=(4, 2), mode: str = "RGB", **how) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 1).save(written, kind, **how)
    return written.getvalue()


def pdf() -> bytes:
    return b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def archive(**files: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, content in files.items():
            opened.writestr(name, content)
    return written.getvalue()


def check(content: bytes, name: str = "work.bin", declared: str = "application/octet-stream") -> uploads.Checked:
    return uploads.check(SimpleUploadedFile(name, content, declared))


def refused(content: bytes, name: str = "work.bin") -> str:
    with pytest.raises(ValidationError) as caught:
        check(content, name)
    return caught.value.messages[0]


@pytest.mark.parametrize(
    ("content", "name", "kept_as", "media_type"),
    [
        (picture("JPEG"), "garden.jpeg", "garden.jpg", "image/jpeg"),
        (picture("PNG"), "garden.png", "garden.png", "image/png"),
        (picture("WEBP"), "garden.webp", "garden.png", "image/png"),
        (picture("GIF"), "garden.gif", "garden.png", "image/png"),
        (picture("PNG"), "garden.jpg", "garden.png", "image/png"),
        (picture("PNG"), "garden", "garden.png", "image/png"),
        (pdf(), "offer.pdf", "offer.pdf", "application/pdf"),
        (pdf(), "offer.exe", "offer.exe.pdf", "application/pdf"),
        ("Grüße\r\n\tWes 李".encode(), "notes.txt", "notes.txt", "text/plain; charset=utf-8"),
        (b"\xef\xbb\xbfa,b\n", "table.csv", "table.csv.txt", "text/plain; charset=utf-8"),
        (archive(a=b"1"), "work.zip", "work.zip", "application/zip"),
        (archive(a=b"1"), "letter.docx", "letter.docx.zip", "application/zip"),
    ],
)
def test_it_takes_what_the_content_is_whatever_it_is_called(content, name, kept_as, media_type):
    checked = check(content, name, "text/html")
    assert (checked.name, checked.media_type, checked.size) == (kept_as, media_type, len(checked.content))
    if not media_type.startswith("image/"):
        assert checked.content == content


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.png", "“a.png” is empty."),
        (b"<!doctype html><title>x</title>" + SCRIPT, "a.png", "a page or a drawing made of code"),
        (b'\n <svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg", "a page or a drawing made of code"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><svg/>', "a.txt", "a page or a drawing made of code"),
        (b"<!doctype html>" + SCRIPT + pdf(), "a.pdf", "a page or a drawing made of code"),
        (b"MZ\x90\x00\x03\x00\x00\x00", "a.txt", "can't be sent: only pictures"),
        (b"one\x00two", "a.txt", "can't be sent: only pictures"),
        (b"caf\xe9", "a.txt", "can't be sent: only pictures"),
        (b"\x1b[31mred", "a.txt", "can't be sent: only pictures"),
        (pdf() + SCRIPT, "a.pdf", "“a.pdf” is no PDF that can be read."),
        (pdf()[:-8], "a.pdf", "“a.pdf” is no PDF that can be read."),
        (picture()[:45], "a.png", "“a.png” is no picture that can be read."),
        (b"\xff\xd8\xff\xe0" + SCRIPT, "a.jpg", "“a.jpg” is no picture that can be read."),
        (b"RIFF\x00\x00\x00\x00WEBP" + SCRIPT, "a.webp", "“a.webp” is no picture that can be read."),
        (archive(a=b"1")[:-8], "a.zip", "“a.zip” is no ZIP archive that can be read."),
    ],
)
def test_it_refuses_what_it_does_not_know_with_words(content, name, words):
    assert words in refused(content, name)


def test_a_file_that_is_too_big_is_refused_before_it_is_looked_into(settings):
    settings.MAX_FILE_MB = 1
    assert refused(b"\xff" * 1_000_001, "film.mp4") == "“film.mp4” is larger than 1 MB."
    assert check(b"a" * 1_000_000).size == 1_000_000


def test_a_file_that_lies_about_its_size_is_refused(settings):
    settings.MAX_FILE_MB = 1
    lying = SimpleUploadedFile("a.txt", b"a" * 1_000_001)
    lying.size = 5
    with pytest.raises(ValidationError, match="larger than 1 MB"):
        uploads.check(lying)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_a_picture_nothing_but_the_picture_is_kept(kind):
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # to be turned by a quarter
    exif.get_ifd(PLACE)[1] = "N"
    exif[0x010E] = "<script>description</script>"
    sent = picture(kind, exif=exif) + SCRIPT
    assert SCRIPT in sent
    assert b"description" in sent
    kept = check(sent, "a.png").content
    assert b"script" not in kept
    opened = Image.open(io.BytesIO(kept))
    assert opened.size == (2, 4), "it stands as its camera meant it"
    assert not opened.getexif()
    assert "exif" not in opened.info
    assert "icc_profile" not in opened.info


def test_a_picture_keeps_what_shines_through_it():
    drawn = io.BytesIO()
    paletted = Image.new("P", (4, 2), 1)
    paletted.putpalette([0, 0, 0, 200, 0, 0])
    paletted.save(drawn, "PNG", transparency=1)
    kept = Image.open(io.BytesIO(check(drawn.getvalue(), "a.png").content))
    assert kept.mode == "RGBA"
    assert kept.getpixel((0, 0))[3] == 0


@pytest.mark.parametrize(
    ("kind", "mode"), [("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "1"), ("PNG", "LA"), ("PNG", "I;16")]
)
def test_it_takes_pictures_of_every_mode(kind, mode):
    assert Image.open(io.BytesIO(check(picture(kind, mode=mode)).content)).size == (4, 2)


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(6_000, 5_001), (60_000, 60_000), (2_000_000_000, 2)])
def test_a_picture_with_too_many_pixels_is_refused_before_it_is_decoded(size, monkeypatch):
    monkeypatch.setattr(Image.Image, "convert", lambda *a, **k: pytest.fail("it was decoded"))
    assert "“a.png” has more than 30 million pixels." in refused(bomb(*size), "a.png")


def test_an_archive_with_an_endless_directory_is_refused(monkeypatch):
    many = archive(**{f"f{number}": b"" for number in range(uploads.MAX_ENTRIES + 1)})
    monkeypatch.setattr(zipfile, "ZipFile", lambda *a, **k: pytest.fail("it was read"))
    assert refused(many, "a.zip") == "“a.zip” has more than 5000 files in it."


def test_an_archive_that_unpacks_to_too_much_is_refused_without_unpacking(monkeypatch):
    monkeypatch.setattr(uploads, "MAX_UNPACKED", 1_000_000)
    assert check(archive(a=b"\0" * 1_000_000)).media_type == "application/zip"
    assert refused(archive(a=b"\0" * 600_000, b=b"\0" * 600_000), "a.zip") == "“a.zip” unpacks to too much."


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\work\\plan.txt", "plan.txt"),
        ("plan\u202etxt.exe", "plantxt.exe"),
        ("plan\x00.txt", "plan.txt"),
        ("plan\r\nSet-Cookie: a=b.txt", "plan Set-Cookie: a=b.txt"),
        ("\u200b\u2066plan\u2069.txt", "plan.txt"),
        (".htaccess", "htaccess"),
        ("../..", "file"),
        ("", "file"),
        ("\u202e", "file"),
        ("Grüße 李.txt", "Grüße 李.txt"),
    ],
)
def test_a_name_is_one_line_that_can_be_seen(name, safe):
    assert uploads.safe_name(name) == safe


def test_a_long_name_is_cut_and_keeps_its_end():
    upload = SimpleUploadedFile("x", b"words")
    upload._name = "n" * 5_000 + ".md"  # past what Django cuts by itself
    checked = uploads.check(upload)
    assert len(checked.name) == 120
    assert checked.name.endswith(".txt")


class Form(forms.Form):
    files = FilesField(required=False)


def sent(*files: tuple[str, bytes]) -> Form:
    return Form({}, MultiValueDict({"files": [SimpleUploadedFile(name, content) for name, content in files]}))


def test_the_field_takes_several_files():
    form = sent(("a.txt", b"one"), ("b.png", picture()))
    assert form.is_valid(), form.errors
    assert [file.name for file in form.cleaned_data["files"]] == ["a.txt", "b.png"]


def test_the_field_takes_no_file_where_none_is_needed():
    form = sent()
    assert form.is_valid()
    assert form.cleaned_data["files"] == []


def test_the_field_asks_for_a_file_where_one_is_needed():
    form = sent()
    form.fields["files"].required = True
    assert form.errors["files"]


def test_the_field_says_what_is_wrong_with_each_file():
    errors = sent(("a.txt", b"one"), ("b.exe", b"MZ\0"), ("c.pdf", b"%PDF-")).errors["files"]
    assert len(errors) == 2
    assert "b.exe" in errors[0]
    assert "c.pdf" in errors[1]


def test_the_field_says_how_many_it_takes(settings):
    settings.MAX_FILES = 2
    assert sent(*[("a.txt", b"a")] * 3).errors["files"] == ["Choose at most 2 files."]
    assert sent(*[("a.txt", b"a")] * 2).is_valid()


def test_the_field_is_a_box_for_several_files_with_a_hint():
    html = str(Form()["files"].as_field_group())
    assert "multiple" in html
    assert 'accept=".jpg' in html
    assert "Up to 10 files of at most 10 MB" in html
    assert 'aria-describedby="id_files_helptext"' in html


class Kept(Attachment):
    """An attachment of an app that tests only know."""

    class Meta:
        app_label = "accounts"
        managed = False

    def save(self, **kwargs) -> None:
        """No table stands behind it."""


def test_it_is_kept_under_a_name_of_our_own_that_only_its_owner_can_read(settings):
    kept = Kept.keep(check(b"words", "../../my secret.txt"))
    assert (kept.name, kept.size, kept.media_type) == ("my secret.txt", 5, "text/plain; charset=utf-8")
    assert "secret" not in kept.file.name
    assert "." not in kept.file.name
    assert kept.file.name.split("/")[0] == "accounts"
    assert len(kept.file.name.split("/")) == 4


def test_it_is_sent_as_a_file_to_keep():
    kept = Kept.keep(check("Grüße".encode(), 'Grüße\u202e "x".txt'))
    answer = uploads.send(kept)
    assert b"".join(answer.streaming_content).decode() == "Grüße"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Gr%C3%BC%C3%9Fe%20%22x%22.txt"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "private, no-store"


def test_a_file_that_is_gone_from_the_disk_is_not_found_and_logged(caplog):
    kept = Kept.keep(check(b"words"))
    kept.file.storage.delete(kept.file.name)
    with pytest.raises(Http404):
        uploads.send(kept)
    assert kept.file.name in caplog.text


def test_no_address_serves_the_directory_of_the_files(db):
    kept = Kept.keep(check(b"words"))
    for address in (
        f"/{kept.file.name}",
        f"/files/{kept.file.name}",
        f"/media/{kept.file.name}",
        f"/static/{kept.file.name}",
    ):
        assert Client().get(address).status_code == 404, address


def test_the_kept_files_are_private_on_the_disk():
    """The site's own storage: nobody else on the machine reads them."""
    options = real.STORAGES["default"]["OPTIONS"]
    assert (options["file_permissions_mode"], options["directory_permissions_mode"]) == (0o600, 0o700)
    assert not options["location"].is_relative_to(real.STATIC_ROOT)


def test_more_than_a_form_takes_is_refused_before_it_is_read(settings, erin, signed_in):
    settings.MAX_FILES = settings.MAX_FILE_MB = 1
    file = SimpleUploadedFile("a.txt", b"a" * 2_100_000)
    answer = signed_in(erin).post("/preferences/", {"file": file})
    assert answer.status_code == 400
    assert "too large to be sent together" in answer.content.decode()
