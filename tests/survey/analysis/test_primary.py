"""The primary measure: exactly the planned cell under exactly the planned rules, and what is said around it."""

from dataclasses import replace

import msgspec
import pytest

from survey.analysis import analyse, as_plain, read_long, read_out
from survey.analysis.conditions import measure_picture_and_music
from survey.analysis.planned import DIFFERENCES, PLANNED, define_primary
from survey.analysis.primary import Plan, Primary, measure_primary
from survey.analysis.primary_words import (
    IN_WORDS,
    NO_MEASURE,
    NO_PLAN,
    NO_SENSITIVITY,
    REST,
    UNFINISHED,
    WITHOUT_RESULT,
    say_primary,
)
from tests.survey.analysis.simulated import draw_cells

PLAN = Plan("2026-01-01 12:00 UTC", cell="matched", facts={"Primary cell": "Matching pairs"}, has_rules=True)


def study(people=10, cells=("matched", "music_only")):
    """In matching pairs everybody but the first two is right at six of eight clips; those two are left out."""
    rows = "participant,stimulus,condition,intended,chosen,included\n"
    for cell in cells:
        for p in range(people):
            for s in range(8):
                right = s < (6 if cell == "matched" else 3) and p > 1
                emotion = ("joy", "grief")[s % 2]
                rows += f"P{p},{cell}{s},{cell},{emotion},{emotion if right else 'fear'},{p > 1}\n"
    return read_long(rows, choices=["joy", "grief", "fear"])


def test_the_result_is_of_the_planned_cell_and_people():
    found = measure_primary(study(), PLAN)
    assert (found.cell, found.participants, found.left_out, found.n, found.estimate) == ("matched", 8, 2, 64, 0.75)


def test_without_rules_in_the_plan_everybody_counts():
    found = measure_primary(study(), replace(PLAN, has_rules=False))
    assert (found.participants, found.left_out, found.estimate) == (10, 0, pytest.approx(0.6))


def test_the_whole_report_is_about_the_planned_cell():
    assert analyse(study(), replicates=0)["cell"] == "music_only"
    assert analyse(study(), replicates=0, plan=PLAN)["cell"] == "matched"


def test_a_planned_cell_without_answers_has_no_result_and_the_report_goes_on():
    report = analyse(study(cells=("music_only",)), replicates=0, plan=PLAN)
    assert report["primary"]["estimate"] is None
    assert report["primary"]["reason"].startswith("not defined: there are no answers to matching pair")
    assert report["cell"] == "music_only"
    assert read_out(report)


def said(plan, ratings=None):
    return say_primary(measure_primary(ratings or study(), plan))


def test_without_a_plan_everything_is_exploratory():
    assert said(None) == [NO_PLAN]
    assert read_out(analyse(study(), replicates=0)).startswith(NO_PLAN)


def test_a_plan_without_a_measure_makes_nothing_primary():
    assert said(replace(PLAN, cell="")) == [NO_MEASURE]


def test_a_measure_in_words_is_not_read():
    first, *_, last = said(replace(PLAN, cell="", measure="difference of composers"))
    assert first.startswith("The report's main measure – music only:")
    assert last == IN_WORDS.format(words="difference of composers")


def test_what_was_not_planned_is_called_exploratory():
    first, last = said(PLAN)
    assert first.startswith("Primary measure, as planned – matching pair: listeners picked the intended")
    assert "64 answers of 8 people; the planned rules leave out 2 people with answers here)." in first
    assert last == REST


@pytest.mark.parametrize(
    ("complete", "closed", "words"),
    [
        (7, True, "The plan named 10 people; the study was closed with 7 complete, 3 fewer."),
        (12, True, "The plan named 10 people; the study was closed with 12 complete, 2 more."),
        (10, True, "The study was closed with the 10 people that the plan named."),
        (7, False, "Planned: 10 people; so far 7 are complete."),
    ],
)
def test_fewer_or_more_people_than_planned_are_said(complete, closed, words):
    assert said(replace(PLAN, planned_n=10, complete=complete, closed=closed))[1] == words


def test_plan_and_result_come_before_everything_on_the_terminal():
    text = read_out(analyse(study(), replicates=0, plan=PLAN))
    assert text.startswith(
        "Plan of analysis, fixed at publication, 2026-01-01 12:00 UTC\nPrimary cell: Matching pairs\n"
    )
    assert text.index("Primary measure, as planned") < text.index("Accuracy")


def test_data_are_read_as_they_were_written():
    found = measure_primary(study(), PLAN)
    assert msgspec.convert(as_plain(found), Primary) == found


