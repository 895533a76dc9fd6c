"""The next trial: what is planned is whole where it can be, and nothing is owed that cannot be given."""

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from survey.design.balancing import Group, Offer, order_next, plan_rest, share_out
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
