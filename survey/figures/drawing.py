"""Marks on a page: what a figure is made of, whatever it is written as.

Colours are roles (`heat-low` and `heat-high` are the inks on low and high steps). In print a role is a fixed colour
of the palette; on a page its class lets the style sheet choose, so that dark mode needs no second figure (there high
steps are the light ones). Every distinction by colour is also one by shape, place or lightness: the figures read in
grey.
"""

from __future__ import annotations

from dataclasses import dataclass, field

PALETTE = {
    "ink": "#1d2126",
    "soft": "#565d66",
    "line": "#d9d5cb",
    "surface": "#ffffff",
    "sunken": "#f2f0ea",
    "accent": "#2f5d8a",
    "second": "#b4540a",
    "heat-low": "#1d2126",
    "heat-high": "#ffffff",
}
LANGUAGE = "en"
"""Of every word that a report or a figure says by itself, whatever the study's language."""
NARROW = 344.0
"""Width of a drawing for a phone's screen."""
HEAT_STEPS = 10
HIGH_FROM = 6
"""First step on which the ink changes. No step has a lightness on which neither ink stands out 4.5 : 1."""
_LOW = ((242, 240, 234), (128, 153, 177))
_HIGH = ((86, 117, 148), (22, 58, 95))


def heat(share: float) -> str:
    """Return the role of a share in 0…1: eleven steps from light to dark.

    >>> heat(0.0), heat(0.52), heat(1.0)
    ('heat-0', 'heat-5', 'heat-10')
    """
    return f"heat-{round(HEAT_STEPS * min(1.0, max(0.0, share)))}"


def heat_ink(share: float) -> str:
    """Return the role of text on a share's step.

    >>> heat_ink(0.54), heat_ink(0.56)
    ('heat-low', 'heat-high')
    """
    return "heat-high" if int(heat(share)[5:]) >= HIGH_FROM else "heat-low"


def colour(role: str) -> str:
    """Return the print colour of a role.

    >>> colour("heat-0"), colour("accent")
    ('#f2f0ea', '#2f5d8a')
    """
    if role in PALETTE:
        return PALETTE[role]
    step = int(role[5:])
    if step < HIGH_FROM:
        (start, end), part = _LOW, step / (HIGH_FROM - 1)
    else:
        (start, end), part = _HIGH, (step - HIGH_FROM) / (HEAT_STEPS - HIGH_FROM)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in zip(start, end, strict=True))


@dataclass(frozen=True, slots=True)
class Rect:
    """A filled rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    outline: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float
    role: str = "ink"
    width: float = 1.0
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled polygon; points in order."""

    points: tuple[tuple[float, float], ...]
    fill: str = "accent"


@dataclass(frozen=True, slots=True)
class Dot:
    """A filled circle."""

    x: float
    y: float
    radius: float
    fill: str = "accent"


@dataclass(frozen=True, slots=True)
class Label:
    """Text; `anchor` is start, middle or end; `turn` in degrees, counter-clockwise."""

    x: float
    y: float
    text: str
    size: float = 13.0
    anchor: str = "start"
    role: str = "ink"
    bold: bool = False
    turn: float = 0.0


Mark = Rect | Line | Shape | Dot | Label


@dataclass(frozen=True, slots=True)
class Told:
    """What the marks from place `start` to before `end` stand for, for a page whose figures answer.

    `key` is what the marks lead to, as an address writes it (``intended=fear&chosen=awe``); empty: nowhere.
    """

    start: int
    end: int
    said: str
    key: str = ""


@dataclass(slots=True)
class Drawing:
    """A page of `width` × `height` units (CSS pixels) with marks, painted in order.

    `told` says what marks stand for, in their order; no file has it. `axes` are the places of −1 and of 1 of a plane of
    valence and arousal: left, bottom, right, top.
    """

    width: float
    height: float
    marks: list[Mark] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    axes: tuple[float, float, float, float] | None = None

    def add(self, *marks: Mark) -> None:
        """Paint marks over what is there."""
        self.marks.extend(marks)

    def add_told(self, said: str, *marks: Mark, key: str = "") -> None:
        """Paint marks that belong together, and say what they stand for."""
        start = len(self.marks)
        self.marks.extend(marks)
        self.told.append(Told(start, len(self.marks), said, key))


def stamp(drawing: Drawing, text: str) -> Drawing:
    """Return the drawing with a line of text below it, for a file that travels without its page."""
    label = Label(10, drawing.height + 14, text, 12, "start", "second", bold=True)
    return Drawing(drawing.width, drawing.height + 24, [*drawing.marks, label])


def diamond(x: float, y: float, radius: float, fill: str) -> Shape:
    """Return a square on its tip."""
    return Shape(((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)), fill)


def square(x: float, y: float, radius: float, fill: str) -> Shape:
    """Return a square."""
    return Shape(
        ((x - radius, y - radius), (x + radius, y - radius), (x + radius, y + radius), (x - radius, y + radius)), fill
    )


def arrow(x1: float, y1: float, x2: float, y2: float, role: str, width: float = 1.8, head: float = 8.0) -> list[Mark]:
    """Return a line with a filled head; nothing where both ends meet."""
    length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5
    if length < 1:
        return []
    ux, uy = (x2 - x1) / length, (y2 - y1) / length
    head = min(head, length)
    bx, by = x2 - ux * head, y2 - uy * head
    side = head * 0.45
    tip = Shape(((x2, y2), (bx - uy * side, by + ux * side), (bx + uy * side, by - ux * side)), role)
    return [Line(x1, y1, bx, by, role, width), tip]
