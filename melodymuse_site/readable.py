"""Text that no database stores (NUL, lone surrogates) and requests that nobody can read, refused in one place.

Every view, form and query may rely on it: what reaches them can be stored. Only where a refusal would cost somebody's
answer the view's own forms look (`refuses_itself`): they take the characters out, or name the field and keep the rest.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import FieldDoesNotExist
from django.db import DataError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.utils.http import parse_header_parameters

from melodymuse_site import unavailable
from melodymuse_site.problems import say_problem
from melodymuse_site.storable import UNREADABLE, mend

View = TypeVar("View", bound=Callable[..., Any])
CHARSETS: Final = frozenset({"utf-8", "ascii"})
"""What a request may be written in; ASCII is a part of UTF-8."""
LONGEST_PART: Final = 255
"""Bytes between two slashes of an address: no file's name is longer, and nothing here is addressed by more."""
LONGEST_LENGTH: Final = 18
"""Digits of a Content-Length: an exabyte."""
AGAIN: Final = "Check the link, or begin at the front page."
DAMAGED: Final = (
    "It may hold more than 200 files, or too many fields, at once, or be damaged on its way. "
    "Send fewer files at a time and try again."
)


def refuses_itself(view: View) -> View:
    """Let the forms of `view` say what is wrong with a text, on the page that keeps all the rest of what was sent."""
    view.refuses_itself = True  # type: ignore[attr-defined]
    return view


def read_content_type(request: HttpRequest, meta: Mapping[str, Any]) -> None:
    """Django's own step, but never with another charset than UTF-8, and never failing.

    Django does this while it makes the request, where no middleware can answer: an encoding that cannot decode
    (`rot13`, `undefined`) would end every page in an error of the server.
    """
    request.content_type, request.content_params = "", {}  # type: ignore[assignment]
    try:
        request.content_type, request.content_params = parse_header_parameters(meta.get("CONTENT_TYPE", ""))
        charset = request.content_params.get("charset", "utf-8").strip() or "utf-8"
        request.readable = codecs.lookup(charset).name in CHARSETS  # type: ignore[attr-defined]
    except (LookupError, ValueError, TypeError, AttributeError):
        request.readable = False  # type: ignore[attr-defined]


class ReadableMiddleware:
    """Refuses, with a sentence, what cannot be read or stored; before sessions and files are looked up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        problem = _problem_of_head(request)
        if problem:
            return say_problem(request, problem)
        if _is_no_address(request.path_info):
            return say_problem(request, f"No page of this site has such an address. {AGAIN}", status=404)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _parts: Any) -> HttpResponse | None:
        if request.method != "POST":
            return None
        try:
            sent = request.POST
        except UnreadablePostError:
            return say_problem(request, "The connection broke off before everything had arrived. Send it again.")
        name = next((name for name in sent if _is_unreadable([name, *sent.getlist(name)])), None)
        if name is None or getattr(view, "refuses_itself", False):
            return None
        field = f"The field “{mend(name)[:60]}”"
        return say_problem(
            request,
            f"{field} holds a character that cannot be stored (a NUL, or half of one). "
            "Go back, delete it or type the text anew, and send the form again.",
        )

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The administration takes any lookup and any name of a field, and hands on what no database has room for."""
        in_admin = request.resolver_match is not None and request.resolver_match.app_name == "admin"
        if in_admin and isinstance(exception, OverflowError | DataError | FieldDoesNotExist):
            return say_problem(request, f"A number, a day or a field is asked for that there cannot be. {AGAIN}")
        return None


def _problem_of_head(request: HttpRequest) -> str:
    """Why the request cannot be read, without looking at what a form sent; empty where it can."""
    if not getattr(request, "readable", True):
        return "What was sent says that it is not written in UTF-8. Send it as UTF-8."
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (length.isascii() and length.isdecimal() and len(length) <= LONGEST_LENGTH):
        return "What was sent does not say how long it is. Send it again."
    if any(_is_unreadable([name, *values]) for name, values in request.GET.lists()):
        return f"The address holds, behind its question mark, a character that cannot be stored. {AGAIN}"
    if _is_unreadable(value for name, value in request.META.items() if name.startswith("HTTP_")):
        return "A header holds a character that no header has. Try another browser, or without add-ons."
    if _is_unreadable(text for pair in request.COOKIES.items() for text in pair):
        return "A cookie holds a character that cannot be stored. Delete this site's cookies, and try again."
    return ""


def _is_no_address(path: str) -> bool:
    return _is_unreadable([path]) or any(len(part.encode()) > LONGEST_PART for part in path.split("/"))


def _is_unreadable(texts: Iterable[Any]) -> bool:
    return any(UNREADABLE.search(text) for text in texts if isinstance(text, str))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's answer to whatever Django itself cannot read: damaged uploads, too many fields, a wrong host.

    A session that cannot be saved comes here as well, because Django takes it for one that was ended elsewhere.
    """
    cause = exception.__context__
    if isinstance(exception, SessionInterrupted) and cause is not None:
        found = unavailable.answer(request, cause.__context__)
        if found is not None:
            return found
    return say_problem(request, DAMAGED)
