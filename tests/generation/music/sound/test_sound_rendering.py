"""MIDI becomes sound on every piano that is installed here."""

from __future__ import annotations

import os
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import mido
import numpy as np
import pytest

from generation.music.sound import (
    SAMPLE_RATE,
    RendererFailed,
    RendererGaveUp,
    Sound,
    UnplayableMidi,
    available_renderers,
    choose_renderer,
    fluid,
    render,
    renderers,
)
from generation.music.sound.fluid import find_fluidsynth
from generation.music.sound.pianos import GRAND_PLACES, find_grand_piano, keep_piano
from generation.music.sound.playing import SOFTEST_VELOCITY
from generation.music.sound.renderers import find_fluid_r3, small_soundfont
from tests.generation.music.sound.clips import first_sound_seconds, melody, midi_of, pack

FLUID_IS_HERE = bool(find_fluidsynth() and find_fluid_r3())
GRAND = "the grand piano"
PIANOS = [
    pytest.param(
        ("fluidsynth", GRAND),
        id="fluidsynth-grand",
        marks=pytest.mark.skipif(find_grand_piano() is None, reason="FluidSynth or the grand piano is not installed."),
    ),
    pytest.param(
        ("fluidsynth", None),
        id="fluidsynth",
        marks=pytest.mark.skipif(not FLUID_IS_HERE, reason="FluidSynth or FluidR3 is not installed."),
    ),
    pytest.param(("tinysoundfont", small_soundfont()), id="tinysoundfont-TimGM6mb"),
]


@pytest.fixture(scope="module", params=PIANOS)
def piano(request, tmp_path_factory) -> dict[str, object]:
    renderer, soundfont = request.param
    if soundfont == GRAND:
        soundfont = keep_piano(GRAND_PLACES[0], tmp_path_factory.getbasetemp() / "pianos")
    return {"renderer": renderer, "soundfont": soundfont}


def rms(sound: Sound, start: float, stop: float) -> float:
    part = sound.samples[int(start * SAMPLE_RATE) : int(stop * SAMPLE_RATE)].astype(np.float64)
    return float(np.sqrt((part**2).mean()))


@pytest.fixture(scope="module")
def played(piano) -> Sound:
    return render(melody(), **piano)


def test_the_same_midi_gives_the_same_samples(piano):
    first, second = (render(melody(2.0), **piano) for _ in range(2))
    assert np.array_equal(first.samples, second.samples)


def test_sound_is_stereo_at_44100_hertz(played):
    assert (played.sample_rate, played.samples.shape[1], played.samples.dtype) == (44_100, 2, np.float32)


def test_the_two_channels_differ(played):
    left, right = played.samples.T
    assert np.corrcoef(left, right)[0, 1] < 0.98


def test_the_clip_sounds_within_50_milliseconds(played):
    assert first_sound_seconds(played) < 0.030


def test_both_ends_are_exactly_silent(played):
    assert (played.samples[0].tolist(), played.samples[-1].tolist()) == ([0.0, 0.0], [0.0, 0.0])


def test_the_tail_rings_out_to_sixty_decibels_below_the_loudest_moment(played):
    loudest = max(rms(played, start, start + 0.05) for start in np.arange(0, 6, 0.05))
    end = played.seconds
    assert 20 * np.log10(rms(played, end - 0.30, end - 0.25) / loudest) < -50


def test_the_tail_is_kept_beyond_the_last_key(played):
    assert 6.0 < played.seconds < 10.0


