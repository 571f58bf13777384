"""``manage.py deposit EMAIL AMOUNT CURRENCY``: books money that an operator has received by hand."""

import uuid
from typing import Any

from moneyed import Money

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Member
from config.money import BadAmount, format_minor, from_minor, parse_amount
from finances.payments.deposits import record_deposit


class Command(BaseCommand):
    help = "Credits money received outside the site (a bank transfer, say) to a member's wallet."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("amount")
        parser.add_argument("currency")
        parser.add_argument("--key", type=uuid.UUID, help="a UUID that makes a repeated command harmless")

    def handle(self, **options: Any) -> None:
        currency = options["currency"].upper()
        if currency not in settings.CURRENCIES:
            known = ", ".join(settings.CURRENCIES)
            raise CommandError(f"{currency} is none of this site's currencies ({known}).")
        try:
            member = Member.objects.get_by_natural_key(options["email"])
            money: Money = from_minor(parse_amount(options["amount"], currency), currency)
        except Member.DoesNotExist as error:
            raise CommandError(f"No member has the e-mail address {options['email']}.") from error
        except BadAmount as error:
            raise CommandError(str(error)) from error
        transfer = record_deposit(member, money, key=options["key"] or uuid.uuid4())
        self.stdout.write(f"{transfer.reference}: {format_minor(transfer.amount, currency)} for {member}.")
