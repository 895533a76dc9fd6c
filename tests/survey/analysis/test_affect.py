"""Ratings of valence and arousal, words, confidence and times: against published tables and numbers counted by hand."""

from dataclasses import fields

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from generation.emotions import EMOTIONS
from survey.analysis.affect import words as words_module
from survey.analysis.affect.components import estimate_components
from survey.analysis.affect.confidence import (
    MEASURE,
    MOST_LEVELS,
    Confidence,
    ConfidenceOfCells,
    measure_confidence,
    within_people,
)
from survey.analysis.affect.over_people import over_people
from survey.analysis.affect.reliability import measure_reliability
from survey.analysis.affect.scales import FEWEST_CLIPS, correlate, measure_scale
from survey.analysis.affect.spread import spread_of_means
from survey.analysis.affect.times import measure_times
from survey.analysis.affect.words import FEWEST_PEOPLE, count_words
from survey.analysis.ratings import Rating, collect, from_frame, read_long
from survey.analysis.report import analyse
from survey.figures import figure_of

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7.0]])
"""Shrout & Fleiss (1979), table 2: six targets, four judges."""


def crossed(table):
    """Values, people, clips of a table clips × people."""
    clip, person = np.nonzero(~np.isnan(table))
    return table[clip, person], person, clip


def test_the_icc_of_shrout_and_fleiss():
    """Their table 4: .29 and .62; the intervals are those of R's psych::ICC, to the digits that it prints."""
    found = measure_reliability(*crossed(SHROUT_FLEISS))
    assert (round(found.single, 4), round(found.mean, 4)) == (0.2898, 0.6201)
    assert [round(end, 3) for end in found.single_interval] == [0.019, 0.761]
    assert [round(end, 3) for end in found.mean_interval] == [0.071, 0.927]
    assert found.raters == pytest.approx(4)


def test_a_complete_tables_components_are_those_of_the_mean_squares():
    """Their table 3: mean squares 11.24 between targets, 32.49 between judges, 1.02 left."""
    found = estimate_components(*crossed(SHROUT_FLEISS))
    targets, judges, left = (11.2417, 32.4861, 1.0194)
    assert found.clips == pytest.approx((targets - left) / 4, abs=1e-3)
    assert found.people == pytest.approx((judges - left) / 6, abs=1e-3)
    assert found.rest == pytest.approx(left, abs=1e-3)


def test_components_with_gaps_are_right_on_average():
    """400 tables of 12 people who each rate half of 10 clips: .3, .2 and .5 within three standard errors."""
    dice = np.random.default_rng(1)
    found = []
    for _ in range(400):
        table = dice.normal(0, 0.2**0.5, (10, 1)) + dice.normal(0, 0.3**0.5, (1, 12))
        table = table + dice.normal(0, 0.5**0.5, (10, 12))
        table[dice.permuted(np.tile(np.arange(10) < 5, (12, 1)), axis=1).T] = np.nan
        one = estimate_components(*crossed(table))
        found.append((one.people, one.clips, one.rest))
    error = np.std(found, axis=0) / 20
    assert np.all(np.abs(np.mean(found, axis=0) - [0.3, 0.2, 0.5]) < 3 * error)


