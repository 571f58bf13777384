#!/usr/bin/env python
"""Django's command line for Milepost."""

import os
import sys

from environs.exceptions import EnvError

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.conf import settings

        bool(settings.SITE_NAME)  # reads the settings now, so that a bad one is told in a sentence
    except (EnvError, ImproperlyConfigured) as error:
        # environs puts a library's complaints between brackets
        words = str(error).replace("['", "").replace("']", "")
        sys.exit(f"Milepost can't start: {words}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
