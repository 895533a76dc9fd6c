"""The site's addresses and one view that is broken on purpose: the generator must find it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from melodymuse_site.urls import urlpatterns as sound

FRAGILE = "/fragile/"


def fragile(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(1 // 0))


urlpatterns = [path("fragile/", fragile), *sound]
