"""What a measure is: one typed result, what it needs, how it is computed, and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from threading import RLock
from typing import Any, Generic, TypeVar, cast

import msgspec

from survey.analysis.measures.plain_data import as_declared
from survey.analysis.measures.plain_format import plain_sentences, plain_tables
from survey.analysis.measures.shown import AnyPlot, Table
from survey.analysis.paired.answers import Comparisons
from survey.analysis.ratings import Ratings

Result = TypeVar("Result")
Shared = TypeVar("Shared")


class Kept:
    """What several measures of one report share; it goes with the report."""

    __slots__ = ("_found", "_lock")

    def __init__(self) -> None:
        self._lock = RLock()
        self._found: dict[Callable[..., Any], Any] = {}

    def once(self, compute: Callable[[], Shared], name: Callable[..., Any]) -> Shared:
        """Return what was computed under this name; a second thread waits for the first."""
        with self._lock:
            if name not in self._found:
                self._found[name] = compute()
            return cast(Shared, self._found[name])


@dataclass(frozen=True, slots=True)
class Asked:
    """What measures are computed from.

    Attributes
    ----------
    everything : Ratings
        Every answer, gold and repeated trials among them.
    every_cell : Ratings
        The trials that count, of every cell of the design; cells are never pooled.
    primary : Ratings
        Those of the cell that the report is about.
    cell : str
        Its name, ``""`` where there is one cell.
    seed, replicates : int
        Of random numbers; with 0 replicates no measure draws any.
    pairs : Comparisons or None
        The answers of a study that compares two clips; then all ratings are empty.
    kept : Kept
        What was computed from all this by `once`.
    """

    everything: Ratings
    every_cell: Ratings
    primary: Ratings
    cell: str
    seed: int
    replicates: int
    pairs: Comparisons | None = None
    kept: Kept = field(default_factory=Kept, compare=False, repr=False)

    def once(self, compute: Callable[[Asked], Shared]) -> Shared:
        """Return ``compute(self)``, computed for the first measure that asks; safe in several threads.

        Examples
        --------
        >>> from survey.analysis.ratings import Rating, collect
        >>> data, calls = collect([Rating("P1", "S1", "", "fear", "fear")]), []
        >>> asked = Asked(data, data, data, "", 0, 0)
        >>> asked.once(calls.append), asked.once(calls.append), len(calls)
        (None, None, 1)
        """
        return self.kept.once(lambda: compute(self), compute)


class Group(Enum):
    """What measures are about; the order is that of every page."""

    RECOGNITION = "recognition"
    MODELS = "models"
    SAID_BESIDE = "said beside the choice"
    SENSITIVITY = "sensitivity"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that a study must have, in words and as a question to its answers; `needs` has ready-made ones."""

    says: str
    holds: Callable[[Asked], bool]


A_CHOICE = Need("people chose among answers, no yes or no", lambda asked: not asked.primary.says_yes_or_no)
"""A yes to the clip's own emotion is no hit among eight: what is about hits has no result there."""


@dataclass(frozen=True, slots=True)
class Measure(Generic[Result]):
    """One entry of the register; see `survey.analysis.measures` for how to add one.

    Attributes
    ----------
    name : str
        Its key under ``measures`` in the report.
    says : str
        What it is, for the head of its table, docs/report.md, the JSON schema and the codebook.
    result : type
        A frozen dataclass; every field is ``Annotated[type, "what it is"]``, with a third part for its unit where it
        has one (`units`). An interval is a pair of floats, what is not defined is None beside a `reason`; never NaN.
        NumPy's numbers and arrays become Python's.
    compute : function
        Returns the result, or None where a study has nothing of the kind: then no outlet mentions it.
    tables, plots, sentences : functions or None
        From a result to what is shown; the sentences are one paragraph of the results. Where none of the three is
        declared, `plain_format` shows the fields by their meanings and units.
    plot_names : tuple of str
        Every name that a plot of this measure may have, so that an address is known before anything is computed.
    headline : function or None
        What is said first of all, in the place of the hit rate and of which emotions were recognised, where those would
        say something wrong about a study with this measure.
    group, place : Group, int
        Where it stands on the page: by group, then by place, then by name.
    needs : tuple of Need
        What a study must have for a result; nothing is computed otherwise.
    about_pairs : bool
        Whether it is about comparisons of two clips: it has a result where they were asked for, and every other measure
        has none there.
    """

    name: str
    says: str
    result: type[Result]
    compute: Callable[[Asked], Result | None]
    tables: Callable[[Result], Sequence[Table]] | None = None
    plots: Callable[[Result], Sequence[AnyPlot]] | None = None
    sentences: Callable[[Result], Sequence[str]] | None = None
    plot_names: tuple[str, ...] = ()
    headline: Callable[[Result], str] | None = None
    group: Group = Group.RECOGNITION
    place: int = 100
    needs: tuple[Need, ...] = (A_CHOICE,)
    about_pairs: bool = False

    @property
    def order(self) -> tuple[int, int, str]:
        """What measures are sorted by."""
        return list(Group).index(self.group), self.place, self.name

    @property
    def is_plain(self) -> bool:
        """Whether it declares nothing of its own about how it is shown."""
        return self.tables is None and self.plots is None and self.sentences is None

    def tables_of(self, found: Result) -> Sequence[Table]:
        """Return its tables, its own or the plain one."""
        if self.is_plain:
            return plain_tables(self.name, self.says, found)
        return self.tables(found) if self.tables else ()

    def plots_of(self, found: Result) -> Sequence[AnyPlot]:
        """Return its plots."""
        return self.plots(found) if self.plots else ()

    def sentences_of(self, found: Result) -> Sequence[str]:
        """Return its sentences, its own or the plain ones."""
        if self.is_plain:
            return plain_sentences(self.says, found)
        return self.sentences(found) if self.sentences else ()

    def measure(self, asked: Asked) -> Result | None:
        """Return the result, None where a study has not what it needs or nothing of the kind.

        Raises
        ------
        ValueError
            Where it is not what `result` declares, or a number is not finite, with the path of the field.
        """
        fits = self.about_pairs == (asked.pairs is not None) and all(need.holds(asked) for need in self.needs)
        found = self.compute(asked) if fits else None
        return None if found is None else as_declared(self.name, self.result, found)

    def read(self, data: dict[str, Any]) -> Result:
        """Return the result that stands in a file as plain data.

        Raises
        ------
        msgspec.ValidationError
            Where the data are none of this measure.
        """
        return msgspec.convert(data, self.result)
