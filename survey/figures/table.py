"""A table of a report: rows of text with a header, a caption, and what kind each column is."""

from __future__ import annotations

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
