"""The piano roll of a clip as SVG: both hands in colour, velocity as opacity, time and pitch named.

Coordinates are written as text here, because templates would write decimal commas in some languages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django import template

from generation import queries
from generation.models import PairVersion
from generation.music.length import LEAD_IN_SECONDS
from generation.music.notes import NamedKey, Pedal, find_named_key, name_pitch

register = template.Library()

Row = Sequence[Any]
"""One note of `PairVersion.notes`, in the order of the fields of `RolledNote`."""

BLACK_KEYS: Final = frozenset({1, 3, 6, 8, 10})
LEFT: Final = 44.0
TOP: Final = 8.0
AXIS: Final = 26.0
ROW_HEIGHT: Final = 7.0
FULL_WIDTH: Final = 1060.0
"""Pixels a clip fills where it can; long clips scroll, short ones are not stretched without end."""
SECOND_WIDTHS: Final = (30.0, 120.0)
MARGIN_ROWS: Final = 2
DRAWN_SECONDS: Final = (0.1, 600.0)
"""What is shorter is drawn as if it lasted so long, and no more than this is drawn: any stored clip has a roll."""
TICK_SECONDS: Final = 5
LOUDNESS_STEP: Final = 22
FAINTEST: Final = 0.78
"""Opacity of the softest note: paler, both hands would stand out from the ground by less than 3 to 1."""


class RolledNote(NamedTuple):
    """A note to draw; onset and duration in seconds, the pitch as a MIDI number."""

    onset: float
    duration: float
    pitch: int
    velocity: int
    hand: str

    @property
    def end(self) -> float:
        return self.onset + self.duration


def read_rows(rows: Sequence[Row]) -> list[RolledNote]:
    """The stored rows as notes, within what can be drawn: rows are checked when a clip is made, old ones were not."""
    return [note for row in rows if (note := _read_row(row))]


def _read_row(row: Row) -> RolledNote | None:
    longest = DRAWN_SECONDS[1]
    try:
        onset, duration, pitch, velocity, hand = row
        start = min(max(float(onset), 0.0), longest)
        lasting = min(max(float(duration), 0.0), longest - start)
        return RolledNote(start, lasting, min(max(int(pitch), 0), 127), min(max(int(velocity), 0), 127), hand)
    except (TypeError, ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Geometry:
    """Where seconds and pitches lie in the drawing."""

    low: int
    high: int
    seconds: float

    @property
    def second_width(self) -> float:
        return min(max(FULL_WIDTH / self.seconds, SECOND_WIDTHS[0]), SECOND_WIDTHS[1])

    @property
    def width(self) -> float:
        return LEFT + self.seconds * self.second_width + 8

    @property
    def bottom(self) -> float:
        return TOP + (self.high - self.low + 1) * ROW_HEIGHT

    @property
    def height(self) -> float:
        return self.bottom + AXIS

    def x(self, seconds: float) -> float:
        return LEFT + seconds * self.second_width

    def y(self, pitch: int) -> float:
        return TOP + (self.high - pitch) * ROW_HEIGHT


def lay_out(notes: Sequence[RolledNote]) -> Geometry:
    """Space for all notes and two rows more above and below."""
    pitches = [note.pitch for note in notes]
    seconds = max(DRAWN_SECONDS[0], *(note.end for note in notes))
    return Geometry(min(pitches) - MARGIN_ROWS, max(pitches) + MARGIN_ROWS, seconds)


def _note(note: RolledNote, geometry: Geometry, key: NamedKey | None) -> dict[str, str]:
    return {
        "x": f"{geometry.x(note.onset):.1f}",
        "y": f"{geometry.y(note.pitch) + 0.5:.1f}",
        "width": f"{max(note.duration * geometry.second_width, 2.0):.1f}",
        "opacity": f"{_opacity(note.velocity):.2f}",
        "hand": "left" if note.hand == "left" else "right",
        "title": f"{name_pitch(note.pitch, key)}, {note.onset:.2f} s, velocity {note.velocity}",
    }


def _rows(geometry: Geometry) -> Iterator[dict[str, str]]:
    """Shaded rows of the black keys, and a line with its name at every C."""
    for pitch in range(geometry.low, geometry.high + 1):
        if pitch % 12 in BLACK_KEYS:
            yield {"kind": "black", "y": f"{geometry.y(pitch):.1f}"}
        elif pitch % 12 == 0:
            y = geometry.y(pitch) + ROW_HEIGHT
            yield {"kind": "octave", "y": f"{y:.1f}", "text_y": f"{y - 1:.1f}", "name": name_pitch(pitch)}


def _ticks(geometry: Geometry) -> Iterator[dict[str, str]]:
    for second in range(int(geometry.seconds) + 1):
        label = f"{second} s" if second % TICK_SECONDS == 0 else ""
        yield {"x": f"{geometry.x(second):.1f}", "label": label}


def _pedals(pedals: Sequence[Pedal], geometry: Geometry) -> Iterator[dict[str, str]]:
    """Bars in the lowest row, which no note reaches, for as long as the pedal is down."""
    for pedal in pedals:
        down, up = (min(max(second, 0.0), geometry.seconds) for second in (pedal.down, pedal.up))
        if up > down:
            # A gap of a pixel, or a pedal that is changed would look like one that is held.
            width = max((up - down) * geometry.second_width - 1, 1.0)
            yield {"x": f"{geometry.x(down):.1f}", "width": f"{width:.1f}"}


def describe(notes: Sequence[RolledNote], key: NamedKey | None = None) -> str:
    """The roll in one sentence, for those who cannot see it."""
    left = sum(note.hand == "left" for note in notes)
    pitches = [note.pitch for note in notes]
    lowest, highest = name_pitch(min(pitches), key), name_pitch(max(pitches), key)
    end = max(note.end for note in notes)
    return (
        f"{len(notes)} notes in {end:.1f} seconds, from {lowest} to {highest}: "
        f"{len(notes) - left} for the right hand, {left} for the left."
    )


@register.filter("pedals")
def pedals_of(version: PairVersion) -> list[Pedal]:
    """When the pedal of the clip is down, from its MIDI file."""
    return queries.pedals_of(version)


@register.inclusion_tag("generation/_piano_roll.html")
def piano_roll(
    rows: Sequence[Row], identifier: str, pedals: Sequence[Pedal] = (), features: Mapping[str, Any] | str = ""
) -> dict[str, Any]:
    """The large roll; `identifier` makes its element ids unique and ties it to the player of the same name.

    Notes are called as in the key that the clip's `features` tell of.
    """
    notes = read_rows(rows)
    if not notes:
        return {"notes": []}
    key = find_named_key(features) if isinstance(features, Mapping) else None
    geometry = lay_out(notes)
    return {
        "id": identifier,
        "notes": [_note(note, geometry, key) for note in notes],
        "rows": list(_rows(geometry)),
        "ticks": list(_ticks(geometry)),
        "pedals": list(_pedals(pedals, geometry)),
        "pedal_y": f"{geometry.bottom + 1:.1f}",
        "pedal_label_y": f"{geometry.bottom + 10:.1f}",
        "description": describe(notes, key),
        "width": f"{geometry.width:.0f}",
        "height": f"{geometry.height:.0f}",
        "left": f"{LEFT:.0f}",
        "right": f"{geometry.width - 8:.1f}",
        "row_height": f"{ROW_HEIGHT:.0f}",
        "note_height": f"{ROW_HEIGHT - 1:.0f}",
        "top": f"{TOP:.0f}",
        "bottom": f"{geometry.bottom:.1f}",
        "tick_end": f"{geometry.bottom + 5:.1f}",
        "label_y": f"{geometry.bottom + 19:.1f}",
        "second_width": f"{geometry.second_width:.3f}",
        "offset": f"{_sound_begins(notes):.3f}",
    }


@register.inclusion_tag("generation/_small_roll.html")
def small_roll(rows: Sequence[Row], seconds: float | None = None) -> dict[str, Any]:
    """A roll that is the course of a player: no axes, a path for each hand and loudness.

    With `seconds`, the length of the sound, its width is the sound from beginning to end; else it is that of the notes.
    """
    notes = read_rows(rows)
    if not notes:
        return {"paths": []}
    geometry = lay_out(notes)
    width, height = 300.0, 80.0
    step = height / (geometry.high - geometry.low + 1)
    begins = _sound_begins(notes) if seconds else 0.0
    scale = width / (seconds or geometry.seconds)
    strokes: dict[tuple[str, int], list[str]] = {}
    for note in notes:
        kind = "left" if note.hand == "left" else "right", _loudness_step(note.velocity)
        strokes.setdefault(kind, []).append(
            f"M{(note.onset - begins) * scale:.1f} {(geometry.high - note.pitch + 0.5) * step:.1f}"
            f"h{max(note.duration * scale, 0.8):.1f}"
        )
    paths = [
        {"hand": hand, "opacity": f"{_opacity(loudness):.2f}", "d": "".join(drawn)}
        for (hand, loudness), drawn in sorted(strokes.items())
    ]
    return {"paths": paths, "stroke": f"{max(step * 0.85, 1.2):.1f}", "description": describe(notes)}


def _loudness_step(velocity: int) -> int:
    """The middle of the sixth of all velocities that it lies in: few paths draw many notes."""
    return velocity // LOUDNESS_STEP * LOUDNESS_STEP + LOUDNESS_STEP // 2


def _opacity(velocity: int) -> float:
    return FAINTEST + (1 - FAINTEST) * min(velocity, 127) / 127


def _sound_begins(notes: Sequence[RolledNote]) -> float:
    """Where in the score the sound begins, in seconds."""
    return min(note.onset for note in notes) - LEAD_IN_SECONDS
