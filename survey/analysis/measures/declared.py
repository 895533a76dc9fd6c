"""What must be right about a measure's declaration before anything is computed: checked when it is collected.

`manage.py check`, and with it the start, says each problem with the file and the field; a measure with one is left out.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from survey.analysis.measures.fields import fields_of, known_kind, shapes_of
from survey.analysis.measures.measure import Group, Measure, Need

NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
PLOT_NAME = re.compile(r"[a-z][a-z0-9_-]{0,49}")
LEAVES = (bool, int, float, str)
PLOTS_OF_EVERY_REPORT = frozenset(("confusion", "emotions", "agreement", "sources", "map", "widths"))
"""Figures that are no measure's: `survey.figures.catalogue` draws them, and a plot of the name would never be asked."""
TABLES_OF_EVERY_REPORT = frozenset(
    (
        *("accuracy", "agreement", "bias", "categories", "clips", "comparisons", "confusion", "confusions", "emotions"),
        *(
            "composers",
            "conditions",
            "folds",
            "heds",
            "included",
            "people",
            "plan",
            "provenance",
            "raters",
            "seed",
            "sources",
        ),
    )
)
"""Tables that are no measure's, by their names: each is an anchor of the page."""
FUNCTIONS = ("tables", "plots", "sentences", "headline")


def problems_of(measure: Measure[Any]) -> list[str]:
    """Return what is wrong with one declaration, a sentence each that names the field and says what to do.

    Examples
    --------
    >>> from survey.analysis.affect.times import MEASURE
    >>> from dataclasses import replace
    >>> problems_of(MEASURE), problems_of(replace(MEASURE, says=""))
    ([], ['says is empty: write what the measure is, for the head of its table.'])
    """
    return [*_words(measure), *_functions(measure), *_plots(measure), *_place(measure), *_result(measure.result)]


def _words(measure: Measure[Any]) -> Iterator[str]:
    if not (isinstance(measure.name, str) and NAME.fullmatch(measure.name)):
        yield (
            f"name is {measure.name!r}: use up to 50 small letters, digits and underscores, a letter first;"
            " it is a key of report.json."
        )
    if not (isinstance(measure.says, str) and measure.says.strip()):
        yield "says is empty: write what the measure is, for the head of its table."


def _functions(measure: Measure[Any]) -> Iterator[str]:
    if not callable(measure.compute):
        yield f"compute is {measure.compute!r}: give a function from Asked to the result."
    for name in FUNCTIONS:
        given = getattr(measure, name)
        if given is not None and not callable(given):
            yield f"{name} is {given!r}: give a function from the result, or None."


def _plots(measure: Measure[Any]) -> Iterator[str]:
    names = measure.plot_names
    if not isinstance(names, tuple):
        yield f"plot_names is {names!r}: give a tuple of texts."
        return
    for name in names:
        if not (isinstance(name, str) and PLOT_NAME.fullmatch(name)):
            yield f"plot_names has {name!r}: use small letters, digits, - and _, a letter first; it is an address."
        elif name in PLOTS_OF_EVERY_REPORT:
            yield f"plot_names has {name!r}, which is a figure of every report: take another name."
    if bool(names) != (measure.plots is not None):
        yield "plots and plot_names go together: declare both, or none of them."


def _place(measure: Measure[Any]) -> Iterator[str]:
    if not isinstance(measure.group, Group):
        yield f"group is {measure.group!r}: give one of {', '.join(f'Group.{one.name}' for one in Group)}."
    if not isinstance(measure.place, int):
        yield f"place is {measure.place!r}: give a whole number."
    if not (isinstance(measure.needs, tuple) and all(isinstance(need, Need) for need in measure.needs)):
        yield f"needs is {measure.needs!r}: give a tuple of Need, as needs=(A_CHOICE,)."
        return
    for need in measure.needs:
        if not (isinstance(need.says, str) and need.says.strip() and callable(need.holds)):
            yield "needs has one without words or without a function: write Need(words, holds)."


def _result(shape: Any) -> Iterator[str]:
    if not (isinstance(shape, type) and is_dataclass(shape)):
        yield f"result is {shape!r}: give a frozen dataclass."
        return
    try:
        shapes = shapes_of(shape)
        for inner in shapes:
            yield from _fields(inner)
    except (TypeError, NameError, AttributeError, ValueError) as error:
        yield f"result {shape.__name__} cannot be read: {error}"


def _fields(shape: type) -> Iterator[str]:
    """Types first: what a field of an unknown type holds cannot be said."""
    hints, known = get_type_hints(shape, include_extras=True), True
    for name, hint in hints.items():
        where = f"result {shape.__name__}.{name}"
        if get_origin(hint) is not Annotated:
            yield f'{where} has no meaning: write Annotated[type, "what it is"].'
            known = False
            continue
        inner, meaning = get_args(hint)[:2]
        if not (isinstance(meaning, str) and meaning.strip()):
            yield f'{where} has no meaning: write Annotated[type, "what it is"].'
        if not _is_known(inner):
            yield (
                f"{where} is {_written(inner)}: use int, float, str, bool, a dataclass, tuple[type, ...],"
                " tuple[float, float] or dict[str, type], each alone or with None."
            )
            known = False
    if known:
        for field in fields_of(shape):
            if not isinstance(field.meaning, str):
                yield f"result {shape.__name__}.{field.name} has no meaning in words."


def _is_known(hint: Any) -> bool:
    """Whether every outlet can show, write and read back a value of this type."""
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return len(kinds) == 1 and _is_known(kinds[0])
    inner, origin = get_args(hint), get_origin(hint)
    if origin is tuple:
        return inner == (float, float) or (len(inner) == 2 and inner[1] is Ellipsis and _is_known(inner[0]))
    if origin is list:
        return len(inner) == 1 and _is_known(inner[0])
    if origin is dict:
        return inner[0] is str and _is_known(inner[1])
    return hint in LEAVES or (isinstance(known_kind(hint), type) and is_dataclass(hint))


def _written(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not get_args(hint) else str(hint)


def shared_names(found: Mapping[str, Measure[Any]]) -> dict[str, str]:
    """Return a problem for each file whose measure takes a name that an earlier file has; keys are files.

    Examples
    --------
    >>> from survey.analysis.affect.times import MEASURE
    >>> shared_names({"times.py": MEASURE, "haste.py": MEASURE})
    {'haste.py': "name is 'times', which times.py has too: give each measure a name of its own."}
    """
    taken: dict[tuple[str, Any], str] = {}
    types_of: dict[str, tuple[type, str]] = {}
    problems: dict[str, str] = {}
    for file, measure in found.items():
        names = [("name", measure.name), *(("plot_names", name) for name in measure.plot_names)]
        shapes = {shape.__name__: (shape, file) for shape in shapes_of(measure.result)}
        if twice := next((one for one in names if one in taken), None):
            what, thing = ("is", "measure") if twice[0] == "name" else ("has", "plot")
            said = f"{twice[0]} {what} {twice[1]!r}, which {taken[twice]} has too: give each {thing} a name of its own."
            problems[file] = said
        elif other := next(
            (name for name in shapes if types_of.get(name, shapes[name])[0] is not shapes[name][0]), None
        ):
            problems[file] = (
                f"result has a type called {other}, and so has {types_of[other][1]}: the JSON schema needs different"
                " names for different types."
            )
        else:
            taken |= dict.fromkeys(names, file)
            types_of |= shapes
    return problems
