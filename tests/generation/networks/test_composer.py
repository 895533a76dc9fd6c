"""Sampling from the shipped network: inside the plan, playable, returning bars, seeded."""

from __future__ import annotations

import numpy as np
import pytest

from generation.emotions import EMOTIONS, get_emotion
from generation.music.attributes import target
from generation.music.quantising import PER_BAR
from generation.networks.bounds import HAND_SPAN, Draft
from generation.networks.composer import load_composer
from generation.networks.drafting import Wish, make_wish, plan_candidate, write_piece
from generation.networks.events import LOWEST_RELATIVE
from generation.networks.sampling import LONGEST_SILENCE, MOST_TOGETHER, sample


def draw(slug: str, seed: int, count: int = 3) -> list[tuple[Wish, Draft]]:
    emotion = get_emotion(slug)
    place = (emotion.valence, emotion.arousal, emotion.dominance)
    random = np.random.default_rng(seed)
    wishes = [make_wish(target(*place), place, random) for _ in range(count)]
    drafts = sample(load_composer().network, [plan_candidate(wish) for wish in wishes], random)
    return list(zip(wishes, drafts, strict=True))


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Wish, Draft]]:
    return [pair for emotion in EMOTIONS for pair in draw(emotion.slug, 5)]


def test_the_same_seed_draws_the_same_notes_and_another_seed_others() -> None:
    assert [d for _, d in draw("fear", 1)] == [d for _, d in draw("fear", 1)]
    assert [d for _, d in draw("fear", 1)] != [d for _, d in draw("fear", 2)]


def test_every_draft_fills_its_bars_and_stops_before_the_ending(drawn: list[tuple[Wish, Draft]]) -> None:
    for wish, draft in drawn:
        assert draft.starts[0] == 0
        assert draft.starts == sorted(draft.starts)
        assert draft.starts[-1] < (wish.form.bars - 1) * PER_BAR
        assert all(draft.in_bar(bar) for bar in range(wish.form.bars - 1))


def test_no_silence_is_longer_than_three_beats(drawn: list[tuple[Wish, Draft]]) -> None:
    for _, draft in drawn:
        assert max(np.diff(draft.starts)) <= LONGEST_SILENCE + 4


def test_what_is_struck_together_fits_two_hands(drawn: list[tuple[Wish, Draft]]) -> None:
    for _, draft in drawn:
        for start in set(draft.starts):
            struck = [p for s, p in zip(draft.starts, draft.pitches, strict=True) if s == start]
            left = [p for p in struck if p <= struck[0] + HAND_SPAN][:5]
            right = struck[len(left) :]
            assert len(struck) <= MOST_TOGETHER
            assert struck == sorted(set(struck))
            assert not right or right[-1] - right[0] <= HAND_SPAN


def test_phrases_return_and_most_notes_are_the_networks_own(drawn: list[tuple[Wish, Draft]]) -> None:
    for wish, draft in drawn:
        for bar, source in enumerate(wish.form.sources):
            if source is None:
                continue
            before = [draft.starts[i] % PER_BAR for i in draft.in_bar(source)]
            assert [draft.starts[i] % PER_BAR for i in draft.in_bar(bar)][: len(before)] == before
    assert np.mean([draft.free / len(draft) for _, draft in drawn]) > 0.5


def test_chromatic_notes_come_where_they_are_wanted() -> None:
    def outside(slug: str) -> float:
        shares = []
        for wish, draft in draw(slug, 3, 6):
            scale = plan_candidate(wish).scale
            shares.append(np.mean([(p + LOWEST_RELATIVE) % 12 not in scale for p in draft.pitches]))
        return float(np.mean(shares))

    assert outside("fear") > 0.05 > outside("contentment")


def test_the_piece_ends_on_the_tonic_chord_that_rings(drawn: list[tuple[Wish, Draft]]) -> None:
    for wish, draft in drawn:
        piece = write_piece(draft, wish)
        last = [note for note in piece.notes if note.start == (wish.form.bars - 1) * 4]
        assert min(last, key=lambda note: note.pitch).pitch % 12 == wish.tonic
        assert {note.end for note in last} == {piece.length}
        assert all(note.duration * 60 / piece.tempo >= 1.3 for note in last)