def test_no_step_between_neighbouring_samples_is_a_click(played):
    steps = np.abs(np.diff(played.samples, axis=0)).max(axis=1)
    assert steps[-SAMPLE_RATE // 10 :].max() < 0.001


def test_rests_before_the_first_note_are_cut(piano):
    late = render(midi_of([(3.0, 3.5, 60, 80)]), **piano)
    assert first_sound_seconds(late) < 0.030


def test_notes_begin_when_the_midi_says(piano):
    onsets = [0.0, 0.777, 1.5, 2.123]
    sound = render(midi_of([(onset, onset + 0.1, 84, 100) for onset in onsets]), **piano)
    level = np.abs(sound.samples).max(axis=1)
    rises = []
    for onset in onsets:
        start = int((onset + 0.005) * SAMPLE_RATE)
        before = level[max(start - 200, 0) : start].max(initial=0.0)
        rises.append(int(np.argmax(level[start:] > 2 * before + 0.01)) + start)
    heard = (np.array(rises) - rises[0]) / SAMPLE_RATE
    assert np.abs(heard - onsets).max() < 0.004


def test_a_louder_stroke_sounds_louder(piano):
    soft, loud = (render(midi_of([(0, 1, 60, velocity)]), **piano) for velocity in (40, 100))
    assert rms(loud, 0, 1) > 2 * rms(soft, 0, 1)


def test_the_sustain_pedal_lets_keys_sound_on(piano):
    notes = [(0.0, 0.2, 60, 80), (2.5, 2.6, 84, 30)]
    dry = render(midi_of(notes), **piano)
    pedalled = render(midi_of(notes, pedals=[(0.0, 2.0)]), **piano)
    assert rms(pedalled, 1.2, 1.8) > 5 * rms(dry, 1.2, 1.8)


def test_a_pedal_that_is_never_lifted_does_not_ring_for_ever(piano):
    held = pack(
        [
            (0.0, 1, mido.Message("control_change", control=64, value=127)),
            (0.0, 2, mido.Message("note_on", note=40, velocity=90)),
            (0.5, 0, mido.Message("note_off", note=40)),
        ]
    )
    assert render(held, **piano).seconds < 0.5 + 4.0 + 4.5


def test_other_instruments_and_drums_are_left_out(piano):
    plain = midi_of([(0, 0.5, 60, 80)])
    with_others = pack(
        [
            (0.0, 0, mido.Message("program_change", program=56)),
            (0.0, 2, mido.Message("note_on", note=60, velocity=80)),
            (0.1, 2, mido.Message("note_on", channel=9, note=38, velocity=127)),
            (0.5, 0, mido.Message("note_off", note=60)),
        ]
    )
    assert np.array_equal(render(plain, **piano).samples, render(with_others, **piano).samples)


def test_provenance_names_renderer_and_soundfont(piano):
    provenance = render(midi_of([(0, 0.2, 60, 80)]), **piano).provenance
    font = piano["soundfont"] or find_fluid_r3()
    assert (provenance["renderer"], provenance["soundfont"]) == (piano["renderer"], font.name)
    assert len(provenance["soundfont_sha256"]) == 64


def test_small_soundfont_is_the_one_pretty_midi_ships():
    sound = render(midi_of([(0, 0.2, 60, 80)]), renderer="tinysoundfont", soundfont=small_soundfont())
    assert sound.provenance["soundfont"] == "TimGM6mb.sf2"


@pytest.mark.parametrize(
    "data",
    [b"", b"not music", b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x01\xe0", melody()[:60]],
    ids=["empty", "text", "header only", "truncated"],
)
def test_bytes_that_are_no_music_are_refused_with_a_sentence(data):
    with pytest.raises(UnplayableMidi, match=r"\.$"):
        render(data)


def test_a_midi_file_without_notes_is_refused():
    with pytest.raises(UnplayableMidi, match="holds no notes"):
        render(pack([(0.0, 0, mido.Message("program_change", program=0))]))


def test_an_endless_piece_is_refused():
    with pytest.raises(UnplayableMidi, match="the limit is 600 seconds"):
        render(midi_of([(0, 1, 60, 80), (700, 701, 60, 80)]))


def test_an_unknown_renderer_is_refused():
    with pytest.raises(RendererFailed, match="choose auto, fluidsynth or tinysoundfont"):
        render(melody(), renderer="harpsichord")


def test_a_soundfont_that_is_none_is_refused(tmp_path):
    fake = tmp_path / "piano.sf2"
    fake.write_bytes(b"RIFFxxxxWAVE")
    with pytest.raises(RendererFailed, match="is not a SoundFont"):
        render(melody(), soundfont=fake)


def test_a_soundfont_that_is_missing_is_named(tmp_path):
    with pytest.raises(RendererFailed, match=r"missing\.sf2 cannot be read"):
        render(melody(), soundfont=tmp_path / "missing.sf2")


@pytest.mark.parametrize("renderer", ["fluidsynth", "tinysoundfont"])
def test_a_damaged_soundfont_is_refused(tmp_path, renderer):
    if renderer == "fluidsynth" and not find_fluidsynth():
        pytest.skip("FluidSynth is not installed.")
    damaged = tmp_path / "damaged.sf2"
    damaged.write_bytes(small_soundfont().read_bytes()[:4000])
    with pytest.raises(RendererFailed, match=r"damaged\.sf2"):
        render(melody(), renderer=renderer, soundfont=damaged)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a program of that content where FluidSynth is looked for."""

    def make(script: str) -> None:
        program = tmp_path / "bin" / "fluidsynth"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    return make


def test_a_piece_that_the_renderer_does_not_finish_is_refused_for_itself(stand_in, monkeypatch):
    stand_in("exec sleep 30")
    monkeypatch.setattr(fluid, "LONGEST_LIMIT_SECONDS", 0.5)
    with pytest.raises(RendererGaveUp, match="did not finish this MIDI file") as refused:
        render(melody(), renderer="fluidsynth", soundfont=small_soundfont())
    assert isinstance(refused.value, UnplayableMidi)
    assert not isinstance(refused.value, RendererFailed)


def test_a_piece_at_which_the_renderer_breaks_is_refused_for_itself(stand_in):
    stand_in("echo out of luck >&2; exit 3")
    with pytest.raises(RendererGaveUp, match=r"status 3: out of luck.*save it anew"):
        render(melody(), renderer="fluidsynth", soundfont=small_soundfont())


def test_a_renderer_that_writes_half_is_the_machines_fault_and_no_short_clip(stand_in):
    stand_in('while [ "$1" != "-F" ]; do shift; done; head -c 80000 /dev/zero > "$2"')
    with pytest.raises(RendererFailed, match="no room on the disk"):
        render(melody(), renderer="fluidsynth", soundfont=small_soundfont())


def test_the_floor_is_always_offered_and_last():
    renderer = available_renderers()[-1]
    assert renderer.description == "TinySoundFont with TimGM6mb"


def test_without_fluidsynth_the_floor_is_chosen(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert choose_renderer("auto").name == "tinysoundfont"


def test_asking_for_fluidsynth_where_it_is_missing_says_how_to_install_it(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RendererFailed, match="apt install fluidsynth fluid-soundfont-gm"):
        choose_renderer("fluidsynth")


@pytest.fixture
def without_tinysoundfont(monkeypatch):
    """As where the package was never installed: whoever looks for it finds nothing."""
    monkeypatch.setattr(renderers, "find_spec", lambda name: None if name == "tinysoundfont" else find_spec(name))


def test_without_tinysoundfont_the_floor_is_not_offered(without_tinysoundfont):
    assert {renderer.name for renderer in available_renderers()} == ({"fluidsynth"} if FLUID_IS_HERE else set())


@pytest.mark.parametrize("name", ["auto", "tinysoundfont"])
def test_where_no_piano_is_installed_both_that_can_be_are_named(without_tinysoundfont, monkeypatch, name):
    monkeypatch.setenv("PATH", "")
    assert available_renderers() == ()
    with pytest.raises(RendererFailed, match=r"^No piano is installed: install TinySoundFont .* or FluidSynth"):
        choose_renderer(name)


def test_a_given_soundfont_is_used_instead_of_the_installed():
    assert choose_renderer("auto", small_soundfont()).soundfont == Path(small_soundfont())


def test_the_version_of_what_played_is_part_of_the_origin(piano, played) -> None:
    origin = played.origin
    assert (origin.renderer, len(origin.soundfont_sha256)) == (piano["renderer"], 64)
    if origin.renderer == "fluidsynth":
        said = subprocess.run([find_fluidsynth(), "--version"], capture_output=True, text=True, check=True).stdout
    else:
        said = f"version {version('tinysoundfont')}"
    assert f"version {origin.renderer_version}\n" in f"{said}\n"
    assert played.provenance["renderer_version"] == origin.renderer_version


def test_another_fluidsynth_is_asked_for_its_own_version(tmp_path: Path, monkeypatch) -> None:
    program = tmp_path / "fluidsynth"
    for told in ("2.9.1", "2.9.2"):
        program.write_text(f"#!/bin/sh\necho 'FluidSynth runtime version {told}'\n")
        program.chmod(0o755)
        os.utime(program, ns=(0, int(told[-1])))
        monkeypatch.setattr(fluid, "find_fluidsynth", lambda: str(program))
        assert fluid.fluidsynth_version() == told


@pytest.mark.parametrize("error", [OSError("no memory"), subprocess.TimeoutExpired("fluidsynth", 60)])
def test_a_fluidsynth_that_did_not_answer_once_is_asked_again(tmp_path: Path, monkeypatch, error) -> None:
    program = tmp_path / "fluidsynth"
    program.write_text("#!/bin/sh\necho 'FluidSynth runtime version 2.9.3'\n")
    program.chmod(0o755)
    monkeypatch.setattr(fluid, "find_fluidsynth", lambda: str(program))

    def busy(*_, **__):
        raise error

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(subprocess, "run", busy)
        assert fluid.fluidsynth_version() == ""
    assert fluid.fluidsynth_version() == "2.9.3"


def test_the_softest_strokes_of_midi_are_heard(piano) -> None:
    """Velocity 1 and 2 have no recording in the grand piano; they are played like 3, the softest that has."""
    assert SOFTEST_VELOCITY == 3
    one, two, three, ten = (render(midi_of([(0, 1, 60, velocity)]), **piano) for velocity in (1, 2, 3, 10))
    assert rms(three, 0, 1) > 1e-5
    assert np.array_equal(one.samples, three.samples)
    assert np.array_equal(two.samples, three.samples)
    assert rms(ten, 0, 1) > rms(three, 0, 1)
