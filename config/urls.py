"""The street map."""

from django.apps import apps
from django.contrib import admin
from django.urls import include, path

from config import health
from milestones.views.project import project
from milestones.views.work import work
from support.desk.metrics import metrics

urlpatterns = [
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("projects/<int:pk>/", project, name="project"),
    path("my-work/", work, name="my-work"),
    path("", include("milestones.urls")),
    path("", include("disputes.urls")),
    path("", include("projects.urls")),
    path("help/", include("support.help.urls")),
    path("support/", include("support.chat.urls")),
    path("", include("support.desk.urls")),
    path("finances/", include("finances.payments.urls")),
    path("finances/", include("finances.dashboard.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
if apps.is_installed("finances.payments.sandbox"):  # not in production
    urlpatterns.append(path("sandbox/", include("finances.payments.sandbox.urls")))

handler400 = "config.errors.unreadable"
handler403 = "config.errors.forbidden"
handler404 = "config.errors.not_found"
handler500 = "config.errors.failed"
