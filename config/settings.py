"""All settings, read from the environment. ``docs/configuration.md`` lists them for operators.

Nothing has to be set on a clone. A malformed value stops the start with a sentence (see ``manage.py``).
"""

import logging
import os
import secrets
import zoneinfo
from pathlib import Path

import dj_email_url
import environs
from environs import validate
from moneyed import CURRENCIES as ISO_4217

from django.core.exceptions import ImproperlyConfigured

from config import embedded, fees, virus_scan

BASE_DIR = Path(__file__).resolve().parent.parent
env = environs.Env()

ZERO_OR_MORE = validate.Range(min=0)
ONE_LINE = validate.And(validate.Length(min=1), validate.Regexp(r"[^\r\n]*\Z", error="Must be one line."))

# --- What an operator decides -------------------------------------------------------------------------------

PRODUCTION = env.bool("PRODUCTION", False)
SITE_NAME = env.str("SITE_NAME", "Milepost", validate=ONE_LINE)
# `make run` fills an empty database with the demo.
DEMO = env.bool("DEMO", not PRODUCTION)
# Where `make run` serves, on this machine only, and with how many web processes.
PORT = env.int("PORT", 8000, validate=validate.Range(1, 65535))
WEB_WORKERS = env.int("WEB_WORKERS", 2, validate=validate.Range(1, 64))
SITE_URL = env.str(
    "SITE_URL",
    f"http://127.0.0.1:{PORT}",
    validate=validate.URL(schemes={"http", "https"}, require_tld=False),
).rstrip("/")
# Everything that the site writes to this machine's disk.
VAR_DIR = Path(env.str("VAR_DIR", "") or BASE_DIR / "var").resolve()
# ISO 4217 codes in which projects can be posted; a wallet appears with its first money.
CURRENCIES = env.list("CURRENCIES", ["EUR", "USD", "GBP", "JPY"], validate=validate.Length(min=1))
# An award that is not answered within this many hours lapses.
REVIEW_DAYS = env.int("REVIEW_DAYS", 14, validate=validate.Range(1, 365))
AWARD_ANSWER_HOURS = env.int("AWARD_ANSWER_HOURS", 36, validate=validate.Range(1, 8760))
# So many hours before that its freelancer is reminded; at most half of the time there is.
AWARD_REMINDER_HOURS = env.int("AWARD_REMINDER_HOURS", 12, validate=validate.Range(1, 8760))
# The clocks of a dispute, in hours; a dispute keeps those with which it was opened. To answer the opening, before its
# offer may be executed; from the first answer until an arbitrator may be called; to answer an arbitrator; until a
# verdict is due; the longest absence that stops a side's clock.
# Minutes after which an answer of support that was not read is mailed.
SUPPORT_MAIL_MINUTES = env.int("SUPPORT_MAIL_MINUTES", 2, validate=validate.Range(0, 1440))
DISPUTE_ANSWER_HOURS = env.int("DISPUTE_ANSWER_HOURS", 96, validate=validate.Range(1, 8760))
DISPUTE_NEGOTIATION_HOURS = env.int("DISPUTE_NEGOTIATION_HOURS", 72, validate=validate.Range(1, 8760))
DISPUTE_QUESTION_HOURS = env.int("DISPUTE_QUESTION_HOURS", 72, validate=validate.Range(1, 8760))
DISPUTE_VERDICT_HOURS = env.int("DISPUTE_VERDICT_HOURS", 168, validate=validate.Range(1, 8760))
DISPUTE_ABSENCE_HOURS = env.int("DISPUTE_ABSENCE_HOURS", 120, validate=validate.Range(1, 8760))
# Seconds for which a confirmation dialog stays good.
CONFIRMATION_SECONDS = env.int("CONFIRMATION_SECONDS", 600, validate=validate.Range(1, 86_400))
# How large a file that somebody sends may be, and how many of them one form takes.
MAX_FILE_MB = env.int("MAX_FILE_MB", 10, validate=validate.Range(1, 200))
MAX_FILES = env.int("MAX_FILES", 10, validate=validate.Range(1, 50))
# A ClamAV daemon that looks through each file before it is taken: unix:/run/clamav/clamd.ctl or tcp://127.0.0.1:3310.
# Without one nothing is scanned; with one that doesn't answer no file is taken.
CLAMD = env.str("CLAMD", "")
if CLAMD:
    try:
        virus_scan.address(CLAMD)
    except ValueError as error:
        raise ImproperlyConfigured(f"CLAMD is {CLAMD!r}; it looks like unix:/path or tcp://host:3310.") from error
