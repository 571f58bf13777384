"""Moves a milestone's money: fund, release, give back, take back. One of two callers of the ledger's ``post``.

Each returns the transfers it made of what is held; fees are further legs of the same operation. The caller holds the
lock on the award and on the milestone, has checked that the step may be taken, and writes the event in the same
transaction.
"""

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection

from config.fees import Sums
from finances.ledger.models import Account, Transfer
from finances.ledger.posting import InsufficientFunds as InsufficientFunds  # views may know it from here
from finances.ledger.posting import Leg, post
from finances.ledger.posting import lock as lock_accounts

if TYPE_CHECKING:
    from milestones.models import Milestone

ADD_TO_TOTALS = """
    INSERT INTO milestones_heldtotal AS total (member_id, side, currency, held, milestones)
    VALUES (%(employer)s, 'outgoing', %(currency)s, %(held)s, %(made)s),
           (%(freelancer)s, 'incoming', %(currency)s, %(held)s, %(made)s)
    ON CONFLICT (member_id, side, currency) DO UPDATE
        SET held = total.held + excluded.held, milestones = total.milestones + excluded.milestones
"""
# Outgoing before incoming, as above, so that no two operations wait for each other.
TAKE_FROM_TOTALS = """
    WITH locked AS MATERIALIZED (
        SELECT id FROM milestones_heldtotal
        WHERE currency = %(currency)s
          AND (member_id, side) IN ((%(employer)s, 'outgoing'), (%(freelancer)s, 'incoming'))
        ORDER BY side DESC FOR NO KEY UPDATE)
    UPDATE milestones_heldtotal total SET held = held - %(held)s, milestones = milestones - %(ended)s
    FROM locked WHERE total.id = locked.id
"""


def fund(milestones: "Sequence[Milestone]", fees: Sequence[int], *, key: uuid.UUID) -> list[Transfer]:
    """Put the amounts of *milestones* (of one award) on hold and set their *fees* aside, in one operation.

    All from the employer's wallet. InsufficientFunds if it doesn't suffice for everything.
    """
    first = milestones[0]
    wallet = Account.wallet(first.employer_id, first.currency)
    legs = [Leg(wallet, milestone.escrow, milestone.amount, Transfer.Kind.HOLD) for milestone in milestones]
    more = [
        Leg(wallet, _set_aside(milestone), fee, Transfer.Kind.HOLD)
        for milestone, fee in zip(milestones, fees, strict=True)
        if fee
    ]
    transfers = post(key, *legs, *more)[: len(legs)]
    _totals(ADD_TO_TOTALS, first, held=sum(leg.amount for leg in legs), made=len(legs))
    for milestone in milestones:
        milestone.escrow.balance = milestone.amount
    return transfers


def release(milestone: "Milestone", amount: int, cost: Sums, *, key: uuid.UUID) -> Transfer:
    """Pay *amount* minor units of what is held to the freelancer's wallet, and *cost* to the site."""
    wallet = milestone.payee or Account.wallet(milestone.freelancer_id, milestone.currency)
    legs = [Leg(milestone.escrow, wallet, amount, Transfer.Kind.RELEASE)]
    if any(cost):  # without fees it stays one leg: the busiest path there is
        site = Account.platform(Account.Kind.FEES, milestone.currency)
        if cost.freelancer:
            legs.append(Leg(wallet, site, cost.freelancer, Transfer.Kind.FEE))
        if cost.employer:
            legs.append(Leg(_set_aside(milestone), site, cost.employer, Transfer.Kind.FEE))
    transfer = post(key, *legs)[0]
    _take_from_totals(milestone, amount, 1 if transfer.debit_balance == 0 else 0)
    return transfer


def give_back(milestones: "Sequence[Milestone]", fees: Sequence[int], *, key: uuid.UUID) -> list[Transfer]:
    """Return all that is held of *milestones* (of one award) to the employer's wallet, in one operation.

    With each goes what is still set aside for its fee: one of *fees* a milestone.
    """
    first = milestones[0]
    wallet = Account.wallet(first.employer_id, first.currency)
    legs = [Leg(milestone.escrow, wallet, milestone.held, Transfer.Kind.RETURN) for milestone in milestones]
    more = [
        Leg(_set_aside(milestone), wallet, fee, Transfer.Kind.RETURN)
        for milestone, fee in zip(milestones, fees, strict=True)
        if fee
    ]
    transfers = post(key, *legs, *more)[: len(legs)]
    _take_from_totals(first, sum(leg.amount for leg in legs), len(legs))
    return transfers


