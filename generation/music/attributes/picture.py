"""How a picture moves the music away from what its emotion alone asks for.

The numbers are data (``picture.csv``): one row per feature of a picture and musical attribute, with the
shift per standard deviation among photographs and its source. Middles and spreads were measured on the 725
photographs of OASIS. Beside its features a picture has a place: the valence, arousal and dominance a network
reads in it, which draws the emotion's place as far as it can be trusted (`blend_place`).

Everything is bounded, so that the emotion stays what is heard first: a feature counts at most `MOST_SPREADS`
spreads, an attribute moves by at most its entry in `LIMITS`, major stays major and minor minor, and the place
stays nearest to its own emotion and in its quadrant.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from pathlib import Path
from typing import Any, Final, TypeGuard

from generation.emotions import EMOTIONS, Emotion
from generation.music.attributes.schema import Attributes
from generation.music.attributes.targets import fold_quadrant

TABLE: Final = Path(__file__).with_name("picture.csv")
MOST_SPREADS: Final = 2.0
"""A feature further from its middle counts as this far."""
LIMITS: Final[Mapping[str, float]] = {
    "register": 6.0,
    "melody_register": 7.0,
    "width": 9.0,
    "tempo": 16.0,
    "majorness": 0.16,
    "density": 2.5,
    "dynamics": 10.0,
    "dynamics_spread": 5.0,
    "articulation": 0.6,
    "dissonance": 0.06,
}
"""The furthest each attribute moves, in its own unit: judgement, checked with `benchmarks.picture_music`."""
PHRASES: Final[Mapping[str, tuple[str, str]]] = {
    "register": ("higher", "lower"),
    "melody_register": ("with a higher melody", "with a lower melody"),
    "width": ("with the hands further apart", "with the hands closer together"),
    "tempo": ("faster", "slower"),
    "majorness": ("more major", "more minor"),
    "density": ("busier", "sparser"),
    "dynamics": ("louder", "softer"),
    "dynamics_spread": ("with larger contrasts of loudness", "more even in loudness"),
    "articulation": ("more connected", "more detached"),
    "dissonance": ("harsher", "smoother"),
}
"""What people read of an attribute that was moved up, and down."""
ROOM: Final[Mapping[str, tuple[float, float]]] = {
    "tempo": (62.0, 156.0),
    "articulation": (0.6, 1.9),
    "density": (3.5, 13.0),
    "melody_register": (62.0, 80.0),
    "bass_register": (38.0, 53.0),
}
"""Where an emotion's reading has to lie before a picture moves it, so that it can be moved both ways (measured)."""
ROOM_OF_MODE: Final = (0.21, 0.25)
"""The same for majorness, to either side: finished clips reach about .43 in major and −.38 in minor (measured)."""
CLEAREST: Final = 0.08
"""Majorness that a picture cannot take away: a target at least this far from the middle stays so far; judgement."""
PRIOR_DEVIATION: Final = 0.12
"""Standard deviation of what people mean by an emotion around its coordinates; judgement."""
UNKNOWN_DEVIATION: Final = 0.45
"""Standard deviation of a picture's coordinate that comes without an interval; judgement, after correlations of
.1 to .44 between the image network and people on unseen photographs."""
EIGHTY_PERCENT: Final = 1.2816
"""An 80 % interval reaches this many standard deviations to each side."""
FURTHEST: Final = 0.12
"""The furthest a picture draws one coordinate; judgement."""
INSIDE: Final = 0.9
"""Share of the way to the border with the next emotion that a picture may go; judgement."""
NOTICEABLE: Final = 0.6
"""Spreads off its middle at which a feature is named, and share of its strongest line for a shift; judgement."""
COORDINATES: Final = ("valence", "arousal", "dominance")
_MOODS: Final = {
    "valence": ("more pleasant", "less pleasant"),
    "arousal": ("livelier", "calmer"),
    "dominance": ("more powerful", "more yielding"),
}
_SMALLEST_PULL: Final = 0.05

Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class PictureRow:
    """One line of the table: a feature moves an attribute by `value` per `spread` above its `middle`."""

    feature: str
    high: str
    low: str
    attribute: str
    value: float
    middle: float
    spread: float
    source: str