# Seconds to wait for each of its answers.
CLAMD_SECONDS = env.float("CLAMD_SECONDS", 20.0, validate=validate.Range(min=0.1, max=300))
# Seconds for which the address of a file that is shown to few stays good; a fresh one is given to whoever may have it.
FILE_ADDRESS_SECONDS = env.int("FILE_ADDRESS_SECONDS", 900, validate=validate.Range(10, 86_400))
# Pieces of evidence that a side may hand in to a dispute.
EVIDENCE_MOST = env.int("EVIDENCE_MOST", 100, validate=validate.Range(1, 1000))
# The hour of their day at which members get a digest, who want one.
DIGEST_HOUR = env.int("DIGEST_HOUR", 8, validate=validate.Range(0, 23))
# Minutes after which support no longer sees the site as a member, if they did not stop before.
LOOK_MINUTES = env.int("LOOK_MINUTES", 30, validate=validate.Range(1, 240))
# What Prometheus brings as a bearer token to read /metrics; without one there is no such page.
METRICS_TOKEN = env.str("METRICS_TOKEN", "")
# Staff must have a second factor before the admin opens.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", PRODUCTION)

for code in CURRENCIES:
    if code not in ISO_4217:
        raise ImproperlyConfigured(f"CURRENCIES names {code!r}, which is no ISO 4217 currency code.")

# What the site keeps of released money. An award keeps the fees with which it was made.
FREELANCER_FEES = fees.read(
    "FREELANCER_FEES", env.str("FREELANCER_FEES", "USD=8%,GBP=5% min 0.50,JPY=5% min 100" if DEMO else "")
)
EMPLOYER_FEES = fees.read("EMPLOYER_FEES", env.str("EMPLOYER_FEES", ""))
# What a verdict costs both sides together, of the disputed sum, and the most per cent of it that this can be. A dispute
# keeps the fee with which it was opened.
ARBITRATION_FEES = fees.read("ARBITRATION_FEES", env.str("ARBITRATION_FEES", "*=5%,EUR=5% min 5.00" if DEMO else ""))
ARBITRATION_FEE_CAP = fees.read_percent("ARBITRATION_FEE_CAP", env.str("ARBITRATION_FEE_CAP", "10%"))
# Disputed sums from which a second arbitrator must confirm a verdict, like EUR=5000.00,JPY=800000; none by default.
SECOND_ARBITRATOR_FROM = fees.read_amounts(
    "SECOND_ARBITRATOR_FROM", env.str("SECOND_ARBITRATOR_FROM", "EUR=2000,USD=2000,GBP=2000" if DEMO else "")
)
# Sums up to which one person of the group finance corrects the books alone, like EUR=100.00; above, and in other
# currencies, a second person must confirm.
CORRECTION_ALONE_LIMIT = fees.read_amounts(
    "CORRECTION_ALONE_LIMIT", env.str("CORRECTION_ALONE_LIMIT", "EUR=100.00,USD=100.00,GBP=100.00")
)

# The payment provider. The sandbox moves no real money, so a real site must name another.
PAYMENT_GATEWAY = env.str("PAYMENT_GATEWAY", "sandbox", validate=validate.OneOf(("sandbox", "stripe")))
# Seconds after which a call to the provider is given up.
PAYMENT_TIMEOUT = env.float("PAYMENT_TIMEOUT", 8.0, validate=validate.Range(min=0.1, max=60))
# Seconds in which a withdrawal can be cancelled before it is sent.
WITHDRAWAL_PAUSE = env.int("WITHDRAWAL_PAUSE", 600, validate=validate.Range(0, 604_800))
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", "")
# Another address than Stripe's own, for tests against a server on this machine.
STRIPE_API_BASE = env.str("STRIPE_API_BASE", "")
if PAYMENT_GATEWAY == "stripe" and not (STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET):
    raise ImproperlyConfigured("PAYMENT_GATEWAY=stripe needs STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET.")

# --- Secrets and hosts --------------------------------------------------------------------------------------


def _local_secret() -> str:
    """Return the secret of this clone, made at its first start."""
    path = VAR_DIR / "secret_key"
    try:
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        if not path.exists() or not path.read_text():
            new = VAR_DIR / f"secret_key.{os.getpid()}"
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(50))
            new.replace(path)
        return path.read_text()
    except OSError as error:
        raise ImproperlyConfigured(f"VAR_DIR can't be written to: {error}") from error


SECRET_KEY = env.str("SECRET_KEY", "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
# How many proxies of the operator's own stand in front, each adding the address it was called from (P26).
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, validate=validate.Range(0, 10))
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
DATABASE_URL = env.str("DATABASE_URL", "")
if PRODUCTION and not (SECRET_KEY and ALLOWED_HOSTS and DATABASE_URL and "SITE_URL" in os.environ):
    # The embedded server knows one role, which could switch the ledger's guards off; mails carry SITE_URL's links.
    raise ImproperlyConfigured("PRODUCTION needs SECRET_KEY, ALLOWED_HOSTS, DATABASE_URL and SITE_URL.")
SECRET_KEY = SECRET_KEY or _local_secret()
DEBUG = env.bool("DEBUG", False)
if PRODUCTION and (DEBUG or DEMO):
    raise ImproperlyConfigured("DEBUG and DEMO can't be on in PRODUCTION.")
if PRODUCTION and PAYMENT_GATEWAY == "sandbox":
    raise ImproperlyConfigured(
        "PRODUCTION can't use the sandbox, which moves no real money: set PAYMENT_GATEWAY=stripe and its keys."
    )
if PRODUCTION and STRIPE_API_BASE:
    raise ImproperlyConfigured("STRIPE_API_BASE is for tests and can't be set in PRODUCTION.")

