"""The tests of measures that live in `survey.analysis.measures`: one file each, found by themselves.

A file may hold two things that tests of the whole report ask for, so that no list elsewhere is touched:

- ``recompute(frame, pack)``: the measure's numbers once more, from the answers of the primary cell as a data frame; by
  another way than the measure's own. `tests.survey.test_recomputed` compares every number.
- ``INTERVALS``: ``{"Type.field": why}`` for intervals and p values of which no row of the coverage tables speaks.
"""

from importlib import import_module
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent


def modules_of_tests() -> dict[str, ModuleType]:
    """Return the tests of measures by the names of the measures, which are their files' names."""
    files = sorted(FOLDER.glob("test_*.py"))
    return {file.stem.removeprefix("test_"): import_module(f"{__name__}.{file.stem}") for file in files}
