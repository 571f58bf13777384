from importlib import import_module

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """Where the staff do what no single floor below can."""

    name = "support.desk"
    verbose_name = _("Staff's desk")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts.staff_site import register_page, register_part, register_story
        from support.desk import figures, groups, looking, queues, stories
        from support.desk.errand_steps import check, retry
        from support.desk.look_steps import stop
        from support.desk.views import books, search

        import_module("support.desk.notices")
        register_page("books/", "desk_books", books)
        register_page("books/check/", "desk_check", check)
        register_page("jobs/again/", "desk_retry", retry)
        register_page("search/", "search", search)  # in place of the theme's own, which counts and keeps what it found
        register_page("looking/stop/", "desk_stop_looking", stop)
        user_logged_out.connect(looking.signed_out, dispatch_uid="desk.looking")
        register_part(queues.part)
        register_part(figures.part)
        register_story(stories.context)
        post_migrate.connect(groups.make, sender=self, dispatch_uid="desk.groups")
