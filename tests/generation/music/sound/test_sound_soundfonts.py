"""The piano is taken out of a SoundFont whole: it sounds as it did among the others."""

from __future__ import annotations

import hashlib
import os
import stat
import struct
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from generation.music.sound import SAMPLE_RATE, RendererFailed, Sound, choose_renderer, level, pianos, render
from generation.music.sound.fluid import find_fluidsynth, render_with_fluidsynth
from generation.music.sound.pianos import GRAND_PLACES, find_grand_piano, keep_piano
from generation.music.sound.playing import read_playing
from generation.music.sound.renderers import find_fluid_r3, hash_soundfont, small_soundfont
from generation.music.sound.soundfonts import TABLES, UnusableSoundFont, asks_for_reverb, take_out_piano
from tests.generation.music.sound.clips import melody, midi_of

needs_grand = pytest.mark.skipif(find_grand_piano() is None, reason="FluidSynth or the grand piano is not installed.")
SYNTHESISERS = [
    "tinysoundfont",
    pytest.param(
        "fluidsynth", marks=pytest.mark.skipif(find_fluidsynth() is None, reason="FluidSynth is not installed.")
    ),
]


@pytest.fixture(scope="module")
def small_piano(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kept = tmp_path_factory.mktemp("pianos") / "small.sf2"
    kept.write_bytes(take_out_piano(small_soundfont()))
    return kept


@pytest.mark.parametrize("renderer", SYNTHESISERS)
def test_the_piano_alone_plays_the_same_samples_as_among_the_others(renderer: str, small_piano: Path) -> None:
    whole, alone = (render(melody(3.0), renderer=renderer, soundfont=font) for font in (small_soundfont(), small_piano))
    # TinySoundFont reckons places in the file in floating point: below the last bit of 24.
    assert np.allclose(whole.samples, alone.samples, rtol=0, atol=2**-24 if renderer == "tinysoundfont" else 0)


def test_nothing_but_the_piano_is_taken(small_piano: Path) -> None:
    assert small_piano.stat().st_size < small_soundfont().stat().st_size / 5
    tables = read_tables(small_piano.read_bytes())
    assert [bytes(name) for name in tables["phdr"]["name"]] == [b"Piano 1", b"EOP"]
    assert [bytes(name) for name in tables["inst"]["name"]][1:] == [b"EOI"]
    assert set(tables["shdr"]["type"][:-1]) <= {1, 2, 4}


def test_the_same_soundfont_gives_the_same_bytes() -> None:
    assert take_out_piano(small_soundfont(), "again") == take_out_piano(small_soundfont(), "again")


@pytest.mark.parametrize("comment", ["even", "odd", ""])
def test_every_text_of_the_file_ends_in_zero_and_has_an_even_size(comment: str) -> None:
    """FluidSynth refuses a file of which this does not hold."""
    texts = [content for name, content in walk(take_out_piano(small_soundfont(), comment)) if name.startswith(b"I")]
    assert all(len(text) % 2 == 0 and text.endswith(b"\0") for text in texts)


# -- sounds that are kept as Ogg Vorbis


def walk(font: bytes) -> Iterable[tuple[bytes, bytes]]:
    place = 12
    while place < len(font):
        name, size = struct.unpack_from("<4sI", font, place)
        if name == b"LIST":
            place += 12
            continue
        yield name, font[place + 8 : place + 8 + size]
        place += 8 + size + size % 2


def read_tables(font: bytes) -> dict[str, NDArray[np.void]]:
    chunks = dict(walk(font))
    return {name: np.frombuffer(chunks[name.encode()], kind) for name, kind in TABLES.items()}


def build(tables: dict[str, NDArray[np.void]], samples: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

    rows = b"".join(chunk(name.encode(), tables[name].tobytes()) for name in TABLES)
    lists = chunk(b"LIST", b"sdta" + chunk(b"smpl", samples)) + chunk(b"LIST", b"pdta" + rows)
    return chunk(b"RIFF", b"sfbk" + lists)


def as_sf3(font: bytes) -> bytes:
    """The same SoundFont with its samples as Ogg Vorbis, as MuseScore's ``.sf3`` has them."""
    tables, plain = read_tables(font), dict(walk(font))[b"smpl"]
    headers, coded = tables["shdr"].copy(), b""
    for row in headers[:-1]:
        start, end = int(row["start"]), int(row["end"])
        stream = BytesIO()
        samples = np.frombuffer(plain[2 * start : 2 * end], "<i2")
        soundfile.write(stream, samples, int(row["rate"]), format="OGG", subtype="VORBIS")
        row["loop_start"], row["loop_end"] = int(row["loop_start"]) - start, int(row["loop_end"]) - start
        row["start"], row["end"] = len(coded), len(coded) + len(stream.getvalue())
        row["type"] |= 0x10
        coded += stream.getvalue()
    return build(tables | {"shdr": headers}, coded)


def test_vorbis_becomes_plain_numbers_with_the_same_places_and_loops(small_piano: Path, tmp_path: Path) -> None:
    plain = small_piano.read_bytes()
    (tmp_path / "small.sf3").write_bytes(as_sf3(plain))
    taken = take_out_piano(tmp_path / "small.sf3")
    before, after = (read_tables(font) for font in (plain, taken))
    for name in TABLES:
        assert np.array_equal(before[name], after[name]), name
    was, now = (np.frombuffer(dict(walk(font))[b"smpl"], "<i2").astype(float) for font in (plain, taken))
    assert np.corrcoef(was, now)[0, 1] > 0.99  # Vorbis is lossy


def test_half_a_stereo_pair_becomes_mono(small_piano: Path, tmp_path: Path) -> None:
    font = small_piano.read_bytes()
    tables = read_tables(font)
    headers = tables["shdr"].copy()
    headers["type"][:-1], headers["link"][:-1] = 2, len(headers) + 5
    (tmp_path / "half.sf2").write_bytes(build(tables | {"shdr": headers}, dict(walk(font))[b"smpl"]))
    taken = read_tables(take_out_piano(tmp_path / "half.sf2"))["shdr"][:-1]
    assert (set(taken["type"]), set(taken["link"])) == ({1}, {0})


# -- what is no piano


@pytest.mark.parametrize("size", [12, 500, 6_000])
def test_a_damaged_soundfont_gives_no_piano(size: int, tmp_path: Path) -> None:
    (tmp_path / "cut.sf2").write_bytes(small_soundfont().read_bytes()[:size])
    with pytest.raises(UnusableSoundFont, match=r"cut\.sf2 is damaged"):
        take_out_piano(tmp_path / "cut.sf2")


def test_a_file_of_another_kind_is_no_soundfont(tmp_path: Path) -> None:
    (tmp_path / "sound.wav").write_bytes(b"RIFF\x04\0\0\0WAVE")
    with pytest.raises(UnusableSoundFont, match="no SoundFont"):
        take_out_piano(tmp_path / "sound.wav")


def test_a_soundfont_without_a_piano_says_so(small_piano: Path, tmp_path: Path) -> None:
    font = small_piano.read_bytes()
    tables = read_tables(font)
    headers = tables["phdr"].copy()
    headers["preset"][0] = 40  # a violin
    (tmp_path / "violin.sf2").write_bytes(build(tables | {"phdr": headers}, dict(walk(font))[b"smpl"]))
    with pytest.raises(UnusableSoundFont, match="holds no piano"):
        take_out_piano(tmp_path / "violin.sf2")


def rewrite(font: bytes, path: Path, **fields: int) -> Path:
    """The SoundFont with other facts in the header of its first sample."""
    tables = read_tables(font)
    headers = tables["shdr"].copy()
    for name, value in fields.items():
        headers[name][0] = value
    path.write_bytes(build(tables | {"shdr": headers}, dict(walk(font))[b"smpl"]))
    return path


@pytest.mark.parametrize(
    "fields", [{"end": 2**31 - 1}, {"start": 2**30}, {"type": 0x8001}, {"rate": 0}, {"loop_end": 2**31 - 1}]
)
@pytest.mark.parametrize("ending", ["sf2", "sf3"])
def test_a_sample_that_cannot_be_as_its_header_says_is_not_taken(
    fields: dict[str, int], ending: str, small_piano: Path, tmp_path: Path
) -> None:
    font = small_piano.read_bytes() if ending == "sf2" else as_sf3(small_piano.read_bytes())
    if "type" in fields and ending == "sf3":
        fields = {"type": 0x8011}
    with pytest.raises(UnusableSoundFont, match="is damaged"):
        take_out_piano(rewrite(font, tmp_path / f"hurt.{ending}", **fields))


@pytest.mark.parametrize("ending", ["sf2", "sf3"])
def test_a_sample_that_is_shorter_than_its_loop_is_not_taken(ending: str, small_piano: Path, tmp_path: Path) -> None:
    """As one whose Vorbis decodes short: the decoder says nothing of it. A loop to the very end is whole."""
    first = read_tables(small_piano.read_bytes())["shdr"][0]
    length = int(first["end"]) - int(first["start"])
    font, origin = small_piano.read_bytes(), int(first["start"])
    if ending == "sf3":
        font, origin = as_sf3(font), 0
    assert take_out_piano(rewrite(font, tmp_path / f"whole.{ending}", loop_end=origin + length))
    with pytest.raises(UnusableSoundFont, match="ends before its loop does"):
        take_out_piano(rewrite(font, tmp_path / f"short.{ending}", loop_end=origin + length + 1))


def test_an_empty_file_is_no_soundfont(tmp_path: Path) -> None:
    (tmp_path / "empty.sf2").touch()
    with pytest.raises(UnusableSoundFont, match=r"^empty\.sf2 is empty\.$"):
        take_out_piano(tmp_path / "empty.sf2")


# -- kept once


def test_the_kept_piano_is_named_after_its_source_and_made_once(tmp_path: Path, monkeypatch) -> None:
    kept = keep_piano(small_soundfont(), tmp_path / "pianos")
    assert kept.name == f"TimGM6mb-piano-1-{hash_soundfont(small_soundfont())[:16]}.sf2"
    assert f"SHA-256 {hash_soundfont(small_soundfont())}".encode() in kept.read_bytes()
    monkeypatch.setattr(pianos, "take_out_piano", lambda *_: pytest.fail("It is there already."))
    assert keep_piano(small_soundfont(), tmp_path / "pianos") == kept


def test_several_may_keep_it_at_once_and_nothing_else_is_left(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        kept = set(pool.map(lambda _: keep_piano(small_soundfont(), tmp_path), range(8)))
    (path,) = kept
    assert sorted(tmp_path.iterdir()) == [path, path.with_name(f"{path.name}.sha256")]
    assert len(read_tables(kept.pop().read_bytes())["phdr"]) == 2


def test_beside_the_kept_piano_stands_its_sum_and_both_have_the_mode_of_media_files(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        kept = keep_piano(small_soundfont(), tmp_path)
    finally:
        os.umask(before)
    stated = kept.with_name(f"{kept.name}.sha256")
    assert stated.read_text() == f"{hashlib.sha256(kept.read_bytes()).hexdigest()}  {kept.name}\n"
    assert {stat.S_IMODE(path.stat().st_mode) for path in (kept, stated)} == {0o644}


@pytest.mark.parametrize("hurt", ["a byte", "half", "no sum"])
def test_a_kept_piano_that_does_not_fit_its_sum_is_taken_out_anew(hurt: str, tmp_path: Path) -> None:
    kept = keep_piano(small_soundfont(), tmp_path)
    whole = kept.read_bytes()
    stated = kept.with_name(f"{kept.name}.sha256")
    if hurt == "a byte":
        kept.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        os.utime(kept, (1, 1))
    elif hurt == "half":
        kept.write_bytes(whole[: len(whole) // 2])
    else:
        stated.unlink()
    assert keep_piano(small_soundfont(), tmp_path).read_bytes() == whole
    assert stated.read_text().startswith(hashlib.sha256(whole).hexdigest())


def test_what_a_killed_process_left_goes_after_a_day(tmp_path: Path) -> None:
    for name, hours in ((".piano-old", 25), (".piano-new", 23)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time.time() - hours * 3600,) * 2)
    keep_piano(small_soundfont(), tmp_path)
    assert [path.name for path in tmp_path.glob(".piano-*")] == [".piano-new"]


def test_no_half_of_a_piano_is_left_where_there_is_no_room(tmp_path: Path, monkeypatch) -> None:
    def fill(_: object, __: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pianos.os, "replace", fill)
    with pytest.raises(RendererFailed, match=r"cannot be kept in .*: No space left on device\.$"):
        keep_piano(small_soundfont(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_no_lesser_piano_plays_in_place_of_one_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "cut.sf3").write_bytes(small_soundfont().read_bytes()[:500])
    with pytest.raises(RendererFailed, match=r"^There is no piano to be had from .*cut\.sf3"):
        keep_piano(tmp_path / "cut.sf3", tmp_path)


def test_without_fluidsynth_which_follows_its_touch_there_is_no_grand_piano(monkeypatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert find_grand_piano() is None


# -- touch


def centroid(sound: Sound) -> float:
    """Power-weighted mean frequency, Hz."""
    power = (np.abs(np.fft.rfft(sound.samples.astype(np.float64), axis=0)) ** 2).sum(axis=1)
    return float((np.fft.rfftfreq(len(sound.samples), 1 / SAMPLE_RATE) * power).sum() / power.sum())


def centroids(font: Path) -> list[float]:
    """Of three strokes brought to −23 LUFS, at velocities 25, 45, … 120."""
    strokes = [
        midi_of((2.0 * at, 2.0 * at + 1.5, key, velocity) for at, key in enumerate((48, 60, 72)))
        for velocity in (25, 45, 65, 85, 105, 120)
    ]
    return [centroid(level(render(midi, renderer="fluidsynth", soundfont=font))[0]) for midi in strokes]


@needs_grand
def test_a_harder_stroke_is_brighter_at_equal_loudness(tmp_path: Path) -> None:
    heard = centroids(keep_piano(GRAND_PLACES[0], tmp_path))
    assert heard == sorted(heard)
    assert heard[-1] > 1.25 * heard[0]


@pytest.mark.skipif(not (find_fluidsynth() and find_fluid_r3()), reason="FluidSynth or FluidR3 is not installed.")
def test_fluid_r3_sounds_the_same_however_it_is_struck() -> None:
    font = find_fluid_r3()
    assert font is not None
    heard = centroids(font)
    assert max(heard) < 1.01 * min(heard)


@needs_grand
def test_the_grand_piano_taken_out_sounds_as_in_its_soundfont(tmp_path: Path) -> None:
    """Up to the last bit of 16, as FluidSynth decodes with another build of the same library."""
    whole, alone = (
        render(melody(3.0), renderer="fluidsynth", soundfont=font)
        for font in (GRAND_PLACES[0], keep_piano(GRAND_PLACES[0], tmp_path))
    )
    assert np.abs(whole.samples - alone.samples).max() < 2**-15


@needs_grand
def test_every_key_of_the_grand_piano_sounds(tmp_path: Path) -> None:
    """At the softest stroke that composers write and at the hardest."""
    font = keep_piano(GRAND_PLACES[0], tmp_path)
    for velocity in (10, 127):
        midi = midi_of((0.2 * at, 0.2 * at + 0.15, key, velocity) for at, key in enumerate(range(21, 109)))
        samples = render(midi, renderer="fluidsynth", soundfont=font).samples
        strokes = samples[: 88 * SAMPLE_RATE // 5].reshape(88, -1)
        assert np.abs(strokes).max(axis=1).min() > 1e-4


# -- chosen as it is, without being taken out


@pytest.mark.parametrize(
    ("headers", "said"),
    [({"bank": 128}, r"but drums alone \(bank 128\)"), ({"preset": 40}, "but 1 others, such as preset 40 of bank 0")],
)
def test_a_soundfont_without_a_piano_is_refused_when_it_is_chosen(
    headers: dict[str, int], said: str, small_piano: Path, tmp_path: Path
) -> None:
    font = small_piano.read_bytes()
    tables = read_tables(font)
    changed = tables["phdr"].copy()
    for name, value in headers.items():
        changed[name][0] = value
    (tmp_path / "other.sf2").write_bytes(build(tables | {"phdr": changed}, dict(walk(font))[b"smpl"]))
    with pytest.raises(RendererFailed, match=rf"other\.sf2 cannot be used as the piano: .*{said}"):
        choose_renderer(soundfont=tmp_path / "other.sf2")


def test_a_soundfont_without_presets_is_refused_when_it_is_chosen(small_piano: Path, tmp_path: Path) -> None:
    font = small_piano.read_bytes()
    tables = read_tables(font)
    (tmp_path / "none.sf2").write_bytes(build(tables | {"phdr": tables["phdr"][-1:]}, dict(walk(font))[b"smpl"]))
    with pytest.raises(RendererFailed, match="but no preset at all"):
        choose_renderer(soundfont=tmp_path / "none.sf2")


@pytest.mark.parametrize("size", [12, 500, 6_000, 100_000])
def test_a_damaged_soundfont_is_refused_when_it_is_chosen(size: int, small_piano: Path, tmp_path: Path) -> None:
    (tmp_path / "cut.sf2").write_bytes(small_piano.read_bytes()[:size])
    with pytest.raises(RendererFailed, match=r"cut\.sf2 cannot be used as the piano: cut\.sf2 is damaged"):
        choose_renderer(soundfont=tmp_path / "cut.sf2")
    rewrite(small_piano.read_bytes(), tmp_path / "hurt.sf2", end=2**31 - 1)
    with pytest.raises(RendererFailed, match="no sound can be where sample"):
        choose_renderer(soundfont=tmp_path / "hurt.sf2")


@needs_grand
def test_a_piano_that_sends_nothing_to_the_room_sounds_the_same_without_it(tmp_path_factory) -> None:
    grand = keep_piano(GRAND_PLACES[0], tmp_path_factory.getbasetemp() / "pianos")
    assert not asks_for_reverb(grand)
    playing = read_playing(melody(3.0))
    without, within = (render_with_fluidsynth(playing, grand, reverb=reverb) for reverb in (False, True))
    assert np.abs(without - within).max() < 2**-17  # below half of the last of 16 bits
    assert np.abs(within).max() > 0.01
