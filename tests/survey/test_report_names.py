"""docs/report.md is the schema of the report: every name of a real report is in it, and none that no report has."""

import re
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from survey.analysis import SCHEMA, analyse, analyse_table, as_plain, read_counts, read_long, read_wide
from survey.analysis.measures import all_measures
from survey.analysis.measures.fields import fields_of, shapes_of
from survey.analysis.paired.answers import of_counts
from survey.analysis.paired.report import analyse_comparisons
from survey.analysis.ratings import Rating, collect
from survey.analysis.ratings.attributes import gather_attributes
from survey.analysis.ratings.courses import Courses
from survey.analysis.ratings.cues import Variant, gather_cues
from survey.findings import report_of
from tests.survey import report_names
from tests.survey.analysis.measures.test_lens import EMOTIONS, make_study
from tests.survey.report_names import MARK, Places, sections
from tests.survey.rich_study import make_rich_study, make_yes_no_study

LEAVES = {"text", "number", "list", "interval", "matrix", "texts"}
COMMAND = "python -m tests.survey.report_names --write"
PAGE = (settings.BASE_DIR / "docs" / "report.md").read_text(encoding="utf-8")


def shapes():
    """Shape → name → what it holds, as the page's tables say."""
    found = {}
    for part in PAGE.split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        found[title] = dict(re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", body, flags=re.MULTILINE))
    return found


SHAPES = shapes()


def faults(value, holds, path, seen):
    """Yield what of a report is not as documented, and note what was seen."""
    if value is None:
        return
    if holds.endswith(" by name"):
        for name, item in value.items():
            yield from faults(item, holds.removesuffix(" by name"), f"{path}.{name}", seen)
    elif holds.startswith("list of "):
        for place, item in enumerate(value):
            yield from faults(item, holds.removeprefix("list of "), f"{path}[{place}]", seen)
    elif holds in LEAVES:
        if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
            yield f"{path} holds names, and should hold a {holds}"
    else:
        for name, item in value.items():
            if name not in SHAPES[holds]:
                yield f"{path}.{name} is not in docs/report.md ({holds})"
                continue
            seen.add((holds, name))
            yield from faults(item, SHAPES[holds][name], f"{path}.{name}", seen)


def long_report():
    rows = "participant,stimulus,intended,chosen,country,composer\n" + "".join(
        f"P{p},S{s},{('grief', 'joy')[s % 2]},{('joy', 'grief', 'skip')[(p + s) % 3]},{('DE', 'FR')[p % 2]},c{s % 4}\n"
        for p in range(6)
        for s in range(8)
    )
    return analyse(read_long(rows, choices=["joy", "grief"], none="skip", by=("country",)), replicates=20)


def of_the_site(study):
    """What is downloaded from the results page, which has more names than the report alone."""
    client = Client()
    client.force_login(study.owner)
    return client.get(reverse("results_json", args=[study.slug])).json()


def report_with_courses():
    """Of two people who rated a clip of 12 s while it played."""
    both, table = np.zeros(2, np.int64), np.tile(np.linspace(-1, 0.5, 121), (2, 1)) + np.array([[0.0], [0.1]])
    ratings = collect([Rating(name, "S", "", "fear", "fear") for name in "AB"])
    courses = Courses(("A", "B"), ("S",), ("fear",), np.arange(2), both, both, table, table / 2, 10)
    return analyse(replace(ratings, courses=courses), replicates=0)


def report_with_a_lens():
    """Of clips that were measured, enough of every emotion."""
    answers, measured = make_study()
    ratings = collect([Rating(who, clip, "", made, said) for who, clip, made, said in answers], EMOTIONS)
    return analyse(replace(ratings, attributes=gather_attributes(measured)), replicates=0)


def report_with_cues():
    """Of two people who heard two pieces, each in minor and in major."""
    heard = [(who, piece, mode) for who in "AB" for piece in "XY" for mode in ("minor", "major")]
    ratings = collect(
        [
            Rating(who, f"{piece}-{mode}", "", "fear", "fear" if mode == "minor" or who + piece == "AX" else "awe")
            for who, piece, mode in heard
        ]
    )
    variants = {
        f"{piece}-{mode}": Variant(piece, {"mode": mode}, {"mode": float(mode == "major")}) for _, piece, mode in heard
    }
    valence = np.linspace(-0.5, 0.5, len(ratings))
    return analyse(replace(ratings, cues=gather_cues(variants), valence=valence), replicates=0)


@pytest.mark.django_db
def test_every_name_of_real_reports_is_documented_and_every_documented_name_is_real(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    wide, counts = read_wide("i,A,B\n1,x,y\n2,x,x\n"), read_counts("i,a,b\n1,3,1\n")
    rich = make_rich_study()
    reports = [
        of_the_site(rich),
        report_of(make_yes_no_study()),
        long_report(),
        analyse_comparisons(of_counts(("a", "b", "c"), ((0, 4, 6), (2, 0, 5), (1, 2, 0)))),
        report_with_courses(),
        report_with_a_lens(),
        report_with_cues(),
        analyse_table(wide),
        analyse_table(counts),
    ]
    seen = set()
    found = [fault for report in reports for fault in faults(as_plain(report), "Report", "report", seen)]
    assert found == []
    documented = {(shape, name) for shape, names in SHAPES.items() for name in names}
    assert documented - seen == set()


def test_the_version_stands_in_every_report_and_on_the_page():
    assert f"Version {SCHEMA}," in PAGE, f"run {COMMAND}"
    assert long_report()["schema"] == analyse_table(read_counts("i,a,b\n1,3,1\n"))["schema"] == SCHEMA


def test_a_name_that_is_not_documented_is_found():
    report = {**long_report(), "new": 1}
    assert list(faults(report, "Report", "report", set())) == ["report.new is not in docs/report.md (Report)"]


def test_the_sections_of_the_measures_are_those_that_their_types_declare():
    assert PAGE.partition(MARK)[2] == sections(), f"run {COMMAND}"


def test_names_that_came_or_went_have_a_version_of_their_own():
    version, before = report_names.read_names(Places().names.read_text(encoding="utf-8"))
    now = report_names.names_of(PAGE)
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    assert changed == [], (
        f"not as in version {version}: run {COMMAND}, which raises SCHEMA in survey/analysis/report.py"
    )
    assert version == SCHEMA, f"run {COMMAND}"


@pytest.mark.parametrize(
    ("before", "after", "version"),
    [
        ("| `cell` |", "| `cell` |", "3.1"),
        ("| `cell` |", "| `new` | what | text |\n| `cell` |", "3.2"),
        ("| `cell` |", "| `room` |", "4.0"),
        ("| `n` | sizes | Sizes |", "| `n` | sizes | number |", "4.0"),
    ],
)
def test_the_command_raises_the_version_at_every_place(tmp_path, before, after, version):
    places = Places(*(tmp_path / name for name in ("page", "code", "names")))
    for copy, real in zip(vars(places).values(), vars(Places()).values(), strict=True):
        text = real.read_text(encoding="utf-8").replace(SCHEMA, "3.1", 1)
        copy.write_text(text, encoding="utf-8")
    places.page.write_text(places.page.read_text(encoding="utf-8").replace(before, after, 1), encoding="utf-8")
    assert report_names.write(places) == version
    assert f"\nVersion {version}," in places.page.read_text(encoding="utf-8")
    assert f'\nSCHEMA = "{version}"\n' in places.code.read_text(encoding="utf-8")
    assert report_names.write(places) == version


def test_a_version_raised_by_hand_stays(tmp_path):
    places = Places(code=tmp_path / "code", page=tmp_path / "page", names=tmp_path / "names")
    for copy, real in ((places.page, Places().page), (places.names, Places().names)):
        copy.write_text(real.read_text(encoding="utf-8"), encoding="utf-8")
    places.code.write_text('SCHEMA = "10.0"\n', encoding="utf-8")
    assert report_names.write(places) == "10.0"
    assert "\nVersion 10.0," in places.page.read_text(encoding="utf-8")


def test_a_field_is_named_with_its_meaning_and_what_it_holds():
    @dataclass
    class Found:
        n: Annotated[int, "answers"]
        ends: Annotated[tuple[float, float] | None, "for new people"]

    found = [(field.name, field.meaning, field.holds) for field in fields_of(Found)]
    assert found == [("n", "answers", "number"), ("ends", "for new people", "interval")]


def test_a_field_without_a_meaning_is_refused():
    @dataclass
    class Found:
        n: int
        ends: Annotated[tuple[float, float], "of something"]

    with pytest.raises(TypeError, match=r"Found\.n has no meaning"):
        fields_of(Found)


def test_no_two_types_of_measures_share_a_name_with_different_fields():
    known = {}
    for measure in all_measures():
        for shape in shapes_of(measure.result):
            assert known.setdefault(shape.__name__, shape) is shape, shape.__name__
    assert not set(known) & {title for title in SHAPES if f"## {title}\n" in PAGE.partition(MARK)[0]}
