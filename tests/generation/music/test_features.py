"""Features say in numbers what a musician would say in words."""

from __future__ import annotations

from pathlib import Path
from statistics import mean, median

import pytest
from django.conf import settings

from generation.music.features import MusicFeatures, measure_features
from generation.music.notes import Note, Pedal, Performance, Piece, PlayedNote
from generation.music.score import write_midi

EMOPIA = Path(settings.BASE_DIR).parent / "shared" / "data" / "emopia"
C_MAJOR_SCALE = (60, 62, 64, 65, 67, 69, 71, 72)
A_MINOR_SCALE = (57, 59, 60, 62, 64, 65, 68, 69)


def line(pitches: tuple[int, ...], duration: float = 0.5, velocity: int = 64) -> tuple[Note, ...]:
    return tuple(Note(i / 2, pitch, duration, velocity, "right") for i, pitch in enumerate(pitches))


def measure(pitches: tuple[int, ...], **options: float) -> MusicFeatures:
    return measure_features(Piece(line(pitches, **options), tempo=120.0, tonic=0, mode="major"))


def test_the_c_major_scale_is_in_c_major() -> None:
    assert measure(C_MAJOR_SCALE).key == "C major"


def test_the_harmonic_minor_scale_on_a_is_in_a_minor() -> None:
    assert measure((*A_MINOR_SCALE, 57)).key == "A minor"


def test_a_scale_moved_up_three_keys_is_in_e_flat_major() -> None:
    assert measure(tuple(pitch + 3 for pitch in C_MAJOR_SCALE)).key == "E♭ major"


def test_all_twelve_keys_alike_have_the_greatest_entropy_and_no_clear_key() -> None:
    features = measure(tuple(range(60, 72)))
    assert round(features.pitch_class_entropy, 3) == 3.585
    assert features.key_clarity < 0.01


def test_eighths_at_120_are_four_a_second_and_two_a_beat() -> None:
    features = measure(C_MAJOR_SCALE)
    assert (features.seconds, features.notes_per_second, features.notes_per_beat) == (2.0, 4.0, 2.0)


@pytest.mark.parametrize(("duration", "articulation"), [(0.2, 0.4), (0.5, 1.0), (0.6, 1.2)])
def test_articulation_is_staccato_below_a_half_and_legato_near_one(duration: float, articulation: float) -> None:
    assert measure(C_MAJOR_SCALE, duration=duration).articulation == pytest.approx(articulation)


def test_a_triad_held_alone_is_three_keys_thick() -> None:
    triad = tuple(Note(0, pitch, 4, 64, "right") for pitch in (60, 64, 67))
    assert measure_features(Piece(triad, 60, 0, "major")).polyphony == 3.0


def test_loudness_and_register_are_plain_means() -> None:
    notes = (Note(0, 40, 2, 30, "left"), Note(0, 70, 1, 60, "right"), Note(1, 80, 1, 90, "right"))
    features = measure_features(Piece(notes, 60, 0, "major"))
    assert (features.velocity_mean, round(features.velocity_sd, 3)) == (60.0, 24.495)
    assert (features.left_pitch, features.right_pitch) == (40.0, 75.0)


def test_a_hand_that_rests_has_no_register() -> None:
    assert measure(C_MAJOR_SCALE).left_pitch is None


def test_the_pedal_share_is_the_time_with_the_pedal_down() -> None:
    played = Performance((PlayedNote(0, 60, 4, 64, "right"),), (Pedal(0, 1), Pedal(3, 9)))
    assert measure_features(played, tempo=60).pedal_share == 0.5


def test_a_file_that_keeps_its_stated_tempo_is_believed() -> None:
    features = measure_features(write_midi(Piece(line(C_MAJOR_SCALE * 4), 91.0, 0, "major")))
    assert (features.tempo_source, round(features.tempo, 3)) == ("written", 91.0)


def test_a_file_that_ignores_its_stated_tempo_is_tracked() -> None:
    notes = tuple(PlayedNote(i * 0.61 + 0.013, 60 + i % 12, 0.3, 64, "right") for i in range(40))
    features = measure_features(write_midi(Piece((), 120.0, 0, "major"), Performance(notes)))
    assert features.tempo_source == "estimated"
    assert features.tempo == pytest.approx(60 / 0.61, rel=0.03)


def test_a_tempo_told_by_the_caller_wins() -> None:
    features = measure_features(write_midi(Piece(line(C_MAJOR_SCALE), 91.0, 0, "major")), tempo=182.0)
    assert (features.tempo_source, features.tempo) == ("given", 182.0)


def test_silence_and_an_impossible_tempo_are_refused() -> None:
    with pytest.raises(ValueError, match="There are no notes to measure"):
        measure_features(Performance(()))
    with pytest.raises(ValueError, match="between 20 and 300"):
        measure_features(write_midi(Piece(line(C_MAJOR_SCALE), 91.0, 0, "major")), tempo=0)


def test_the_dictionary_is_plain_and_complete() -> None:
    features = measure(C_MAJOR_SCALE).as_dict()
    assert list(features) == list(MusicFeatures.__dataclass_fields__)
    assert {type(value) for value in features.values()} <= {int, float, str, type(None)}


@pytest.mark.skipif(not EMOPIA.is_dir(), reason="EMOPIA's clips are not at ../shared/data/emopia")
def test_real_piano_clips_measure_as_emopia_publishes_them() -> None:
    # Hung et al. 2021, read from the figures: notes a second, velocity and pitch by quadrant
    clips: dict[str, list[MusicFeatures]] = {}
    for path in sorted(EMOPIA.glob("midi/*.mid"))[::16]:
        clips.setdefault(path.name[:2], []).append(measure_features(path.read_bytes()))
    for quadrant, density, velocity, pitch in (
        ("Q1", 8.5, 77, 62.6),
        ("Q2", 9.9, 80, 60.3),
        ("Q3", 4.7, 54, 63.5),
        ("Q4", 4.7, 52, 61.2),
    ):
        found = clips[quadrant]
        assert mean(clip.notes_per_second for clip in found) == pytest.approx(density, rel=0.25)
        assert mean(clip.velocity_mean for clip in found) == pytest.approx(velocity, rel=0.12)
        assert mean(clip.pitch_mean for clip in found) == pytest.approx(pitch, abs=3)
    beats = {quadrant: median(clip.notes_per_beat for clip in found) for quadrant, found in clips.items()}
    assert min(beats["Q1"], beats["Q2"]) > max(beats["Q3"], beats["Q4"])
