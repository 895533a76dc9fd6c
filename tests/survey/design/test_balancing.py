"""The next trial: what is planned is whole where it can be, and nothing is owed that cannot be given."""

import random
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from survey.design import balancing
from survey.design.balancing import Group, Offer, order_next, plan_rest, share_out, whole_blocks
from survey.design.holding import GOLD, Cell, Design, reasons_against


@given(st.integers(1, 60), st.lists(st.floats(0.1, 10), min_size=1, max_size=6))
def test_shares_are_the_exact_ones_rounded_and_add_up(total, weights):
    shares = share_out(total, weights)
    for (fewest, most), weight in zip(shares, weights, strict=True):
        exact = total * weight / sum(weights)
        assert fewest <= exact + 1e-6
        assert exact - 1e-6 <= most <= fewest + 1
    assert sum(fewest for fewest, _ in shares) <= total <= sum(most for _, most in shares)


designs = st.tuples(
    st.lists(st.sampled_from([1.0, 1.0, 2.0, 3.0]), min_size=1, max_size=4),
    st.lists(st.sets(st.integers(0, 3), min_size=1), min_size=1, max_size=14),
    st.integers(1, 10),
    st.integers(0, 2),
    st.integers(),
)


@settings(max_examples=300)
@given(designs)
def test_whatever_publishing_accepts_is_kept_for_everybody(drawn):
    """One person after the other walks through; checked by counting, not by the design's own arithmetic."""
    weights, fits, main, gold, seed = drawn
    rng = random.Random(seed)
    cells = [Cell(key, f"cell {key}", weight) for key, weight in enumerate(weights)]
    offers = [
        Offer(100 * clip + cell, f"c{clip}", cell)
        for clip, into in enumerate(fits)
        for cell in into
        if cell < len(cells)
    ]
    offers += [Offer(10_000 + clip, f"c{clip}", GOLD) for clip in range(min(gold + 1, len(fits)) if gold else 0)]
    if {offer.group for offer in offers} - {GOLD} != {cell.key for cell in cells}:
        return
    if reasons_against(Design(cells, offers, main, gold=gold)):
        return
    loads = Counter()
    for _ in range(6):
        kinds = ["main"] * main + ["gold"] * gold
        rng.shuffle(kinds)
        met, had = set(), Counter()
        for place, kind in enumerate(kinds):
            left = [offer._replace(load=loads[offer.key]) for offer in offers if offer.clip not in met]
            shares = share_out(main, weights)
            groups = [
                Group(cell.key, *share, had[cell.key], cell.weight, is_open=kind == "main")
                for cell, share in zip(cells, shares, strict=True)
            ]
            groups.append(Group(GOLD, gold, gold, had[GOLD], is_open=kind == "gold"))
            order = order_next(left, groups, len(kinds) - place, rng)
            assert order, "nothing is left to give"
            given_now = order[0]
            assert (given_now.group == GOLD) is (kind == "gold")
            met.add(given_now.clip)
            had[given_now.group] += 1
            loads[given_now.key] += 1
        assert had[GOLD] == gold
        for cell in cells:
            assert abs(had[cell.key] - main * cell.weight / sum(weights)) < 1
            assert had[cell.key] >= 1


def test_a_plan_says_where_it_is_not_whole():
    offers = [Offer(1, "a", 1), Offer(2, "a", 2)]
    assert plan_rest(offers, [Group(1, 1, 1)], 1, random.Random(0)).is_whole
    assert not plan_rest(offers, [Group(1, 1, 1), Group(2, 1, 1)], 2, random.Random(0)).is_whole
    assert not plan_rest([], [Group(1, 1, 1)], 1, random.Random(0)).is_whole


def test_where_no_plan_reaches_the_least_filled_is_given_all_the_same():
    offers = [Offer(1, "a", 1, load=3), Offer(2, "b", 1, load=2)]
    assert order_next(offers, [Group(1, 1, 1, given=1)], 1, random.Random(0))[0].key == 2
    assert order_next(offers, [Group(2, 1, 1)], 1, random.Random(0)) == []


