"""Which clips of a report are looked at, in what order, a page at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from survey.findings.chosen import Chosen
from survey.findings.clips import ORDERS, Clip, in_order

PER_PAGE = 25
RECOGNISED = {
    "yes": "Recognised: interval above chance",
    "no": "Not shown to be recognised",
    "anew": "Nobody recognised: offered to be made anew",
}
SIDES = ("valence_from", "valence_to", "arousal_from", "arousal_to")
DEFAULT_ORDER = "hit_rate"


@dataclass(frozen=True, slots=True)
class ClipFilter:
    """What an address asks for; empty: everything.

    `chosen` keeps clips for which anybody chose that answer. `figures` keeps the clips of the one cell that the figures
    are about. The four sides are a rectangle in the plane of valence and arousal, each −1 to 1: the clips whose chosen
    emotions lie in it on average.
    """

    intended: str = ""
    chosen: str = ""
    clip_composer: str = ""
    clip_cell: str = ""
    figures: bool = False
    recognised: str = ""
    title: str = ""
    valence_from: float | None = None
    valence_to: float | None = None
    arousal_from: float | None = None
    arousal_to: float | None = None
    sort: str = ""
    direction: str = ""
    page: int = 1

    @property
    def has_rectangle(self) -> bool:
        """Whether any side of a rectangle is given."""
        return any(getattr(self, side) is not None for side in SIDES)

    @property
    def order(self) -> str:
        """The column that clips are sorted by; where an answer is asked for, how often it was given."""
        return self.sort or ("chosen" if self.chosen else DEFAULT_ORDER)

    @property
    def descending(self) -> bool:
        """Whether the largest come first; of how often an answer was given, they do unless another way is asked for."""
        return self.direction != "up" if self.order == "chosen" else self.direction == "down"

    def as_parts(self, **changes: Any) -> dict[str, str]:
        """What an address says, each part once; `changes` are made first."""
        wanted = replace(self, **changes)
        said = {field.name: getattr(wanted, field.name) for field in fields(wanted)}
        if said["page"] == 1:
            del said["page"]
        return {
            name: _write(value)
            for name, value in said.items()
            if value is not None and value is not False and value != ""
        }


def _write(value: Any) -> str:
    return "1" if value is True else f"{value:g}" if isinstance(value, float) else str(value)


def read_filter(given: Mapping[str, Any]) -> ClipFilter:
    """Return what an address asks for; what makes no sense asks for nothing.

    >>> read_filter({"intended": "fear", "page": "x", "sort": "nonsense", "valence_from": "nan"}).as_parts()
    {'intended': 'fear'}
    """

    def text(name: str) -> str:
        return str(given.get(name, "")).strip()[:100]

    recognised, sort, direction, page = (text(name) for name in ("recognised", "sort", "direction", "page"))
    return ClipFilter(
        intended=text("intended"),
        chosen=text("chosen"),
        clip_composer=text("clip_composer"),
        clip_cell=text("clip_cell"),
        title=text("title"),
        figures=text("figures") == "1",
        recognised=recognised if recognised in RECOGNISED else "",
        valence_from=_side(text("valence_from")),
        valence_to=_side(text("valence_to")),
        arousal_from=_side(text("arousal_from")),
        arousal_to=_side(text("arousal_to")),
        sort=sort if sort in ORDERS or (sort == "chosen" and text("chosen")) else "",
        direction=direction if direction in ("up", "down") else "",
        page=max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
    )


def _side(text: str) -> float | None:
    try:
        value = float(text.replace(",", ".").replace("−", "-"))
    except ValueError:
        return None
    return min(1.0, max(-1.0, value)) if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class ClipPage:
    """A page of the clips that a filter keeps.

    `answers` of `of` are the answers that the filter asks for, where it asks for one: the count of a cell.
    """

    clips: Sequence[Clip]
    page: int
    pages: int
    total: int
    first: int
    answers: int = 0
    of: int = 0

    @property
    def last(self) -> int:
        """Place of the last clip of the page, from 1."""
        return self.first + len(self.clips) - 1


def page_of(clips: Sequence[Clip], asked: ClipFilter, chosen: Chosen) -> ClipPage:
    """Return the page that is asked for; the last one where there are fewer."""
    found = sort_clips([clip for clip in clips if _is_kept(clip, asked, chosen)], asked)
    among = replace(asked, chosen="")
    of = sum(clip.found.n for clip in clips if _is_kept(clip, among, chosen)) if asked.chosen else 0
    pages = max(1, math.ceil(len(found) / PER_PAGE))
    page = min(asked.page, pages)
    start = (page - 1) * PER_PAGE
    answers = sum(clip.times(asked.chosen) for clip in found) if asked.chosen else 0
    return ClipPage(found[start : start + PER_PAGE], page, pages, len(found), start + 1, answers, of)


def sort_clips(clips: Sequence[Clip], asked: ClipFilter) -> list[Clip]:
    """Return the clips by the column that is asked for."""
    if asked.order == "chosen":
        return sorted(clips, key=lambda clip: clip.times(asked.chosen), reverse=asked.descending)
    return in_order(list(clips), asked.order, asked.descending)


def _is_kept(clip: Clip, asked: ClipFilter, chosen: Chosen) -> bool:
    stimulus = clip.stimulus
    return (
        asked.intended in ("", stimulus.emotion)
        and asked.clip_composer in ("", stimulus.composer)
        and asked.clip_cell in ("", stimulus.condition.name)
        and (not asked.chosen or clip.times(asked.chosen) > 0)
        and (not asked.figures or clip.found.stimulus in chosen.shown)
        and asked.title.casefold() in clip.title.casefold()
        and (not asked.recognised or _is_recognised(clip, asked.recognised))
        and (not asked.has_rectangle or _is_inside(chosen.place_of(clip.found.stimulus), asked))
    )


def _is_recognised(clip: Clip, wanted: str) -> bool:
    return clip.is_unrecognised if wanted == "anew" else clip.above_chance is (wanted == "yes")


def _is_inside(place: tuple[float, float] | None, asked: ClipFilter) -> bool:
    if place is None:
        return False
    ends = ((asked.valence_from, asked.valence_to), (asked.arousal_from, asked.arousal_to))
    return all(
        (low is None or value >= low) and (high is None or value <= high)
        for value, (low, high) in zip(place, ends, strict=True)
    )
