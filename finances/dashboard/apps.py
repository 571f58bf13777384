from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "finances.dashboard"
