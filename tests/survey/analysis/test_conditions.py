"""Picture against music, and one group against another."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_rel

from generation.emotions import SLUGS
from survey.analysis.comparisons import (
    Difference,
    add_tests,
    compare_levels,
    compare_shares,
    compare_with_seed_study,
    power_of_t,
)
from survey.analysis.conditions import cells_of, measure_picture_and_music, presentations_of
from survey.analysis.ratings import Rating, collect
from survey.analysis.ratings.cues import Variant, gather_cues
from survey.analysis.reading_out import read_out
from survey.analysis.reliability import measure_people
from survey.analysis.report import analyse
from survey.figures.tables import comparison_table
from tests.survey.analysis.simulated import draw_cells, draw_study


def study_of(follow, seed, people=30, each=16, pictures=2):
    """Answers of listeners who attend to one source alone; every picture and piece differs."""
    generator = np.random.default_rng(seed)
    items = []
    for emotion in range(8):
        for place in range(pictures):
            other = (emotion + 1 + int(generator.integers(7))) % 8
            items += [(emotion, emotion, place), (emotion, other, place)]
    tendency = {
        (source, emotion, place): generator.dirichlet(np.ones(9) * 0.6) * 0.6 + 0.4 * (np.arange(9) == emotion)
        for source in "pm"
        for emotion in range(8)
        for place in range(pictures)
    }
    rows = []
    for person in range(people):
        for item in generator.permutation(len(items))[:each]:
            picture, music, place = items[item]
            source = ("p", picture, place) if follow == "picture" else ("m", music, place)
            chosen = [*SLUGS, "none"][generator.choice(9, p=tendency[source])]
            rows.append(
                Rating(
                    f"P{person}",
                    f"I{item}",
                    "matched" if picture == music else "mismatched",
                    SLUGS[music],
                    chosen,
                    picture=SLUGS[picture],
                    music=SLUGS[music],
                    picture_id=f"p{picture}{place}",
                    music_id=f"m{music}{place}",
                )
            )
    return collect(rows, [*SLUGS, "none"], "none")


def covers_zero(effect):
    return effect["interval"][0] <= 0 <= effect["interval"][1]


def test_picture_only_answerers_have_no_music_effect_and_the_reverse():
    studies = 40
    covered = {"music": 0, "picture": 0}
    for seed in range(studies):
        covered["music"] += covers_zero(measure_picture_and_music(study_of("picture", seed))["music"])
        covered["picture"] += covers_zero(measure_picture_and_music(study_of("music", seed))["picture"])
    assert min(covered.values()) / studies >= 0.92


BOTS = {"picture": (1.0, "picture", "music"), "listener": (0.0, "music", "picture")}


@pytest.mark.parametrize("kind", BOTS)
def test_bots_of_one_source_show_its_effect_and_none_of_the_other(kind):
    """All four cells, answers from the simulation's own confusion matrix: coverage of 0, and power."""
    share, followed, other = BOTS[kind]
    studies = [measure_picture_and_music(draw_cells(seed, share)) for seed in range(60)]
    nulls = (other, f"{other}_added")
    covered = {name: sum(covers_zero(found[name]) for found in studies) / 60 for name in nulls}
    assert min(covered.values()) >= 0.92, covered
    for name in (followed, f"{followed}_added", "dominance"):
        assert sum(not covers_zero(found[name]) for found in studies) / 60 >= 0.9, name


def test_effects_of_a_mixed_audience_lie_within_their_intervals():
    """Three in ten answer from the picture: the truth is the mean over many studies."""
    studies = [measure_picture_and_music(draw_cells(seed, 0.3)) for seed in range(100, 160)]
    for name in ("music", "picture", "dominance", "music_added", "picture_added"):
        truth = np.mean([found[name]["difference"] for found in studies])
        inside = [found[name]["interval"][0] <= truth <= found[name]["interval"][1] for found in studies]
        assert np.mean(inside) >= 0.92, name
    music, picture = (np.mean([found[name]["difference"] for found in studies]) for name in ("music", "picture"))
    assert 0.1 < picture < music


def test_holm_spans_the_effects_of_picture_and_music():
    found = measure_picture_and_music(draw_cells(1, 0.3))
    smallest = min(effect["p_value"] for effect in found.values())
    assert min(effect["p_holm"] for effect in found.values()) == pytest.approx(min(1, 5 * smallest))


def test_the_source_that_is_followed_has_an_effect():
    found = measure_picture_and_music(study_of("picture", 0, people=60))
    assert found["picture"]["interval"][0] > 0
    assert found["dominance"]["interval"][1] < 0


