"""Reads a participant's page the way a browser without JavaScript does."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

ASKED = re.compile(r'<strong class="asked">([^<]*)</strong>')
INSTRUCTED = re.compile(r'<span class="instructed">[^<]*<strong>([^<]*)</strong>')
ANSWER = re.compile(r'name="chosen" value="([^"]*)"[^>]*> <span>([^<]*)</span>')
MEDIA = re.compile(r'src="([^"]*/(?:[0-9a-f]{16,})\.[a-z0-9]+)"')


@dataclass(slots=True)
class PageForm:
    """One form: where it goes, what it holds, what there is to choose by buttons and in lists, and numbers' limits.

    `seconds` is how long its (last) clip lasts, and `followed` what is rated while it plays: plane, valence, arousal
    or nothing.
    """

    action: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    options: dict[str, list[str]] = field(default_factory=dict)
    numbers: dict[str, tuple[int, int]] = field(default_factory=dict)
    seconds: float = 0.0
    followed: str = ""


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._open: PageForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = PageForm(given.get("action", ""))
            self.forms.append(self._open)
        elif self._open and given.get("data-duration"):
            self._open.seconds = float(given["data-duration"])
        elif tag in {"input", "select", "textarea"} and self._open and given.get("name"):
            self._add(self._open, tag, given)
        elif tag == "option" and self._open and self._select:
            self._open.options.setdefault(self._select, []).append(given.get("value", ""))

    def _add(self, form: PageForm, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        if kind == "radio":
            form.choices.setdefault(given["name"], []).append(given.get("value", ""))
        elif kind == "submit":
            return
        elif kind != "checkbox" or "checked" in given:
            self._select = given["name"] if tag == "select" else ""
            form.values[given["name"]] = given.get("value", "")
            form.followed = given.get("data-course", form.followed)
            if kind == "number":
                form.numbers[given["name"]] = _limits(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def _limits(given: dict[str, str]) -> tuple[int, int]:
    """The whole numbers that a field takes; some hundred where it names no end."""
    least = int(float(given["min"])) if given.get("min") else 0
    return least, int(float(given["max"])) if given.get("max") else least + 100


def read_forms(html: str) -> list[PageForm]:
    """Every form of the page, in order."""
    reader = _FormReader()
    reader.feed(html)
    return reader.forms


def read_media(html: str) -> list[str]:
    """Addresses of the pictures and clips on the page."""
    return MEDIA.findall(html)


def read_asked(html: str) -> str:
    """The word for the emotion that the page's question names; empty where it names none.

    >>> read_asked('<legend>Is it <strong class="asked">Fear</strong>?</legend>')
    'Fear'
    """
    found = ASKED.search(html)
    return unescape(found.group(1)) if found else ""


def read_instructed(html: str) -> str:
    """The answer that the page asks for, whatever is heard; empty where it asks for none.

    >>> answer = '<input type="radio" name="chosen" value="awe" required> <span>Awe</span>'
    >>> asked = '<span class="instructed">This time please choose “<strong>Awe</strong>”, whatever you hear.</span>'
    >>> read_instructed(asked + answer), read_instructed(answer)
    ('awe', '')
    """
    found = INSTRUCTED.search(html)
    return next((slug for slug, label in ANSWER.findall(html) if found and label == found.group(1)), "")
