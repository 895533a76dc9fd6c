"""Balance of comparisons: whole studies are played through, people leave, and every pair is counted."""

from __future__ import annotations

import random
from collections import Counter
from itertools import combinations, pairwise

import pytest

from survey.design.comparing import Contestant, find_pairs, order_pairs
from survey.design.trial_forms import TRIAL_FORMS, form_of
from survey.models import Study

CELLS, TOPICS = 3, 10


def contestants():
    return [
        Contestant(100 * topic + cell, f"clip {topic} {cell}", cell, f"topic {topic}")
        for topic in range(TOPICS)
        for cell in range(CELLS)
    ]


def play(people, each, *, leaving=0.0, at_once=1, seed=0):
    """(judgements by order, names of pairs that each person met) of a study with several people at once."""
    rng = random.Random(seed)
    pairs = find_pairs(contestants())
    judged: Counter[tuple[int, int]] = Counter()
    met = {person: [] for person in range(people)}
    waiting = list(range(people))
    active = []
    while waiting or active:
        while waiting and len(active) < at_once:
            active.append(waiting.pop())
        person = rng.choice(active)
        if len(met[person]) == each or rng.random() < leaving / each:
            active.remove(person)
            continue
        found = order_pairs(pairs, judged, met[person], rng)
        judged[found[0].first, found[0].second] += 1
        met[person].append(found[0].pair.name)
    return pairs, judged, met


def both_ways(pairs, judged):
    return [(judged[a.key, b.key], judged[b.key, a.key]) for a, b, _ in pairs]


def test_pairs_are_all_of_one_topic_from_two_cells():
    pairs = find_pairs(contestants())
    assert len(pairs) == TOPICS * len(list(combinations(range(CELLS), 2)))
    assert all(one.topic == other.topic and one.cell != other.cell for one, other, _ in pairs)


def test_clips_of_one_cell_are_compared_in_practice_alone():
    clips = [Contestant(1, "a", 1, "sea"), Contestant(2, "b", 1, "sea")]
    assert find_pairs(clips) == []
    assert len(find_pairs(clips, within_cells=True)) == 1


def test_a_sound_is_never_compared_with_itself():
    assert find_pairs([Contestant(1, "a", 1, "sea"), Contestant(2, "a", 2, "sea")]) == []


def test_two_sounds_that_could_meet_in_several_cells_are_one_pair():
    clips = [Contestant(1, "a", 1, "sea"), Contestant(2, "b", 2, "sea"), Contestant(3, "a", 3, "sea")]
    assert [(pair.one.key, pair.other.key) for pair in find_pairs(clips)] == [(1, 2)]


@pytest.mark.parametrize("seed", range(5))
def test_every_pair_is_judged_equally_often_and_each_side_first(seed):
    pairs, judged, _ = play(40, 12, seed=seed, at_once=8)  # 480 judgements of 30 pairs: 16 each
    counts = both_ways(pairs, judged)
    assert max(map(sum, counts)) - min(map(sum, counts)) <= 2
    assert all(abs(one - other) <= 1 for one, other in counts)


@pytest.mark.parametrize("seed", range(5))
def test_people_who_leave_cost_no_balance(seed):
    pairs, judged, _ = play(60, 12, leaving=0.25, at_once=8, seed=seed)
    totals = [sum(pair) for pair in both_ways(pairs, judged)]
    assert max(totals) - min(totals) <= 2
    assert all(abs(one - other) <= 1 for one, other in both_ways(pairs, judged))


@pytest.mark.parametrize("seed", range(5))
def test_no_cell_comes_first_more_often_than_the_other_where_numbers_are_odd(seed):
    pairs, judged, _ = play(10, 9, seed=seed)  # 90 judgements of 30 pairs: 3 each
    firsts: Counter[tuple[int, int]] = Counter()
    for one, other, _ in pairs:
        firsts[one.cell, other.cell] += judged[one.key, other.key]
        firsts[other.cell, one.cell] += judged[other.key, one.key]
    assert all(abs(firsts[a, b] - firsts[b, a]) <= 2 for a, b in combinations(range(CELLS), 2))


