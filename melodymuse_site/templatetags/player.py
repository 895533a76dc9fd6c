"""The player of a clip, and how lengths of time are written: the same on the server as in `site/clock.js`."""

from __future__ import annotations

import math
import mimetypes
from typing import Any

from django import template
from django.core.files.storage import default_storage

register = template.Library()


@register.filter
def clock(seconds: float | None) -> str:
    """A length of time in minutes and seconds, rounded to the nearest second, halves up: 25.5 is ``0:26``.

    `clock` in ``static/site/clock.js`` is the same rule; tests/browser/test_player.py holds the two together.
    """
    if seconds is None:
        return "–"
    whole = math.floor(seconds + 0.5)
    return f"{whole // 60}:{whole % 60:02}"


@register.inclusion_tag("_player.html")
def player(
    name: str,
    second: str = "",
    *,
    label: str = "Play the clip",
    seconds: float | None = None,
    preload: str = "none",
    roll: str = "",
    clip: Any = "",
    marks: bool = False,
) -> dict[str, Any]:
    """The browser's own player of a stored file, which `site/players.js` makes the site's.

    `second` is the same clip in another format, `seconds` its length, `roll` the name of a piano roll on the page,
    `clip` an id by which others on the page find this player; `marks` adds buttons that loop a part of the clip.
    """
    sources = [_source(file) for file in (name, second) if file]
    return {
        "sources": sources,
        "first": sources[0]["address"] if sources else "",
        "label": label,
        "seconds": "" if seconds is None else f"{seconds:.3f}",
        "preload": preload,
        "roll": roll,
        "clip": clip,
        "marks": marks,
    }


def _source(name: str) -> dict[str, str]:
    return {
        "address": default_storage.url(name),
        "type": mimetypes.guess_type(name)[0] or "application/octet-stream",
    }
