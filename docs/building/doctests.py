"""Examples in docstrings are code: a run of `>>>` lines becomes a code block, wherever it stands.

NumPy's section *Examples* is understood by mkdocstrings. Most docstrings here are shorter and end with an example
without a heading, which Markdown would take for quotations within quotations, and its lists for links.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import griffe


def fence(text: str) -> str:
    r"""Put examples between fences, but those of a section *Examples*.

    >>> fence("Add.\n\n>>> [1 + 1]\n[2]\n\nThat is all.").splitlines()
    ['Add.', '', '```pycon', '>>> [1 + 1]', '[2]', '```', '', 'That is all.']
    """
    return "\n".join(_fenced(inspect.cleandoc(text).splitlines()))


def _fenced(lines: list[str]) -> Iterator[str]:
    inside = False
    for number, line in enumerate(lines):
        if line.strip() == "Examples" and lines[number + 1 : number + 2] == ["--------"]:
            yield from lines[number:]
            return
        if not inside and line.startswith(">>> "):
            inside = True
            yield "```pycon"
        elif inside and not line.strip():
            inside = False
            yield "```"
        yield line
    if inside:
        yield "```"


class Doctests(griffe.Extension):
    """Fences the examples of everything that is read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring:
            obj.docstring.value = fence(obj.docstring.value)