def test_cells_named_in_the_condition_column_are_enough_for_the_picture_effect():
    named = study_of("picture", 1, people=60)
    rows = [
        Rating(
            named.participants[p], named.stimuli[s], named.factors["condition"].levels[c], SLUGS[i], named.choices[a]
        )
        for p, s, c, i, a in zip(
            named.participant,
            named.stimulus,
            named.factors["condition"].codes,
            named.intended,
            named.chosen,
            strict=True,
        )
    ]
    found = measure_picture_and_music(collect(rows, [*SLUGS, "none"], "none"))
    assert found["picture"]["difference"] == pytest.approx(measure_picture_and_music(named)["picture"]["difference"])
    assert found["music"]["reason"].startswith("not defined")


def test_single_sources_show_what_the_other_adds():
    rows = [
        Rating(
            f"P{p}",
            f"{kind}{e}",
            kind,
            e,
            e if kind == "both" or p % 2 else "awe",
            picture=e if kind != "music_only" else "",
            music=e if kind != "picture_only" else "",
        )
        for p in range(8)
        for e in ("fear", "sadness", "anger")
        for kind in ("both", "music_only", "picture_only")
    ]
    found = measure_picture_and_music(collect(rows))
    assert (found["music_added"]["difference"], found["picture_added"]["difference"]) == (0.5, 0.5)
    assert found["music"]["reason"] == "not defined: it needs answers to matched and to mismatched"


def test_variants_of_a_piece_are_one_music_and_their_pictures_stay_apart():
    """Clips A and B vary one piece, C is a piece of its own; four answers to pictures p, q, r and p."""
    heard = [("A", "p"), ("B", "q"), ("C", "r"), ("A", "p")]
    rows = [
        Rating(f"P{n}", clip, "", "fear", "fear", picture="fear", music="fear", picture_id=picture, music_id=clip)
        for n, (clip, picture) in enumerate(heard)
    ]
    varied = {clip: Variant("one", {"tempo": level}, {"tempo": 1.0}) for clip, level in (("A", "slow"), ("B", "fast"))}
    found = cells_of(replace(collect(rows), cues=gather_cues(varied)))
    assert found is not None
    same_music, same_picture = (codes[:, None] == codes for codes in (found.pieces, found.pictures))
    assert same_music.sum(axis=1).tolist() == [3, 3, 1, 3]
    assert same_picture.sum(axis=1).tolist() == [2, 1, 1, 2]


def test_without_pictures_there_is_nothing_to_separate():
    assert measure_picture_and_music(collect([Rating("P1", "S1", "", "fear", "fear")])) == {}


def test_a_balanced_within_design_gives_the_paired_t_over_people():
    """All people hear the same clips, and clips do not differ: the two-way error is that of people."""
    people, clips = np.repeat(np.arange(12), 8), np.tile(np.arange(8), 12)
    generator = np.random.default_rng(0)
    hits = (generator.random(96) < 0.5).astype(float)
    first = clips < 4
    found = compare_shares(hits, first, ~first, people, clips)
    a = [hits[(people == p) & first].mean() for p in range(12)]
    b = [hits[(people == p) & ~first].mean() for p in range(12)]
    assert found.difference == pytest.approx(np.mean(a) - np.mean(b))
    error_over_people = abs(found.difference / ttest_rel(a, b).statistic)
    assert found.error >= error_over_people - 1e-12


def test_comparisons_of_equal_composers_cover_zero():
    covered = 0
    for seed in range(200):
        hits, people, clips = draw_study(seed, people=30, clips=24)
        found = compare_shares(hits, clips < 12, clips >= 12, people, clips)
        covered += found.interval[0] <= 0 <= found.interval[1]
    assert covered / 200 >= 0.92


def test_equivalence_needs_the_interval_of_ninety_percent_within_the_margin():
    narrow = add_tests(Difference("a", "b", difference=0.0, margin=0.1), 0.03, 50)
    wide = add_tests(Difference("a", "b", difference=0.0, margin=0.1), 0.09, 50)
    assert (narrow.equivalence_p < 0.05, wide.equivalence_p < 0.05) == (True, False)


def test_power_without_effect_is_alpha():
    assert power_of_t(0.0, 30) == pytest.approx(0.05)


def test_holm_spans_the_family():
    rows = [
        Rating(f"P{p}", f"{c}{s}", c, "fear", "fear" if (p * 3 + s) % 7 < n else "awe")
        for p in range(10)
        for s in range(5)
        for c, n in (("x", 6), ("y", 3), ("z", 2))
    ]
    family = compare_levels(collect(rows), "condition")
    assert [(found.a, found.b) for found in family] == [("x", "y"), ("x", "z"), ("y", "z")]
    smallest = min(family, key=lambda found: found.p_value)
    assert smallest.p_holm == pytest.approx(min(1, 3 * smallest.p_value))


