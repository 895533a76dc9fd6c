"""No picture twice in a row: how often it happens with and without the rule, and what it costs in balance."""

import random
from collections import Counter
from itertools import pairwise

import pytest
from scipy import stats

from survey.design.assignment import draw_repeat
from survey.design.balancing import MOST_MORE, Group, Offer, order_next, share_out


def about(key, clip, group, *, load=0, picture="", origin="", alone=False):
    return Offer(key, clip, group, load, picture=picture, alone=alone, pictures=frozenset({picture, origin} - {""}))


def matched(pictures, composers, cells=("matched",)):
    """Every picture's pieces of every composer in every cell; another picture is shown in "mismatched"."""
    offers = []
    for cell, name in enumerate(cells):
        for picture in range(pictures):
            for composer in range(composers):
                other = {"matched": f"p{picture}", "mismatched": f"p{(picture + 3) % pictures}"}.get(name, "")
                clip = f"{picture} {composer}"
                offers.append(about(len(offers), clip, cell, picture=other, origin=f"p{picture}"))
    return offers


def walk(stimuli, trials, cells, people, *, apart, at_once=10, leaving=0.02, blocks=False, seed=0):
    """(sessions as lists of offers, answers by stimulus)"""
    rng = random.Random(seed)
    load = Counter()
    sessions = []
    for _ in range(people // at_once):
        here = [[] for _ in range(at_once)]
        sessions += here
        for place in range(trials):
            for session in here:
                met = {offer.clip for offer in session}
                offers = [
                    offer._replace(load=load[offer.key], answers=load[offer.key])
                    for offer in stimuli
                    if offer.clip not in met
                ]
                had = Counter(offer.group for offer in session)
                fullness = Counter()
                for offer in stimuli:
                    fullness[offer.group] += load[offer.key]
                groups = [
                    Group(cell, *share, had[cell], 1.0, fullness[cell])
                    for cell, share in enumerate(share_out(trials, [1.0] * cells))
                ]
                if blocks:
                    begun = max((group.key for group in groups if group.given), default=0)
                    groups = groups[begun:]
                before = session[-1].pictures if session and apart else ()
                [offer] = order_next(offers, groups, trials - place, rng, blocks=blocks, before=before)
                session.append(offer)
                load[offer.key] += 1
            here = [session for session in here if rng.random() >= leaving]
    return sessions, load


def repeats(sessions):
    """The share of trials, but for first ones, that are about a picture of the trial before."""
    pairs = [pair for session in sessions for pair in pairwise(session)]
    return sum(not a.pictures.isdisjoint(b.pictures) for a, b in pairs) / len(pairs)


def uneven(stimuli, load, cells):
    """(most minus fewest answers of the stimuli of a cell, of the cells)"""
    within = []
    for cell in range(cells):
        answers = [load[offer.key] for offer in stimuli if offer.group == cell]
        within.append(max(answers) - min(answers))
    whole = [sum(load[o.key] for o in stimuli if o.group == cell) for cell in range(cells)]
    return max(within), max(whole) - min(whole)


THREE = ("matched", "music_only", "mismatched")
# name → (pictures, composers, cells, trials, the rate without the rule)
DESIGNS = {
    "one cell, two composers": (12, 2, ("matched",), 8, 0.03),
    "two cells, eight pictures": (8, 2, ("matched", "music_only"), 8, 0.05),
    "three cells with another picture's music": (12, 2, THREE, 9, 0.1),
    "few pictures, many composers": (4, 4, ("matched", "music_only"), 8, 0.15),
    "every clip there is": (8, 2, ("matched", "music_only"), 16, 0.04),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_a_picture_never_comes_twice_in_a_row_and_balance_stays(name):
    pictures, composers, cells, trials, often = DESIGNS[name]
    stimuli = matched(pictures, composers, cells)
    without, load = walk(stimuli, trials, len(cells), 200, apart=False)
    plain = uneven(stimuli, load, len(cells))
    assert repeats(without) > often
    sessions, load = walk(stimuli, trials, len(cells), 200, apart=True)
    kept = uneven(stimuli, load, len(cells))
    assert repeats(sessions) == 0.0
    assert kept[0] <= plain[0] + MOST_MORE
    assert kept[1] <= plain[1] + 2


def test_no_place_tells_where_a_stimulus_stands_in_the_list_and_so_its_emotion():
    """Two pictures with eight emotions each, by ten composers, listed by emotion as studies are."""
    emotions, composers = 8, 10
    stimuli = [
        about(
            2 * (emotions * composer + emotion) + picture,
            f"{composer} {emotion} {picture}",
            composer,
            origin=f"p{picture}",
        )
        for composer in range(composers)
        for emotion in range(emotions)
        for picture in range(2)
    ]
    sessions, _ = walk(stimuli, 12, composers, 300, apart=True)
    assert repeats(sessions) < 0.02
    given = [(place, offer.key // 2 % emotions) for session in sessions for place, offer in enumerate(session)]
    for emotion in range(emotions):
        own = [place for place, other in given if other == emotion]
        others = [place for place, other in given if other != emotion]
        # The probability that one of this emotion comes later than another; its standard error is about .014 here.
        later = stats.mannwhitneyu(own, others).statistic / (len(own) * len(others))
        print(emotion, round(later, 3))


def test_cells_in_blocks_keep_their_order_and_choose_among_their_clips():
    stimuli = matched(8, 2, ("matched", "music_only"))
    sessions, _ = walk(stimuli, 8, 2, 100, apart=True, blocks=True)
    assert repeats(sessions) == 0.0
    assert all([offer.group for offer in s] == sorted(offer.group for offer in s) for s in sessions)
    sessions, _ = walk(stimuli, 8, 2, 100, apart=False, blocks=True)
    assert repeats(sessions) > 0.03


@pytest.mark.parametrize(("load", "given"), [(5, 2), (6, 2), (7, 1)])
def test_another_picture_comes_for_one_answer_more_and_not_for_two(load, given):
    offers = [about(1, "a", 1, load=5, picture="sea"), about(2, "b", 1, load=load, picture="cat")]
    [offer] = order_next(offers, [Group(1, 1, 1)], 1, random.Random(1), preferred=[1], before=["sea"])
    assert offer.key == given
    assert MOST_MORE == 1


def test_a_cell_that_is_not_due_waits_whatever_picture_comes():
    """Balance first: all that is left of this block is about the picture before."""
    offers = [about(1, "a", 1, picture="sea"), about(2, "b", 2, picture="cat"), about(3, "c", 1, picture="cow")]
    groups = [Group(1, 2, 2, given=1), Group(2, 2, 2, given=1)]
    assert order_next(offers, groups, 2, random.Random(0), before=["cat"])[0].key in (1, 3)
    groups = [Group(1, 2, 2, given=1), Group(2, 2, 2)]
    assert {order_next(offers, groups, 3, random.Random(seed), before=["cat"])[0].key for seed in range(9)} == {2}


def test_the_music_of_a_picture_that_was_seen_is_the_same_picture():
    offers = [about(1, "a", 1, origin="sea"), about(2, "b", 1, origin="cat")]
    found = {order_next(offers, [Group(1, 2, 2)], 2, random.Random(n), before=["sea"])[0].key for n in range(20)}
    assert found == {2}
    assert about(1, "a", 1, picture="cat", origin="sea").pictures == {"sea", "cat"}
    assert about(1, "a", 1).pictures == frozenset()


def test_a_picture_that_is_most_of_what_is_left_comes_while_it_can_be_kept_apart():
    offers = [about(n, str(n), 1, picture="sea" if n < 2 else "cat") for n in range(3)]
    found = {order_next(offers, [Group(1, 3, 3)], 3, random.Random(n))[0].picture for n in range(20)}
    assert found == {"sea"}


def test_a_picture_that_is_needed_alone_is_not_spoiled_for_the_sake_of_another():
    shown = about(1, "a", 1, picture="sea", origin="sea")
    spoils = about(2, "b", 1, picture="cat", origin="cat")
    alone = about(3, "cat", 2, picture="cat", alone=True)
    for seed in range(20):
        order = order_next(
            [shown, spoils, alone], [Group(1, 1, 1), Group(2, 1, 1)], 2, random.Random(seed), before=["sea"]
        )
        assert order[0].key == 3


def test_what_is_repeated_is_about_another_picture_where_something_is():
    found = {draw_repeat([7, 8, 9], [], 1, random.Random(seed), alike=[7]) for seed in range(20)}
    assert found == {8}
    assert draw_repeat([7], [], 1, random.Random(0), alike=[7]) == 7
