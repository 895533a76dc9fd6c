"""What a sentence of the report calls a share is that share, of the answers that it names."""

import pytest

from survey.analysis.agreement.report import NOTHING_KNOWN
from survey.analysis.ratings import Rating, collect
from survey.analysis.reading_out import read_out
from survey.analysis.report import analyse
from survey.figures.catalogue import draw_agreement, draw_forest
from survey.figures.document import StudyFacts, report_blocks
from survey.figures.tables import accuracy_table, category_table, comparison_table, emotion_table

WITHOUT_DICE = {"replicates": 0}


def choices():
    """A clip with one pair of five listeners' ten agreeing, one with its only pair agreeing, one with one answer."""
    answers = {"S1": ("fear", "awe", "anger", "sadness", "fear"), "S2": ("awe", "awe"), "S3": ("fear",)}
    own = {"S1": "fear", "S2": "awe", "S3": "fear"}
    return analyse(
        collect(
            [
                Rating(f"P{p}", clip, "", own[clip], said)
                for clip, all_ in answers.items()
                for p, said in enumerate(all_)
            ]
        ),
        **WITHOUT_DICE,
    )


def yes_or_no():
    """Two clips; of each two people are asked about its own emotion and two about the other's."""
    rows = []
    for clip, own in (("S1", "fear"), ("S2", "awe")):
        for person, asked in enumerate(("fear", "fear", "awe", "awe")):
            right = "yes" if asked == own else "no"
            rows.append(Rating(f"P{person}", clip, "", right, right if person else "yes", asked=asked))
    return analyse(collect(rows, choices=["yes", "no"]), **WITHOUT_DICE)


def test_percent_agreement_is_told_as_a_mean_over_clips_beside_its_pairs():
    report = choices()
    assert report["agreement"]["percent"]["estimate"] == pytest.approx((0.1 + 1) / 2)
    figure = draw_agreement(report)
    assert "the same answer in 55.0 % of pairs as a mean over clips, in 2 of 11 pairs altogether" in figure.finding
    assert figure.caption.endswith("compared: 7 answers to 2 clips with two or more answers.")


def test_yes_and_no_are_compared_among_those_asked_about_the_same_emotion():
    report = yes_or_no()
    assert report["agreement_among"] == {
        "unit": "clip and emotion asked about",
        "units": 4,
        "answers": 8,
        "pairs": 4,
        "same": 3,
    }
    figure = draw_agreement(report)
    assert "who were asked about the same emotion of one clip gave the same answer in 75.0 % of pairs" in figure.finding
    assert figure.caption.endswith(
        "compared: 8 answers to 4 pairs of clip and emotion asked about with two or more answers."
    )


def test_chance_is_told_as_an_estimate_and_what_so_few_clips_cannot_show():
    """Two clips of each of two emotions: the smallest p is 1/6, twice that after Holm."""
    own = {"S1": "fear", "S2": "fear", "S3": "awe", "S4": "awe"}
    rows = [Rating(f"P{p}", clip, "", emotion, emotion) for p in range(3) for clip, emotion in own.items()]
    report = analyse(collect(rows, choices=["fear", "awe"]), replicates=99)
    figure, table = draw_forest(report), emotion_table(report)
    assert "shown for no emotion; with so few clips of each, no number of answers could show one" in figure.finding
    assert "Chance is itself estimated, from 6 answers for each emotion" in figure.caption
    cell = table.rows[0][table.header.index("95 % interval of chance")]
    assert (table.rows[0][table.header.index("Chance")], cell) == ("0.0 %", "0.0–39.0 % of 6")
    assert table.notes


def test_differences_are_points_of_means_over_shared_emotions_and_say_so():
    """x: 4 of 4 fear; y: 2 of 4 fear and 0 of 4 awe. Only fear is shared: 100 against 50, not against 25."""
    rows = [Rating(f"P{p}", "S1", "", "fear", "fear", composer="x") for p in range(4)]
    rows += [Rating(f"P{p}", "S2", "", "fear", "fear" if p < 2 else "awe", composer="y") for p in range(4)]
    rows += [Rating(f"P{p}", "S3", "", "awe", "fear", composer="y") for p in range(4)]
    report = analyse(collect(rows), **WITHOUT_DICE)
    table = comparison_table(report)
    assert table.header[:4] == ["Compared", "First", "Second", "Points"]
    assert table.rows[0][:4] == ["x − y", "100.0 %", "50.0 %", "50.0"]
    assert table.caption.startswith("First, second and their difference are means over the emotions that both have")
    assert ["x", "−", "y", "100.0", "%", "50.0", "%", "50.0"] in [
        line.split()[:8] for line in read_out(report).split("\n")
    ]


def test_which_interval_to_cite_stands_beside_them():
    without = choices()
    assert without["accuracy"]["bootstrap"] is None
    assert "To cite" not in f"{read_out(without)} {accuracy_table(without).caption}"
    rows = [Rating(f"P{p}", f"S{s}", "", "fear", ("fear", "awe")[p * s % 2]) for p in range(4) for s in range(4)]
    both = analyse(collect(rows), replicates=50)
    assert "To cite: the first two." in read_out(both)
    assert "To cite: the first interval" in accuracy_table(both).caption


def test_a_table_that_names_no_generator_speaks_of_new_clips():
    report = choices()
    assert "new people and new clips" in read_out(report)
    assert "generator" not in read_out(report)


def test_an_interval_of_every_value_has_a_caution_for_each_answer_and_in_all():
    """Seven answers of three people to three clips say nothing about their agreement."""
    said = {"S0": ("awe", "awe", "fear"), "S1": ("awe",), "S2": ("awe", "fear", "fear")}
    rows = [Rating(f"P{p}", clip, "", "awe", one) for clip, answers in said.items() for p, one in enumerate(answers)]
    report = analyse(collect(rows, choices=["awe", "fear"]), **WITHOUT_DICE)
    assert report["agreement"]["fleiss_kappa"]["interval"] == [-1.0, 1.0]
    said = f"interval for new people, these clips; {NOTHING_KNOWN}"
    assert report["agreement"]["fleiss_kappa"]["reason"] == said
    assert [row[-1] for row in category_table(report).rows] == [said] * 2


def test_one_reason_of_several_coefficients_is_said_once():
    report = analyse(collect([Rating("P1", "S1", "", "fear", "fear")]), **WITHOUT_DICE)
    said = " ".join(block.text for block in report_blocks(report, StudyFacts("A study")) if hasattr(block, "text"))
    assert "Krippendorff's α, Fleiss' κ and Gwet's AC1 are not defined: no clip has two answers" in said
    assert said.count("no clip has two answers") == 1
