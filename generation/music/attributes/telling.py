"""What an emotion asked of a piece, beside the neutral middle, and what the piece does: in sentences."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from numbers import Real
from typing import Any, Final

from generation.music.attributes.schema import KINDS, Attributes
from generation.music.attributes.targets import neutral
from generation.music.notes import NamedKey, name_pitch

_KINDS: Final = {kind.name: kind for kind in KINDS}


@dataclass(frozen=True, slots=True)
class _Manner:
    """How people speak of an attribute: name, more and less, a value and its decimals, what is asked, and done."""

    name: str
    more: str
    less: str
    say: Callable[[float], str]
    digits: int
    asks: str
    does: str


def _whole(value: float) -> str:
    return f"{value:.0f}"


def _tenths(value: float) -> str:
    return f"{value:.1f}"


def _hundredths(value: float) -> str:
    return f"{value:.2f}"


MANNERS: Final[Mapping[str, _Manner]] = {
    "tempo": _Manner("tempo", "faster", "slower", _whole, 0, "{} beats a minute", "goes at {}"),
    "majorness": _Manner("mode", "more major", "more minor", _hundredths, 2, "{}", "is in {}"),
    "melody_register": _Manner("register", "higher", "lower", name_pitch, 0, "a melody around {}", "has one around {}"),
    "dynamics": _Manner("loudness", "louder", "softer", _whole, 0, "keys struck at {} of 127", "strikes them at {}"),
    "articulation": _Manner(
        "touch",
        "more connected",
        "more detached",
        _hundredths,
        2,
        "keys held {} times as long as it is to the next note",
        "holds them {} times as long",
    ),
    "density": _Manner("density", "busier", "sparser", _tenths, 1, "{} notes a second", "has {}"),
}
"""The attributes that are told, in this order."""


def tell_emotion(
    attributes: Mapping[str, Any], emotion: str, middle: Attributes | None = None, key: NamedKey | None = None
) -> list[str]:
    """Say in plain words what an emotion asked of a piece and what the piece does.

    Parameters
    ----------
    attributes : mapping
        What a clip remembers (`describe_attributes`): name to label, unit, ``target`` (low, high) and ``measured``.
        An entry counts where label and unit are those of `KINDS` and all three numbers are there: of what other
        composers noted under the same name, in a unit of their own, nothing is said.
    emotion : str
        The emotion's label, or what else asked.
    middle : Attributes, optional
        What no emotion asks for; the neutral values of the shipped table by default. An attribute is told where its
        middle lies outside the band asked for, both as they are printed, and else is named as left where it is.
    key : NamedKey, optional
        The key of the piece, as notes are called in it.

    Returns
    -------
    list of str
        A sentence for each attribute that the emotion moves, and one for those that it leaves; none without targets.
        Plain text, to be escaped where it is shown.

    Examples
    --------
    >>> band = {"label": "Tempo", "unit": "beats per minute", "target": [60.0, 76.0], "measured": 66.0}
    >>> tell_emotion({"tempo": band}, "Sadness")
    ['Sadness asks for 60–76 beats a minute, slower than the neutral 98; this piece goes at 66.']
    >>> tell_emotion({"tempo": {**band, "measured": 81.0}}, "Sadness")
    ['Sadness asks for 60–76 beats a minute, slower than the neutral 98; this piece goes at 81, above what is asked.']
    >>> tell_emotion({"tempo": {**band, "target": [90.0, 106.0]}}, "Awe")
    ['Awe leaves tempo near the neutral middle.']
    >>> tell_emotion({"tempo": {"unit": "BPM", "target": [52, 66], "measured": 60}}, "Sadness")
    []
    """
    middle = middle or neutral()
    sentences, left = [], []
    for name, manner in MANNERS.items():
        found = _read(name, attributes.get(name))
        if found is None:
            continue
        low, high, measured = found
        usual = getattr(middle, name)
        if round(low, manner.digits) <= round(usual, manner.digits) <= round(high, manner.digits):
            left.append(manner.name)
        elif name == "majorness":
            sentences.append(_tell_mode(emotion, low, measured, usual))
        else:
            if name == "melody_register":
                manner = replace(manner, say=partial(name_pitch, key=key))
            sentences.append(_tell(manner, emotion, (low, high), measured, usual))
    if left:
        sentences.append(f"{emotion} leaves {_join(left)} near the neutral middle.")
    return sentences


def _tell(manner: _Manner, emotion: str, band: tuple[float, float], measured: float, usual: float) -> str:
    low, high, found = (manner.say(value) for value in (*band, measured))
    asked = manner.asks.format(low if low == high else f"{low}–{high}")
    direction = manner.more if band[0] > usual else manner.less
    beside = ""
    if measured > band[1] and found != high:
        beside = ", above what is asked"
    elif measured < band[0] and found != low:
        beside = ", below what is asked"
    return (
        f"{emotion} asks for {asked}, {direction} than the neutral {manner.say(usual)}; "
        f"this piece {manner.does.format(found)}{beside}."
    )


def _tell_mode(emotion: str, low: float, measured: float, usual: float) -> str:
    """A key is major or minor, and how clearly it is so no number tells anybody."""
    asked = "major" if low > usual else "minor"
    found = "major" if measured >= 0 else "minor"
    return f"{emotion} asks for {asked}; this piece is {'in' if found == asked else 'closer to'} {found}."


def _read(name: str, entry: Any) -> tuple[float, float, float] | None:
    """Low and high of the target, and what was measured."""
    kind = _KINDS[name]
    if not isinstance(entry, Mapping) or (entry.get("label"), entry.get("unit")) != (kind.label, kind.unit):
        return None
    target = entry.get("target")
    if not isinstance(target, list | tuple) or len(target) != 2:
        return None
    numbers = [_number(value) for value in (*target, entry.get("measured"))]
    low, high, measured = numbers
    if low is None or high is None or measured is None or low > high:
        return None
    if name == "melody_register" and not all(kind.minimum <= value <= kind.maximum for value in (low, high, measured)):
        return None
    return low, high, measured


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def _join(parts: list[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
