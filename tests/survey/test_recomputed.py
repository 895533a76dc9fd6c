"""Every number of a report, recomputed from its export pack by the second implementation; any difference fails."""

from __future__ import annotations

import json
import math

import pytest
from django.core.management import call_command
from threadpoolctl import threadpool_limits

from survey.analysis import as_plain, read_report
from survey.figures.document import StudyFacts, report_blocks
from survey.figures.html_report import to_html
from survey.findings import report_of
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions, measure_pictures
from tests.survey.recomputed import mixed, read_pack, recompute
from tests.survey.recomputed.whole import primary
from tests.survey.rich_study import Speaker, make_rich_study, make_yes_no_study

pytestmark = pytest.mark.django_db

KEYS = {
    "response_bias": lambda item: item["choice"],
    "top_confusions": lambda item: (item["intended"], item["chosen"]),
    "stimuli": lambda item: item["stimulus"],
    "comparisons": lambda item: (item["factor"], item["a"], item["b"]),
    "raters": lambda item: item["participant"],
    "map": lambda item: item["intended"],
    ("missing_answers", "clips"): lambda item: item["stimulus"],
    "changes": lambda item: item["name"],
    "differences": lambda item: (item["fact"], item["a"], item["b"]),
    ("mixed_model", "effects"): lambda item: (item["factor"], item["level"]),
    ("mixed_model", "tests"): lambda item: item["factor"],
    ("mixed_model", "emotions"): lambda item: item["emotion"],
    ("variance_components", "components"): lambda item: item["source"],
    ("variance_components", "prospects"): lambda item: (item["people"], item["pieces"]),
    "asked": lambda item: item["key"],
    "options": lambda item: item["label"],
    "biases": lambda item: item["choice"],
    "pairs": lambda item: (item["a"], item["b"]),
    "readings": lambda item: item["clip"],
}
"""Lists of named things, by their own name or with the name around it, and how their entries are called."""


@pytest.fixture(scope="module")
def both(django_db_setup, django_db_blocker, tmp_path_factory):
    """The report of a study with everything in it, the recomputed numbers, the bootstrap's spread."""
    from django.db import transaction
    from django.test import override_settings

    folder = tmp_path_factory.mktemp("recomputed")
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=folder / "media"), transaction.atomic():
        study = make_rich_study(people=26, each=32, cell="matched")
        measure_pictures()
        report = as_plain(report_of(study))
        call_command("export", study.slug, "--out", str(folder / "pack.zip"), verbosity=0)
        transaction.set_rollback(True)
    with threadpool_limits(1, user_api="blas"):  # small matrices: on a busy machine more threads take far longer
        return (report, *recompute(folder / "pack.zip"))


def is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool)


def naming(path):
    """How the entries of the list at `path` are called, None where by their place."""
    return KEYS.get(path[-2:], KEYS.get(path[-1])) if path else None


def numbers(value, path=()):
    """Every number of a report with its path; named entries of lists by their names."""
    if is_number(value):
        yield path, value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from numbers(item, (*path, name))
    elif isinstance(value, list | tuple):
        name_of = naming(path)
        for place, item in enumerate(value):
            yield from numbers(item, (*path, name_of(item) if name_of else place))


def found_at(value, path):
    for step in path:
        value = value[step]
    return value


CHANCE = {("accuracy", "bootstrap", 0), ("accuracy", "bootstrap", 1), ("accuracy", "permutation", "p_value")}
"""Drawn at random, by each implementation with dice of its own: equal up to their Monte-Carlo error."""


FITTED = {("measures", "mixed_model"), ("measures", "variance_components")}
"""Found by a search, by each implementation with a search of its own: equal up to where searches end."""


def is_alike(path, value, other):
    relative, absolute = (2e-3, 2e-3) if path[:2] in FITTED else (1e-9, 1e-10)
    return is_number(other) and math.isclose(value, other, rel_tol=relative, abs_tol=absolute)


def differences(report, again):
    for path, value in numbers(report):
        try:
            other = found_at(again, path)
        except (KeyError, IndexError, TypeError):
            yield path, value, "not recomputed"
            continue
        if path not in CHANCE and not is_alike(path, value, other):
            yield path, value, other


def test_every_number_is_recomputed(both):
    report, again, _ = both
    assert sum(1 for _ in numbers(report)) > 2000
    assert list(differences(report, again)) == []


def test_the_study_is_large_enough_for_what_needs_many_answers(both):
    """Mixed model, variance components and ICC are among the recomputed numbers, of the cell that the plan names."""
    report, again, _ = both
    assert report["cell"] == "matched"
    assert report["measures"]["picture_lens"]["clips"] == 24
    model, rated = report["measures"]["mixed_model"], report["measures"]["rated"]
    assert model["reason"] is None
    assert {one["factor"] for one in model["tests"]} == {"emotion", "composer", "presentation"}
    assert again["measures"]["mixed_model"]["people_sd"] > 0
    assert {one["source"] for one in report["measures"]["variance_components"]["components"]} == {
        *("people", "pieces", "emotions", "composers", "answers")
    }
    assert rated["valence"]["reliability"]["single"] > 0
    assert again["measures"]["rated"]["valence"]["reliability"]["single"] > 0


