"""Phone, tablet or computer, as far as a browser's name tells it: nothing finer is asked, and nothing is stored of it.

Tablets of Apple call themselves computers unless told otherwise, and whoever asks for the desktop site is a computer to
every site: what cannot be told is not held against anybody.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

DEVICES: Final = ("phone", "tablet", "computer")
KNOWN: Final = ("Mobi", "Android", "iPad", "Tablet", "Windows", "Macintosh", "X11", "CrOS")
"""What the names of browsers hold that people use; a name without any of it tells nothing."""
OTHER_BROWSERS: Final = ("Chrome", "Firefox", "Edg/")
"""On a Macintosh these are on a computer: on Apple's tablets they name themselves otherwise."""


def name_device(agent: str) -> str:
    """Return phone, tablet or computer: the only thing that is kept of the browser's name.

    Examples
    --------
    >>> name_device("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile Safari/537.36")
    'phone'
    >>> name_device("Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    'computer'
    """
    if "iPad" in agent or "Tablet" in agent or ("Android" in agent and "Mobile" not in agent):
        return "tablet"
    return "phone" if "Mobi" in agent else "computer"


def possible_devices(agent: str) -> frozenset[str]:
    """Return what the device may be, by the browser's name: every kind where the name tells nothing.

    Examples
    --------
    >>> sorted(possible_devices("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15"))
    ['computer', 'tablet']
    >>> sorted(possible_devices("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:140.0) Gecko/20100101 Firefox/140.0"))
    ['computer']
    >>> sorted(possible_devices("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) EdgiOS/140.0 Safari/605.1.15"))
    ['computer', 'tablet']
    >>> sorted(possible_devices("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Edg/140.0"))
    ['computer']
    >>> possible_devices("") == frozenset(DEVICES)
    True
    """
    if not any(sign in agent for sign in KNOWN):
        return frozenset(DEVICES)
    if "Macintosh" in agent and not any(browser in agent for browser in OTHER_BROWSERS):
        return frozenset({"computer", "tablet"})
    return frozenset({name_device(agent)})


def is_admitted(agent: str, admitted: Collection[str]) -> bool:
    """Return whether a device may take part; without any kind in `admitted` every one may.

    Examples
    --------
    >>> phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
    >>> is_admitted(phone, ["computer"]), is_admitted(phone, []), is_admitted("", ["computer"])
    (False, True, True)
    """
    return not admitted or not possible_devices(agent).isdisjoint(admitted)
