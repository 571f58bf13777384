"""Answers that support gives often, ready to be inserted and changed before they are sent."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

NAME = "{name}"  # stands for the member's first name


class SavedAnswer(models.Model):
    """A text for one language. It is no history: support adds, changes and deletes it as any notice on a board."""

    title = models.CharField(_("title"), max_length=80)
    language = models.CharField(
        _("language"), max_length=10, choices=settings.LANGUAGES, default=settings.CODE_LANGUAGE
    )
    text = models.TextField(_("text"), max_length=3_000, help_text=_("{name} becomes the member's first name."))

    class Meta:
        verbose_name = _("saved answer")
        verbose_name_plural = _("saved answers")
        ordering = ("language", "title")

    def __str__(self) -> str:
        return f"{self.title} ({self.language})"

    def words_for(self, name: str) -> str:
        """Return the text as it is said to the member who is called *name*."""
        return self.text.replace(NAME, name)
