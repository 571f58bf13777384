"""Finances."""

from django.urls import path, re_path

from finances.dashboard.views import chart
from finances.dashboard.views.create import choices, create
from finances.dashboard.views.csv import statement
from finances.dashboard.views.finances import finances
from finances.dashboard.views.statements import statement as month
from finances.dashboard.views.statements import statement_as_csv, statement_as_pdf, statements
from finances.dashboard.views.transfer import transfer

WALLET_AND_MONTH = r"^statements/(?P<currency>[A-Z]{3})/(?P<month>[0-9]{4}-[0-9]{2})"

urlpatterns = [
    path("", finances, name="finances"),
    path("milestones/new/", create, name="finances-create"),
    path("milestones/new/choices/", choices, name="finances-choices"),
    path("transfers/<int:pk>/", transfer, name="transfer"),
    path("chart/", chart.chart, name="finances-chart"),
    re_path(
        r"^months/(?P<side>outgoing|incoming)/(?P<currency>[A-Z]{3})/(?P<month>[0-9]{4}-[0-9]{2})/$",
        chart.month,
        name="finances-month",
    ),
    path("statements/", statements, name="statements"),
    re_path(rf"{WALLET_AND_MONTH}/$", month, name="statement"),
    re_path(rf"{WALLET_AND_MONTH}\.csv$", statement_as_csv, name="statement-csv"),
    re_path(rf"{WALLET_AND_MONTH}\.pdf$", statement_as_pdf, name="statement-pdf"),
    path("<slug:tab>.csv", statement, name="finances-csv"),
    re_path(r"^(?P<tab>outgoing|incoming|transfers)/$", finances, name="finances-tab"),
]
