"""/support/7/ is ``views/conversation.py`` is ``templates/support/conversation.html``."""

from django.urls import path

from support.chat.views.conversation import conversation
from support.chat.views.ending import close, rate
from support.chat.views.files import file
from support.chat.views.list import conversations
from support.chat.views.new import new

app_name = "support"
urlpatterns = [
    path("", conversations, name="conversations"),
    path("new/", new, name="new"),
    path("<int:pk>/", conversation, name="conversation"),
    path("<int:pk>/close/", close, name="close"),
    path("<int:pk>/rate/", rate, name="rate"),
    path("files/<int:pk>/", file, name="file"),
]
