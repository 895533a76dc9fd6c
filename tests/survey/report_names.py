"""The part of docs/report.md that the types of the measures declare, and the version of all names of a report.

``python -m tests.survey.report_names --write`` writes that part, and where names came or went since the version that
report_names.txt has, it raises `SCHEMA` in survey/analysis/report.py, the version line of docs/report.md, and the list.
"""

import argparse
import re
from dataclasses import dataclass
from pathlib import Path

from survey.analysis.measures import all_measures
from survey.analysis.measures.fields import fields_of, shapes_of

ROOT = Path(__file__).resolve().parents[2]
MARK = "<!-- measures: what follows is written by python -m tests.survey.report_names --write -->\n"
SAID = re.compile(r"^Version (\d+\.\d+),", re.MULTILINE)
DECLARED = re.compile(r'^SCHEMA = "(\d+\.\d+)"', re.MULTILINE)


@dataclass(frozen=True)
class Places:
    """Where the names and their version stand."""

    page: Path = ROOT / "docs" / "report.md"
    code: Path = ROOT / "survey" / "analysis" / "report.py"
    names: Path = ROOT / "tests" / "survey" / "report_names.txt"


def names_of(page):
    """Every name of the page's tables with what it holds: ``{"Sizes.responses": "number"}``."""
    found = {}
    for part in page.split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", body, flags=re.MULTILINE)
        found |= {f"{title}.{name}": holds for name, holds in rows}
    return found


def read_names(text):
    """The version of a list of names, and the names."""
    version, _, lines = text.partition("\n")
    return version, dict(line.split(": ", 1) for line in lines.splitlines())


def next_version(version, before, now):
    """The version of `now`: the first number moves where a name went or holds another thing, the second where one came.

    >>> next_version("3.1", {"a.b": "text"}, {"a.b": "text", "a.c": "text"}), next_version("3.1", {"a.b": "text"}, {})
    ('3.2', '4.0')
    """
    first, second = map(int, version.split("."))
    if any(now.get(name) != holds for name, holds in before.items()):
        return f"{first + 1}.0"
    return f"{first}.{second + 1}" if len(now) > len(before) else version


def write(places):
    """Write the measures' part and, where names changed, the version; return it. One raised by hand stays."""
    page, code = places.page.read_text(encoding="utf-8"), places.code.read_text(encoding="utf-8")
    page = page.partition(MARK)[0] + MARK + sections()
    now, (version, before) = names_of(page), read_names(places.names.read_text(encoding="utf-8"))
    wanted = max(next_version(version, before, now), DECLARED.search(code)[1], key=in_order)
    places.page.write_text(SAID.sub(f"Version {wanted},", page, count=1), encoding="utf-8")
    places.code.write_text(DECLARED.sub(f'SCHEMA = "{wanted}"', code), encoding="utf-8")
    lines = "".join(f"{name}: {holds}\n" for name, holds in now.items())
    places.names.write_text(f"{wanted}\n{lines}", encoding="utf-8")
    return wanted


def in_order(version):
    return [int(part) for part in version.split(".")]


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
    parser.add_argument("--write", action="store_true", help="change the files; without it the part is printed")
    print(f"version {write(Places())}" if parser.parse_args().write else sections())
