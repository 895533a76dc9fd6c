"""What a plan can name as its primary measure: a measure of one cell, a difference of two cells, or of two targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from survey.analysis.wording import PRESENTED


@dataclass(frozen=True, slots=True)
class PlannedDifference:
    """Two cells, and whose emotion is looked for in the answers to both."""

    a: str
    b: str
    of: str

    @property
    def cells(self) -> str:
        """Both cells in words."""
        return f"{PRESENTED[self.a]} − {PRESENTED[self.b]}"


DIFFERENCES = {
    "picture_added": PlannedDifference("matched", "music_only", "music"),
    "music_added": PlannedDifference("matched", "picture_only", "picture"),
    "picture": PlannedDifference("matched", "mismatched", "music"),
    "music": PlannedDifference("matched", "mismatched", "picture"),
}
"""Name of an effect of `measure_picture_and_music` → what it compares."""


NEW_TARGETS: Final = "new_targets"
"""Name of the difference between clips for new and for old targets, of a study that tests a lesson."""


FEWEST_OF_A_SIDE: Final = 4
"""With fewer clips for new targets, or for old ones, their difference has no interval: as in all comparisons."""


def is_difference(named: str) -> bool:
    """Return whether a planned primary measure is a difference: of two cells, or of new and old targets.

    >>> is_difference("new_targets"), is_difference("music"), is_difference("music_only")
    (True, True, False)
    """
    return named == NEW_TARGETS or named in DIFFERENCES


def planned_cells(named: str) -> tuple[str, ...]:
    """Return the cells that a planned primary measure needs; new and old targets may be heard in any.

    >>> planned_cells("picture_added"), planned_cells("matched"), planned_cells(""), planned_cells("new_targets")
    (('matched', 'music_only'), ('matched',), (), ())
    """
    if named == NEW_TARGETS:
        return ()
    if named in DIFFERENCES:
        return DIFFERENCES[named].a, DIFFERENCES[named].b
    return (named,) if named else ()


def say_planned(named: str) -> str:
    """Return a planned primary measure in words, as the form offers it.

    >>> say_planned("music_only"), say_planned("picture_added")
    ('Music only', 'Difference: Matching pair − Music only (music’s emotion chosen)')
    >>> say_planned("new_targets")
    'Difference: Clips for new targets − clips for old targets (intended emotion chosen)'
    """
    if named == NEW_TARGETS:
        return "Difference: Clips for new targets − clips for old targets (intended emotion chosen)"
    one = DIFFERENCES.get(named)
    return f"Difference: {one.cells} ({one.of}’s emotion chosen)" if one else PRESENTED.get(named, named)


PLANNED = {name: say_planned(name) for name in (*PRESENTED, *DIFFERENCES, NEW_TARGETS)}
"""Everything that a plan can name."""


def define_primary(named: str, *, yes_or_no: bool = False, has_lures: bool = False) -> str:
    """Return how the primary measure will be computed and tested, as a preregistration has to say it.

    >>> define_primary("music_only").split(", with")[0]
    'Share of answers that are the intended emotion, Music only'
    """
    if not named:
        return ""
    if is_difference(named):
        if yes_or_no:
            return "A difference is not computed where people say yes or no"
        if named == NEW_TARGETS:
            compared = (
                "clips for new targets − clips for old targets of the shares of answers that are the intended emotion;"
                " only fresh clips count, which no study that taught the new targets has played; emotion by emotion"
                " (and cell by cell, where there are several)"
            )
        else:
            one = DIFFERENCES[named]
            compared = f"{one.cells} of the shares of answers that are the {one.of}’s emotion, emotion by emotion"
        return (
            f"Difference {compared} and"
            " then averaged with equal weights, with a 95 % interval for new participants and new clips (variance"
            " two-way clustered by participant and piece, Satterthwaite’s degrees of freedom); two-sided t test of no"
            " difference, α = .05, as the one primary test without correction"
        )
    where = PRESENTED[named]
    if has_lures:
        return (
            f"d′ = z(hit rate) − z(false-alarm rate), {where}, log-linear correction (Hautus 1995), with a 95 %"
            " interval for new participants and new clips (two-way clustered); one-sided test of d′ = 0, α = .05,"
            " without correction"
        )
    interval = (
        "with a 95 % interval for new participants and new clips (Wilson’s with the effective number of answers,"
        " two-way clustered by participant and piece)"
    )
    if yes_or_no:
        return f"Share of yes, {where}, {interval}; every trial names the intended emotion, so it is no sensitivity"
    return (
        f"Share of answers that are the intended emotion, {where}, {interval}; it is above a guesser’s where the"
        " interval lies above one in as many as there are answers"
    )
