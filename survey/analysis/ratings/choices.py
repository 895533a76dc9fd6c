"""What was offered: declared, or assumed from what occurs and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from generation.emotions import SLUGS
from survey.analysis.ratings.codes import number_of
from survey.analysis.ratings.problems import Problem, RatingsRefused, cut
from survey.analysis.ratings.texts import clean

NONE_LABEL = "none"


@dataclass(frozen=True, slots=True)
class Offered:
    """What people could choose.

    Attributes
    ----------
    choices : tuple of str
        In order; "none of these" last.
    none : str or None
    declared : bool
    notes : tuple of str
        What had to be assumed.
    """

    choices: tuple[str, ...]
    none: str | None
    declared: bool
    notes: tuple[str, ...] = ()

    @property
    def emotions(self) -> tuple[str, ...]:
        """The choices without "none of these"."""
        return tuple(choice for choice in self.choices if choice != self.none)


def settle_choices(
    intended: Sequence[str], chosen: Sequence[str], choices: Sequence[str] | None, none: str | None
) -> Offered:
    """Return what was offered, from what was declared or else from what occurs.

    >>> settle_choices(["fear"], ["none"], None, None).none
    'none'
    """
    if none is not None:
        none = clean(none)
        if not none:
            raise RatingsRefused([Problem(0, 'The label of "none of these" is empty; name the answer that means it.')])
    if choices is not None:
        return _declared([clean(choice) for choice in choices], none)
    occurring = {text for text in (*intended, *chosen) if text}
    notes = []
    if none is None and NONE_LABEL in occurring and NONE_LABEL not in intended:
        none = NONE_LABEL
        notes.append('"none" was taken as "none of these"; name another label with --none.')
    named = occurring - {none}
    offered = SLUGS if named <= set(SLUGS) else tuple(sorted(named))
    what = "the eight emotions" if offered is SLUGS else "the answers that occur"
    notes.append(
        f"No choices were declared; {what} were taken ({', '.join(map(cut, offered))}). Chance, AC1 and "
        "Brennan–Prediger depend on the choices offered: declare them with --choices."
    )
    return Offered((*offered, *([none] if none else [])), none, False, tuple(notes))


def _declared(choices: list[str], none: str | None) -> Offered:
    problems = []
    if not any(choices):
        problems.append(Problem(0, "The list of choices is empty; name at least two."))
    elif not all(choices):
        problems.append(Problem(0, "One of the choices has no name; remove the extra comma."))
    codes = [choice if (number := number_of(choice)) is None else number for choice in choices]
    again = {choice for place, choice in enumerate(choices) if choice and codes[place] in codes[:place]}
    for twice in sorted(again):
        problems.append(Problem(0, f"The choice {twice!r} is declared twice."))
    if problems:
        raise RatingsRefused(problems)
    emotions = [choice for choice in choices if choice != none]
    return Offered((*emotions, *([none] if none else [])), none, True)