def lock(milestones: "Sequence[Milestone]") -> None:
    """Lock all accounts of which ``split`` moves money for *milestones* (of one award), in the order of their ids.

    Before the first of several operations in one transaction: each would lock its own in turn.
    """
    first = milestones[0]
    # Made if need be while nothing is locked yet: whoever is making them at this moment may want the others next.
    Account.platform(Account.Kind.FEES, first.currency)
    wallets = [Account.wallet(owner, first.currency) for owner in (first.employer_id, first.freelancer_id)]
    own = [account for milestone in milestones for account in (milestone.escrow, milestone.fee_escrow) if account]
    lock_accounts([*wallets, *own])


def split(
    milestone: "Milestone", amount: int, cost: Sums, fee_back: int, *, key: uuid.UUID
) -> tuple[Transfer | None, Transfer | None]:
    """Pay *amount* minor units of what is held to the freelancer and all the rest to the employer, in one operation.

    The freelancer's part pays *cost* to the site; *fee_back* of what is set aside returns to the employer with the
    rest. Returns the transfers of the two parts; None for one that is nothing.
    """
    code, rest = milestone.currency, milestone.held - amount
    employer, freelancer = Account.wallet(milestone.employer_id, code), Account.wallet(milestone.freelancer_id, code)
    site = Account.platform(Account.Kind.FEES, code)
    legs = []
    if amount:
        legs.append(Leg(milestone.escrow, freelancer, amount, Transfer.Kind.RELEASE))
    if rest:
        legs.append(Leg(milestone.escrow, employer, rest, Transfer.Kind.RETURN))
    main = len(legs)
    if cost.freelancer:
        legs.append(Leg(freelancer, site, cost.freelancer, Transfer.Kind.FEE))
    if cost.employer:
        legs.append(Leg(_set_aside(milestone), site, cost.employer, Transfer.Kind.FEE))
    if fee_back:
        legs.append(Leg(_set_aside(milestone), employer, fee_back, Transfer.Kind.RETURN))
    transfers = post(key, *legs)[:main]
    _take_from_totals(milestone, amount + rest, 1)
    return transfers[0] if amount else None, transfers[-1] if rest else None


def charge_arbitration(milestone: "Milestone", employer: int, freelancer: int, *, key: uuid.UUID) -> list[Transfer]:
    """Pay the site for arbitrating about money of *milestone*'s award, out of both parties' wallets, in one operation.

    *employer* and *freelancer* are minor units; no leg for nothing. InsufficientFunds if a wallet has less.
    """
    code = milestone.currency
    site = Account.platform(Account.Kind.FEES, code)
    parts = ((milestone.employer_id, employer), (milestone.freelancer_id, freelancer))
    legs = [
        Leg(Account.wallet(member, code), site, amount, Transfer.Kind.ARBITRATION) for member, amount in parts if amount
    ]
    return post(key, *legs) if legs else []


def take_back(milestone: "Milestone", amount: int, *, key: uuid.UUID) -> Transfer:
    """Return *amount* minor units of what was released from the freelancer's wallet to the employer's.

    What is held stays as it is, and fees stay with the site. InsufficientFunds if the freelancer's wallet has less.
    """
    payer = Account.wallet(milestone.freelancer_id, milestone.currency)
    payee = Account.wallet(milestone.employer_id, milestone.currency)
    return post(key, Leg(payer, payee, amount, Transfer.Kind.REFUND))[0]


def _set_aside(milestone: "Milestone") -> Account:
    """Return the account that keeps the employer's fee."""
    if milestone.fee_escrow is None:
        raise ValueError(f"{milestone.reference} has no account for a fee of its employer")
    return milestone.fee_escrow


def _take_from_totals(milestone: "Milestone", held: int, ended: int) -> None:
    """Take *held* minor units and *ended* milestones from both parties' totals."""
    _totals(TAKE_FROM_TOTALS, milestone, held=held, ended=ended)


def _totals(statement: str, milestone: "Milestone", **numbers: int) -> None:
    parties = {"employer": milestone.employer_id, "freelancer": milestone.freelancer_id}
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parties, "currency": milestone.currency, **numbers})
