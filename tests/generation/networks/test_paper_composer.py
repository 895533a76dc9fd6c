"""The baseline composer writes short, playable, whole pieces that differ as their emotions do."""

from __future__ import annotations

from functools import cache
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generation.emotions import EMOTIONS, SLUGS, get_emotion
from generation.music.features import measure_features
from generation.music.length import LAST_CHORD_SECONDS, RELEASED_SECONDS, fit_bars
from generation.music.notes import Note, Piece, play_straight
from generation.networks.composers import ComposeRequest, Composition, compose
from generation.networks.paper_composer.plan import FORMS
from generation.networks.paper_composer.styles import CHORDS, STYLES

SEEDS = range(20)
TENTH = 16


@cache
def make(slug: str, seed: int) -> Composition:
    return compose("paper", ComposeRequest(get_emotion(slug), seed))


def average(slug: str, feature: str) -> float:
    return mean(getattr(measure_features(make(slug, seed).piece), feature) for seed in SEEDS)


def widest_reach(notes: list[Note]) -> int:
    reaches = [[other.pitch for other in notes if other.start <= note.start < other.end - 1e-3] for note in notes]
    return max((max(keys) - min(keys) for keys in reaches if keys), default=0)


def hands_cross(piece: Piece) -> bool:
    right = [note for note in piece.notes if note.hand == "right"]
    left = [note for note in piece.notes if note.hand == "left"]
    return any(
        low.pitch >= high.pitch and low.start < high.end - 1e-6 and high.start < low.end - 1e-6
        for high in right
        for low in left
    )


