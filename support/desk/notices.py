"""Who hears of what the staff did to a member: the member, and those who work with them."""

from django.utils.translation import gettext_lazy as _

from accounts.notices import register

register(
    "account-suspend",
    _("Your account is suspended. Your money stays where it is. The reason: %(reason)s"),
)
register("account-restore", _("Your account is open again: please sign in anew. The reason: %(reason)s"))
register(
    "award-party-suspend",
    _(
        "%(who)s's account is suspended by our staff. Money on hold for “%(project)s” stays where it is, and you can "
        "go on as before: release, ask, cancel or dispute."
    ),
)
register("award-party-restore", _("%(who)s's account is open again. It is about “%(project)s”."))
register(
    "account-look",
    _(
        "Our support sees the site as you do until %(until_at)s, to help: they can look, and change nothing. "
        "The reason: %(reason)s"
    ),
)