def test_nobody_meets_a_pair_twice_and_everybody_can_meet_all():
    _, _, met = play(7, TOPICS * 3)
    assert all(len(names) == len(set(names)) == TOPICS * 3 for names in met.values())


def test_no_clip_is_heard_in_two_trials_running_while_others_are_as_rare():
    pairs = find_pairs(contestants())
    by_name = {pair.name: pair for pair in pairs}
    rng, met = random.Random(3), []
    for _ in range(TOPICS):
        met.append(order_pairs(pairs, {}, met, rng)[0].pair.name)
    topics = [by_name[name].one.topic for name in met]
    assert len(set(topics)) == TOPICS


def about_pictures():
    """Every emotion has 4 pictures, and of each picture 2 composers made a clip: 4 × 4 pairs of one emotion."""
    clips = [
        Contestant(100 * topic + 10 * picture + cell, f"{topic} {picture} {cell}", cell, f"topic {topic}",
                   frozenset({f"picture {topic} {picture}"}))
        for topic in range(3) for picture in range(4) for cell in range(2)
    ]  # fmt: skip
    return find_pairs(clips)


def in_a_row(pairs, met):
    """How many trials were about a picture of the trial before, of how many."""
    by_name = {pair.name: pair for pair in pairs}
    near = [(by_name[a], by_name[b]) for names in met.values() for a, b in pairwise(names)]
    return sum(not a.pictures.isdisjoint(b.pictures) for a, b in near), len(near)


@pytest.mark.parametrize("seed", range(5))
def test_no_picture_comes_twice_in_a_row_while_others_are_judged_as_rarely(seed):
    pairs = about_pictures()
    rng, judged, found = random.Random(seed), Counter(), {}
    for way in ("kept apart", "as it comes"):
        judged.clear()
        met = {person: [] for person in range(48)}
        for _ in range(12):  # everybody at once, in turns: 48 × 12 judgements of 48 pairs
            for names in met.values():
                last = next((pair.pictures for pair in pairs if names and pair.name == names[-1]), ())
                sides = order_pairs(pairs, judged, names, rng, before=last if way == "kept apart" else ())[0]
                judged[sides.first, sides.second] += 1
                names.append(sides.pair.name)
        totals = [sum(ways) for ways in both_ways(pairs, judged)]
        assert max(totals) - min(totals) <= 2
        found[way], of = in_a_row(pairs, met)
    assert found["kept apart"] <= 0.015 * of < 0.03 * of < found["as it comes"], found


def test_a_pair_that_was_judged_less_often_comes_whatever_picture_it_is_about():
    pairs = about_pictures()
    judged = {(pair.one.key, pair.other.key): 1 for pair in pairs[1:]}
    assert order_pairs(pairs, judged, [], random.Random(0), before=pairs[0].pictures)[0].pair == pairs[0]


def test_what_will_probably_come_is_about_other_pictures_than_what_comes():
    pairs = about_pictures()
    for seed in range(20):
        first, second = order_pairs(pairs, {}, [], random.Random(seed), number=2)
        assert first.pair.pictures.isdisjoint(second.pair.pictures)


def test_sounds_in_memory_win_a_tie_and_nothing_else():
    pairs = find_pairs(contestants())
    wanted = pairs[17]
    keys = {wanted.one.key, wanted.other.key}
    drawn = order_pairs(pairs, {}, [], random.Random(0), preferred=keys)[0]
    assert drawn.pair == wanted
    judged = {(wanted.one.key, wanted.other.key): 1}
    assert order_pairs(pairs, judged, [], random.Random(0), preferred=keys)[0].pair != wanted


def test_every_mode_of_a_study_is_a_declared_form():
    assert list(TRIAL_FORMS) == list(Study.Mode.values)
    assert [form.says for form in TRIAL_FORMS.values()] == list(Study.Mode.labels)
    assert {mode for mode in TRIAL_FORMS if form_of(mode).compares} == {"fits", "more"}