@pytest.mark.parametrize("slug", SLUGS)
def test_every_piece_is_whole_and_playable(slug: str) -> None:
    for piece in (make(slug, seed).piece for seed in SEEDS):
        bars = set(range(round(piece.length / 4)))
        assert 20.0 <= piece.seconds <= 30.0
        for hand in ("right", "left"):
            notes = [note for note in piece.notes if note.hand == hand]
            assert {int(note.start // 4) for note in notes} == bars
            assert widest_reach(notes) <= TENTH
        assert not hands_cross(piece)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_piece_ends_on_its_tonic_in_both_hands(slug: str) -> None:
    for piece in (make(slug, seed).piece for seed in SEEDS):
        last = [note for note in piece.notes if note.start == piece.length - 4]
        top, bottom = max(note.pitch for note in last), min(note.pitch for note in last)
        assert (top % 12, bottom % 12) == (piece.tonic, piece.tonic)
        assert {note.end for note in last} == {piece.length}


def test_no_two_pieces_are_alike() -> None:
    pieces = {make(slug, seed).piece for slug in SLUGS for seed in SEEDS}
    assert len(pieces) == len(SLUGS) * len(SEEDS)


def test_two_seeds_share_few_notes() -> None:
    def strikes(piece: Piece) -> set[tuple[float, int]]:
        return {(note.start, (note.pitch - piece.tonic) % 12) for note in piece.notes if note.hand == "right"}

    for slug in SLUGS:
        shares = []
        for seed in range(0, 20, 2):
            one, other = strikes(make(slug, seed).piece), strikes(make(slug, seed + 1).piece)
            shares.append(len(one & other) / len(one | other))
        assert mean(shares) < 0.4


def test_the_same_request_gives_the_same_piece() -> None:
    request = ComposeRequest(get_emotion("awe"), 5, picture={"brightness": 0.4, "edges": 0.1})
    again = ComposeRequest(get_emotion("awe"), 5, picture={"edges": 0.1, "brightness": 0.4})
    assert compose("paper", request) == compose("paper", again)


def test_another_picture_gives_another_piece() -> None:
    dark, bright = (
        compose("paper", ComposeRequest(get_emotion("awe"), 5, picture={"brightness": value})).piece
        for value in (0.2, 0.8)
    )
    assert dark != bright


@pytest.mark.parametrize("slug", SLUGS)
def test_the_first_bars_rhythm_returns_where_its_phrase_does(slug: str) -> None:
    piece = make(slug, 0).piece
    form = FORMS[round(piece.length / 4)]
    starts = [sum(length for _, length in form[:place]) for place in range(len(form)) if form[place][0] == "A"]
    first, returned = (
        sorted({(n.start - bar * 4, n.hand) for n in piece.notes if n.start // 4 == bar}) for bar in starts[:2]
    )
    assert first == returned


def test_emotions_differ_as_listeners_expect() -> None:
    assert average("sadness", "tempo") < average("amusement", "tempo") < average("anger", "tempo")
    assert average("sadness", "notes_per_second") < 5 < average("excitement", "notes_per_second")
    assert average("contentment", "velocity_mean") < 60 < average("anger", "velocity_mean")
    assert average("disgust", "right_pitch") < average("awe", "right_pitch") < average("excitement", "right_pitch")
    assert average("amusement", "articulation") < 0.6 < average("awe", "articulation")
    majors = {
        emotion.slug: mean(make(emotion.slug, seed).piece.mode == "major" for seed in SEEDS) for emotion in EMOTIONS
    }
    assert min(majors[slug] for slug in ("amusement", "awe", "contentment", "excitement")) >= 0.6
    assert max(majors[slug] for slug in ("anger", "disgust", "fear", "sadness")) <= 0.4


def test_the_piece_keeps_to_the_emotions_tempo_band() -> None:
    for slug in SLUGS:
        low, high = STYLES[slug].tempo
        assert all(low <= make(slug, seed).piece.tempo <= high for seed in SEEDS)


def test_it_says_what_it_aimed_at_and_which_network_took_part() -> None:
    made = make("sadness", 1)
    assert made.attributes["tempo"] == {
        "label": "Tempo",
        "unit": "beats per minute",
        "target": [52, 66],
        "measured": made.piece.tempo,
    }
    assert made.scores["class"] == "sad"
    assert list(made.scores["class_probabilities"]) == ["happy", "angry", "sad", "relax"]
    assert made.models["mfcc_emotion"]["version"] == "1.0"
    assert made.models["mapping"]["version"] == "1.1"


def test_a_piece_is_played_as_written_but_its_last_chord_rings_until_all_clips_end() -> None:
    for slug in SLUGS:
        made = make(slug, 1)
        assert made.performance is not None
        written = play_straight(made.piece).notes
        last = max(note.onset for note in written)
        assert LAST_CHORD_SECONDS[0] - 0.05 <= last <= LAST_CHORD_SECONDS[1] + 0.05
        for played, as_written in zip(made.performance.notes, written, strict=True):
            if as_written.onset < last:
                assert played == as_written
            else:
                assert (played.onset, played.offset) == (as_written.onset, pytest.approx(RELEASED_SECONDS))


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(SLUGS))
@settings(max_examples=25, deadline=None)
def test_any_seed_makes_a_piece_of_20_to_30_seconds(seed: int, slug: str) -> None:
    piece = compose("paper", ComposeRequest(get_emotion(slug), seed)).piece
    assert 20.0 <= piece.seconds <= 30.0
    assert not hands_cross(piece)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_tempo_stays_in_the_band_of_its_emotion(slug: str) -> None:
    slowest, fastest = STYLES[slug].tempo
    for share in range(11):
        for last_chord in (22.5, 23.0, 23.5, 24.0, 24.5):
            wanted = slowest + (fastest - slowest) * share / 10
            fitted = fit_bars(wanted, last_chord, FORMS, within=STYLES[slug].tempo)
            assert slowest <= fitted.tempo <= fastest


@pytest.mark.parametrize("bars", FORMS)
def test_every_number_of_bars_has_phrases_for_all_of_them(bars: int) -> None:
    assert sum(length for _, length in FORMS[bars]) == bars
    assert set(FORMS) == set(range(6, 19))


def test_every_progression_names_known_chords() -> None:
    named = {
        chord
        for style in STYLES.values()
        for line in (*style.major, *style.minor, style.major_cadence, style.minor_cadence)
        for chord in line
    }
    assert named <= set(CHORDS)
    assert list(CHORDS["V7"][1]) == [0, 4, 7, 10]
    assert set(STYLES) == set(SLUGS)
