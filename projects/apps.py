from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProjectsConfig(AppConfig):
    name = "projects"
    verbose_name = _("Projects")

    def ready(self) -> None:
        # Models can be imported only now that all apps are loaded.
        from accounts import todo
        from projects.todo import awards_to_answer
        from projects.todo_reviews import reviews

        todo.register(awards_to_answer)
        todo.register(reviews)
