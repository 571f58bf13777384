"""Addresses of projects, bids and awards. The project's own page stands on the milestones' floor."""

from django.urls import path

from projects.views.answer import answer
from projects.views.award import award
from projects.views.bid import bid, withdraw
from projects.views.browse import browse
from projects.views.close import close
from projects.views.complete import complete
from projects.views.member import edit as edit_profile
from projects.views.member import member, picture, standing
from projects.views.post import edit, new
from projects.views.review import review

app_name = "projects"

urlpatterns = [
    path("projects/", browse, name="list"),
    path("projects/new/", new, name="new"),
    path("projects/<int:pk>/edit/", edit, name="edit"),
    path("projects/<int:pk>/close/", close, name="close"),
    path("projects/<int:pk>/bid/", bid, name="bid"),
    path("projects/<int:pk>/bid/withdraw/", withdraw, name="withdraw"),
    path("bids/<int:pk>/award/", award, name="award"),
    path("awards/<int:pk>/accept/", answer, {"action": "accept"}, name="accept"),
    path("awards/<int:pk>/decline/", answer, {"action": "decline"}, name="decline"),
    path("awards/<int:pk>/revoke/", answer, {"action": "revoke"}, name="revoke"),
    path("awards/<int:pk>/complete/", complete, name="complete"),
    path("awards/<int:pk>/review/", review, name="review"),
    path("members/<int:pk>/", member, name="member"),
    path("members/<int:pk>/standing/", standing, name="standing"),
    path("members/<int:pk>/picture/", picture, name="picture"),
    path("profile/", edit_profile, name="profile"),
]