def test_nothing_that_can_be_computed_is_missing_from_the_report(both):
    """The other way round: where the second implementation has a number, the report has one."""
    report, again, _ = both
    known = {path for path, _ in numbers(report)}
    extra = {path: value for path, value in numbers(again) if path not in known and "top_confusions" not in path}
    heard_as_gold_alone = {path for path, value in extra.items() if "stimuli" in path and value == 0}
    assert set(extra) == heard_as_gold_alone


def test_a_number_changed_in_the_report_is_noticed(both):
    report, again, _ = both
    agreement = report["agreement"]
    alpha = agreement["krippendorff_alpha"]
    changed = {**report, "agreement": {**agreement, "krippendorff_alpha": {**alpha, "estimate": 0.5}}, "new": 1}
    assert [path[-1] for path, *_ in differences(changed, again)] == ["estimate", "new"]


def test_what_is_drawn_at_random_agrees_up_to_its_monte_carlo_error(both):
    """Quantile error of 2,000 normal replicates: .060 of their standard deviation each, .085 for a difference."""
    report, again, spread = both
    for ours, other in zip(report["accuracy"]["bootstrap"], again["accuracy"]["bootstrap"], strict=True):
        assert abs(ours - other) < 4 * 0.085 * spread
    ours, other = (found["accuracy"]["permutation"]["p_value"] for found in (report, again))
    assert abs(ours - other) < 4 * math.sqrt(2 * max(other, 0.005) / 2000)


def test_the_most_frequent_confusions_are_the_most_frequent(both):
    report, again, _ = both
    shown = [(item["n"], item["share"]) for item in report["top_confusions"]]
    every = sorted(((found["n"], found["share"]) for found in again["top_confusions"].values()), reverse=True)
    assert shown == every[: len(shown)]


def with_numbers_of(report, again, path=()):
    """The report with the second implementation's numbers, those drawn at random or found by a search apart."""
    if is_number(report):
        return report if path in CHANCE or path[:2] in FITTED else found_at(again, path)
    if isinstance(report, dict):
        return {name: with_numbers_of(item, again, (*path, name)) for name, item in report.items()}
    if isinstance(report, list | tuple):
        name_of = naming(path)
        return [
            with_numbers_of(item, again, (*path, name_of(item) if name_of else place))
            for place, item in enumerate(report)
        ]
    return report


def test_the_page_written_from_the_recomputed_numbers_is_the_same_page(both):
    """What a reader sees: paragraphs, tables and figures do not change by a digit."""
    report, again, _ = both
    facts = StudyFacts(title="Four cells")
    numbers_again = json.loads(json.dumps(with_numbers_of(report, again), default=lambda value: value.item()))
    pages = [to_html(report_blocks(read_report(found), facts)) for found in (report, numbers_again)]
    assert pages[0] == pages[1]
    assert len(pages[0]) > 50_000


def test_a_small_study_with_gaps_is_recomputed_too(settings, tmp_path):
    """Emotions nobody heard, clips with one answer, one cell, one composer, nobody left out, not closed."""
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(versions=make_versions(10), clips_per_participant=4)
    answer_study(study, people=5, each=4, hit=0.6, seed=3, say=Speaker(2))
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    again, _ = recompute(tmp_path / "pack.zip")
    report = as_plain(report_of(study))
    assert list(differences(report, again)) == []
    assert report["measures"]["rated"]["valence"]["reliability"]["single_interval"][1] > 0


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_mixed_model_is_recomputed_too(settings, tmp_path):
    """A study with answers enough for it: two composers, four cells, of which three have one target."""
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_rich_study(people=26, each=32)
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    pack = read_pack(tmp_path / "pack.zip")
    again = {"measures": mixed.recompute(primary(pack.main), pack.main)}
    report = as_plain(report_of(study))
    mine = {"measures": {name: report["measures"][name] for name in ("mixed_model", "variance_components")}}
    assert mine["measures"]["mixed_model"]["reason"] is None
    assert {one["factor"] for one in mine["measures"]["mixed_model"]["tests"]} >= {"emotion", "presentation"}
    assert list(differences(mine, again)) == []


def test_a_yes_no_study_is_recomputed_too(settings, tmp_path):
    """Whoever says yes or no to one emotion named hits nothing among several: other measures have numbers."""
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_yes_no_study()
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    again, _ = recompute(tmp_path / "pack.zip")
    report = as_plain(report_of(study))
    assert report["measures"]["mixed_model"] is None
    assert report["measures"]["detection"] is not None
    assert list(differences(report, again)) == []
