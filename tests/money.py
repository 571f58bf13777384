"""``EUR("6.00")``: money that reads like money."""

from moneyed import Money


def EUR(amount: str) -> Money:
    return Money(amount, "EUR")


def USD(amount: str) -> Money:
    return Money(amount, "USD")


def GBP(amount: str) -> Money:
    return Money(amount, "GBP")


def JPY(amount: str) -> Money:
    return Money(amount, "JPY")


def TND(amount: str) -> Money:
    return Money(amount, "TND")
