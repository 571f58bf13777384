from django.apps import AppConfig


class MilestonesConfig(AppConfig):
    name = "milestones"

    def ready(self) -> None:
        from milestones.models import Milestone
        from projects import ports

        ports.plug(Milestone)
