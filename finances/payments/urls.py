"""Money in, money out: ``sources/7/verify/`` is ``views/instruments.py`` is ``payments/instrument_verify.html``.

Where money goes to, and what sends it there, asks for the password or passkey again.
"""

from django.urls import path

from accounts.again import asked_again
from finances.payments.sorts import DESTINATIONS, SOURCES
from finances.payments.views import instruments, payment, withdrawal
from finances.payments.views.deposit import deposit
from finances.payments.views.webhook import webhook
from finances.payments.views.withdraw import withdraw

app_name = "payments"

of_sources, of_destinations = {"sort": SOURCES}, {"sort": DESTINATIONS}
again = asked_again()

urlpatterns = [
    path("deposit/", deposit, name="deposit"),
    path("withdraw/", asked_again(keep=("amount", "currency", "destination"))(withdraw), name="withdraw"),
    path("payments/<int:pk>/", payment.payment, name="payment"),
    path("payments/<int:pk>.pdf", payment.as_file, {"kind": "pdf"}, name="payment-pdf"),
    path("payments/<int:pk>.csv", payment.as_file, {"kind": "csv"}, name="payment-csv"),
    path("payments/<int:pk>/back/", payment.back, name="back"),
    path("payments/<int:pk>/look/", payment.look, name="look"),
    path("payments/<int:pk>/give-up/", payment.give_up, name="give-up"),
    path("payments/webhooks/<slug:name>/", webhook, name="webhook"),
    path("withdrawals/<int:pk>/", withdrawal.withdrawal, name="withdrawal"),
    path("withdrawals/<int:pk>.pdf", withdrawal.as_file, {"kind": "pdf"}, name="withdrawal-pdf"),
    path("withdrawals/<int:pk>.csv", withdrawal.as_file, {"kind": "csv"}, name="withdrawal-csv"),
    path("withdrawals/<int:pk>/cancel/", withdrawal.cancel, name="cancel-withdrawal"),
    path("sources/", instruments.index, of_sources, name="sources"),
    path("sources/new/", instruments.new, of_sources, name="source-new"),
    path("sources/back/", instruments.back, of_sources, name="source-back"),
    path("sources/<int:pk>/add/", instruments.add, of_sources, name="source-add"),
    path("sources/<int:pk>/verify/", instruments.verify, of_sources, name="source-verify"),
    path("sources/<int:pk>/rename/", instruments.rename, of_sources, name="source-rename"),
    path("sources/<int:pk>/first/", instruments.put_first, of_sources, name="source-first"),
    path("sources/<int:pk>/remove/", instruments.remove, of_sources, name="source-remove"),
    path("payout-accounts/", instruments.index, of_destinations, name="destinations"),
    path("payout-accounts/new/", again(instruments.new), of_destinations, name="destination-new"),
    path("payout-accounts/back/", instruments.back, of_destinations, name="destination-back"),
    path("payout-accounts/<int:pk>/add/", again(instruments.add), of_destinations, name="destination-add"),
    path("payout-accounts/<int:pk>/rename/", instruments.rename, of_destinations, name="destination-rename"),
    path("payout-accounts/<int:pk>/first/", instruments.put_first, of_destinations, name="destination-first"),
    path("payout-accounts/<int:pk>/remove/", again(instruments.remove), of_destinations, name="destination-remove"),
]