def test_people_clips_and_answers_that_cannot_be_told_apart_have_no_icc():
    assert "not defined" in measure_reliability(np.array([1.0, 2]), np.array([0, 1]), np.array([0, 0])).reason
    assert "not defined" in measure_reliability(np.array([1.0, 2, 3]), np.arange(3), np.array([0, 0, 1])).reason
    same = measure_reliability(np.ones(4), np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    assert (same.single, same.reason) == (None, "not defined: all ratings are the same")


def test_clips_that_people_cannot_tell_apart_have_an_icc_of_0():
    found = measure_reliability(*crossed(np.array([[1.0, 3], [3, 1], [1.0, 3]])))
    assert (found.single, found.mean, found.single_interval[0]) == (0.0, 0.0, 0.0)
    assert found.reason.startswith("0 by convention")


def test_the_interval_of_a_mean_for_these_clips_is_that_of_the_peoples_own_means():
    """Everybody rated both clips of fear: R's t.test of the people's means."""
    table = np.array([[-0.5, -0.1], [-0.7, -0.6], [-0.2, 0.1], [-0.9, -0.4]])
    rows = [Rating(f"P{p}", f"S{s}", "", "fear", "fear", valence=table[p, s]) for p in range(4) for s in range(2)]
    found = measure_scale(collect(rows), "valence")
    [fear] = [place for place in found.emotions if place.n]
    own = table.mean(axis=1)
    assert fear.these_clips == pytest.approx(stats.t.interval(0.95, 3, own.mean(), stats.sem(own)))
    assert (fear.mean, fear.intended, fear.sd) == pytest.approx((own.mean(), -0.7, table.std(ddof=1)))
    low, high = stats.t.interval(0.95, 3, -0.575, stats.sem(table[:, 0]))
    assert low < -1  # which no slider reaches
    assert found.clips[0].these_clips == pytest.approx((-1.0, high))


def test_what_clips_differ_by_is_told_by_all_emotions_together():
    """By hand: mean squares of clips within emotions and of what is left within emotions."""
    dice = np.random.default_rng(2)
    table = dice.normal(size=(6, 5))
    people, clips = np.tile(np.arange(5), 6), np.repeat(np.arange(6), 5)
    found = spread_of_means(table.ravel(), people, clips, clips // 2, 3)
    between = rest = 0.0
    for e in range(3):
        part = table[2 * e : 2 * e + 2]
        between += 5 * ((part.mean(axis=1) - part.mean()) ** 2).sum() / 3
        left = part - part.mean(axis=1, keepdims=True) - part.mean(axis=0) + part.mean()
        rest += (left**2).sum() / (4 * 3)
    assert found.between == pytest.approx(max(0.0, (between - rest) / 5))


def test_one_clip_of_each_emotion_says_nothing_about_new_clips():
    rows = [
        Rating(f"P{p}", s, "", emotion, emotion, arousal=0.1 * p)
        for p in range(3)
        for s, emotion in (("S1", "fear"), ("S2", "awe"))
    ]
    [fear] = [place for place in measure_scale(collect(rows), "arousal").emotions if place.name == "fear"]
    assert (fear.new_clips, fear.reason) == (None, "not defined: one clip per emotion says nothing about new clips")


def test_correlation_is_scipys_and_takes_four_clips():
    dice = np.random.default_rng(3)
    rated, intended = dice.normal(size=12), np.repeat([-0.7, 0.2, 0.8], 4)
    found, expected = correlate(rated, intended), stats.pearsonr(rated, intended)
    assert found.estimate == pytest.approx(expected.statistic)
    assert found.interval == pytest.approx(expected.confidence_interval(0.95))
    assert (FEWEST_CLIPS, correlate(rated[:3], intended[3:6]).estimate) == (4, None)
    assert "one place" in correlate(rated, np.full(12, 0.3)).reason


def test_neither_mean_nor_icc_is_made_where_nobody_was_asked():
    data = collect([Rating("P1", "S1", "", "fear", "fear")])
    assert measure_scale(data, "valence") is None
    assert count_words(data) is None
    assert measure_confidence(data) is None
    assert measure_times(data) is None


def test_rated_means_of_emotions_lie_beside_the_eight_coordinates():
    rows = [Rating("P1", emotion.slug, "", emotion.slug, "awe", valence=0.5, arousal=0.1) for emotion in EMOTIONS]
    data = collect(rows)
    for scale in ("valence", "arousal"):
        found = measure_scale(data, scale)
        assert [place.intended for place in found.emotions] == [getattr(emotion, scale) for emotion in EMOTIONS]
    grief = collect([Rating("P1", "S1", "", "grief", "joy", valence=0.5)])
    assert measure_scale(grief, "valence").emotions[0].intended is None


def words_of(*rows):
    return count_words(collect([Rating(p, f"S{i}", "", "fear", "fear", word=w) for i, (p, w) in enumerate(rows)]))


def test_where_both_scales_were_rated_a_second_map_shows_the_ratings_with_their_intervals():
    rows = [
        Rating(f"P{p}", f"{emotion.slug}{clip}", "", emotion.slug, "fear", valence=v, arousal=a)
        for p in range(6)
        for emotion in EMOTIONS
        for clip in range(2)
        for v, a in [(0.6 * emotion.valence + 0.05 * ((p + clip) % 3), 0.6 * emotion.arousal - 0.05 * (p % 2))]
    ]
    report = analyse(collect(rows), replicates=0)
    found = report["measures"]["rated"]
    drawn = figure_of(report, "rated_map")
    assert "Ratings in the plane" in drawn.title
    assert "What people rated, not which emotion they chose" in drawn.caption
    assert "for new people and new clips" in drawn.caption
    by_name = {row[0]: dict(zip(drawn.header, row, strict=True)) for row in drawn.rows}
    for scale in ("valence", "arousal"):
        for place in found[scale]["emotions"]:
            row = by_name[place["name"]]
            assert [row[scale], row[f"{scale}_low"], row[f"{scale}_high"]] == [place["mean"], *place["new_clips"]]
            assert row[f"intended_{scale}"] == place["intended"]
    single = [row for row in drawn.rows if row[0] == "single ratings"]
    assert sum(row[1] for row in single) == len(rows)
    assert {(row[2], row[5]) for row in single} == {
        (round(row.valence * 10) / 10, round(row.arousal * 10) / 10) for row in rows
    }
    told = [one.said for one in drawn.drawing.told]
    assert len(told) == len(drawn.rows)
    assert "8 ratings near valence −0.4, arousal 0.4" in told
    one = [Rating(row.participant, row.stimulus, "", row.intended, "fear", valence=row.valence) for row in rows]
    assert figure_of(analyse(collect(one), replicates=0), "rated_map") is None


def test_the_median_of_a_clips_ratings_lies_beside_their_mean():
    values = (-0.9, 0.2, 0.3, 0.4)
    rows = [Rating(f"P{i}", "S1", "", "fear", "fear", valence=value) for i, value in enumerate(values)]
    [clip] = measure_scale(collect(rows), "valence").clips
    assert (clip.mean, clip.median) == pytest.approx((0.0, 0.25))


def test_a_word_that_one_person_gave_is_counted_and_never_shown():
    found = words_of(("P1", "dark"), ("P1", "dark"), ("P2", "Dark"), ("P3", "my sister Ann"), ("P3", "my sister Ann"))
    [fear] = [emotion for emotion in found.emotions if emotion.n]
    assert [(word.word, word.n, word.participants) for word in fear.words] == [("dark", 3, 2)]
    assert (fear.others, fear.n, found.participants) == (2, 5, 3)
    assert "Ann" not in repr(found)


def test_two_people_are_the_fewest_who_make_a_word_be_shown():
    """A test to be changed on purpose alone: a lower number shows what one person wrote."""
    assert FEWEST_PEOPLE == 2
    assert words_module.MOST_SHOWN == 8


def test_the_threshold_is_kept_within_an_emotion():
    rows = [Rating("P1", "S1", "", "fear", "fear", word="Rex"), Rating("P2", "S2", "", "awe", "awe", word="Rex")]
    assert all(emotion.words == () for emotion in count_words(collect(rows)).emotions)


def test_words_differ_neither_by_case_nor_by_form_nor_by_blanks():
    found = words_of(("P1", "Süß"), ("P2", "SÜSS "), ("P3", "su\u0308ß"), ("P4", "\ufb01ne"), ("P5", "FINE"))
    [fear] = [emotion for emotion in found.emotions if emotion.n]
    assert [(word.word, word.n) for word in fear.words] == [("süss", 3), ("fine", 2)]


def test_the_share_of_people_who_name_the_emotion_itself():
    found = words_of(("P1", "fear"), ("P1", "dark"), ("P2", "Fear"), ("P3", "fearful"), ("P4", "night"))
    [fear] = [emotion for emotion in found.emotions if emotion.n]
    assert (fear.own_label, fear.participants, fear.own_label_share) == (2, 4, 0.5)


def test_confidence_within_people_is_kendalls_and_the_mann_whitney_statistic():
    dice = np.random.default_rng(4)
    hits, sure, people = dice.random(300) < 0.5, dice.integers(0, 5, 300), np.repeat(np.arange(20), 15)
    auroc2, gamma = within_people(hits, sure, people)
    for person in range(20):
        right, wrong = (sure[(people == person) & some] for some in (hits, ~hits))
        u = stats.mannwhitneyu(right, wrong).statistic
        assert auroc2[person] == pytest.approx(u / right.size / wrong.size)
        apart = np.sign(right[:, None] - wrong[None, :])
        assert gamma[person] == pytest.approx(apart.sum() / np.abs(apart).sum())


def test_people_who_show_nothing_are_left_out_and_counted():
    rows = [("A", "fear", 5), ("A", "awe", 1), ("B", "fear", 3), ("B", "awe", 3), ("C", "fear", 2), ("C", "fear", 4)]
    ratings = [Rating(p, f"S{i}", "", "fear", chosen, confidence=sure) for i, (p, chosen, sure) in enumerate(rows)]
    found = measure_confidence(collect(ratings))
    assert (found.auroc2.estimate, found.auroc2.participants, found.auroc2.left_out) == (1.0, 1, 2)
    assert [(step.level, step.hits, step.n) for step in found.steps] == [
        (1, 0, 1), (2, 1, 1), (3, 1, 2), (4, 1, 1), (5, 1, 1)
    ]  # fmt: skip


def test_confidence_is_of_one_cell_and_every_cell_has_its_own():
    """Surer of right answers with music alone, of wrong ones with pictures: pooled the two would cancel."""
    rows = []
    for person in "ABCD":
        for place, cell in enumerate(("picture_only", "music_only")):
            for clip in range(6):
                right = clip % 2 == 0
                sure = 4 + (clip % 3 == 0) if right == bool(place) else 2
                name = f"{cell}{clip}"
                rows.append(Rating(person, name, cell, "fear", "fear" if right else "awe", confidence=sure))
    data = collect(rows)
    report = analyse(data, replicates=0)
    found = report["measures"]["confidence"]
    assert (report["cell"], found["n"], found["auroc2"]["estimate"]) == ("music_only", 24, 1.0)
    assert {name: (one["n"], one["gamma"]["estimate"]) for name, one in found["cells"].items()} == {
        "music_only": (24, 1.0),
        "picture_only": (24, -1.0),
    }
    assert measure_confidence(data).gamma.estimate == pytest.approx(0, abs=0.2)
    alone = analyse(data.where("condition", "music_only"), replicates=0)["measures"]["confidence"]
    assert alone == {**found, "cells": {}}


def test_a_scale_with_many_steps_is_not_shown_step_by_step():
    for steps, shown in ((MOST_LEVELS, MOST_LEVELS), (MOST_LEVELS + 1, 0)):
        rows = [Rating("A", f"S{i}", "", "fear", ("fear", "awe")[i % 2], confidence=i) for i in range(steps)]
        found = measure_confidence(collect(rows))
        assert (len(found.steps), bool(found.reason), MOST_LEVELS) == (shown, shown == 0, 11)


def test_times_are_each_persons_own_quartiles_averaged():
    dice = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "participant": np.repeat([f"P{p}" for p in range(6)], 9),
            "stimulus": np.tile([f"S{s}" for s in range(9)], 6),
            "intended": "fear",
            "chosen": np.where(dice.random(54) < 0.6, "fear", "awe"),
            "seconds": dice.gamma(4, 3, 54),
        }
    )
    found = measure_times(from_frame(frame))
    right = frame[frame["chosen"] == "fear"].groupby("participant")["seconds"]
    wrong = frame[frame["chosen"] == "awe"].groupby("participant")["seconds"]
    for share, value in zip((0.25, 0.5, 0.75), (found.right.lower, found.right.median, found.right.upper), strict=True):
        assert value == pytest.approx(right.quantile(share).mean())
    logs = wrong.apply(lambda s: np.log(s).mean()) - right.apply(lambda s: np.log(s).mean())
    expected = stats.t.interval(0.95, len(logs.dropna()) - 1, logs.mean(), stats.sem(logs.dropna()))
    assert found.ratio.interval == pytest.approx(np.exp(expected))


