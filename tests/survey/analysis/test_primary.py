"""The primary measure: exactly the planned cell under exactly the planned rules, and what is said around it."""

from dataclasses import replace

import pytest

from survey.analysis import analyse, read_long, read_out
from survey.analysis.primary import (
    IN_WORDS,
    NO_MEASURE,
    NO_PLAN,
    REST,
    YES_OR_NO,
    Plan,
    measure_primary,
    read_primary,
    say_primary,
)

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
    assert "64 answers of 8 people; the planned rules leave out 2)." in first
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
    assert read_primary(found.as_json()) == found


def test_where_people_said_yes_or_no_no_hit_rate_is_primary():
    rows = "participant,stimulus,intended,chosen,asked\n"
    rows += "".join(
        f"P{p},S{s},{('yes', 'no')[(p + s) % 2]},yes,{('joy', 'fear')[(p + s) % 2]}\n"
        for p in range(4)
        for s in range(6)
    )
    ratings = read_long(rows, choices=["yes", "no"])
    found = measure_primary(ratings, replace(PLAN, cell="", measure="d prime"))
    assert (found.estimate, found.reason) == (None, YES_OR_NO)
    assert said(replace(PLAN, cell="", measure="d prime"), ratings)[0].startswith("Primary measure: not computed")
