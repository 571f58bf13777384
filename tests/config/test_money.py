"""Amounts: typed, shown, shared and divided without losing or making a minor unit."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moneyed import CURRENCIES, Money

from django.utils import translation

from config.money import (
    LARGEST,
    BadAmount,
    BadPercent,
    decimals,
    divide,
    format_minor,
    from_minor,
    parse_amount,
    parse_percent,
    percent_of,
    plain_minor,
    share,
    shares,
    to_minor,
    typed_minor,
    typed_percent,
)

PLACES = {"JPY": 0, "CLP": 0, "EUR": 2, "USD": 2, "GBP": 2, "RSD": 2, "TND": 3, "IQD": 3, "CLF": 4}
codes = st.sampled_from(sorted(PLACES))
every_code = st.sampled_from(sorted(CURRENCIES))
amounts = st.integers(1, LARGEST)


def digits(text: str) -> str:
    return "".join(c for c in text if c in "0123456789")


@pytest.mark.parametrize(("code", "places"), PLACES.items())
def test_decimals_are_those_of_iso_4217(code, places):
    assert decimals(code) == places


@given(amounts, every_code)
def test_what_is_typed_back_is_the_same_amount(minor, code):
    assert parse_amount(typed_minor(minor, code), code) == minor


@pytest.mark.parametrize("language", ["de", "fr", "de-ch", "en-in", "pl", "sv"])
@given(minor=amounts, code=codes)
def test_so_it_is_in_other_languages(language, minor, code):
    with translation.override(language):
        assert parse_amount(typed_minor(minor, code), code) == minor


@given(amounts, codes)
def test_grouped_digits_are_read_as_the_same_amount(minor, code):
    whole, point, fraction = plain_minor(minor, code).partition(".")
    assert parse_amount(f"{int(whole):,}{point}{fraction}", code) == minor


@given(st.integers(-LARGEST, LARGEST), every_code)
def test_no_digit_is_lost_when_shown(minor, code):
    """Whatever CLDR holds for usual: RSD 12.34 is not RSD 12."""
    shown = format_minor(minor, code)
    assert int(digits(shown.replace(code, "")) or 0) == abs(minor)
    assert ("\N{MINUS SIGN}" in shown) == (minor < 0)
    assert "-" not in shown


@pytest.mark.parametrize(
    ("minor", "code", "shown"),
    [
        (0, "EUR", "€0.00"),
        (1, "EUR", "€0.01"),
        (123_456_789, "EUR", "€1,234,567.89"),
        (-150, "EUR", "−€1.50"),
        (1_500, "JPY", "¥1,500"),
        (1_234, "RSD", "RSD\xa012.34"),
        (LARGEST, "USD", "$1,000,000,000,000.00"),
    ],
)
def test_amounts_are_shown_in_full(minor, code, shown):
    assert format_minor(minor, code).replace("\xa0", "") == shown.replace("\xa0", "")


def test_other_languages_write_it_their_way():
    with translation.override("de"):
        assert format_minor(123_456, "EUR") == "1.234,56\xa0€"
        assert parse_amount("1.234,56", "EUR") == 123_456
        with pytest.raises(BadAmount):
            parse_amount("1,234.56", "EUR")
    with translation.override("hi"):
        assert digits(format_minor(123_456_789, "EUR")) == "123456789"


@given(st.integers(-(2**63), 2**63), codes)
def test_money_and_minor_units_are_the_same(minor, code):
    assert to_minor(from_minor(minor, code)) == minor


@given(st.integers(-LARGEST, LARGEST), every_code)
def test_plain_is_a_plain_decimal(minor, code):
    assert Decimal(plain_minor(minor, code)) == from_minor(minor, code).amount


@pytest.mark.parametrize("money", [Money("0.001", "EUR"), Money("0.5", "JPY"), Money("1.0001", "TND")])
def test_a_fraction_of_a_minor_unit_is_no_amount(money):
    with pytest.raises(ValueError, match="fraction of a minor unit"):
        to_minor(money)


@given(st.text(max_size=40), codes)
def test_anything_typed_is_an_amount_or_a_sentence(text, code):
    """Never another exception, and never a sum that the digits don't say."""
    try:
        minor = parse_amount(text, code)
    except BadAmount:
        return
    assert 0 < minor <= LARGEST
    assert Decimal(text.strip().replace(",", "")).scaleb(decimals(code)) == minor
    assert text.strip().isascii()


@given(st.from_regex(r"[0-9٠-٩０-９.,_ eE+\-−]{1,12}", fullmatch=True), codes)
def test_anything_like_a_number_too(text, code):
    test_anything_typed_is_an_amount_or_a_sentence.hypothesis.inner_test(text, code)


@pytest.mark.parametrize(("minor", "good"), [(LARGEST, True), (LARGEST + 1, False)])
def test_the_largest_is_the_largest(minor, good):
    typed = plain_minor(minor, "EUR")
    if good:
        assert parse_amount(typed, "EUR") == minor
    else:
        with pytest.raises(BadAmount):
            parse_amount(typed, "EUR")