def test_a_mean_over_people_needs_two_who_differ():
    assert over_people(np.array([np.nan])).reason.startswith("not defined: nobody")
    assert over_people(np.array([1.0])).interval is None
    assert over_people(np.array([1.0, 1.0])).reason == "interval not defined: all people are alike"


def test_a_mean_between_ends_has_an_interval_that_never_leaves_them():
    gammas = np.array([1.0, 1, 1, 1, 1, 1, 0.5, 0, 1, 1, 1, 1])
    found = over_people(gammas, between=(-1.0, 1.0))
    # Where the mean is t standard errors away from a value: those of a share of so many effective people.
    shares_of, t = (gammas + 1) / 2, stats.t.ppf(0.975, 11)
    effective = shares_of.mean() * (1 - shares_of.mean()) / stats.sem(shares_of) ** 2
    for end in found.interval:
        share = (end + 1) / 2
        assert abs(shares_of.mean() - share) == pytest.approx(t * np.sqrt(share * (1 - share) / effective))
    plain = over_people(gammas).interval
    assert found.interval[0] < plain[0]
    assert found.interval[1] < 1 < plain[1]
    # All people at the end: each counts as one answer; 12 / (12 + 1.96²) of the way from −1 to 1.
    certain = over_people(np.ones(12), between=(-1.0, 1.0))
    assert certain.interval == (pytest.approx(2 * 12 / (12 + 1.959964**2) - 1), 1.0)
    assert certain.reason.startswith("the answers show no spread between participants; Wilson's interval")


