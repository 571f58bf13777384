"""Random operations against a plain Python model of the books, compared after every step.

The model below is what the ledger is meant to be, said in the simplest way: a dictionary of balances and a list of
what happened to each account. PostgreSQL's books must agree with it whatever is done in whatever order.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from django.db import DatabaseError, connection, transaction

from config.refusals import KeyConflict
from finances.ledger.folding import fold
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds, Leg, post
from finances.ledger.verification import verify
from tests.factories import MemberFactory

FOLDED = ("fees", "clearing")
AMOUNTS = st.integers(1, 40) | st.integers(1, 10**6)
Content = tuple[tuple[int, int, int, str], ...]


@dataclass
class Model:
    """The books in plain Python."""

    currencies: dict[int, str] = field(default_factory=dict)
    kinds: dict[int, str] = field(default_factory=dict)
    balances: dict[int, int] = field(default_factory=dict)  # with what is pending
    histories: dict[int, list[tuple[int, int]]] = field(default_factory=dict)  # (change, balance after)
    operations: dict[uuid.UUID, Content] = field(default_factory=dict)

    def add(self, account: Account) -> None:
        self.currencies[account.pk], self.kinds[account.pk] = account.currency, account.kind
        self.balances[account.pk], self.histories[account.pk] = 0, []

    def post(self, key: uuid.UUID, content: Content) -> type[Exception] | None:
        """Do the operation, or return the error that it must end in."""
        if any(self.currencies[debit] != self.currencies[credit] or debit == credit for debit, credit, _, _ in content):
            return ValueError
        if key in self.operations:
            return None if self.operations[key] == content else KeyConflict
        after = dict(self.balances)
        for debit, credit, amount, _ in content:
            after[debit] -= amount
            if after[debit] < 0 and self.kinds[debit] != "clearing":
                return InsufficientFunds
            after[credit] += amount
        for debit, credit, amount, _ in content:
            for account, change in ((debit, -amount), (credit, amount)):
                self.balances[account] += change
                self.histories[account].append((change, self.balances[account]))
        self.operations[key] = content
        return None


class Books(RuleBasedStateMachine):
    wallets: Bundle = Bundle("wallets")
    escrows: Bundle = Bundle("escrows")
    done: Bundle = Bundle("done")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.accounts: dict[int, Account] = {}
        self.outer = transaction.atomic()
        self.outer.__enter__()

    def teardown(self) -> None:
        """Each run starts from an empty ledger."""
        transaction.set_rollback(True)
        self.outer.__exit__(None, None, None)

    def _add(self, account: Account) -> Account:
        if account.pk not in self.accounts:
            self.accounts[account.pk] = account
            self.model.add(account)
        return account

    def _platform(self, kind: str, currency: str) -> Account:
        return self._add(Account.platform(kind, currency))

    def _post(self, key: uuid.UUID, *legs: Leg) -> Any:
        """Post to both, and compare what came of it."""
        content: Content = tuple((leg.debit.pk, leg.credit.pk, leg.amount, str(leg.kind)) for leg in legs)
        if error := self.model.post(key, content):
            with pytest.raises(error), transaction.atomic():
                post(key, *legs)
            return multiple()
        with transaction.atomic():
            transfers = post(key, *legs)
        written = tuple((t.debit_account_id, t.credit_account_id, t.amount, t.kind) for t in transfers)
        assert written == self.model.operations[key]
        return (key, legs)

    @initialize(target=wallets)
    def members(self) -> Any:
        wallets = []
        for currency in ("EUR", "EUR", "JPY"):
            wallet = self._add(Account.wallet(MemberFactory().pk, currency))
            self._post(uuid.uuid4(), Leg(self._platform("clearing", currency), wallet, 500, Transfer.Kind.DEPOSIT))
            wallets.append(wallet)
        return multiple(*wallets)

    @rule(target=escrows, wallet=wallets)
    def open_escrow(self, wallet: Account) -> Account:
        return self._add(Account.open_escrow(wallet.currency))

    @rule(target=done, wallet=wallets, amount=AMOUNTS)
    def deposit(self, wallet: Account, amount: int) -> Any:
        clearing = self._platform("clearing", wallet.currency)
        return self._post(uuid.uuid4(), Leg(clearing, wallet, amount, Transfer.Kind.DEPOSIT))

    @rule(target=done, wallet=wallets, amount=AMOUNTS)
    def withdraw(self, wallet: Account, amount: int) -> Any:
        clearing = self._platform("clearing", wallet.currency)
        return self._post(uuid.uuid4(), Leg(wallet, clearing, amount, Transfer.Kind.WITHDRAWAL))

    @rule(target=done, wallet=wallets, escrow=escrows, amount=AMOUNTS)
    def hold(self, wallet: Account, escrow: Account, amount: int) -> Any:
        return self._post(uuid.uuid4(), Leg(wallet, escrow, amount, Transfer.Kind.HOLD))

    @rule(target=done, wallet=wallets, escrow=escrows, amount=AMOUNTS, fee=st.integers(1, 5))
    def release_with_a_fee(self, wallet: Account, escrow: Account, amount: int, fee: int) -> Any:
        fees = self._platform("fees", wallet.currency)
        return self._post(
            uuid.uuid4(),
            Leg(escrow, wallet, amount, Transfer.Kind.RELEASE),
            Leg(wallet, fees, fee, Transfer.Kind.FEE),
        )

    @rule(target=done, escrow=escrows, first=wallets, second=wallets, share=st.integers(1, 99))
    def split_all_that_is_held(self, escrow: Account, first: Account, second: Account, share: int) -> Any:
        part = self.model.balances[escrow.pk] * share // 100
        rest = self.model.balances[escrow.pk] - part
        legs = [Leg(escrow, first, part, Transfer.Kind.RELEASE), Leg(escrow, second, rest, Transfer.Kind.RETURN)]
        legs = [leg for leg in legs if leg.amount]
        return self._post(uuid.uuid4(), *legs) if legs else multiple()

    @rule(target=done, payer=wallets, payee=wallets, amount=AMOUNTS)
    def take_back_what_was_released(self, payer: Account, payee: Account, amount: int) -> Any:
        return self._post(uuid.uuid4(), Leg(payer, payee, amount, Transfer.Kind.REFUND))

    @rule(target=done, wallet=wallets, amount=st.integers(1, 10))
    def give_a_fee_back(self, wallet: Account, amount: int) -> Any:
        fees = self._platform("fees", wallet.currency)
        return self._post(uuid.uuid4(), Leg(fees, wallet, amount, Transfer.Kind.CORRECTION))

    @rule(wallet=wallets, amount=st.integers(1, 20))
    def cover_a_fee_from_outside(self, wallet: Account, amount: int) -> None:
        legs = self._platform("clearing", wallet.currency), self._platform("fees", wallet.currency)
        self._post(uuid.uuid4(), Leg(*legs, amount, Transfer.Kind.CORRECTION))

    @rule(operation=done)
    def repeat(self, operation: tuple[uuid.UUID, tuple[Leg, ...]]) -> None:
        key, legs = operation
        before = Transfer.objects.count()
        self._post(key, *legs)
        assert Transfer.objects.count() == before

    @rule(operation=consumes(done), more=st.integers(1, 3), add=st.booleans())
    def take_a_key_for_something_else(self, operation: tuple[uuid.UUID, tuple[Leg, ...]], more: int, add: bool) -> None:
        key, legs = operation
        other = (*legs, legs[0]) if add else (legs[0]._replace(amount=legs[0].amount + more), *legs[1:])
        assert self._post(key, *other) == multiple()

    @rule(wallet=wallets, escrow=escrows)
    def overdraw_by_the_smallest_unit(self, wallet: Account, escrow: Account) -> None:
        amount = self.model.balances[wallet.pk] + 1
        assert self._post(uuid.uuid4(), Leg(wallet, escrow, amount, Transfer.Kind.HOLD)) == multiple()

    @rule(pair=st.tuples(wallets, escrows), column=st.sampled_from(["balance", "sequence"]))
    def meddle_with_an_account(self, pair: tuple[Account, Account], column: str) -> None:
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE ledger_account SET {column} = {column} + 1 WHERE id = %s", [pair[0].pk])

    @rule(batch=st.integers(1, 4))
    def fold_some(self, batch: int) -> None:
        waiting = self._pending()
        assert fold(batch) == min(batch, waiting)

    @rule()
    def fold_all(self) -> None:
        while fold():
            pass
        assert self._pending() == 0

    def _pending(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM ledger_pending")
            return int(cursor.fetchone()[0])

    @invariant()
    def the_balances_agree(self) -> None:
        stored = {account.pk: account for account in Account.objects.filter(pk__in=self.accounts)}
        for pk, kind in self.model.kinds.items():
            true = stored[pk].true_balance() if kind in FOLDED else stored[pk].balance
            assert true == self.model.balances[pk]
        for currency in set(self.model.currencies.values()):
            assert sum(b for pk, b in self.model.balances.items() if self.model.currencies[pk] == currency) == 0

    @invariant()
    def the_histories_agree(self) -> None:
        histories: dict[int, list[tuple[int, int | None, int | None]]] = {pk: [] for pk in self.accounts}
        for t in Transfer.objects.order_by("id"):
            histories[t.debit_account_id].append((-t.amount, t.debit_balance, t.debit_sequence))
            histories[t.credit_account_id].append((t.amount, t.credit_balance, t.credit_sequence))
        for pk, kind in self.model.kinds.items():
            if kind not in FOLDED:
                numbered = [(*step, number) for number, step in enumerate(self.model.histories[pk], start=1)]
                assert histories[pk] == numbered
                continue
            # A folded account may take its changes in another order, but each once, and the stamps must add up.
            assert sorted(c for c, _, _ in histories[pk]) == sorted(c for c, _ in self.model.histories[pk])
            balance = 0
            stamped = sorted((n, c, b) for c, b, n in histories[pk] if n is not None)
            for number, (sequence, change, after) in enumerate(stamped, start=1):
                balance += change
                assert (sequence, after) == (number, balance)

    @invariant()
    def the_verification_finds_nothing(self) -> None:
        assert verify() == []


@pytest.mark.django_db
def test_the_ledger_agrees_with_a_plain_model_of_the_books() -> None:
    run_state_machine_as_test(
        Books,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
