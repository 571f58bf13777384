"""The site's settings, with two empty pages to compare with."""

from config.settings import *  # noqa: F403 - a settings module

ROOT_URLCONF = "benchmarks.urls"
