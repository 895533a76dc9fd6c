"""The part of docs/report.md that the types of the measures declare: python -m tests.survey.report_names --write."""

import argparse
from pathlib import Path

from survey.analysis.measures import all_measures
from survey.analysis.measures.fields import fields_of, shapes_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "report.md"
MARK = "<!-- measures: what follows is written by python -m tests.survey.report_names --write -->\n"


def sections():
    """Everything below the mark."""
    measures = [(measure.name, _says(measure), measure.result.__name__) for measure in all_measures()]
    shapes = list(dict.fromkeys(shape for measure in all_measures() for shape in shapes_of(measure.result)))
    return "".join([_section("Measures", measures), *(_section(shape.__name__, _names(shape)) for shape in shapes)])


def _says(measure):
    needs = "; ".join(need.says for need in measure.needs)
    return f"{measure.says} (of a study with: {needs})" if needs else measure.says


def _names(shape):
    """Meaning with its unit, where the number itself is in it: a share is 0 to 1 in the file."""
    for field in fields_of(shape):
        unit = f" ({field.unit.name})" if field.unit.name and field.unit.times == 1 else ""
        yield field.name, f"{field.meaning}{unit}", field.holds


def _section(title, names):
    rows = "".join(f"| `{name}` | {what} | {holds} |\n" for name, what, holds in names)
    return f"\n## {title}\n| name | what | holds |\n|---|---|---|\n{rows}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="change docs/report.md; without it the part is printed")
    if parser.parse_args().write:
        before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
        PAGE.write_text(before + MARK + sections(), encoding="utf-8")
    else:
        print(sections())