def test_a_comparison_names_the_emotions_that_its_means_are_over_and_their_answers():
    """x has joy, fear and awe, y no awe: of 9 answers of each person 5 + 3 are compared."""
    clips = [("x", "joy"), ("x", "joy"), ("x", "fear"), ("x", "fear"), ("x", "fear"), ("x", "awe")]
    clips += [("y", "joy"), ("y", "fear"), ("y", "fear")]
    rows = [
        Rating(f"P{p}", f"S{s}", c, e, e if (p + s) % 3 else "joy") for p in range(8) for s, (c, e) in enumerate(clips)
    ]
    report = analyse(collect(rows), replicates=0)
    (found,) = report["comparisons"]
    assert (found["n_a"], found["n_b"]) == (40, 24)
    assert (sorted(found["emotions"]), found["emotions_left_out"]) == (["fear", "joy"], ["awe"])
    said = f"40 and 24, {', '.join(found['emotions'])}; not awe"
    assert said in read_out(report)
    assert said in comparison_table(report).rows[0]


def test_a_group_without_answers_is_named():
    found = compare_shares(np.ones(2), np.array([True, True]), np.zeros(2, bool), np.arange(2), np.arange(2), b="new")
    assert found.reason == "not defined: new has no answers"


def test_the_seed_study_stands_beside_with_its_interval():
    compared = compare_with_seed_study({"estimate": None, "participants_stimuli": None}, 9)
    assert [round(end, 3) for end in compared["seed"]["wilson"]] == [0.386, 0.797]
    assert compared["reason"] == "not defined: our study has no hit rate with an interval yet"


def test_gold_and_repeats_stay_out_of_the_measures():
    rows = [
        Rating("P1", "S1", "", "fear", "fear"),
        Rating("P2", "S1", "", "fear", "awe"),
        Rating("P1", "G1", "", "awe", "awe", kind="gold"),
        Rating("P1", "S1", "", "fear", "awe", kind="repeat"),
    ]
    report = analyse(collect(rows), replicates=0)
    assert (report["n"]["responses"], [clip["stimulus"] for clip in report["stimuli"]]) == (2, ["S1"])
    assert report["people"]["gold"]["estimate"] == 1.0
    assert report["people"]["repeats"]["estimate"] == 0.0


def test_results_for_included_stand_beside_results_for_all():
    rows = [
        Rating(f"P{p}", f"S{s}", "", "fear", "fear" if p else "awe", included=p > 0) for p in range(4) for s in range(3)
    ]
    report = analyse(collect(rows), replicates=0)
    assert report["accuracy"]["estimate"] == 0.75
    assert report["included_only"]["accuracy"]["estimate"] == 1.0


def test_people_without_gold_or_repeats_have_a_reason():
    found = measure_people(collect([Rating("P1", "S1", "", "fear", "fear", seconds=3.0)]))
    assert found.gold.reason == "not defined: there are no gold trials"
    assert (found.median_seconds, found.median_confidence) == (3.0, None)


def presented(*kinds, emotions=("fear", "awe"), offered=("fear", "awe")):
    """One answer each of (presentation, matching), with pictures and music of the emotions."""
    picture, music = emotions
    return collect(
        [
            Rating(
                f"P{place}",
                f"S{place}",
                "a cell",
                "",
                "fear",
                picture="" if shown == "music_only" else picture,
                music="" if shown == "picture_only" else music,
                presentation=shown,
                matching=matching,
            )
            for place, (shown, matching) in enumerate(kinds)
        ],
        list(offered),
    )


@pytest.mark.parametrize(
    ("shown", "matching", "cell"),
    [
        ("music_only", "not_applicable", "music_only"),
        ("picture_only", "", "picture_only"),
        ("picture_and_music", "matched", "matched"),
        ("picture_and_music", "mismatched", "mismatched"),
        ("picture_and_music", "", "mismatched"),
        ("headphones", "", "mismatched"),
    ],
)
def test_what_is_presented_makes_the_cell_of_a_study_that_has_one(shown, matching, cell):
    assert list(presentations_of(presented((shown, matching)))) == [cell]


def test_a_pair_whose_emotions_were_not_offered_is_neither_music_nor_picture_by_itself():
    kinds = [("picture_and_music", "matched"), ("music_only", ""), ("picture_only", "")]
    for emotions in (("calm", "fear"), ("fear", "calm")):
        ratings = presented(*kinds, emotions=emotions)
        cells = cells_of(ratings)
        assert not cells.music_only[0]
        assert not cells.picture_only[0]
        assert list(presentations_of(ratings)) == ["music_only", "matched", "picture_only"]
