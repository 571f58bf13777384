"""What a member sees of what the staff did."""

from django.urls import path

from support.desk.look_steps import looks

urlpatterns = [path("preferences/looks/", looks, name="looks")]