def test_the_extra_trial_goes_to_the_cell_that_is_least_full_for_its_weight():
    offers = [Offer(10 * cell + clip, f"{cell}{clip}", cell) for cell in (1, 2, 3) for clip in range(4)]
    cells = [Group(1, 1, 2, 1, load=9), Group(2, 1, 2, 1, load=7), Group(3, 1, 2, 1, load=8)]
    assert order_next(offers, cells, 1, random.Random(0))[0].group == 2
    heavier = [cells[0], cells[1], Group(3, 1, 2, 1, weight=4.0, load=8)]
    assert order_next(offers, heavier, 1, random.Random(0))[0].group == 3


def test_a_picture_that_is_needed_alone_is_not_shown_with_music_before():
    shown = [Offer(clip, f"a{clip}", 1, picture=f"p{clip}") for clip in (1, 2)]
    alone = [Offer(10, "p1", 2, picture="p1", alone=True)]
    for seed in range(30):
        order = order_next([*shown, *alone], [Group(1, 1, 1), Group(2, 1, 1)], 2, random.Random(seed))
        assert order[0].key in (2, 10)


def test_what_was_preloaded_wins_a_tie_and_nothing_else():
    offers = [Offer(1, "a", 1, load=5), Offer(2, "b", 1, load=5), Offer(3, "c", 1, load=4)]
    group = [Group(1, 1, 1)]
    drawn = {order_next(offers[:2], group, 1, random.Random(seed), preferred=[2])[0].key for seed in range(50)}
    assert drawn == {2}
    assert order_next(offers, group, 1, random.Random(0), preferred=[2])[0].key == 3
    assert {order_next(offers[:2], group, 1, random.Random(seed))[0].key for seed in range(50)} == {1, 2}


