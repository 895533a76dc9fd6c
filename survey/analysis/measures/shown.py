"""What a report shows of a measure, before anybody draws it: tables of texts, and plots of estimates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its caption; the first cell of every row names it."""

    name: str
    title: str
    header: list[str]
    rows: list[list[str]]
    caption: str = ""
    notes: list[str] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    @property
    def columns(self) -> list[tuple[str, str]]:
        """Heads with their kind; a column of remarks without any remark is left out."""
        return [(self.header[place], self._kind(place)) for place in self._shown()]

    @property
    def lines(self) -> list[list[tuple[str, str]]]:
        """Cells with their kind."""
        return [[(row[place], self._kind(place)) for place in self._shown()] for row in self.rows]

    def _shown(self) -> list[int]:
        return [
            place for place, name in enumerate(self.header) if name != "Note" or any(row[place] for row in self.rows)
        ]

    def _kind(self, place: int) -> str:
        if place == 0:
            return "head"
        name = self.header[place]
        return self.kinds.get(name) or ("remark" if name in ("Note", "Method") else "number")


@dataclass(frozen=True, slots=True)
class Row:
    """One estimate. `second` is a further interval, drawn thin below; `summary` draws a diamond.

    `n` is the number of answers, written small below its number. `reference` is what the estimate is compared
    with, where every row has its own: a short upright line.
    """

    label: str
    estimate: float | None
    interval: tuple[float, float] | None = None
    second: tuple[float, float] | None = None
    note: str = ""
    summary: bool = False
    reference: float | None = None
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis: from…to, where ticks stand and how they are written; `unit` is empty for coefficients.

    `digits` are those of the ticks of a scale without a unit.
    """

    low: float
    high: float
    ticks: Sequence[float]
    unit: str = " %"
    digits: int = 2

    def place(self, value: float) -> float:
        """Return how far along the axis a value lies, 0 to 1, cut at its ends.

        >>> Scale(-1.0, 1.0, ()).place(0.5), Scale(0.0, 1.0, ()).place(7)
        (0.75, 1.0)
        """
        return (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)

    def write(self, value: float) -> str:
        """Return the value as the axis writes it.

        >>> Scale(0.0, 1.0, ()).write(0.5), Scale(0.0, 1.0, (), unit="").write(-0.5)
        ('50 %', '−0.50')
        """
        return (f"{100 * value:.0f}{self.unit}" if self.unit else f"{value:.2f}").replace("-", "−")

    def write_tick(self, value: float) -> str:
        """Return a tick as the axis writes it.

        >>> Scale(-0.4, 0.4, (), unit="", digits=1).write_tick(-0.2), Scale(0.0, 1.0, ()).write_tick(0.5)
        ('−0.2', '50 %')
        """
        return self.write(value) if self.unit else f"{value:.{self.digits}f}".replace("-", "−")


SHARES = Scale(0.0, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0))
COEFFICIENTS = Scale(-0.25, 1.0, (0.0, 0.25, 0.5, 0.75, 1.0), unit="")
EFFECTS = Scale(-1.0, 1.0, (-1.0, -0.5, 0.0, 0.5, 1.0), unit="\u200a")
"""Differences of shares, in points."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Estimates with their intervals on one axis.

    `finding` is the alternative text: what the plot shows, not that it shows something. `reference` is one value
    that every row is compared with; `reference_label` names it, or what the rows' own references are.
    """

    name: str
    title: str
    rows: Sequence[Row]
    scale: Scale
    axis: str
    caption: str
    finding: str
    reference: float | None = None
    reference_label: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something lies in the plane of valence and arousal, each −1 to 1.

    `across` and `up` are the intervals of valence and of arousal; `intended` is where it was meant to lie.
    """

    label: str
    at: tuple[float, float]
    across: tuple[float, float] | None
    up: tuple[float, float] | None
    intended: tuple[float, float] | None
    n: int


@dataclass(frozen=True, slots=True)
class PlanePlot:
    """Places in the plane of valence and arousal; the fields are those of `Plot`.

    `points` are single ratings below the places: valence, arousal, and how many lie there.
    """

    name: str
    title: str
    rows: Sequence[Place]
    caption: str
    finding: str
    points: Sequence[tuple[float, float, int]] = ()


@dataclass(frozen=True, slots=True)
class Curve:
    """A mean that goes along with the clip, and its band; None where it is not defined.

    All lists have one entry per sample. `n` is how many people each mean is of; `intended` a level that it is compared
    with; `note` says in words what a mark cannot.
    """

    label: str
    mean: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]
    n: Sequence[int]
    intended: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class CoursePlot:
    """Curves over the seconds of a clip, −1 to 1, one panel each; before `left_out` seconds no summary counts them."""

    name: str
    title: str
    rows: Sequence[Curve]
    hertz: int
    left_out: float
    caption: str
    finding: str


STANDINGS = ("agree", "disagree", "composer_only", "listeners_only", "neither")
"""What a cue is to both sides of a lens: used by both in the same or in opposite directions, by one side, by none."""


@dataclass(frozen=True, slots=True)
class LensCue:
    """One cue of a lens: how the sender writes it into the music, and how listeners read it.

    `name` is how the attribute is named, `label` how people read it. `sender` is the standardised weight from the
    intended emotion to the cue, `listener` that from the cue to the chosen emotion, each about −1 to 1, None where it
    is not known; with their intervals. `standing` is one of `STANDINGS`.
    """

    name: str
    label: str
    sender: float | None
    sender_interval: tuple[float, float] | None
    listener: float | None
    listener_interval: tuple[float, float] | None
    standing: str


@dataclass(frozen=True, slots=True)
class LensPlot:
    """Brunswik's lens of one emotion: intended, its cues, chosen; in any order, the figure puts them into its own.

    `achievement` and `matching` are numbers in words with their intervals, ``0.42 (95 % interval 0.21 to 0.60)``; empty
    where they are not known. `sender` is who writes the emotion into the cues, the picture where they are a picture's;
    `receiver` is who reads them.
    """

    name: str
    title: str
    emotion: str
    cues: Sequence[LensCue]
    achievement: str
    matching: str
    caption: str
    finding: str
    sender: str = "Composer"
    receiver: str = "Listeners"

    @property
    def rows(self) -> Sequence[LensCue]:
        """What the rows of other plots are."""
        return self.cues


AnyPlot = Plot | PlanePlot | CoursePlot | LensPlot
"""Whatever a measure may show as a figure."""
