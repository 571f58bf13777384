"""What every test may ask for: the cast, money in their wallets, signed-in browsers."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import Client
from django.utils import translation

from accounts.models import Member
from config import fees
from finances.ledger.models import Account
from finances.payments.deposits import record_deposit
from finances.payments.gateways import base
from tests import factories
from tests.finances.payments.memory import MemoryGateway
from tests.money import EUR


@pytest.fixture(autouse=True, scope="session")
def _flush_past_the_guards() -> None:
    """Let the test runner empty the database between ``transaction=True`` tests.

    The guards refuse TRUNCATE, as they must. Only here, and only as the tables' owner, they step aside for it.
    """
    real = DatabaseOperations.execute_sql_flush

    def flush(self: DatabaseOperations, sql_list: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT format('ALTER TABLE %s %%s TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger"
                " WHERE tgfoid = 'refuse_change'::regproc AND tgtype & 32 <> 0"  # 32: fires on TRUNCATE
            )
            guards = [row[0] for row in cursor.fetchall()]
        off, on = [guard % "DISABLE" for guard in guards], [guard % "ENABLE ALWAYS" for guard in guards]
        real(self, off + sql_list + on)

    DatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _no_language_stays() -> Iterator[None]:
    """The language of a test's last request is its own; the next test begins in the site's."""
    yield
    translation.deactivate()


@pytest.fixture(autouse=True)
def _test_settings(settings, tmp_path) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.FREELANCER_FEES, settings.EMPLOYER_FEES = {}, {}  # tests of fees set their own
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


# The cast: Erin hires, Wes and Ana work for her, Sam is a stranger, Mia decides disputes, Sue answers.
@pytest.fixture
def erin(db) -> Member:
    return factories.MemberFactory(name="Erin Vogel", email="erin@example.com")


@pytest.fixture
def wes(db) -> Member:
    return factories.MemberFactory(name="Wes Adeyemi", email="wes@example.com")


@pytest.fixture
def ana(db) -> Member:
    return factories.MemberFactory(name="Ana Lima", email="ana@example.com")


@pytest.fixture
def sam(db) -> Member:
    return factories.MemberFactory(name="Sam Stone", email="sam@example.com")


@pytest.fixture
def mia(db) -> Member:
    return factories.MemberFactory(name="Mia Novak", email="mia@example.com", is_staff=True)


@pytest.fixture
def sue(db) -> Member:
    return factories.MemberFactory(name="Sue Park", email="sue@example.com", is_staff=True)


@pytest.fixture
def fund(db) -> Callable[..., Account]:
    """``fund(erin, EUR("100.00"))`` puts money into a wallet, as a deposit does."""

    def fund(member: Member, money=EUR("1000.00")) -> Account:
        record_deposit(member, money, key=uuid.uuid4())
        return Account.wallet(member.pk, money.currency.code)

    return fund


@pytest.fixture
def provider(monkeypatch) -> MemoryGateway:
    """The only payment provider there is: in memory, and told by the test how it answers."""
    provider = MemoryGateway()
    monkeypatch.setattr(base, "by_name", lambda name: provider)
    return provider


@pytest.fixture
def rates(settings) -> Callable[..., None]:
    """``rates("EUR=8%", "EUR=5%")`` sets the site's fees: the freelancer's, the employer's."""

    def rates(freelancer: str = "", employer: str = "") -> None:
        settings.FREELANCER_FEES = fees.read("FREELANCER_FEES", freelancer)
        settings.EMPLOYER_FEES = fees.read("EMPLOYER_FEES", employer)

    return rates


@pytest.fixture
def signed_in() -> Callable[[Member], Client]:
    """``signed_in(erin)`` is a browser in which Erin is signed in."""

    def signed_in(member: Member) -> Client:
        client = Client()
        client.force_login(member)
        return client

    return signed_in
