from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@login_not_required  # the first page that anybody sees
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")
