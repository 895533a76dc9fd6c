"""What is wrong with a manifest and its files is told at once, by line, and nothing is stored."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from django.core.management import CommandError

from tests.generation.importing import folder as folder
from tests.generation.importing import places as places
from tests.generation.importing import (
    problems_of,
    run,
    write_manifest,
    write_midi,
    write_sound,
)
from tests.generation.music.sound.clips import melody
from tests.generation.music.test_midi_files import file_of, strikes

pytestmark = pytest.mark.django_db


def bad_rows(folder: Path) -> list[dict[str, str]]:
    """From line 2 on: one good row, then a different fault in each."""
    clips = folder
    write_sound(clips / "good.wav", 300)
    (clips / "text.mp3").write_text("These are words, not music.\n" * 300)
    soundfile.write(clips / "silent.wav", np.zeros((88_200, 2)), 44_100)
    write_sound(clips / "short.wav", seconds=0.5)
    soundfile.write(clips / "long.flac", np.sin(np.arange(22_050 * 200)) * 0.1, 22_050)
    soundfile.write(clips / "many.wav", np.full((88_200, 6), 0.1), 44_100)
    write_sound(clips / "low.wav", rate=8_000)
    (clips / "broken.mid").write_bytes(melody()[:30])
    (clips / "copy.wav").write_bytes((clips / "good.wav").read_bytes())
    soundfile.write(clips / "same.flac", *soundfile.read(clips / "good.wav", dtype="int16"))
    (clips / "picture.png").write_text("no picture")
    write_sound(clips / "z.wav", 700)
    base = {"emotion": "awe", "system": "other"}
    return [
        {**base, "file": "good.wav"},
        {**base, "file": "good.wav"},
        {**base, "file": "z.wav", "emotion": "joy", "system": "My System"},
        {**base, "file": "missing.wav", "system": "muse"},
        {**base, "file": "/etc/passwd"},
        {**base, "file": "../manifest.csv"},
        {**base, "file": "C:\\clips\\a.wav"},
        {**base},
        {**base, "file": "text.mp3"},
        {**base, "file": "silent.wav"},
        {**base, "file": "short.wav"},
        {**base, "file": "long.flac"},
        {**base, "file": "many.wav"},
        {**base, "file": "low.wav"},
        {**base, "file": "broken.mid"},
        {**base, "file": "copy.wav"},
        {**base, "file": "same.flac"},
        {**base, "file": "z.wav", "picture": "picture.png"},
    ]


EXPECTED = [
    (3, "named in line 2 already"),
    (4, "'My System' cannot name a system: use small letters"),
    (4, "'joy' is no emotion known here; known are amusement, awe"),
    (5, "'muse' is the name of a composer of this site"),
    (5, "There is no file 'missing.wav'"),
    (6, "'/etc/passwd' leads out of the manifest's folder"),
    (7, "'../manifest.csv' leads out"),
    (8, "leads out of the manifest's folder"),
    (9, "The column file is empty"),
    (10, "no recording that can be read"),
    (11, "The clip is silent"),
    (12, "lasts 0.50 seconds; at least 1 second"),
    (13, "longer than the 180 seconds"),
    (14, "has 6 channels"),
    (15, "has 8000 samples per second"),
    (16, "MIDI file"),
    (17, "holds the same as that of line 2"),
    (18, "sounds exactly as that of line 2"),
    (19, "named in line 4 already"),
]


def test_every_problem_of_every_row_is_listed_at_once_with_its_line_and_nothing_is_stored(folder: Path) -> None:
    said = problems_of(write_manifest(folder, bad_rows(folder)))
    assert len(said) == len(EXPECTED), said
    for line, (number, words) in zip(said, EXPECTED, strict=True):
        assert line.startswith(f"Line {number}: "), line
        assert words in line


def test_a_midi_file_no_piano_could_play_is_a_problem_of_its_line_at_once(folder: Path) -> None:
    """500 notes in half a second held the renderer for a minute and a half, and cost every other file."""
    write_midi(folder / "good.mid")
    (folder / "bad.mid").write_bytes(file_of(strikes(500)))
    rows = [{"file": name, "emotion": "awe", "system": "other"} for name in ("good.mid", "bad.mid", "none.mid")]
    before = sum(os.times()[:4])  # FluidSynth's seconds too
    told = problems_of(write_manifest(folder, rows))
    assert sum(os.times()[:4]) - before < 20
    assert len(told) == 2
    assert told[0].startswith("Line 3: bad.mid: The MIDI file strikes more than 100 keys within 0.25 s")
    assert told[1].startswith("Line 4: ")


def test_a_missing_piano_ends_the_command_with_a_sentence(folder: Path, settings: Any, tmp_path: Path) -> None:
    write_midi(folder / "good.mid")
    settings.SOUNDFONT = str(tmp_path / "none.sf2")
    manifest = write_manifest(folder, [{"file": "good.mid", "emotion": "awe", "system": "other"}])
    with pytest.raises(CommandError, match=r"none\.sf2 cannot be read") as refused:
        run(manifest)
    assert refused.value.returncode == 2


def test_a_refused_picture_is_a_problem_of_its_line(folder: Path) -> None:
    write_sound(folder / "a.wav")
    (folder / "p.png").write_text("no picture")
    manifest = write_manifest(folder, [{"file": "a.wav", "emotion": "awe", "system": "other", "picture": "p.png"}])
    (said,) = problems_of(manifest)
    assert said.startswith("Line 2: Picture: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "Columns are missing|is empty"),
        (b"file,emotion\na.wav,awe\n", "Line 1: Columns are missing: system"),
        (b"file,emotion,system,mood\na.wav,awe,other,x\n", "Line 1: Unknown columns: 'mood'"),
        (b"file,emotion,system,file\na.wav,awe,other,x\n", "Line 1: Columns appear twice: 'file'"),
        (b"file,emotion,system\n", "names no clip"),
        (b"file,emotion,system\na.wav,awe\n", "Line 2: The row has 2 cells, the first line 3"),
        ("file,emotion,system,title\na.wav,awe,other,Stück\n".encode("latin-1"), "Line 2: The text is not UTF-8"),
        (b'file,emotion,system\n"a.wav,awe,other\n', "Line 2: The row cannot be read as CSV"),
        (b"file,emotion,system\na\0.wav,awe,other\n", "Line 2"),
    ],
    ids=["empty", "column", "unknown", "doubled", "no rows", "cells", "encoding", "quote", "nul"],
)
def test_a_manifest_that_is_none_says_what_is_wrong(folder: Path, text: bytes, words: str) -> None:
    import re

    write_sound(folder / "a.wav")
    (folder / "manifest.csv").write_bytes(text)
    said = problems_of(folder / "manifest.csv")
    assert any(re.search(words, line) for line in said), said


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    write_sound(tmp_path / "outside.wav")
    (folder / "link.wav").symlink_to(tmp_path / "outside.wav")
    manifest = write_manifest(folder, [{"file": "link.wav", "emotion": "awe", "system": "other"}])
    assert "leads out of the manifest's folder" in problems_of(manifest)[0]


def test_a_manifest_that_does_not_exist_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "none.csv")


def test_a_message_repeats_no_more_of_a_cell_than_shows_which_it_is(folder: Path) -> None:
    write_sound(folder / "a.wav")
    (folder / "manifest.csv").write_text(
        f"file,emotion,system,{','.join(f'c{number}' for number in range(500))}\n"
        f"{'a' * 5000},{'b' * 5000},{'c' * 5000}{',' * 500}\n",
    )
    said = problems_of(folder / "manifest.csv")
    assert len(said) == 4
    assert max(map(len, said)) < 400


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file,emotion,system\n" + "a.wav,awe,x\n" * 2001, "names more than 2000 clips; split it"),
        pytest.param(
            "file,emotion,system\n" + "a,b,c\n" * 800_000, "names more than 2000 clips", marks=pytest.mark.slow
        ),
        ("x," * 2_000_000 + "\na.wav,awe,x\n", "Columns appear twice: 'x'"),
        (",".join(map(str, range(500_000))) + "\na.wav,awe,x\n", "Unknown columns: '0', '1', '10'"),
    ],
    ids=["one row too many", "rows", "one column often", "columns"],
)
def test_a_manifest_of_a_million_things_is_refused_within_seconds(folder: Path, text: str, words: str) -> None:
    (folder / "manifest.csv").write_text(text)
    before = time.process_time()
    said = problems_of(folder / "manifest.csv")
    assert time.process_time() - before < 20
    assert any(words in line for line in said)
    assert len(said) < 10


def test_two_thousand_clips_may_be_named(folder: Path) -> None:
    (folder / "manifest.csv").write_text("file,emotion,system\n" + "a.wav,awe,x\n" * 2000)
    assert not any("split it" in line for line in problems_of(folder / "manifest.csv"))
