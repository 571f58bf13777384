"""Finances."""

from django.urls import path, re_path

from finances.dashboard.views.create import choices, create
from finances.dashboard.views.csv import statement
from finances.dashboard.views.finances import finances
from finances.dashboard.views.transfer import transfer

urlpatterns = [
    path("", finances, name="finances"),
    path("milestones/new/", create, name="finances-create"),
    path("milestones/new/choices/", choices, name="finances-choices"),
    path("transfers/<int:pk>/", transfer, name="transfer"),
    path("<slug:tab>.csv", statement, name="finances-csv"),
    re_path(r"^(?P<tab>outgoing|incoming|transfers)/$", finances, name="finances-tab"),
]
