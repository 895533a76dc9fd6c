"""What a sentence of the report calls a share is that share, of the answers that it names."""

import pytest

from survey.analysis.ratings import Rating, collect
from survey.analysis.report import analyse
from survey.figures.catalogue import draw_agreement

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
