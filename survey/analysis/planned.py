"""What a plan can name as its primary measure: a measure of one cell, or the difference of two cells."""

from __future__ import annotations

from dataclasses import dataclass

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


def planned_cells(named: str) -> tuple[str, ...]:
    """Return the cells that a planned primary measure needs.

    >>> planned_cells("picture_added"), planned_cells("matched"), planned_cells("")
    (('matched', 'music_only'), ('matched',), ())
    """
    if named in DIFFERENCES:
        return DIFFERENCES[named].a, DIFFERENCES[named].b
    return (named,) if named else ()


def say_planned(named: str) -> str:
    """Return a planned primary measure in words, as the form offers it.

    >>> say_planned("music_only"), say_planned("picture_added")
    ('Music only', 'Difference: Matching pair − Music only (music’s emotion chosen)')
    """
    one = DIFFERENCES.get(named)
    return f"Difference: {one.cells} ({one.of}’s emotion chosen)" if one else PRESENTED.get(named, named)


PLANNED = {name: say_planned(name) for name in (*PRESENTED, *DIFFERENCES)}
"""Everything that a plan can name."""


def define_primary(named: str, *, yes_or_no: bool = False, has_lures: bool = False) -> str:
    """Return how the primary measure will be computed and tested, as a preregistration has to say it.

    >>> define_primary("music_only").split(", with")[0]
    'Share of answers that are the intended emotion, Music only'
    """
    if not named:
        return ""
    if named in DIFFERENCES:
        if yes_or_no:
            return "A difference of two cells is not computed where people say yes or no"
        one = DIFFERENCES[named]
        return (
            f"Difference {one.cells} of the shares of answers that are the {one.of}’s emotion, emotion by emotion and"
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
