"""``manage.py deposit``: an operator books money that came in by hand."""

import pytest

from django.core.management import CommandError, call_command

from finances.ledger.models import Account, Transfer


def test_it_credits_the_wallet(erin, capsys):
    call_command("deposit", "erin@example.com", "12.50", "eur")
    assert Account.wallet(erin.pk, "EUR").balance == 1_250
    assert "€12.50 for Erin Vogel" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("email", "amount", "currency", "words"),
    [
        ("nobody@example.com", "1", "EUR", "No member has the e-mail address"),
        ("erin@example.com", "0", "EUR", "more than zero"),
        ("erin@example.com", "1", "QQQ", "QQQ is none of this site's currencies"),
        ("erin@example.com", "1", "XAU", "XAU is none of this site's currencies"),  # ISO 4217 has it, the site doesn't
    ],
)
def test_it_refuses_in_words_and_books_nothing(erin, email, amount, currency, words):
    with pytest.raises(CommandError, match=words):
        call_command("deposit", email, amount, currency)
    assert not Transfer.objects.exists()
