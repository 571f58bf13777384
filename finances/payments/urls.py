"""Money in, money out."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

app_name = "payments"


def _todo(request: HttpRequest, pk: int = 0) -> HttpResponse:
    raise NotImplementedError


urlpatterns = [
    path("payments/<int:pk>/", _todo, name="payment"),
    path("payments/<int:pk>/back/", _todo, name="back"),
    path("withdrawals/<int:pk>/", _todo, name="withdrawal"),
    path("sources/", _todo, name="sources"),
    path("deposit/", _todo, name="deposit"),
    path("sources/back/", _todo, name="source-back"),
    path("payout-accounts/back/", _todo, name="destination-back"),
]
