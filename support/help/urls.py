"""/help/releasing/ is ``articles/<language>/releasing.md``."""

from django.urls import path

from support.help.views.pages import article, index, vote

app_name = "help"
urlpatterns = [
    path("", index, name="index"),
    path("<slug:slug>/", article, name="article"),
    path("<slug:slug>/vote/", vote, name="vote"),
]
