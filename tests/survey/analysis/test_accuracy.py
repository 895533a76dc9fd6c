"""Accuracy: its intervals, their coverage, and what stands in where one is not defined."""

import math

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.stats import binomtest
from scipy.stats import t as student
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from survey.analysis.accuracy import measure_accuracy
from survey.analysis.bootstrap import bootstrap_share, percentile_interval
from survey.analysis.clustering import share_influence, spread_of_influence
from survey.analysis.permutation import permute_intentions
from survey.analysis.proportions import (
    difference_of_two,
    equality_of_two,
    exact_binomial,
    proportion_index,
    share_interval,
    wilson,
)
from tests.survey.analysis.simulated import draw_study


@pytest.mark.parametrize(("hits", "n"), [(11, 18), (0, 10), (10, 10), (1, 1), (0, 1), (37, 240)])
def test_wilson_is_scipys(hits, n):
    expected = binomtest(hits, n).proportion_ci(method="wilson")
    assert wilson(hits, n) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_wilson_is_exact_at_both_ends():
    assert (wilson(0, 10)[0], wilson(10, 10)[1]) == (0.0, 1.0)


def test_wilson_of_the_seed_study():
    assert [round(end, 3) for end in wilson(11, 18)] == [0.386, 0.797]


def test_impossible_counts_are_refused():
    with pytest.raises(ValueError, match="3 hits of 2 answers"):
        wilson(3, 2)


def test_newcombes_own_example():
    # Newcombe (1998), table II, example (a), method 10
    assert [round(end, 4) for end in difference_of_two(56, 70, 48, 80)] == [0.0524, 0.3339]


@pytest.mark.parametrize("counts", [(56, 70, 48, 80), (0, 5, 10, 15), (3, 9, 3, 9)])
def test_the_test_of_two_proportions_is_that_of_statsmodels(counts):
    a, n_a, b, n_b = counts
    assert equality_of_two(*counts) == pytest.approx(proportions_ztest([a, b], [n_a, n_b])[1])


def test_exact_binomial_is_the_sum_of_the_upper_tail():
    tail = sum(math.comb(18, hits) * 0.125**hits * 0.875 ** (18 - hits) for hits in range(11, 19))
    assert exact_binomial(11, 18, 0.125) == pytest.approx(tail)


@pytest.mark.parametrize(("hits", "n", "chance"), [(11, 18, 0.5), (3, 40, 1 / 9), (0, 7, 0.125), (9, 9, 0.2)])
def test_exact_binomial_is_scipys_for_every_alternative(hits, n, chance):
    for alternative in ("greater", "less", "two-sided"):
        expected = binomtest(hits, n, chance, alternative=alternative).pvalue
        assert exact_binomial(hits, n, chance, alternative) == pytest.approx(expected)


def test_proportion_index_puts_chance_at_a_half_for_any_number_of_choices():
    assert [proportion_index(1 / k, k) for k in (2, 4, 8, 9)] == pytest.approx([0.5] * 4)


@pytest.mark.parametrize("seed", range(3))
def test_clustered_variances_are_those_of_statsmodels(seed):
    hits, people, clips = draw_study(seed)
    spread = spread_of_influence(share_influence(hits.astype(float)), people, clips)
    model = sm.OLS(hits.astype(float), np.ones(hits.size)).fit()
    # statsmodels also has the factor (N − 1)/(N − 1) = 1 for one coefficient
    assert spread.variance_participants == pytest.approx(float(cov_cluster(model, people)[0, 0]))
    both, by_people, by_clips = cov_cluster_2groups(model, people, clips)
    expected = max(float(m[0, 0]) for m in (both, by_people, by_clips))
    assert spread.variance_both == pytest.approx(expected)


def test_two_way_interval_by_hand():
    hits, people, clips = draw_study(5, people=12, clips=10, each=10)
    result = measure_accuracy(hits, people, clips, 8)
    residual = pd.DataFrame({"p": people, "s": clips, "e": hits - hits.mean()})
    n = hits.size
    parts = [
        (g / (g - 1)) * (residual.groupby(by)["e"].sum() ** 2).sum() / n**2
        for by, g in (("p", 12), ("s", 10), (["p", "s"], 120))
    ]
    variance = max(parts[0] + parts[1] - parts[2], parts[0], parts[1])
    assert result.participants_stimuli == pytest.approx(by_hand(hits.mean(), variance, 9))
    assert result.participants == pytest.approx(by_hand(hits.mean(), parts[0], 11))


def by_hand(share, variance, degrees):
    """Wilson (1927) with t for z and the effective n of Korn & Graubard (1998)."""
    n, t = share * (1 - share) / variance, student.ppf(0.975, degrees)
    centre = (share + t**2 / (2 * n)) / (1 + t**2 / n)
    half = t / (1 + t**2 / n) * (share * (1 - share) / n + t**2 / (4 * n**2)) ** 0.5
    return centre - half, centre + half


