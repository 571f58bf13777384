from django.http import HttpResponse
from django.urls import path

app_name = "projects"
v = lambda request, **k: HttpResponse("x")
urlpatterns = [
    path("projects/", v, name="list"),
    path("projects/new/", v, name="new"),
    *[path(f"awards/<int:pk>/{n}/", v, name=n) for n in ("accept", "decline", "revoke")],
]