# --- Floors, from the ground up -----------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "accounts",
    "finances.ledger",
    "finances.payments",
    *([] if PRODUCTION else ["finances.payments.sandbox"]),
    "projects",
    "milestones",
    "disputes",
    "support.help",
    "support.chat",
    "finances.dashboard",
    "support.desk",
    *([] if PRODUCTION else ["demo"]),
    # libraries
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django.forms",
    "procrastinate.contrib.django",
    "template_partials",
    "unfold.apps.BasicAppConfig",
    "accounts.apps.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "config.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "support.desk.looking.LookMiddleware",
    "accounts.middleware.LanguageMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "config.middleware.CallerMiddleware",
    "config.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "config.rendering.FormRenderer"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
                "finances.ledger.context.balances",
                "accounts.context.bell",
            ],
            "builtins": ["config.templatetags.money", "config.templatetags.look", "django.templatetags.i18n"],
        },
    }
]

# --- Database -----------------------------------------------------------------------------------------------

# Where the embedded server keeps its files, None when DATABASE_URL names another server.
EMBEDDED_DATABASE = None if DATABASE_URL else VAR_DIR / "postgres"
if EMBEDDED_DATABASE:
    DATABASE_URL = embedded.url(EMBEDDED_DATABASE)
DATABASES = {"default": env.dj_db_url("DATABASE_URL", DATABASE_URL)}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database (postgresql://…).")
DATABASES["default"]["ENGINE"] = "config.postgres"  # which tells the database who is calling, for its audit
# Statements run 5 times on a connection are prepared. Behind PgBouncer set PREPARE_THRESHOLD=0 (never).
PREPARE_THRESHOLD = env.int("PREPARE_THRESHOLD", 5, validate=ZERO_OR_MORE)
DATABASES["default"].update(
    CONN_MAX_AGE=env.int("CONN_MAX_AGE", 600, validate=ZERO_OR_MORE),
    CONN_HEALTH_CHECKS=True,
    # A cursor on the server outlives a statement, and behind PgBouncer the next one may go to another connection.
    DISABLE_SERVER_SIDE_CURSORS=PREPARE_THRESHOLD == 0,
    OPTIONS={
        **DATABASES["default"].get("OPTIONS", {}),
        "server_side_binding": True,
        "prepare_threshold": PREPARE_THRESHOLD or None,
    },
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Members and sign-in ------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_ADAPTER = "accounts.sign_in.MailAdapter"
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.SignInForm",
    "signup": "accounts.sign_in.SignUpForm",
    "add_email": "accounts.sign_in.AddEmailForm",
    "reset_password": "accounts.sign_in.ResetPasswordForm",
    "request_login_code": "accounts.sign_in.RequestLoginCodeForm",
}
ACCOUNT_USER_DISPLAY = "accounts.models.display_name"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "accounts.sign_in.SecondFactorAdapter"
MFA_TOTP_ISSUER = SITE_NAME
# Passkeys on plain http are for a clone on this machine only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# --- Shared state: cache (rate limits live here), sessions, files, mail ----------------------------------------

REDIS_URL = env.str("REDIS_URL", "")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL must start with redis://, rediss:// or unix://.")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}
    )
}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <post@milepost.example>", validate=ONE_LINE)
if email_url := env.str("EMAIL_URL", ""):
    if email_url.partition("://")[0] not in dj_email_url.SCHEMES:
        raise ImproperlyConfigured("EMAIL_URL must look like submission://user:password@host:587.")
    mail = env.dj_email_url("EMAIL_URL")
    # A mail server that says nothing must not hold up the worker for ever.
    globals().update({**mail, "EMAIL_TIMEOUT": mail["EMAIL_TIMEOUT"] or 20})
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"

# --- Words and times ----------------------------------------------------------------------------------------

# The language in which the code has its words, and those in which the site can be read. `manage.py messages`.
CODE_LANGUAGE = "en"
LANGUAGES = [("en", "English"), ("pt-br", "Português (Brasil)")]
# For who has chosen none and whose browser asks for none of them.
LANGUAGE_CODE = env.str("LANGUAGE_CODE", "en", validate=validate.OneOf([code for code, _name in LANGUAGES]))
TIME_ZONE = env.str("TIME_ZONE", "UTC")
if TIME_ZONE not in zoneinfo.available_timezones():
    raise ImproperlyConfigured(f"TIME_ZONE is {TIME_ZONE!r}, which is no name of a time zone, such as Europe/Berlin.")
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = ["config.formats"]

# --- Log: what needs somebody's attention, to the standard error output ------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.log_level("LOG_LEVEL", logging.WARNING)},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},  # not every 404
        "psycopg.pool": {"level": "ERROR"},  # the worker says once that the database is lost
    },
}

# --- Static files and headers -------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    # What people sent. No address serves this directory: a file leaves by a view that knows who may have it.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {
            "location": VAR_DIR / "files",
            "file_permissions_mode": 0o600,
            "directory_permissions_mode": 0o700,
        },
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = [
    "config.uploads.QuotaHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "config.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked by machines, from inside
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
