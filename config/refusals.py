"""The ways in which the site says no. ``config.middleware`` turns them into pages with words."""


class WrongState(Exception):
    """The thing is not in a state in which this can be done (409). The message is for the person who asked."""


class KeyConflict(Exception):
    """An operation's key was used before for something else. A programming error or a forged request."""


class TooOften(Exception):
    """Done more often than anybody needs to within a short time (429). The message is for the person who did it."""