def yes_or_no(people=12, lures=True):
    """Yes to three of four targets and to one of four lures; without lures every trial is a target."""
    rows = "participant,stimulus,intended,chosen,asked,presentation,included\n"
    for p in range(people):
        for s in range(8):
            target = not lures or (p + s) % 2 == 0
            own, other = ("joy", "fear") if s % 2 else ("fear", "joy")
            yes = target ^ ((p // 2 + s) % 4 == 0)
            rows += f"P{p},S{s},{'yes' if target else 'no'},{'yes' if yes else 'no'},{own if target else other}"
            rows += f",music_only,{p > 0}\n"
    return read_long(rows, choices=["yes", "no"])


ALONE = replace(PLAN, cell="music_only")


def test_the_sensitivity_of_the_planned_cell_is_the_primary_measure_of_a_yes_no_study():
    ratings = yes_or_no()
    found = measure_primary(ratings, replace(ALONE, has_rules=False))
    whole = analyse(ratings, replicates=0)["measures"]["detection"]["together"]
    assert (found.kind, found.estimate, found.p_value) == ("sensitivity", whole["d_prime"], whole["p_value"])
    assert (found.share_a, found.share_b, found.n, found.chance) == (0.75, 0.25, 96, None)
    assert list(found.interval) == whole["participants_stimuli"]
    assert list(found.these_clips) == whole["participants"]
    first, last = said(ALONE, ratings)
    assert first.startswith("Primary measure, as planned – music only: sensitivity d′ = ")
    assert "88 answers of 11 people; the planned rules leave out 1 person with answers here)." in first
    assert last == REST


def test_a_measure_in_words_of_a_yes_no_study_stands_beside_its_sensitivity():
    first, last = said(replace(PLAN, cell="", measure="d prime"), yes_or_no())
    assert first.startswith("The report's main measure – music only: sensitivity d′ = ")
    assert last == IN_WORDS.format(words="d prime")


def test_without_lures_the_share_of_yes_is_primary_and_called_no_sensitivity():
    found = measure_primary(yes_or_no(lures=False), ALONE)
    assert (found.kind, found.estimate, found.chance) == ("yes_share", 0.75, None)
    assert NO_SENSITIVITY in said(ALONE, yes_or_no(lures=False))[0]
    assert "guesser" not in said(ALONE, yes_or_no(lures=False))[0]


@pytest.mark.parametrize("effect", DIFFERENCES)
def test_a_planned_difference_of_two_cells_is_that_of_the_contrasts_without_correction(effect):
    ratings = draw_cells(3, 0.5)
    plan = Plan("2026-01-01 12:00 UTC", cell=effect)
    found, again = measure_primary(ratings, plan), measure_picture_and_music(ratings)[effect]
    assert (found.kind, found.estimate, found.p_value) == ("difference", again["difference"], again["p_value"])
    assert (list(found.interval), found.degrees) == (again["interval"], again["degrees"])
    assert (found.share_a, found.share_b, found.n) == (again["share_a"], again["share_b"], again["n_a"] + again["n_b"])
    first, last = said(plan, ratings)
    assert f"{DIFFERENCES[effect].cells.lower()}: the {DIFFERENCES[effect].of}’s emotion was picked in" in first
    assert "two-sided p" in first
    assert last == REST


def test_a_planned_difference_leaves_out_whom_the_rules_leave_out():
    ratings = draw_cells(3, 0.5)
    ratings = replace(ratings, included=ratings.participant > 1)
    plan = Plan("2026-01-01 12:00 UTC", cell="picture_added", has_rules=True)
    kept = measure_picture_and_music(ratings.select(ratings.included))["picture_added"]
    found = measure_primary(ratings, plan)
    assert (found.estimate, found.left_out) == (kept["difference"], 2)


def test_a_planned_difference_without_one_of_its_cells_has_no_result():
    first, last = said(replace(PLAN, cell="music_added"))
    assert "no answers to picture only" in first
    assert last == WITHOUT_RESULT


def test_unfinished_people_are_said_to_count():
    assert UNFINISHED in said(replace(PLAN, planned_n=10, complete=7))
    assert UNFINISHED not in said(replace(PLAN, planned_n=10, complete=8))


def test_everything_that_a_plan_can_name_says_how_it_is_computed_and_tested():
    for name in PLANNED:
        assert "95 % interval for new participants and new clips" in define_primary(name)
    for name in DIFFERENCES:
        for words in (DIFFERENCES[name].cells, "two-sided", "α = .05"):
            assert words in define_primary(name)
    assert define_primary("music_only", yes_or_no=True, has_lures=True).startswith("d′ = ")
    assert "no sensitivity" in define_primary("music_only", yes_or_no=True)