HEADER = "participant,stimulus,intended,chosen,valence,arousal,word,confidence\n"


def test_scales_and_words_are_read_with_decimal_commas_and_missing_codes():
    rows = 'P1,S1,fear,fear,"-0,5",NA,Dark,4\nP2,S1,fear,awe,-99,0.25,n/a,-99\nP3,S1,fear,awe,,1,,3\n'
    data = read_long(HEADER + rows)
    assert data.valence[0] == -0.5
    assert np.isnan(data.valence[1:]).all()
    assert data.arousal[1:].tolist() == [0.25, 1.0]
    assert [data.words.levels[code] for code in data.words.codes] == ["dark", "", ""]
    assert np.isnan(data.confidence[1])


def test_a_scale_that_is_none_of_ours_is_left_out_with_its_lines():
    data = read_long(HEADER + "P1,S1,fear,fear,7,0.1,,1\nP2,S1,fear,fear,3,0.2,,1\nP3,S1,fear,fear,loud,0.2,,1\n")
    assert np.isnan(data.valence).all()
    assert not np.isnan(data.arousal).any()
    [outside] = [note for note in data.notes if "outside" in note]
    assert "'7' (line 2), '3' (line 3)" in outside
    assert "The valence 'loud' (line 4) is no number and was left out." in data.notes


def test_ratings_that_are_left_out_take_their_scales_with_them():
    data = read_long(HEADER + "P1,S1,fear,,0.7,0.1,dark,1\nP2,S1,fear,fear,0.3,0.2,light,2\n")
    assert (data.valence.tolist(), [data.words.levels[code] for code in data.words.codes]) == ([0.3], ["light"])


@pytest.mark.parametrize(("levels", "plots"), [([3], 1), ([1, 5], 1), (range(MOST_LEVELS + 1), 0)])
def test_a_plot_of_confidence_has_words_whatever_people_chose(levels, plots):
    """All chose the same: seen as a note that the measure failed, on the results of two people."""
    data = collect(
        [
            Rating(f"P{person}", f"S{number}", "", "fear", "fear" if number % 2 else "awe", confidence=level)
            for person in range(3)
            for number, level in enumerate([*levels] * 4)
        ]
    )
    one_cell = measure_confidence(data)
    found = ConfidenceOfCells(**{one.name: getattr(one_cell, one.name) for one in fields(Confidence)})
    shown = MEASURE.plots(found)
    assert len(shown) == plots
    assert all("Answers were right with confidence" in plot.finding for plot in shown)
