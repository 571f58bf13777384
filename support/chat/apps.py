from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    """Members ask, staff answer. Plugs itself into the home page's list and into what can be written about."""

    name = "support.chat"
    verbose_name = _("Support chat")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import todo
        from support.chat.todo import unread_answers

        import_module("support.chat.notices")
        todo.register(unread_answers)