@pytest.mark.parametrize(
    ("minor", "percent", "part"),
    [(100, "50", 50), (1, "50", 0), (3, "50", 2), (5, "50", 2), (250, "1", 2), (350, "1", 4), (333, "33.3", 111)],
)
def test_a_share_is_rounded_half_even(minor, percent, part):
    assert share(minor, Decimal(percent)) == part


@given(amounts, st.decimals(0, 100, places=4))
def test_a_share_is_the_nearest_minor_unit(minor, percent):
    exact = Fraction(minor) * Fraction(percent) / 100
    part = share(minor, percent)
    assert abs(part - exact) <= Fraction(1, 2)
    if abs(part - exact) == Fraction(1, 2):
        assert part % 2 == 0
    assert 0 <= part <= minor


@given(st.integers(0, LARGEST), st.lists(st.integers(0, 10**6), min_size=1, max_size=20).filter(any))
def test_parts_add_up_to_the_whole_and_each_is_fair(minor, weights):
    parts = divide(minor, weights)
    assert sum(parts) == minor
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(minor * weight, sum(weights))) < 1
        assert part >= 0
        assert part == 0 or weight > 0


@pytest.mark.parametrize(
    ("minor", "weights", "parts"),
    [(100, [1, 1, 1], [34, 33, 33]), (1, [1, 1], [1, 0]), (0, [1, 2], [0, 0]), (10, [0, 1, 0], [0, 10, 0])],
)
def test_what_is_over_goes_to_the_largest_remainder_then_to_the_earlier(minor, weights, parts):
    assert divide(minor, weights) == parts


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [2, -1]])
def test_weights_that_divide_nothing_are_an_error(weights):
    with pytest.raises(ValueError, match="weights"):
        divide(100, weights)


percents = st.integers(1, 100_000).map(lambda hundredths: Decimal(hundredths) / 100)


@pytest.mark.parametrize("language", ["en", "de", "fr", "sv"])
@given(percent=percents)
def test_p13_a_percentage_that_is_typed_back_is_the_same(language, percent):
    with translation.override(language):
        typed = typed_percent(percent)
        assert parse_percent(typed) == parse_percent(typed.removesuffix("%")) == percent


@pytest.mark.parametrize(
    ("typed", "percent"),
    [("25%", "25"), (" 25 % ", "25"), ("0.01", "0.01"), ("12.5", "12.5"), ("1000%", "1000"), ("007%", "7")],
)
def test_p13_percentages_are_read(typed, percent):
    assert parse_percent(typed) == Decimal(percent)


NO_PERCENTAGES = """
    % x 1e3% \u0663\u066a \u0663% -5% \u22125% 0% 0.00 0.001% 12.345% 33,333% 33,33% 100000000000% 1000.01% 25%% %25 +5%
    NaN% Infinity .5% 5.% 1_0% 9999999999999999999999999999999999999999
"""


@pytest.mark.parametrize("typed", ["", "5 0%", *NO_PERCENTAGES.split()])
def test_p13_what_is_no_percentage_is_answered_in_words(typed):
    with pytest.raises(BadPercent) as refusal:
        parse_percent(typed)
    assert str(refusal.value).endswith(".")


@given(amounts, percents)
def test_p14_one_share_is_rounded_half_even(minor, percent):
    assert shares(minor, [percent]) == [share(minor, percent)]
    assert share(minor, percent) == round(Fraction(minor) * Fraction(percent) / 100)


@given(amounts, st.lists(st.integers(1, 10_000), min_size=1, max_size=49))
def test_p14_parts_of_a_hundred_per_cent_add_up_to_the_whole(minor, weights):
    hundredths = [weight * 10_000 // sum(weights) for weight in weights]
    hundredths.append(10_000 - sum(hundredths))
    percents = [Decimal(each) / 100 for each in hundredths if each]
    parts = shares(minor, percents)
    assert sum(parts) == minor
    for part, percent in zip(parts, percents, strict=True):
        assert abs(part - Fraction(minor) * Fraction(percent) / 100) < 1


@given(amounts, st.lists(percents, min_size=1, max_size=50))
def test_p14_parts_add_up_to_what_all_of_them_are(minor, percents):
    parts = shares(minor, percents)
    assert sum(parts) == share(minor, sum(percents))
    for part, percent in zip(parts, percents, strict=True):
        # Half a unit from rounding the sum, and less than one from dividing it.
        assert abs(part - Fraction(minor) * Fraction(percent) / 100) < Fraction(3, 2)


def test_p14_a_third_a_third_and_the_rest_lose_no_cent():
    assert shares(100_000, [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]) == [33_330, 33_330, 33_340]
    assert shares(1_001, [Decimal("33.33"), Decimal("33.33"), Decimal("33.34")]) == [334, 333, 334]
    assert shares(100, [Decimal(50), Decimal("50.00")]) == [50, 50]


@given(amounts, percents)
def test_what_a_share_is_of_the_whole_is_said_with_whether_it_is_exact(whole, percent):
    minor = share(whole, percent)
    said, exact = percent_of(minor, whole)
    assert exact == (Fraction(minor, whole) * 100 == Fraction(said))
    assert abs(Fraction(said) - Fraction(minor, whole) * 100) <= Fraction(1, 200)
