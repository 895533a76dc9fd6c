"""Whatever is sent is either taken or refused with one sentence; nothing else ever comes out of intake."""

from __future__ import annotations

import tempfile
import warnings
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generation.images.intake import PictureRefused, take_in
from generation.importing.archives import unpack
from generation.importing.manifest import ManifestRefused, read_manifest
from generation.music import score
from generation.music.features import measure_features
from generation.music.sound import UnplayableMidi, UnusableRecording, check_length, measure_playing, read_recording
from generation.music.sound.playing import read_playing
from tests.generation.images import pictures
from tests.generation.images.pictures import scene
from tests.generation.music.sound.clips import melody, midi_of
from tests.generation.music.test_midi_files import WHOLE
from tests.generation.mutations import damaged

TIMES = np.arange(22_050) / 22_050
WAVE = np.sin(2 * np.pi * 300 * TIMES) * 0.2
FORMS = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "MS_ADPCM"), ("WAVEX", "PCM_24"), ("AIFF", "PCM_16")]
FORMS += [("AIFF", "ULAW"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")]


def sound_of(form: str, subtype: str) -> bytes:
    stream = BytesIO()
    soundfile.write(stream, WAVE, 22_050, format=form, subtype=subtype)
    return stream.getvalue()


def archive() -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as opened:
        kinds = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
        opened.writestr("manifest.csv", "file,emotion,system\na.wav,awe,x\n")
        for number, kind in enumerate(kinds):
            opened.writestr(f"clips/{number}.txt", "words " * 200, compress_type=kind)
    return stream.getvalue()


SMALL = scene(24, 16)
OPTIONS = {"MPO": {"save_all": True, "append_images": [SMALL]}}
PICTURES = [
    *(pictures.encode(SMALL, form, **OPTIONS.get(form, {})) for form in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP")),
    *(pictures.encode(SMALL, form, **OPTIONS.get(form, {})) for form in ("DIB", "JPEG2000", "PPM", "TGA", "MPO")),
    pictures.encode(SMALL, "JPEG", progressive=True),
    pictures.encode(SMALL.convert("CMYK"), "JPEG"),
    pictures.encode(SMALL.convert("P")),
    pictures.encode(SMALL.convert("RGBA"), "TGA", compression="tga_rle"),
    *(pictures.encode(SMALL, "TIFF", compression=way) for way in (None, "tiff_lzw", "jpeg", "tiff_deflate")),
    pictures.encode(SMALL.convert("LAB"), "TIFF"),
    pictures.sixteen_bit_rgb_png(),
    pictures.bitmap_with_alpha(SMALL.convert("RGBA")),
    pictures.animation(),
]


def use_midi(data: bytes) -> None:
    midi = score.strip_midi(data)
    assert len(score.read_midi(midi).notes) >= 1
    if measure_playing(midi) <= 180:
        read_playing(midi)
        measure_features(midi)


def use_sound(data: bytes) -> None:
    taken = read_recording(data)
    assert np.isfinite(taken.sound.samples).all()
    check_length(taken.sound.seconds)


def use_picture(data: bytes) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's, of what it found damaged
        assert take_in(data, max_pixels=1_000_000).data


def use_archive(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        sent = Path(folder, "sent.zip")
        sent.write_bytes(data)
        read_manifest(unpack(sent, Path(folder, "unpacked"), limit=2**20))


def use_manifest(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "manifest.csv")
        path.write_bytes(data)
        for problem in read_manifest(path).problems:
            assert problem.message.endswith((".", "!"))


INTAKES = {
    "midi": (use_midi, [*WHOLE.values(), melody(), midi_of([(0, 1, 60, 80)], pedals=[(0, 1)])], score.UnreadableMidi),
    "sound": (use_sound, [sound_of(*form) for form in FORMS], UnusableRecording),
    "picture": (use_picture, PICTURES, PictureRefused),
    "archive": (use_archive, [archive()], ManifestRefused),
    "manifest": (use_manifest, [b"file,emotion,system\na.wav,awe,x\n", "file;emotion\nä;b\n".encode("utf-16")], ()),
}


def check(use: Callable[[bytes], None], data: bytes, refusal: type[Exception]) -> None:
    try:
        use(data)
    except (refusal, UnplayableMidi) as refused:
        message = str(refused)
        assert message.endswith("."), message
        assert 10 < len(message) < 400, message
        assert message.isprintable() or "\n" in message, message


@pytest.mark.parametrize("kind", INTAKES)
def test_every_whole_file_is_taken(kind: str) -> None:
    use, wholes, _ = INTAKES[kind]
    for data in wholes:
        use(data)


def try_many(kind: str, number: int) -> None:
    use, wholes, refusal = INTAKES[kind]

    @settings(max_examples=number, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(damaged(wholes))
    def run(data: bytes) -> None:
        check(use, data, refusal)

    run()


@pytest.mark.parametrize("kind", INTAKES)
def test_a_damaged_file_is_taken_or_refused_with_a_sentence(kind: str) -> None:
    try_many(kind, 120)


@pytest.mark.long
@pytest.mark.parametrize("kind", INTAKES)
def test_thousands_of_damaged_files_are_taken_or_refused_with_a_sentence(kind: str) -> None:
    try_many(kind, 2000)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([b"", b"MThd", b"RIFF", b"fLaC", b"OggS", b"FORM", b"\xff\xfb", b"P6"]))
def test_noise_behind_any_mark_is_refused_with_a_sentence(noise: bytes, mark: bytes) -> None:
    for kind, (use, _, refusal) in INTAKES.items():
        if kind != "manifest":
            check(use, mark + noise, refusal)
