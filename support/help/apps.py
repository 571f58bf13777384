from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HelpConfig(AppConfig):
    """Articles, their search and what readers say of them."""

    name = "support.help"
    verbose_name = _("Help centre")

    def ready(self) -> None:
        # The admin can be imported only now that all apps are loaded.
        from accounts.staff_site import register_page
        from support.help.admin import figures

        register_page("help-figures/", "help_figures", figures)
