"""The administration acts as everything else does: what is sent to it is done in turn, on rows that are held.

Django's administration reads, checks and writes as if nobody else did. Whatever is posted to one of its pages,
whichever model it is about, therefore runs as one action (`turns.in_turn`): the row of the address is locked before
it is read, and where somebody else was faster, the page is asked again and sees what they did.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.utils import unquote
from django.contrib.messages import get_messages
from django.db.models import ProtectedError, RestrictedError
from django.http import HttpRequest, HttpResponse

from melodymuse_site.turns import ActionRefused, in_turn, lock_row

View = Callable[..., Any]


class Administration(AdminSite):
    """Django's, whose every post is an action."""

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return super().admin_view(_acting(view), cacheable)


def _acting(view: View) -> View:
    """`view`, which is a method of the page it belongs to, as an action wherever something is posted to it."""
    page = getattr(view, "__self__", None)

    @wraps(view)
    def run(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponse:
        if request.method != "POST":
            return view(request, *args, **parts)
        said = len(_waiting(request))

        @in_turn
        def act() -> HttpResponse:
            _begin_anew(request, said)
            if isinstance(page, ModelAdmin):
                _hold(request, page, parts.get("object_id") or parts.get("id"))
            try:
                return view(request, *args, **parts)
            except (ProtectedError, RestrictedError) as error:
                raise ActionRefused("Something else needs this by now: it cannot be deleted.") from error

        return act()

    return run


def _hold(request: HttpRequest, page: ModelAdmin[Any], key: str | None) -> None:
    """Lock the row that the address names; where there is none, Django says so itself. Raises Gone."""
    found = page.get_object(request, unquote(key)) if key else None
    if found is not None:
        lock_row(page.model, pk=found.pk)


def _begin_anew(request: HttpRequest, said: int) -> None:
    """Leave nothing of a try before: what it read of files, and what it told."""
    for files in request.FILES.lists():
        for file in files[1]:
            file.seek(0)
    del _waiting(request)[said:]


def _waiting(request: HttpRequest) -> list[Any]:
    """What the next page will tell."""
    messages: list[Any] = get_messages(request)._queued_messages  # type: ignore[union-attr]
    return messages