def test_the_interval_of_a_survey_share_is_that_of_korn_and_graubard():
    """With the number of answers themselves and many degrees of freedom it is Wilson's plain interval."""
    assert share_interval(11 / 18, 18, 1e9) == pytest.approx(wilson(11, 18), abs=1e-7)


def test_clips_are_compared_within_their_emotion():
    """Two emotions, one easy and one hard, their clips all alike: new clips of both will be as these are."""
    generator = np.random.default_rng(3)
    people, clips = np.repeat(np.arange(40), 12), np.tile(np.arange(12), 40)
    hits = generator.random(480) < np.where(clips < 6, 0.9, 0.3)
    mixed = measure_accuracy(hits, people, clips, 8).participants_stimuli
    apart = measure_accuracy(hits, people, clips, 8, strata=clips // 6).participants_stimuli
    assert apart[1] - apart[0] < 0.4 * (mixed[1] - mixed[0])


def test_one_clip_per_emotion_leaves_clips_compared_with_all_clips():
    hits, people, clips = draw_study(5, people=12, clips=10, each=10)
    assert measure_accuracy(hits, people, clips, 8, strata=clips) == measure_accuracy(hits, people, clips, 8)


def test_people_and_clips_together_are_never_narrower_than_people():
    for seed in range(20):
        result = measure_accuracy(*draw_study(seed), 8)
        widths = [end[1] - end[0] for end in (result.participants, result.participants_stimuli)]
        assert widths[0] <= widths[1]


def test_coverage_of_the_two_way_interval_where_pooled_wilson_fails():
    covered = {"wilson": 0, "participants_stimuli": 0}
    studies = 300
    for seed in range(studies):
        result = measure_accuracy(*draw_study(seed, people=30, clips=24, spread=0.18), 8)
        for name in covered:
            low, high = getattr(result, name)
            covered[name] += low <= 0.5 <= high
    assert covered["participants_stimuli"] / studies >= 0.92
    assert covered["wilson"] / studies < 0.85


def test_coverage_of_the_two_way_bootstrap():
    covered = 0
    studies = 120
    for seed in range(studies):
        hits, people, clips = draw_study(seed, people=30, clips=24, spread=0.18)
        low, high = percentile_interval(bootstrap_share(hits, people, clips, replicates=300, seed=seed))
        covered += low <= 0.5 <= high
    assert covered / studies >= 0.92


def test_participants_interval_covers_the_truth_of_these_clips():
    """The clips stay, the people are new: the truth is the clips' own mean."""
    generator = np.random.default_rng(7)
    ease = np.clip(0.5 + generator.normal(0, 0.2, 16), 0.05, 0.95)
    covered = 0
    for _ in range(300):
        skill = generator.normal(0, 0.1, 25)
        people, clips = np.repeat(np.arange(25), 16), np.tile(np.arange(16), 25)
        hits = generator.random(400) < np.clip(ease[clips] + skill[people], 0, 1)
        low, high = measure_accuracy(hits, people, clips, 8).participants
        covered += low <= ease.mean() <= high
    assert covered / 300 >= 0.92


def test_the_same_seed_gives_the_same_bootstrap():
    study = draw_study(1)
    first, second = (bootstrap_share(*study, replicates=50, seed=4) for _ in range(2))
    assert first.tolist() == second.tolist()


def test_bootstrap_weights_are_products_of_draws():
    """Two people, two clips, one answer each pair: the shares are those of drawing both by hand."""
    hits = np.array([True, False, False, True])
    people, clips = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    shares = bootstrap_share(hits, people, clips, replicates=4000, seed=0)
    # each side draws (2,0), (1,1), (0,2) with ¼, ½, ¼: share 0 or 1 with ⅛ each, else ½
    assert sorted(set(shares.tolist())) == [0.0, 0.5, 1.0]
    assert (shares == 1.0).mean() == pytest.approx(1 / 8, abs=0.02)


def test_bootstrap_error_is_near_the_clustered_one():
    hits, people, clips = draw_study(2, people=60, clips=40, each=20)
    error = bootstrap_share(hits, people, clips, replicates=2000, seed=1).std()
    spread = spread_of_influence(share_influence(hits.astype(float)), people, clips)
    assert error == pytest.approx(spread.variance_both**0.5, rel=0.2)


def test_one_participant_says_nothing_about_new_people():
    result = measure_accuracy(np.array([True, False]), np.zeros(2, int), np.arange(2), 8)
    assert (result.participants, result.participants_stimuli) == (None, None)
    assert result.reasons["participants"] == "not defined: one participant says nothing about new people"


def test_one_clip_says_nothing_about_new_clips():
    result = measure_accuracy(np.array([True, False]), np.arange(2), np.zeros(2, int), 8)
    assert result.participants is not None
    assert result.reasons["participants_stimuli"] == "not defined: one clip says nothing about new clips"


def test_only_hits_do_not_claim_certainty():
    people, clips = np.repeat(np.arange(5), 4), np.tile(np.arange(4), 5)
    result = measure_accuracy(np.ones(20, bool), people, clips, 8, replicates=50)
    assert result.estimate == 1.0
    assert result.participants == wilson(5, 5)
    assert result.participants_stimuli == wilson(4, 4)
    assert (result.bootstrap, "alike" in result.reasons["bootstrap"]) == (None, True)


def unequal_answers(generator, often=3, seldom=30, many=24, few=2, clip_weights=None):
    """Hits at 24 clips of people of whom a few give most answers; people and clips differ. And these clips' share."""
    skill, ease = generator.normal(0, 1, often + seldom), generator.normal(0, 0.8, 24)
    each = [many] * often + [few] * seldom
    people = np.repeat(np.arange(often + seldom), each)
    clips = np.concatenate([generator.choice(24, size=n, replace=False, p=clip_weights) for n in each])
    hits = generator.random(people.size) < 1 / (1 + np.exp(-skill[people] - ease[clips]))
    anybody = np.linspace(-4, 4, 161)
    of_clips = (
        (1 / (1 + np.exp(-ease[:, None] - anybody))) @ np.exp(-(anybody**2) / 2) / np.exp(-(anybody**2) / 2).sum()
    )
    return hits, people, clips, of_clips[clips].mean()


def test_degrees_of_freedom_shrink_where_a_few_people_give_most_answers():
    """3 × 24 and 30 × 2: Σ n² = 1,848, Σ n⁴ = 995,808, so 32 / 33 × 1,848² / 995,808 = 3.3256."""
    hits, people, clips, _ = unequal_answers(np.random.default_rng(1))
    spread = spread_of_influence(share_influence(hits.astype(float)), people, clips)
    assert spread.degrees_participants == pytest.approx(32 / 33 * 1848**2 / 995808, rel=1e-12)
    share, variance = hits.mean(), spread.variance_participants
    expected = share_interval(share, share * (1 - share) / variance, 3.325612)
    assert measure_accuracy(hits, people, clips, 8).participants == pytest.approx(expected, abs=1e-6)


def test_degrees_of_freedom_shrink_where_one_clip_has_most_answers():
    """A clip heard by 12 people, six others by 2 each: 6 / 7 × (144 + 24)² / (12⁴ + 96) = 1.1613 of 6."""
    people = np.concatenate([np.arange(12), np.arange(12)])
    clips = np.concatenate([np.zeros(12, int), 1 + np.arange(12) % 6])
    spread = spread_of_influence(share_influence((people % 3 > clips % 2).astype(float)), people, clips)
    assert spread.degrees_participants == 11
    assert spread.degrees == pytest.approx(6 / 7 * 168**2 / 20832, rel=1e-12)
    two = spread_of_influence(share_influence(np.array([1.0, 0, 1, 0])), np.array([0, 0, 0, 1]), np.array([0, 1, 2, 0]))
    assert (two.degrees_participants, two.degrees) == (1, 1)


def test_degrees_of_freedom_are_whole_where_everybody_answers_as_often():
    for seed in range(3):
        hits, people, clips = draw_study(seed, people=31, clips=23, each=23)
        spread = spread_of_influence(share_influence(hits.astype(float)), people, clips)
        assert (spread.degrees_participants, spread.degrees) == (30, 22)


def test_the_interval_holds_the_truth_where_a_few_people_give_most_answers():
    """Of 400 studies, .865 with P − 1 degrees; below .93 by chance in one of 50 where it holds in .955."""
    generator, held = np.random.default_rng(20), []
    for _ in range(400):
        hits, people, clips, truth = unequal_answers(generator)
        low, high = measure_accuracy(hits, people, clips, 8).participants
        held.append(low <= truth <= high)
    assert 0.93 <= np.mean(held) <= 0.99


def test_no_answers_are_no_estimate():
    empty = np.empty(0, int)
    result = measure_accuracy(empty.astype(bool), empty, empty, 8, replicates=10).as_json()
    assert (result["estimate"], result["wilson"], result["p_value"]) == (None, None, None)
    assert result["reason"] == "not defined: there are no answers"


def test_permutation_of_clearly_recognised_clips_is_rare_and_of_guesses_is_not():
    generator = np.random.default_rng(0)
    intended = np.repeat(np.arange(8), 3)
    guesses = generator.multinomial(10, np.ones(8) / 8, size=24)
    assert permute_intentions(np.eye(8, dtype=int)[intended] * 5, intended).p_value == 1 / 2001
    assert permute_intentions(guesses, intended).p_value > 0.05


def test_permutation_p_values_of_guesses_are_uniform():
    generator = np.random.default_rng(3)
    intended = np.repeat(np.arange(4), 4)
    p = [
        permute_intentions(generator.multinomial(12, np.ones(4) / 4, size=16), intended, replicates=99).p_value
        for _ in range(200)
    ]
    assert np.mean(np.array(p) <= 0.1) == pytest.approx(0.1, abs=0.06)
