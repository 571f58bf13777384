"""Settings of the processes that run django-hordak, in a database of its own on the same server."""

import os

import dj_database_url

SECRET_KEY = "only for measuring"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"]
# The same driver options as the app's, so that the libraries are compared and not the connections.
DATABASE = dj_database_url.parse(os.environ["HORDAK_DATABASE_URL"], conn_max_age=600)
DATABASE["OPTIONS"] = {**DATABASE.get("OPTIONS", {}), "server_side_binding": True, "prepare_threshold": 5}
DATABASES = {"default": DATABASE}
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DEFAULT_CURRENCY = "EUR"
CURRENCIES = ["EUR"]
HORDAK_CURRENCIES = ["EUR"]
HORDAK_DECIMAL_PLACES = 2
HORDAK_MAX_DIGITS = 18
