"""The muse and its controls: deterministic, on target, the right length, playable, honestly described."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from generation.emotions import EMOTIONS, get_emotion
from generation.music.attributes import NAMES, measure, neutral
from generation.music.hands import SPAN
from generation.music.score import read_midi, write_midi
from generation.networks.composers import ComposeRequest, Composition, compose, installed_composers
from generation.networks.muse_composer import choose_quadrant


@pytest.fixture(scope="module")
def clips() -> dict[str, list[Composition]]:
    return {
        emotion.slug: [compose("muse", ComposeRequest(emotion, seed, candidates=4)) for seed in (1, 2, 3)]
        for emotion in EMOTIONS
    }


def mean(clips: list[Composition], name: str) -> float:
    return float(np.mean([clip.attributes[name]["measured"] for clip in clips]))


def test_all_five_composers_are_on_offer() -> None:
    assert {"paper", "muse", "unpictured", "shuffled", "neutral"} <= set(installed_composers())


def test_the_same_request_gives_the_same_clip_and_another_seed_another() -> None:
    request = ComposeRequest(get_emotion("awe"), 7, candidates=2)
    again = compose("muse", ComposeRequest(get_emotion("awe"), 7, candidates=2))
    assert compose("muse", request) == again
    assert compose("muse", ComposeRequest(get_emotion("awe"), 8, candidates=2)).piece != again.piece


def test_every_clip_lasts_20_to_30_seconds_within_a_tenth(clips: dict[str, list[Composition]]) -> None:
    for made in clips.values():
        for clip in made:
            assert clip.performance is not None
            assert 20 <= clip.piece.seconds <= 30.01
            assert 20 <= clip.performance.seconds <= 33


def test_every_clip_begins_at_once_and_rings_out(clips: dict[str, list[Composition]]) -> None:
    for made in clips.values():
        for clip in made:
            played = clip.performance
            assert played is not None
            assert min(note.onset for note in played.notes) == 0
            last = max(note.onset for note in played.notes)
            assert played.seconds - last > 1.5
            assert played.pedals[-1].up >= played.seconds - 0.1


def test_no_key_sticks_or_collides_and_hands_reach_their_notes(clips: dict[str, list[Composition]]) -> None:
    for made in clips.values():
        for clip in made:
            assert clip.performance is not None
            by_key = sorted(clip.performance.notes, key=lambda note: (note.pitch, note.onset))
            assert all(a.pitch != b.pitch or b.onset > a.offset for a, b in pairwise(by_key))
            for hand in ("left", "right"):
                line = [note for note in clip.piece.notes if note.hand == hand]
                for note in line:
                    held = [other.pitch for other in line if other.start <= note.start < other.end]
                    assert max(held) - min(held) <= SPAN


def test_what_is_written_to_midi_is_what_was_played(clips: dict[str, list[Composition]]) -> None:
    clip = clips["sadness"][0]
    assert clip.performance is not None
    read = read_midi(write_midi(clip.piece, clip.performance))
    assert len(read.notes) == len(clip.performance.notes)
    assert measure(read).dynamics == pytest.approx(clip.attributes["dynamics"]["measured"], abs=0.01)


def test_aroused_emotions_are_faster_denser_and_louder_than_calm_ones(clips: dict[str, list[Composition]]) -> None:
    aroused = [clip for slug in ("excitement", "anger", "fear") for clip in clips[slug]]
    calm = [clip for slug in ("sadness", "contentment", "awe") for clip in clips[slug]]
    for name in ("tempo", "density", "dynamics"):
        assert mean(aroused, name) > mean(calm, name)


def test_positive_emotions_sound_major_and_negative_ones_minor(clips: dict[str, list[Composition]]) -> None:
    for emotion in EMOTIONS:
        assert (mean(clips[emotion.slug], "majorness") > 0) == (emotion.valence > 0)


def test_fear_is_more_chromatic_than_anger_and_contentment(clips: dict[str, list[Composition]]) -> None:
    fear = mean(clips["fear"], "chromaticism")
    assert fear > mean(clips["anger"], "chromaticism")
    assert fear > mean(clips["contentment"], "chromaticism") + 0.03


def test_most_attributes_lie_inside_their_bands(clips: dict[str, list[Composition]]) -> None:
    inside = [
        row["target"][0] <= row["measured"] <= row["target"][1]
        for made in clips.values()
        for clip in made
        for row in clip.attributes.values()
    ]
    assert np.mean(inside) > 0.7


def test_each_attribute_names_unit_band_and_value(clips: dict[str, list[Composition]]) -> None:
    described = clips["anger"][0].attributes
    assert tuple(described) == NAMES
    assert set(described["tempo"]) == {"label", "unit", "target", "measured"}
    assert described["tempo"]["unit"] == "beats per minute"


def test_the_best_candidate_is_chosen_and_no_tune_is_copied(clips: dict[str, list[Composition]]) -> None:
    for made in clips.values():
        for clip in made:
            totals = [candidate["total"] for candidate in clip.scores["candidates"]]
            assert len(totals) == 4
            assert totals[clip.scores["chosen"]] == max(totals)
            assert clip.scores["candidates"][clip.scores["chosen"]]["copied"] == 0


def test_provenance_names_network_and_targets(clips: dict[str, list[Composition]]) -> None:
    models = clips["awe"][0].models
    assert models["composer"]["name"] == "muse"
    assert len(models["composer"]["sha256"]) == 64
    assert models["attribute_targets"]["version"].startswith("1-")


def test_shuffled_is_the_muse_for_an_emotion_of_another_quadrant() -> None:
    for seed in range(4):
        request = ComposeRequest(get_emotion("sadness"), seed, candidates=1)
        shuffled = compose("shuffled", request)
        other = get_emotion(shuffled.models["composed_for"])
        assert other.quadrant != "Q3"
        assert shuffled.piece == compose("muse", ComposeRequest(other, seed, candidates=1)).piece


def test_neutral_is_another_piece_for_every_emotion_and_aims_at_neutral_attributes() -> None:
    one, other = (compose("neutral", ComposeRequest(get_emotion(s), 3, candidates=1)) for s in ("fear", "awe"))
    assert one.piece != other.piece
    assert one.models == other.models
    assert abs(one.attributes["tempo"]["measured"] - neutral().tempo) < 40


def test_coordinates_replace_the_emotions_own() -> None:
    sadness = get_emotion("sadness")
    plain = compose("muse", ComposeRequest(sadness, 2, candidates=2))
    lively = compose("muse", ComposeRequest(sadness, 2, arousal=0.9, valence=0.8, candidates=2))
    assert lively.attributes["tempo"]["measured"] > plain.attributes["tempo"]["measured"] + 20
    assert lively.piece.mode == "major"


def test_coordinates_choose_the_quadrant_of_comparison() -> None:
    fear = get_emotion("fear")
    assert choose_quadrant(fear, (fear.valence, fear.arousal, fear.dominance)) == "Q2"
    assert choose_quadrant(fear, (0.5, -0.5, 0.0)) == "Q4"
    assert choose_quadrant(fear, (-0.5, -0.5, 0.0)) == "Q3"


@pytest.mark.parametrize("seed", [0, 2**31, 2**62, 10**18])
def test_any_seed_will_do(seed: int) -> None:
    assert compose("muse", ComposeRequest(get_emotion("anger"), seed, candidates=1)).piece.notes
