"""No token and no outside id in any log: what points to a person is hidden in every record, whoever writes it.

`install`, called once by the settings, puts this into the records themselves, not into one handler or formatter:
Django's warnings, gunicorn's access and error log, Celery, tracebacks and any handler that comes later are covered.
Of addresses only what the site itself has named is shown.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, quote_plus

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

HIDDEN = "[hidden]"
SHORTEST = 4
"""Values of a request shorter than this are not looked for: they are words, numbers, yes and no."""
PARTICIPATION = frozenset(
    {
        "sound",
        "headphones",
        "clip",
        "events",
        "about",
        "end",
        "another",
        "before",
        "screening",
        "resume",
        "withdraw",
        *(f"{n}.wav" for n in range(100)),
    }
)
"""The words that may follow a study's slug in the address of a participant's page; tests hold them to the addresses."""
PAGES = frozenset(
    {
        *("accounts", "admin", "api", "create", "glossary", "healthz", "i18n", "media", "metrics", "pairs", "pictures"),
        *("planning", "results", "runs", "s", "shared", "static", "status", "studies", "study", "taught"),
    }
)
"""The words that the site's addresses begin with; tests hold them to the addresses."""
_END = r"""[^\s"'<>]"""
_ENCODED = re.compile(r"%(?:25)*(2F|3F|3D)", re.IGNORECASE)
_QUERY = re.compile(rf"\?(?={_END}*=){_END}*")
_STUDY = re.compile(rf"""(?<![-\w])(study/)({_END}+)""", re.IGNORECASE)
_SECRET = re.compile(rf"""(?<![-\w])((?:reset|shared|visit)/){_END}+""", re.IGNORECASE)
"""Links for a new password, to results and to a visitor's piece: what follows opens something."""
_SLUG = re.compile(
    r"(?=.{1,60}$)(?=.*[a-z])(?:[a-z]+|[a-z]{3,}\d{1,3}|v\d{1,3}|\d{1,4})(?:[-_.](?:[a-z]+\d{0,3}|\d{1,4}))*"
)
"""What a study's slug looks like: words and small numbers. Ids of people mix letters and digits, or are numbers."""
_PLAIN_END = re.compile(r"[).,;:]*$")
_BECAME = "|".join(status.phrase for status in HTTPStatus if status >= HTTPStatus.BAD_REQUEST)
_ASKED = re.compile(
    rf"""((?:\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|TRACE|CONNECT|while serving) |\bhttps?://[^\s/"'<>]+|"""
    rf"""\b(?:{_BECAME})(?: \([^)]*\))?: ))(/{_END}+)"""
)
"""An address where one is written: in a line about a request, whole with its scheme, or after what became of it."""
_HEXADECIMAL = re.compile(r"(?P<file>(?<![0-9a-f])[0-9a-f]{64}(?=\.[a-z]))|[0-9a-f]{16,}", re.IGNORECASE)
"""The secrets of people and most ids of services, also where they were cut; names of media files are hashes, too."""
_SIGNED = re.compile(r"[-\w.]+:[-\w]{5,10}:[-\w]{27,86}(?![-\w])")
_NAMED = re.compile(
    r"""(\b(?:token|ticket|pilot|external_id(?:_hash)?|csrfmiddlewaretoken|csrftoken|sessionid|password\d?|"""
    r"""PROLIFIC_PID|SESSION_ID|participantId|assignmentId|workerId|hitId|survey_code)["']?\s*[=:]\s*\[?["']?)"""
    r"""[^\s"'&;,\])]+""",
    re.IGNORECASE,
)
_TRIED = re.compile(r"""('path': )(['"]).*(?=\2)""")
_DETAIL = re.compile(r"(DETAIL:|Failing row contains|CONTEXT:).*")


def hide(text: str) -> str:
    """`text` without tokens, outside ids and the values of any query.

    Example
    -------
    >>> hide("Not Found: /study/demo/resume/4f2e/?PROLIFIC_PID=5e9f")
    'Not Found: /study/demo/resume/[hidden]'
    """
    text = _ENCODED.sub(lambda match: chr(int(match[1], 16)), text)
    text = _QUERY.sub(f"?{HIDDEN}", text)
    text = _STUDY.sub(_hide_study, text)
    text = _ASKED.sub(_hide_elsewhere, text)
    text = _SECRET.sub(rf"\1{HIDDEN}", text)
    text = _TRIED.sub(rf"\1\2{HIDDEN}", text)
    text = _DETAIL.sub(rf"\1 {HIDDEN}", text)
    text = _NAMED.sub(rf"\1{HIDDEN}", text)
    text = _SIGNED.sub(HIDDEN, text)
    return _HEXADECIMAL.sub(lambda match: match[0] if match["file"] else HIDDEN, text)


