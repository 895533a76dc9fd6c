"""How the columns of an exported table are declared: each once, for every database and every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Told:
    """Columns that follow from what is read at the paths `by`.

    `tell` gets those values and returns the cells of `names`, in order; None leaves the row out. It is asked once for
    every different combination in a batch of rows, so it may do what it likes in Python.
    """

    names: Sequence[str]
    by: Sequence[str]
    tell: Callable[..., Sequence[Any] | None]


@dataclass(frozen=True, slots=True)
class Looked:
    """Columns that are looked up for a batch of rows: `look` gets what stands at `by`, and returns every column."""

    names: Sequence[str]
    by: str
    look: Callable[[list[Any]], Sequence[Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Table:
    """Where the columns of a table come from; `read` are those told as the database holds them, name → path."""

    found: QuerySet[Any]
    read: Mapping[str, str]
    told: Sequence[Told] = ()
    looked: Sequence[Looked] = ()

    @property
    def paths(self) -> list[str]:
        """Everything to be read from the database, once."""
        by = [path for part in self.told for path in part.by]
        return list(dict.fromkeys([*self.read.values(), *by, *(part.by for part in self.looked)]))
