"""The sentences of a report: group means, named tests, equivalence where it was tested, nothing from a large p."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import random
import re

import pytest

import survey.figures
from generation.emotions import SLUGS
from survey.analysis.ratings import Rating, collect
from survey.analysis.report import analyse
from survey.figures.document import Heading, Paragraph, StudyFacts, report_blocks
from survey.figures.paragraphs import results_paragraphs
from survey.figures.tables import Table
from tests.survey.analysis.simulated import draw_cells

UNTOLD = re.compile(
    r"\b(no difference|do(es)? not differ|the (best|worst|highest|lowest)|farthest|most frequent(ly)?)\b"
)
"""What no test of a report shows."""


def two_composers(seed, shares, people=40, clips=24):
    """Everybody hears every clip; a composer's clips are recognised in their share of trials, clips alike."""
    dice = random.Random(seed)
    rows = []
    for person in range(people):
        for clip in range(clips):
            composer = ("muse", "paper")[clip % 2]
            intended = SLUGS[clip // 2 % 8]
            right = dice.random() < shares[composer]
            chosen = intended if right else dice.choice([slug for slug in SLUGS if slug != intended])
            rows.append(Rating(f"P{person}", f"S{clip}", "", intended, chosen, composer=composer))
    return analyse(collect(rows), replicates=0, margin=0.15)


@pytest.fixture(scope="module")
def alike():
    return two_composers(1, {"muse": 0.6, "paper": 0.6})


@pytest.fixture(scope="module")
def apart():
    return two_composers(2, {"muse": 0.8, "paper": 0.4})


@pytest.fixture(scope="module")
def cells():
    return analyse(draw_cells(1, 0.3, people=12), replicates=0)


def in_words(report):
    return "\n".join(results_paragraphs(report))


def words_of(report):
    blocks = list(report_blocks(report, StudyFacts(title="A study")))
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            yield block.text
        elif isinstance(block, Table):
            yield from (block.title, block.caption, *block.notes)
        else:
            yield from (block.title, block.caption, block.finding)


def test_equivalence_is_told_where_it_was_shown(alike):
    said = in_words(alike)
    [found] = alike["comparisons"]
    assert found["equivalence_p"] < 0.05 < found["p_holm"]
    means = f"muse {100 * found['share_a']:.1f} %, paper {100 * found['share_b']:.1f} %"
    assert f"{means} (means over the emotions they share)" in said
    assert re.search(
        r"t\([\d.]+\) = −?\d\.\d\d, Holm-corrected p = \.\d{3}\)\. They are equivalent within ± 15\.0", said
    )
    assert "neither a difference nor equivalence" not in said


def test_a_difference_is_told_with_its_test(apart):
    said = in_words(apart)
    assert re.search(
        r"points \(95 % CI \[[\d.]+, [\d.]+\], t\([\d.]+\) = \d+\.\d\d, Holm-corrected p < \.001\)\.", said
    )
    assert "equivalent" not in said
    assert "equivalence" not in said


def test_a_large_p_shows_nothing_and_says_so():
    """Four people and noisy clips: neither a difference nor its absence can be shown."""
    report = two_composers(3, {"muse": 0.5, "paper": 0.55}, people=4, clips=16)
    [found] = report["comparisons"]
    assert min(found["equivalence_p"], found["p_holm"]) >= 0.05
    assert (
        "After correction neither a difference nor equivalence within ± 15.0 points is shown (TOST, uncorrected p"
        in in_words(report)
    )


def test_effects_of_picture_and_music_have_their_means_and_tests(cells):
    said = in_words(cells)
    effects = [effect for effect in cells["picture_music"].values() if effect["interval"]]
    assert len(effects) == 5
    for effect in effects:
        assert f"{100 * effect['share_a']:.1f} % against {100 * effect['share_b']:.1f} %" in said
    assert len(re.findall(r"t\([\d.]+\) = −?\d+\.\d\d, Holm-corrected p", said)) == 5


def test_confusions_have_their_uncertainty_and_no_rank(cells):
    said = in_words(cells)
    first = cells["top_confusions"][0]
    low, high = first["interval"]
    assert "Confusions counted most often (their order is not tested)" in said
    assert f"{100 * first['share']:.1f} % ({100 * low:.1f}–{100 * high:.1f} %)" in said
    assert low <= first["share"] <= high


def test_no_sentence_claims_what_no_test_shows(alike, apart, cells):
    for report in (alike, apart, cells):
        assert [text for text in words_of(report) if UNTOLD.search(text)] == []


def test_negative_numbers_have_a_minus_sign(alike, apart, cells):
    for report in (alike, apart, cells):
        assert [text for text in words_of(report) if re.search(r"(?<![\w.])-\d", text)] == []


@pytest.mark.parametrize("name", [m.name for m in pkgutil.iter_modules(survey.figures.__path__, "survey.figures.")])
def test_examples_of_the_figures_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_percentages_have_one_form(alike, apart, cells):
    for report in (alike, apart, cells):
        assert [text for text in words_of(report) if re.search(r"\d%", text)] == []