def _hide_elsewhere(match: re.Match[str]) -> str:
    """An address anywhere on the site: below words that are no page's, nothing is shown but a first word."""
    before, study, below = match[2][1:].partition("/study/")  # what is below was looked at before
    first, *rest = before.split("/")
    tail = _PLAIN_END.search(first)
    plain = (first[: tail.start()] if tail else first).partition("?")[0]
    if plain in PAGES:
        return match[0]
    shown = [first if _SLUG.fullmatch(plain) else HIDDEN, *(HIDDEN if part else part for part in rest)]
    return match[1] + "/" + "/".join(shown) + study + below


def _hide_study(match: re.Match[str]) -> str:
    """An address below study/: the slug and the site's own words stay, the rest is whatever somebody sent."""
    address, _, _query = match[2].partition("?")
    tail = _PLAIN_END.search(address)
    plain = address[: tail.start()] if tail else address
    slug, *rest = plain.split("/")
    shown = [slug if _SLUG.fullmatch(slug) else HIDDEN]
    shown += [part if not part or part in PARTICIPATION else HIDDEN for part in rest]
    return match[1] + "/".join(shown) + match[2][len(plain) :]


def _values(request: Any) -> Iterator[str]:
    """What a request brought that could be a secret: query, form, cookies, the parts of its address."""
    for sent in (request.GET, getattr(request, "_post", None) or {}):
        for name in sent:
            yield from (str(value) for value in sent.getlist(name))
    yield from request.COOKIES.values()
    match = request.resolver_match
    if match:
        yield from (str(value) for name, value in match.kwargs.items() if name != "slug")
    yield request.META.get("QUERY_STRING", "")


def _escaped(value: str) -> str:
    """As Django writes what a request sent into its warnings."""
    return value.encode("unicode_escape").decode("ascii")


_FORMS = (str, quote, partial(quote, safe=""), quote_plus, _escaped)


def _hide_values(text: str, request: Any) -> str:
    """`text` without what `request` brought along."""
    path = request.path
    if len(path) >= SHORTEST:  # as a whole: an address may hold blanks and quotes, at which a search in text would end
        plain = hide("GET " + re.sub(r"""[\s"'<>]""", "", path)).removeprefix("GET ")
        text = text.replace(path, plain).replace(_escaped(path), plain)
    forms = {form(value) for value in _values(request) for form in _FORMS}
    for value in sorted((form for form in forms if len(form) >= SHORTEST), key=len, reverse=True):
        text = text.replace(value, HIDDEN)
    return text


class HidingRecord(logging.LogRecord):
    """A log record that never gives away what `hide` hides, in its message or its traceback."""

    def getMessage(self) -> str:
        """Return the message, hidden; also what the request that it is about brought along.

        Nothing else is kept: where a handler cannot write a record, Python shows the parts of the message as they are.
        """
        try:
            text = super().getMessage()
        except (TypeError, ValueError):
            text = str(self.msg)
        self.msg, self.args = self._hide(text).encode("utf-8", "backslashreplace").decode(), ()
        return self.msg

    @property
    def exc_text(self) -> str | None:
        """The traceback as formatters keep it."""
        return self.__dict__.get("_exc_text")

    @exc_text.setter
    def exc_text(self, text: str | None) -> None:
        self.__dict__["_exc_text"] = self._hide(text) if text else text

    def _hide(self, text: str) -> str:
        request = getattr(self, "request", None)
        if isinstance(request, HttpRequest):
            try:
                text = _hide_values(text, request)
            except (SuspiciousOperation, ValueError):  # a request that cannot be read: nothing of it is shown
                return HIDDEN
        return hide(text)


def install() -> None:
    """Make every record from here on one that hides."""
    logging.setLogRecordFactory(HidingRecord)
