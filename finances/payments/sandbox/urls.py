"""The sandbox's own pages: /sandbox/setups/sb_setup_…/ is ``views.setup`` is ``sandbox/setup.html``."""

from django.urls import path

from finances.payments.sandbox import views

app_name = "sandbox"
urlpatterns = [
    path("setups/<slug:reference>/", views.setup, name="setup"),
    path("charges/<slug:reference>/", views.step, name="step"),
    path("accounts/<slug:reference>/", views.statement, name="statement"),
]
