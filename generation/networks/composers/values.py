"""Single values of a composition: numbers, hands and lists that can be used, and how a sentence shows what cannot."""

from __future__ import annotations

import re
from numbers import Integral, Real
from typing import Any, Final

from generation.music.notes import Hand

LARGEST: Final = 2**63 - 1
UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: no database stores them, no file can be written with them."""


class CompositionRefused(ValueError):
    """What a composer gave cannot become a clip; the message names the field and says what to do."""


def clean(text: str) -> str:
    """`text` without the characters that no database stores.

    >>> clean("warm\\x00th")
    'warmth'
    """
    return UNSTORABLE.sub("", text)


def check_items(items: Any, kind: type, field: str) -> list[Any]:
    if not isinstance(items, list | tuple):
        raise CompositionRefused(f"{field} is of type {type(items).__name__}: give a tuple of {kind.__name__}.")
    for number, item in enumerate(items):
        if not isinstance(item, kind):
            raise CompositionRefused(f"{field}[{number}] is of type {type(item).__name__}: give a {kind.__name__}.")
    return list(items)


def check_hand(value: Any, field: str) -> Hand:
    if not isinstance(value, str) or value not in ("right", "left"):
        raise CompositionRefused(f"{field} is {show(value)}: give 'right' or 'left'.")
    return "right" if value == "right" else "left"


def check_whole(value: Any, field: str, low: int, high: int, told: str = "") -> int:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or not low <= value <= high:
        note = f" ({told})" if told else ""
        raise CompositionRefused(f"{field} is {show(value)}: give a whole number from {low} to {high}{note}.")
    return int(value)


def check_number(value: Any, field: str, low: float, high: float, told: str) -> float:
    number = isinstance(value, Real) and not isinstance(value, bool)
    if not number or not low <= value <= high:  # NaN is in no range
        raise CompositionRefused(f"{field} is {show(value)}: give a number from {low:g} to {high:g} ({told}).")
    return float(value)


def show(value: Any) -> str:
    """A value as a sentence can have it: short, and without characters that cannot be stored."""
    if isinstance(value, int) and abs(value) > LARGEST:  # Python writes no whole number of more than 4300 digits
        return "a number beyond 2 to the power of 63"
    shown = clean(str(value) if isinstance(value, Real) else repr(value))
    return shown if len(shown) <= 60 else f"{shown[:57]}…"
