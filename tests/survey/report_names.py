"""The part of docs/report.md that the types of the measures declare: python -m tests.survey.report_names --write."""

import argparse
from pathlib import Path

from survey.analysis.measures import MEASURES
from tests.survey.result_names import names_of, shapes_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "report.md"
MARK = "<!-- measures: what follows is written by python -m tests.survey.report_names --write -->\n"


def sections():
    """Everything below the mark."""
    measures = [(measure.name, measure.says, measure.result.__name__) for measure in MEASURES]
    shapes = list(dict.fromkeys(shape for measure in MEASURES for shape in shapes_of(measure.result)))
    return "".join([_section("Measures", measures), *(_section(shape.__name__, names_of(shape)) for shape in shapes)])


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