@dataclass(frozen=True, slots=True)
class PictureTable:
    """All lines, and the version of the whole."""

    rows: tuple[PictureRow, ...]
    version: str


@dataclass(frozen=True, slots=True)
class Moved:
    """One line as it acted: the feature's `word`, how many spreads it lies off its middle, the shift it asks for."""

    feature: str
    word: str
    spreads: float
    attribute: str
    shift: float
    phrase: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON, numbers rounded."""
        return {
            "feature": self.feature,
            "word": self.word,
            "spreads": round(self.spreads, 3),
            "attribute": self.attribute,
            "shift": round(self.shift, 4),
            "phrase": self.phrase,
        }


def read_picture_table(path: Path = TABLE) -> PictureTable:
    """Read a table of shifts; its version is ``1-`` and the first digits of its SHA-256.

    Raises
    ------
    ValueError
        When an attribute is unknown, a number is not finite, a spread is not positive, a word or source is
        empty, a line comes twice, or a feature is described differently in two lines.
    """
    raw = path.read_bytes()
    rows: list[PictureRow] = []
    described: dict[str, tuple[str, str, float, float]] = {}
    for line in csv.DictReader(raw.decode("utf-8").splitlines()):
        row = PictureRow(
            line["feature"],
            line["high"].strip(),
            line["low"].strip(),
            line["attribute"],
            float(line["value"]),
            float(line["middle"]),
            float(line["spread"]),
            line["source"].strip(),
        )
        name = f"{path.name}: {row.feature} with {row.attribute}"
        if row.attribute not in LIMITS:
            raise ValueError(f"{name}: no such attribute can be moved.")
        if not all(math.isfinite(number) for number in (row.value, row.middle, row.spread)) or row.spread <= 0:
            raise ValueError(f"{name}: value, middle and spread must be numbers, the spread above 0.")
        if not (row.high and row.low and row.source):
            raise ValueError(f"{name}: a word or the source is missing.")
        if any((row.feature, row.attribute) == (other.feature, other.attribute) for other in rows):
            raise ValueError(f"{name} comes twice.")
        facts = (row.high, row.low, row.middle, row.spread)
        if described.setdefault(row.feature, facts) != facts:
            raise ValueError(f"{path.name}: {row.feature} is described in two ways.")
        rows.append(row)
    return PictureTable(tuple(rows), f"1-{hashlib.sha256(raw).hexdigest()[:10]}")


@lru_cache(maxsize=1)
def shipped_picture_table() -> PictureTable:
    """The table of this version of MelodyMuse."""
    return read_picture_table()


def usable(picture: Mapping[str, Any]) -> dict[str, float]:
    """The entries that are finite numbers, rounded to four decimals, by name in alphabetical order.

    Examples
    --------
    >>> usable({"edges": 0.12345678, "brightness": float("nan"), "title": "A lake", "blobs": None, "loud": True})
    {'edges': 0.1235}
    """
    kept = {}
    for name, value in sorted(picture.items()):
        if isinstance(value, bool) or not isinstance(value, Real):
            continue
        with suppress(OverflowError):
            if math.isfinite(number := float(value)):
                kept[str(name)] = round(number, 4)
    return kept


def picture_number(picture: Mapping[str, Any]) -> int:
    """A number of 63 bits for a picture's usable entries: where it differs, the music is drawn differently.

    Examples
    --------
    >>> picture_number({"edges": 0.1}) == picture_number({"edges": 0.10000001, "title": "A lake"})
    True
    >>> picture_number({"edges": 0.1}) == picture_number({"edges": 0.11})
    False
    """
    text = json.dumps(usable(picture), sort_keys=True)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) >> 1


def find_moves(picture: Mapping[str, Any], table: PictureTable | None = None) -> list[Moved]:
    """What each line of the table asks for; features that are missing or no numbers are left out.

    Examples
    --------
    >>> moves = find_moves({"brightness": 0.6})
    >>> moves[0].word, moves[0].attribute, moves[0].phrase
    ('bright', 'register', 'higher')
    >>> find_moves({"brightness": "very"})
    []
    """
    known = usable(picture)
    moves = []
    for row in (table or shipped_picture_table()).rows:
        if row.feature not in known:
            continue
        spreads = min(max((known[row.feature] - row.middle) / row.spread, -MOST_SPREADS), MOST_SPREADS)
        shift = spreads * row.value
        moves.append(
            Moved(
                row.feature,
                row.high if spreads >= 0 else row.low,
                spreads,
                row.attribute,
                shift,
                PHRASES[row.attribute][shift < 0],
            )
        )
    return moves


def add_shifts(moves: Sequence[Moved]) -> dict[str, float]:
    """The shift of each attribute: all lines together, within its limit.

    Examples
    --------
    >>> add_shifts(find_moves({"saturation": 99.0, "warmth": 1.0}))["majorness"]
    0.16
    """
    shifts: dict[str, float] = {}
    for move in moves:
        shifts[move.attribute] = shifts.get(move.attribute, 0.0) + move.shift
    return {name: min(max(shift, -LIMITS[name]), LIMITS[name]) for name, shift in shifts.items()}


def move_attributes(attributes: Attributes, shifts: Mapping[str, float], majorness: float | None = None) -> Attributes:
    """Move attributes as a picture asks.

    ``register`` moves both hands, ``width`` each by half in opposite directions. The notes of melody and
    accompaniment follow the density in proportion, their length the articulation.

    Parameters
    ----------
    attributes : Attributes
        Those of the emotion.
    shifts : mapping of str to float
        By the names of `LIMITS`.
    majorness : float, optional
        What the emotion asks for, whose sign is kept; without it that of `attributes`.

    Examples
    --------
    >>> from generation.music.attributes import target
    >>> calm = target(0.65, -0.45, 0.55)
    >>> moved = move_attributes(calm, {"register": 3.0, "majorness": -9.0})
    >>> round(moved.bass_register - calm.bass_register, 6), moved.majorness
    (3.0, 0.08)
    """
    if not shifts:
        return attributes
    values = make_room(attributes, shifts).to_dict()
    both, half = shifts.get("register", 0.0), shifts.get("width", 0.0) / 2.0
    values["melody_register"] += both + half + shifts.get("melody_register", 0.0)
    values["bass_register"] += both - half
    for name in ("tempo", "dynamics", "dynamics_spread", "dissonance"):
        values[name] += shifts.get(name, 0.0)
    values["dynamics_spread"] = max(values["dynamics_spread"], 0.0)
    denser = max(values["density"] + shifts.get("density", 0.0), 0.5 * values["density"]) / max(values["density"], 1e-9)
    for name in ("density", "melody_density", "accompaniment_density"):
        values[name] *= denser
    longer = max(values["articulation"] + shifts.get("articulation", 0.0), 0.3) / max(values["articulation"], 0.3)
    values["articulation"] *= longer
    values["note_length"] *= longer / denser**0.5
    sign = attributes.majorness if majorness is None else majorness
    values["majorness"] = _keep_mode(values["majorness"], shifts.get("majorness", 0.0), sign)
    return Attributes.clipped(values)


def make_room(attributes: Attributes, shifts: Mapping[str, float]) -> Attributes:
    """Bring those attributes that are to be moved to where they can be moved both ways.

    Examples
    --------
    >>> from generation.music.attributes import target
    >>> slow = target(0.45, -0.3, -0.4)
    >>> slow.tempo < 62, make_room(slow, {"tempo": 1.0}).tempo, make_room(slow, {}) == slow
    (True, 62.0, True)
    """
    values = attributes.to_dict()
    registers = {"register", "melody_register", "width"} & set(shifts)
    for name, (low, high) in ROOM.items():
        if name in shifts or (registers and name.endswith("_register")):
            values[name] = min(max(values[name], low), high)
    if "majorness" in shifts and abs(values["majorness"]) >= CLEAREST / 2.0:
        clear = min(max(abs(values["majorness"]), ROOM_OF_MODE[0]), ROOM_OF_MODE[1])
        values["majorness"] = math.copysign(clear, values["majorness"])
    return Attributes.clipped(values)


def _keep_mode(value: float, shift: float, sign: float) -> float:
    """Move `value`, but not across the middle nor nearer to it than `CLEAREST` (or than it was)."""
    if sign >= 0:
        return max(value + shift, min(value, CLEAREST))
    return min(value + shift, max(value, -CLEAREST))


def measure_moved(attributes: Attributes, name: str) -> float:
    """The value of what a line of the table moves, on measured attributes.

    Examples
    --------
    >>> from generation.music.attributes import neutral
    >>> measure_moved(neutral(), "width"), measure_moved(neutral(), "register")
    (23.0, 60.0)
    """
    if name == "register":
        return (attributes.melody_register + attributes.bass_register) / 2.0
    if name == "width":
        return attributes.melody_register - attributes.bass_register
    return float(getattr(attributes, name))


def weigh_picture(low: float | None, high: float | None) -> float:
    """How far a picture's coordinate is trusted against the emotion's: prior variance ÷ (prior + picture variance).

    Parameters
    ----------
    low, high : float or None
        Bounds of the coordinate's 80 % interval; without both, `UNKNOWN_DEVIATION` stands for its deviation.

    Examples
    --------
    >>> round(weigh_picture(0.0, 0.307584), 3)  # a deviation of .12, as much as the prior's
    0.5
    >>> round(weigh_picture(None, None), 3)
    0.066
    """
    deviation = UNKNOWN_DEVIATION
    if low is not None and high is not None and high >= low:
        deviation = (high - low) / (2.0 * EIGHTY_PERCENT)
    # The posterior mean of a normal prior and a normal reading lies this far from the prior's mean to the reading.
    return PRIOR_DEVIATION**2 / (PRIOR_DEVIATION**2 + deviation**2)


def blend_place(emotion: Emotion, picture: Mapping[str, Any]) -> Place:
    """The place to compose for: the emotion's, drawn towards what a network reads in the picture.

    Each coordinate goes `weigh_picture` of the way, at most `FURTHEST`; missing or odd ones do not draw. The whole
    step is shortened until the place stays nearest to its own emotion, with room to spare, and in its quadrant.

    Examples
    --------
    >>> from generation.emotions import get_emotion
    >>> blend_place(get_emotion("sadness"), {})
    (-0.7, -0.55, -0.65)
    >>> drawn = blend_place(get_emotion("sadness"), {"valence": 0.1, "valence_low": -0.2, "valence_high": 0.4})
    >>> round(drawn[0], 3), drawn[1:]
    (-0.58, (-0.55, -0.65))
    """
    known = usable(picture)
    home = (emotion.valence, emotion.arousal, emotion.dominance)
    step = []
    for name, own in zip(COORDINATES, home, strict=True):
        read = known.get(name)
        if read is None or not -1.0 <= read <= 1.0:
            step.append(0.0)
            continue
        weight = weigh_picture(known.get(f"{name}_low"), known.get(f"{name}_high"))
        step.append(min(max(weight * (read - own), -FURTHEST), FURTHEST))
    share = _share_inside(home, step)
    while share > 0.01 and fold_quadrant(*_walk(home, step, share)) != emotion.quadrant:
        share *= 0.8
    return _walk(home, step, share) if share > 0.01 else home


def _walk(home: Place, step: Sequence[float], share: float) -> Place:
    valence, arousal, dominance = (
        min(max(own + share * part, -1.0), 1.0) for own, part in zip(home, step, strict=True)
    )
    return valence, arousal, dominance


def _share_inside(home: Place, step: Sequence[float]) -> float:
    """How much of a step keeps `home` the nearest of the eight emotions; 1 for all of it."""
    share = 1.0
    for other in EMOTIONS:
        towards = [
            there - own for there, own in zip((other.valence, other.arousal, other.dominance), home, strict=True)
        ]
        along = sum(part * way for part, way in zip(step, towards, strict=True))
        if along > 0:
            # The border with another emotion is the plane half-way: reached where step · way = |way|²/2.
            share = min(share, INSIDE * sum(way**2 for way in towards) / 2.0 / along)
    return share


def explain(record: Mapping[str, Any], emotion: str) -> list[str]:
    """Say in plain words how a picture moved the music.

    Parameters
    ----------
    record : mapping
        What a composition remembers of its picture: ``moved`` (as `Moved.as_dict`), ``place`` and ``home``.
    emotion : str
        The emotion's label.

    Returns
    -------
    list of str
        No, one or two sentences; plain text, to be escaped where it is shown.

    Examples
    --------
    >>> moved = [move.as_dict() for move in find_moves({"brightness": 0.7, "saturation": 0.6})]
    >>> explain({"moved": moved}, "Contentment")
    ['Bright, saturated: higher, louder and more major than usual for contentment.']
    >>> explain({}, "Contentment")
    []
    """
    moved = record.get("moved")
    moves = [move for move in moved if _well_formed(move)] if isinstance(moved, list | tuple) else []
    net: dict[str, float] = {}
    for move in moves:
        net[move["attribute"]] = net.get(move["attribute"], 0.0) + move["shift"]
    told = [m for m in moves if abs(m["spreads"]) >= NOTICEABLE and m["shift"] * net[m["attribute"]] > 0]
    strongest = {m["attribute"]: max(abs(x["shift"]) for x in told if x["attribute"] == m["attribute"]) for m in told}
    told = [m for m in told if abs(net[m["attribute"]]) >= NOTICEABLE * strongest[m["attribute"]]]
    sentences = []
    if told:
        told.sort(key=lambda move: -abs(move["spreads"]))
        words = list(dict.fromkeys(str(move["word"]) for move in told))
        phrases = sorted(dict.fromkeys(str(move["phrase"]) for move in told), key=lambda text: text.startswith("with "))
        named = ", ".join(words)
        sentences.append(f"{named[:1].upper()}{named[1:]}: {_join(phrases)} than usual for {emotion.lower()}.")
    moods = _find_moods(record)
    if moods:
        sentences.append(f"The picture's own mood made it {_join(moods)}.")
    return sentences


def _well_formed(move: Any) -> bool:
    return (
        isinstance(move, Mapping)
        and isinstance(move.get("attribute"), str)
        and move["attribute"] in PHRASES
        and all(isinstance(move.get(name), int | float) for name in ("spreads", "shift"))
        and all(isinstance(move.get(name), str) for name in ("word", "phrase"))
    )


def _is_place(place: Any) -> TypeGuard[Sequence[float]]:
    return (
        isinstance(place, list | tuple) and len(place) == 3 and all(isinstance(value, int | float) for value in place)
    )


def _find_moods(record: Mapping[str, Any]) -> list[str]:
    place, home = record.get("place"), record.get("home")
    if not (_is_place(place) and _is_place(home)):
        return []
    return [
        _MOODS[name][there < own]
        for name, there, own in zip(COORDINATES, place, home, strict=True)
        if abs(there - own) >= _SMALLEST_PULL
    ]


def _join(parts: Sequence[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
