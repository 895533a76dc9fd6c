"""One length for all clips: which bars and tempo a piece gets, and when its last chord falls."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generation.music import length
from generation.music.length import (
    CLIP_SECONDS,
    LAST_CHORD_SECONDS,
    RELEASED_SECONDS,
    Fitted,
    draw_last_chord,
    fit_bars,
)
from generation.music.notes import Note, Piece
from generation.music.performance import Ending, Style, keep_time, lost_in_ritard, perform

STYLE = Style(dynamics=64.0, spread=8.0, ritard=0.65, looseness=0.008)


def scale(bars: int = 8, tempo: float = 72.0) -> Piece:
    """Quarters up and down, and a last bar with a chord."""
    end = (bars - 1) * 4
    line = [Note(float(beat), 60 + beat % 8, 1.0, 64, "right") for beat in range(end)]
    return Piece((*line, *(Note(float(end), pitch, 4.0, 64, "right") for pitch in (60, 64, 67))), tempo, 0, "major")


def test_the_examples_hold() -> None:
    assert doctest.testmod(length).failed == 0


def test_the_common_length_is_what_the_documents_say() -> None:
    assert (CLIP_SECONDS, LAST_CHORD_SECONDS, RELEASED_SECONDS) == (28.0, (22.5, 24.5), 26.6)


def test_the_last_chord_falls_anywhere_in_its_window() -> None:
    drawn = np.array([draw_last_chord(np.random.default_rng(seed)) for seed in range(2000)])
    assert (drawn.min(), drawn.max()) == (pytest.approx(22.5, abs=0.01), pytest.approx(24.5, abs=0.01))
    assert np.histogram(drawn, 4, LAST_CHORD_SECONDS)[0] == pytest.approx(500, abs=80)


@given(st.floats(52, 172), st.floats(*LAST_CHORD_SECONDS), st.floats(0.0, 0.6))
def test_bars_and_tempo_meet_the_last_chord_and_the_tempo_is_hardly_another(
    tempo: float, last_chord: float, lost: float
) -> None:
    fitted = fit_bars(tempo, last_chord, range(6, 19), lost_beats=lost)
    assert ((fitted.bars - 1) * 4 + lost) * 60 / fitted.tempo == pytest.approx(fitted.last_chord, abs=0.03)
    assert abs(fitted.last_chord - last_chord) <= 0.5
    assert LAST_CHORD_SECONDS[0] <= fitted.last_chord <= LAST_CHORD_SECONDS[1]
    half_a_bar = 0.5 / (fitted.bars - 1)
    assert abs(fitted.tempo / tempo - 1) < (0.13 if tempo < 62 else half_a_bar + 0.02)


@pytest.mark.parametrize("beats_per_bar", [3, 4, 6])
@given(st.floats(52, 172), st.floats(*LAST_CHORD_SECONDS))
def test_bars_of_every_metre_meet_the_last_chord(beats_per_bar: float, tempo: float, last_chord: float) -> None:
    fitted = fit_bars(tempo, last_chord, range(4, 40), beats_per_bar=beats_per_bar)
    assert (fitted.bars - 1) * beats_per_bar * 60 / fitted.tempo == pytest.approx(fitted.last_chord, abs=0.03)
    assert LAST_CHORD_SECONDS[0] <= fitted.last_chord <= LAST_CHORD_SECONDS[1]
    if beats_per_bar == 4:
        assert fitted == fit_bars(tempo, last_chord, range(4, 40))


def test_a_tempo_outside_the_band_is_taken_only_where_no_bars_lie_within() -> None:
    assert fit_bars(52.0, 24.0, range(6, 19), within=(52.0, 66.0)) == Fitted(7, 58.8, 24.5)
    assert fit_bars(52.0, 24.0, range(6, 19)) == Fitted(6, 51.1, 23.5)
    assert fit_bars(54.0, 24.0, range(6, 19), within=(53.0, 55.0)) == Fitted(6, 51.1, 23.5)


def test_the_tempo_is_kept_where_half_a_second_allows_it() -> None:
    drawn = np.linspace(*LAST_CHORD_SECONDS, 41)
    kept = [fit_bars(128.0, float(moment), range(6, 19)).tempo for moment in drawn]
    assert np.mean([abs(tempo - 128.0) < 1.0 for tempo in kept]) > 0.6


@pytest.mark.parametrize("ritard", [0.65, 0.75, 0.85])
def test_what_a_ritard_takes_is_counted(ritard: float) -> None:
    clock = keep_time(36, 60.0, 32.0, Style(64.0, 8.0, arch=0.0, ritard=ritard), lambda beat: 0.5)
    assert clock.at(32.0) - 32.0 == pytest.approx(lost_in_ritard(ritard), abs=0.02)


@pytest.mark.parametrize("struck", [20.0, 23.3, 25.0])
def test_a_performance_strikes_and_releases_its_last_chord_when_asked(struck: float) -> None:
    played = perform(scale(), STYLE, np.random.default_rng(2), ending=Ending(struck, 26.6))
    chord = sorted(played.notes)[-3:]
    assert [note.onset for note in chord] == pytest.approx([struck] * 3, abs=0.06)
    assert [note.offset for note in chord] == pytest.approx([26.6] * 3)
    assert played.pedals[-1].up == pytest.approx(26.6)
    assert played.seconds == pytest.approx(26.6)