@pytest.mark.parametrize(
    ("pictures", "trials", "weights", "wanted"),
    [(8, 15, (1.0, 1.0), (450, 450)), (4, 7, (1.0, 1.0), (210, 210)), (5, 7, (1.0, 2.0), (140, 280))],
)
def test_pictures_that_come_alone_keep_to_the_weights_with_sixty_people_at_once(pictures, trials, weights, wanted):
    rng = random.Random(3)
    bounds, load, people = share_out(trials, weights), [0] * (2 * pictures), [[] for _ in range(60)]
    for trial in range(trials):
        for met in people:  # everybody joined before anybody answers
            seen = {key // 2 for key in met}
            offers = [
                Offer(key, f"{key}", key % 2, load[key], load[key], f"picture {key // 2}", key % 2 == 1)
                for key in range(2 * pictures)
                if key not in met and not (key % 2 and key // 2 in seen)
            ]
            groups = [
                Group(cell, *bounds[cell], sum(key % 2 == cell for key in met), weights[cell], sum(load[cell::2]))
                for cell in (0, 1)
            ]
            [offer] = order_next(offers, groups, trials - trial, rng)
            met.append(offer.key)
            load[offer.key] += 1
    assert sum(load[0::2]) == pytest.approx(wanted[0], abs=2)
    assert sum(load[1::2]) == pytest.approx(wanted[1], abs=2)


def walk(trials, weights, people, *, leaving=0.0, at_once=1, load=None, seed=0):
    """Sessions as rows of cells, and every stimulus's answers; people come one after another, or `at_once`."""
    rng, clips = random.Random(seed), trials
    keys = [(cell, clip) for cell in range(len(weights)) for clip in range(clips)]
    load = Counter(load or {})
    sessions = [[] for _ in range(people)]
    met = [set() for _ in range(people)]
    for first in range(0, people, at_once):
        here = list(range(first, min(first + at_once, people)))
        for place in range(trials):
            for person in here:
                offers = [
                    Offer(100 * cell + clip, f"{cell} {clip}", cell, load[cell, clip], load[cell, clip])
                    for cell, clip in keys
                    if (cell, clip) not in met[person]
                ]
                groups = [
                    Group(
                        cell,
                        *share,
                        sessions[person].count(cell),
                        weights[cell],
                        sum(load[cell, clip] for clip in range(clips)),
                    )
                    for cell, share in enumerate(share_out(trials, weights))
                ]
                [offer] = order_next(offers, groups, trials - place, rng)
                cell, clip = divmod(offer.key, 100)
                sessions[person].append(cell)
                met[person].add((cell, clip))
                load[cell, clip] += 1
            here = [person for person in here if rng.random() >= leaving]
    return sessions, load


def places_of(sessions, weights, trials):
    """Shape (cells, places): how often each cell stood at each place."""
    table = np.zeros((len(weights), trials))
    for session in sessions:
        for place, cell in enumerate(session):
            table[cell, place] += 1
    return table


UNEVEN = {
    "ten cells, twelve trials": (12, [1.0] * 10, {}),
    "ten cells, eight trials": (8, [1.0] * 10, {}),
    "ten cells, twelve trials, thirty at once": (12, [1.0] * 10, {"at_once": 30}),
    "whole shares": (8, [1.0] * 4, {}),
    "three to one": (8, [3.0, 1.0], {}),
    "three to one, a rest": (7, [3.0, 1.0], {}),
    "weights without a short block": (9, [1.0, 1.3], {}),
}


@pytest.mark.parametrize("case", UNEVEN)
def test_no_place_tells_the_cell(case):
    """Every cell stands at every place as often as its weight says; Pearson's chi-square over places and cells."""
    trials, weights, how = UNEVEN[case]
    sessions, load = walk(trials, weights, 240, **how)
    table = places_of(sessions, weights, trials)
    assert stats.chi2_contingency(table).pvalue > 0.001
    # Shares as asked for, over all people: each cell within two answers for its weight.
    filled = table.sum(axis=1) / weights
    assert filled.max() - filled.min() <= 3
    for cell in range(len(weights)):
        answers = [load[cell, clip] for clip in range(trials)]
        assert max(answers) - min(answers) <= 2


@pytest.mark.parametrize(("trials", "weights"), [(12, [1.0] * 10), (8, [1.0] * 4), (12, [1.0, 2.0, 3.0])])
def test_where_people_leave_cells_stay_even_and_no_place_tells_one(trials, weights):
    """A third and more leave. Until a hole is filled its cell tends to come first; over four studies it is nothing."""
    tables = []
    for seed in range(4):
        sessions, _ = walk(trials, weights, 100, leaving=0.05, seed=seed)
        tables.append(places_of(sessions, weights, trials))
        filled = tables[-1].sum(axis=1) / weights
        assert filled.max() - filled.min() <= 4
    table = sum(tables)
    for here in table:
        others = table.sum(axis=0) - here
        area = here @ (np.cumsum(others) - others / 2) / (here.sum() * others.sum())
        assert 1 - area == pytest.approx(0.5, abs=0.06)


def test_what_follows_a_cell_does_not_tell_it_either():
    """Pairs of neighbours inside blocks of four: every cell follows every other equally often."""
    sessions, _ = walk(4, [1.0] * 4, 300)
    pairs = Counter(pair for session in sessions for pair in pairwise(session))
    assert len(pairs) == 12
    assert stats.chisquare(list(pairs.values())).pvalue > 0.001


def test_everybody_meets_all_cells_before_one_comes_again():
    sessions, _ = walk(12, [1.0] * 5, 40)
    assert all(len(set(session[:5])) == len(set(session[5:10])) == 5 for session in sessions)
    heavier, _ = walk(8, [3.0, 1.0], 40)
    assert all(sum(session[:4]) == sum(session[4:]) == 1 for session in heavier)


def test_a_cell_that_is_far_behind_comes_first_more_often_and_not_always():
    behind = {(cell, clip): 20 for cell in (0, 1) for clip in range(6)}
    sessions, _ = walk(3, [1.0] * 3, 300, load=behind)
    # Odds of 1 : 1/e² : 1/e².
    assert sum(session[0] == 2 for session in sessions) / 300 == pytest.approx(1 / (1 + 2 / np.e**2), abs=0.06)


@pytest.mark.parametrize(("fuller", "odds"), [(1, 1.0), (2, np.exp(-2.0)), (9, np.exp(-2.0))])
def test_a_difference_of_two_answers_moves_the_odds_and_one_does_not(fuller, odds):
    offers = [Offer(1, "a", 1, load=4), Offer(2, "b", 2, load=4 + fuller)]
    cells = [Group(1, 1, 1, load=4), Group(2, 1, 1, load=4 + fuller)]
    firsts = [order_next(offers, cells, 2, random.Random(seed))[0].group for seed in range(2000)]
    assert firsts.count(1) / 2000 == pytest.approx(1 / (1 + odds), abs=0.03)


def test_the_odds_of_a_cell_move_by_its_weight():
    """Three answers of a cell of weight 2, one and a half of the rarest: half an answer beyond the slack."""
    offers = [Offer(1, "a", 1, load=4), *(Offer(10 + clip, f"{clip}", 2, load=6) for clip in range(2))]
    cells = [Group(1, 1, 1, load=4), Group(2, 2, 2, weight=2.0, load=11)]
    firsts = [order_next(offers, cells, 3, random.Random(seed))[0].group for seed in range(2000)]
    assert firsts.count(1) / 2000 == pytest.approx(1 / (1 + 2 * np.exp(-1.0)), abs=0.03)


def test_what_the_browser_has_loaded_comes_next_where_it_is_due():
    offers = [Offer(10 * cell, f"{cell}", cell) for cell in range(4)]
    cells = [Group(cell, 1, 1) for cell in range(4)]
    nexts = [order_next(offers, cells, 4, random.Random(seed), preferred=[20])[0].key for seed in range(4000)]
    assert nexts.count(20) / 4000 == pytest.approx(50 / 53, abs=0.012)
    met = [*cells[:2], Group(2, 1, 2, given=1), cells[3]]
    again = [*offers, Offer(21, "again", 2)]
    assert order_next(again[:2] + again[3:], met, 4, random.Random(0), preferred=[21])[0].group != 2


def test_blocks_keep_to_ratios_of_whole_numbers():
    assert whole_blocks([Group(1, 5, 6, weight=1.5), Group(2, 3, 4, weight=1.0)]) == ({1: 3, 2: 2}, 1)
    assert whole_blocks([Group(1, 13, 13, weight=1.3), Group(2, 10, 10)]) == ({1: 13, 2: 10}, 1)
    # one to thirteen: beyond the finest ratio it is still a whole number; a thirteenth part is not
    assert whole_blocks([Group(1, 1, 1), Group(2, 13, 13, weight=13.0)]) == ({1: 1, 2: 13}, 1)
    assert whole_blocks([Group(1, 1, 1), Group(2, 1, 2, weight=14 / 13)])[0] == {1: 12, 2: 13}
    assert whole_blocks([]) == ({}, 0)


@pytest.mark.parametrize("seed", range(60))
def test_the_cheapest_of_each_group_are_all_that_a_plan_can_need(seed, monkeypatch):
    """Against the plan over every offer, with the same draws: clips in several stimuli, small groups."""
    rng = random.Random(seed)
    offers = [
        Offer(key, f"clip {rng.randrange(60)}", rng.randrange(4), load, max(0, load - rng.randrange(4)))
        for key, load in enumerate(rng.choices(range(rng.choice((1, 3, 30))), k=rng.choice((5, 40, 240))))
    ]
    groups = [
        Group(key, *sorted(rng.choices(range(1, 5), k=2)), load=rng.randrange(9)) for key in range(rng.choice((1, 3)))
    ]
    left = sum(rng.randint(group.fewest, group.most) for group in groups)
    preferred = set(rng.sample(range(len(offers)), 2))

    few = plan_rest(offers, groups, left, random.Random(seed), preferred)
    kept = balancing._cheapest(offers, groups, left, random.Random(seed), preferred)
    monkeypatch.setattr(balancing, "_cheapest", lambda *given: every_offer(*given))
    every = plan_rest(offers, groups, left, random.Random(seed), preferred)
    assert few.is_whole == every.is_whole
    if few.is_whole:
        assert few == every
    fits = Counter((offer.group, offer.clip) for _, offer in kept)
    assert max(Counter(group for group, _ in fits).values(), default=0) <= left


def every_offer(offers, groups, left, rng, preferred):
    """Costs as `balancing` says in its head, of every offer."""
    priced = []
    for offer in offers:
        if offer.group in {group.key for group in groups}:
            cost = offer.load + 0.01 * rng.random()
            if offer.load != offer.answers:
                cost -= 0.05 * min(offer.load - offer.answers, 10)
            priced.append((cost - (0.02 if offer.key in preferred else 0.0), offer))
    return sorted(priced, key=lambda one: one[0])
