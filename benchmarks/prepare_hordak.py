"""``python -m benchmarks.prepare_hordak NUMBER``: makes django-hordak's tables and accounts with money."""

import sys

import django


def main() -> None:
    django.setup()
    from djmoney.money import Money
    from hordak.models import Account

    from django.core.management import call_command
    from django.db import connection, transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        equity = Account.objects.create(name="equity", type="EQ", currencies=["EUR"])
        for number in range(int(sys.argv[1])):
            wallet = Account.objects.create(name=f"wallet {number}", type="AS", currencies=["EUR"])
            equity.transfer_to(wallet, Money(1_000_000, "EUR"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


if __name__ == "__main__":
    main()
