"""Fees: read from the settings, and computed so that parts never pay more or less than the whole (P52)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from django.core.exceptions import ImproperlyConfigured

from config import fees
from config.fees import Fee, Terms
from config.money import LARGEST, share

percents = st.integers(0, 100_000).map(lambda thousandths: Decimal(thousandths).scaleb(-3))
rates = st.builds(Fee, percents, st.one_of(st.just(0), st.integers(0, 2_000), st.integers(0, LARGEST)))
sums = st.one_of(st.integers(1, 200), st.integers(1, LARGEST))
# Release after release of one milestone, each of one minor unit or more.
partitions = st.lists(st.one_of(st.integers(1, 50), st.integers(1, 10**12)), min_size=1, max_size=30)


@given(rates, partitions)
def test_p52_parts_pay_what_the_whole_would_pay_and_never_more_than_is_released(fee, parts):
    released = paid = 0
    for part in parts:
        due = fee.between(released, released + part)
        assert 0 <= due <= part
        released, paid = released + part, paid + due
        assert paid == fee.on(released)


@given(rates, st.integers(1, 40))
def test_p52_minor_unit_by_minor_unit_too(fee, whole):
    assert sum(fee.between(n, n + 1) for n in range(whole)) == fee.on(whole)


@given(rates, sums)
def test_p52_it_is_the_share_or_the_minimum_or_all_there_is(fee, released):
    exact = Fraction(released) * Fraction(fee.percent) / 100
    due = fee.on(released)
    assert due <= released
    if fee.least <= due < released:
        assert due == fee.least or abs(due - exact) <= Fraction(1, 2)
    assert due >= min(released, fee.least)
    assert fee.on(0) == 0


@given(percents)
def test_p52_without_a_minimum_it_is_the_share_half_even(percent):
    fee = Fee(percent)
    assert [fee.on(n) for n in range(120)] == [share(n, percent) for n in range(120)]


@pytest.mark.parametrize(
    ("fee", "released", "due"),
    [
        (Fee(Decimal(8)), 15_000, 1_200),
        (Fee(Decimal("2.5")), 20, 0),  # half a cent, to the even one
        (Fee(Decimal("2.5")), 60, 2),  # one and a half
        (Fee(Decimal(5), 50), 10, 10),  # the minimum is more than there is
        (Fee(Decimal(5), 50), 999, 50),
        (Fee(Decimal(5), 50), 2_000, 100),
        (Fee(Decimal(0), 50), 2_000, 50),
        (Fee(Decimal(100)), 7, 7),
        (Fee(), 10**14, 0),
    ],
)
def test_p52_by_hand(fee, released, due):
    assert fee.on(released) == due


def test_a_fee_is_true_where_it_ever_comes_to_anything():
    assert [bool(fee) for fee in (Fee(), Fee(Decimal("0.001")), Fee(Decimal(0), 1))] == [False, True, True]


def test_the_settings_say_it_by_currency():
    assert fees.read("FREELANCER_FEES", " *=10%, GBP = 5 % min 0.50,JPY=0%,TND=7.125% min 1.5 ,USD=0% min 3,") == {
        "*": Fee(Decimal(10)),
        "GBP": Fee(Decimal(5), 50),
        "JPY": Fee(),
        "TND": Fee(Decimal("7.125"), 1_500),
        "USD": Fee(Decimal(0), 300),
    }
    assert fees.read("EMPLOYER_FEES", "") == {}


def test_a_currency_that_is_not_named_has_the_fee_of_every_other(settings):
    settings.FREELANCER_FEES = fees.read("FREELANCER_FEES", "*=10%,GBP=5%,JPY=0%")
    settings.EMPLOYER_FEES = fees.read("EMPLOYER_FEES", "EUR=1%")
    ten, five, one = Fee(Decimal(10)), Fee(Decimal(5)), Fee(Decimal(1))
    said = {code: fees.current(code) for code in ("EUR", "USD", "GBP", "JPY")}
    assert said == {
        "EUR": Terms(ten, one),
        "USD": Terms(ten, Fee()),
        "GBP": Terms(five, Fee()),
        "JPY": Terms(Fee(), Fee()),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ten per cent", "'ten per cent'; an entry looks like EUR=7.5%"),
        ("EUR=10", "'EUR=10'; an entry looks like"),
        ("EUR=-1%", "'EUR=-1%'; an entry looks like"),
        ("EUR=1e1%", "'EUR=1e1%'; an entry looks like"),
        ("EUR=.5%", "'EUR=.5%'; an entry looks like"),
        ("EUR=\u0663%", "an entry looks like"),
        ("eur=1%", "'eur=1%'; an entry looks like"),
        ("EUR=1% min", "'EUR=1% min'; an entry looks like"),
        ("EUR=1%;USD=2%", "an entry looks like"),
        ("XXQ=1%", "names 'XXQ', which is no ISO 4217 currency code"),
        ("EUR=1%,EUR=2%", "names EUR twice"),
        ("EUR=101%", "a fee is 0 to 100 per cent"),
        ("EUR=100.001%", "a fee is 0 to 100 per cent"),
        ("EUR=1.0001%", "with 3 decimals at most"),
        ("*=5% min 1", "a minimum is an amount and needs a currency of its own"),
        ("EUR=5% min 0.505", "EUR has 2 decimals"),
        ("JPY=5% min 0.5", "JPY has 0 decimals"),
        ("EUR=5% min 1000000000000.01", "more than one payment can hold"),
    ],
)
def test_anything_else_stops_the_start_with_a_sentence(text, words):
    with pytest.raises(ImproperlyConfigured, match=r"^EMPLOYER_FEES ") as stopped:
        fees.read("EMPLOYER_FEES", text)
    assert words in str(stopped.value)
    assert str(stopped.value).count("\n") == 0


@given(percents, percents, st.integers(0, 10**14), st.integers(0, 10**14))
def test_terms_have_one_name_however_they_are_written(a, b, x, y):
    terms = Terms(Fee(a, x), Fee(b, y))
    again = Terms(Fee(a.quantize(Decimal("0.001")), x), Fee(b.normalize(), y))
    assert (terms, str(terms)) == (again, str(again))
    assert str(terms) != str(Terms(Fee(a, x + 1), Fee(b, y)))
