"""Clips of other systems: all of a manifest or nothing, at the loudness of our own, and every problem at once."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest
import soundfile
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from generation import actions
from generation.immutable import rules
from generation.importing.storing import import_manifest
from generation.models import GenerationRun, Pair, PairVersion, SourceImage
from generation.music.sound import decode, measure_loudness
from melodymuse_site import triggers
from tests.databases import copy_file
from tests.generation.factories import make_picture, make_run, picture_bytes
from tests.generation.finished import finish_version
from tests.generation.importing import (
    COLUMNS,
    make_folder,
    make_prepared_folder,
    write_manifest,
    write_midi,
    write_sound,
)
from tests.generation.music.sound.clips import melody
from tests.generation.music.test_midi_files import file_of, strikes

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path / "data"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "sent"
    made.mkdir()
    return made


def run(manifest: Path, *options: str) -> str:
    out = io.StringIO()
    call_command("import_clips", str(manifest), *options, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def problems_of(manifest: Path) -> list[str]:
    """What the command says of a bad manifest; nothing may be stored."""
    err = io.StringIO()
    with pytest.raises(CommandError) as refused:
        call_command("import_clips", str(manifest), stdout=io.StringIO(), stderr=err)
    assert refused.value.returncode == 2
    assert (PairVersion.objects.count(), GenerationRun.objects.count(), Pair.objects.count()) == (0, 0, 0)
    assert SourceImage.objects.count() == 0
    return err.getvalue().splitlines()


@pytest.mark.slow
@pytest.mark.database
def test_a_whole_folder_is_imported_at_the_loudness_of_our_own_clips(folder: Path, settings: Any) -> None:
    user = get_user_model().objects.create_user("ada")
    said = run(make_folder(folder), "--by", "ada", "--licence", "CC BY 4.0")
    assert said.startswith("5 clips imported, 0 were there already, loudness −23".replace("−", "-")[:42])
    versions = list(PairVersion.objects.order_by("pk"))
    assert [(v.composer, v.pair.emotion.slug, v.status) for v in versions] == [
        ("emelodygen", "awe", "ready"),
        ("emelodygen", "fear", "ready"),
        ("emelodygen", "sadness", "ready"),
        ("other-system", "anger", "ready"),
        ("other-system", "fear", "ready"),
    ]
    for version in versions:
        heard = measure_loudness(decode((settings.MEDIA_ROOT / version.audio).read_bytes()))
        assert heard.integrated_lufs == pytest.approx(-23.0, abs=0.5)
        assert heard.true_peak_dbtp <= -1.0
        assert version.loudness_lufs == pytest.approx(heard.integrated_lufs, abs=0.01)
        flac = decode((settings.MEDIA_ROOT / version.audio_alternative).read_bytes())
        assert measure_loudness(flac).integrated_lufs == pytest.approx(-23.0, abs=0.5)
        assert flac.sample_rate == 44_100
        assert version.provenance["imported"]["licence"] == "CC BY 4.0"
    assert [bool(version.pair.image) for version in versions] == [True, False, False, False, True]
    assert [bool(version.midi) for version in versions] == [False] * 4 + [True]
    assert len(versions[4].notes) > 5
    runs = GenerationRun.objects.order_by("composer")
    assert [(r.composer, r.seed, r.requested_by) for r in runs] == [
        ("emelodygen", None, user),
        ("other-system", None, user),
    ]


def test_the_same_manifest_again_imports_nothing_twice_and_says_so(folder: Path, settings: Any) -> None:
    manifest = make_prepared_folder(folder, settings.DATA_DIR)
    run(manifest)
    assert run(manifest) == "0 clips imported, 5 were there already.\n"
    assert PairVersion.objects.count() == 5


@pytest.mark.slow
def test_a_check_measures_everything_and_stores_nothing(folder: Path, settings: Any) -> None:
    assert run(make_folder(folder), "--check").startswith("5 clips can be imported")
    assert PairVersion.objects.count() == 0
    assert not Path(settings.MEDIA_ROOT).exists()


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("utf-8-sig").replace(b"\n", b"\r\n"),
        lambda text: text.replace(",", ";").encode(),
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: ("\n\n" + text.replace("file,", '"file",').replace("\n", "\n\n")).encode(),
    ],
    ids=["mark and CRLF", "semicolons", "UTF-16 and tabs", "quotes and blank lines"],
)
def test_manifests_as_spreadsheets_write_them_are_read(folder: Path, encode: Any, settings: Any) -> None:
    manifest = make_prepared_folder(folder, settings.DATA_DIR)
    manifest.write_bytes(encode(manifest.read_text()))
    assert run(manifest, "--check").startswith("5 clips can be imported")


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


def test_a_file_that_was_imported_with_other_facts_stays_as_it_is(folder: Path, settings: Any) -> None:
    manifest = make_prepared_folder(folder, settings.DATA_DIR)
    run(manifest)
    manifest.write_text(manifest.read_text().replace("clips/b.flac,fear", "clips/b.flac,awe"))
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command("import_clips", str(manifest), stdout=io.StringIO(), stderr=err)
    assert err.getvalue().startswith("Line 3: This file was imported before as Without a picture · Fear of emelodygen")
    assert PairVersion.objects.count() == 5


def test_a_sound_of_our_own_is_not_taken_for_another_systems(folder: Path, settings: Any) -> None:
    own = finish_version(make_run([make_picture()]).versions.get())
    write_midi(folder / "own.mid")
    manifest = write_manifest(folder, [{"file": "own.mid", "emotion": "awe", "system": "other"}])
    imported = import_manifest(manifest, by=None)
    assert imported.clips == 1
    assert PairVersion.objects.exclude(pk=own.pk).get().midi_sha256 == own.midi_sha256


def test_words_in_a_midi_file_do_not_reach_the_library(folder: Path, settings: Any) -> None:
    file = mido.MidiFile(file=io.BytesIO(melody()))
    file.tracks[0].insert(0, mido.MetaMessage("track_name", name="Fear by emelodygen"))
    file.tracks[0].insert(5, mido.MetaMessage("lyrics", text="be afraid", time=100))
    file.save(folder / "a.mid")
    run(write_manifest(folder, [{"file": "a.mid", "emotion": "fear", "system": "emelodygen"}]))
    version = PairVersion.objects.get()
    stored = (settings.MEDIA_ROOT / version.midi).read_bytes()
    assert b"emelodygen" not in stored
    assert b"afraid" not in stored
    length = mido.MidiFile(file=io.BytesIO(stored)).length
    assert length == pytest.approx(mido.MidiFile(folder / "a.mid").length)


def test_a_picture_the_library_knows_is_not_stored_twice_and_the_pair_is_shared(folder: Path, settings: Any) -> None:
    picture = make_picture(90)
    own = make_run([picture], slug="awe").versions.get()
    run(make_prepared_folder(folder, settings.DATA_DIR))
    imported = PairVersion.objects.get(composer="emelodygen", pair__emotion__slug="awe")
    assert (imported.pair_id, imported.number) == (own.pair_id, 2)
    assert SourceImage.objects.count() == 2
    assert picture_bytes(90) != b""


@pytest.mark.database
def test_an_imported_clip_is_never_made_anew(folder: Path, settings: Any) -> None:
    run(make_prepared_folder(folder, settings.DATA_DIR))
    versions = list(PairVersion.objects.all())
    with pytest.raises(actions.RunRefused, match=r"was imported from .* and cannot be made anew"):
        actions.regenerate(versions=versions[:1], reason="", by=None)
    with pytest.raises(actions.RunRefused, match="cannot be made anew"):
        actions.regenerate(versions=versions[:1], reason="", by=None, composer="muse")
    assert GenerationRun.objects.count() == 2


@pytest.mark.database
@pytest.mark.parametrize(
    "changed",
    [
        {"status": "queued", "audio": "", "midi": ""},
        {"seed": 1},
        {"source_sha256": ""},
        {"origin": "made"},
    ],
    ids=["queued", "seed", "source", "own"],
)
def test_the_database_refuses_an_imported_clip_that_is_half_of_one(
    folder: Path, changed: dict[str, Any], settings: Any
) -> None:
    run(make_prepared_folder(folder, settings.DATA_DIR))
    version = PairVersion.objects.filter(midi="").first()
    assert version is not None
    version.pk, version.public_id, version.number = None, "3b241101-e2bb-4255-8caf-4136c566a962", 99
    version.source_sha256 = "0" * 64
    for name, value in changed.items():
        setattr(version, name, value)
    with pytest.raises(DatabaseError), transaction.atomic():
        version.save(force_insert=True)


@pytest.mark.database
def test_our_own_clips_still_need_midi_and_ready_ones_are_still_immutable(folder: Path, settings: Any) -> None:
    version = make_run([make_picture()]).versions.get()
    ready = {"status": "ready", "audio": "a", "audio_alternative": "b", "audio_sha256": "c", "loudness_lufs": -23.0}
    with pytest.raises(DatabaseError, match="ready_means_complete"), transaction.atomic():
        PairVersion.objects.filter(pk=version.pk).update(**ready, finished_at=version.queued_at)
    run(make_prepared_folder(folder, settings.DATA_DIR))
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        PairVersion.objects.filter(status="ready").update(duration_seconds=1.0)


def clean_start(tmp_path: Path, migrated_file: Path) -> dict[str, str]:
    data = tmp_path / "site"
    data.mkdir()
    copy_file(migrated_file, data / "db.sqlite3")
    variables = {**os.environ, "DATA_DIR": str(data), "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings"}
    for name in ("DATABASE_URL", "CELERY_BROKER_URL", "MEDIA_ROOT"):
        variables.pop(name, None)
    return variables


def count_rows(tmp_path: Path) -> int:
    import sqlite3

    with sqlite3.connect(tmp_path / "site" / "db.sqlite3") as connection:
        return int(connection.execute("SELECT COUNT(*) FROM generation_pairversion").fetchone()[0])


@pytest.mark.service
@pytest.mark.timeout(1800)
def test_killed_in_the_middle_it_leaves_no_row_and_goes_on_where_it_stopped(
    folder: Path, tmp_path: Path, migrated_file: Path
) -> None:
    variables = clean_start(tmp_path, migrated_file)
    rows = []
    for number in range(12):
        write_sound(folder / f"{number}.wav", 200 + 10 * number, seconds=2.0)
        rows.append({"file": f"{number}.wav", "emotion": "awe", "system": "other"})
    command = [sys.executable, "manage.py", "import_clips", str(write_manifest(folder, rows, columns=COLUMNS))]
    process = subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL)
    prepared = tmp_path / "site" / "imports" / "prepared"
    while process.poll() is None and len(list(prepared.glob("*/facts.json"))) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    finished = len(list(prepared.glob("*/facts.json")))
    assert 3 <= finished < 12
    assert count_rows(tmp_path) == 0
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("12 clips imported")
    assert count_rows(tmp_path) == 12
    assert not list(prepared.glob("*/facts.json"))


def test_a_picture_description_that_names_an_emotion_is_told_by_line_and_imported(folder: Path, settings: Any) -> None:
    manifest = make_prepared_folder(folder, settings.DATA_DIR)
    head, first, *rest = manifest.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},picture_description", f"{first},Ein trauriges Kind", *(f"{line}," for line in rest)]
    manifest.write_text("\n".join(lines) + "\n", encoding="utf-8")
    err = io.StringIO()
    call_command("import_clips", str(manifest), "--check", stdout=io.StringIO(), stderr=err)
    assert SourceImage.objects.count() == 0
    call_command("import_clips", str(manifest), stdout=io.StringIO(), stderr=err)
    said = [line for line in err.getvalue().splitlines() if "emotion" in line]
    assert said == 2 * [
        "Line 2: The picture description names an emotion: “trauriges” (sadness, German). Participants are told only "
        "that there is a picture, until it is rewritten on the picture's page."
    ]
    assert SourceImage.objects.filter(alt_text="Ein trauriges Kind").count() == 1


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


@pytest.mark.slow
def test_clips_of_every_length_come_out_at_the_one_of_our_own_and_the_long_ones_are_told(
    folder: Path, settings: Any
) -> None:
    lengths = {"short.wav": 2.0, "long.wav": 31.0, "longer.flac": 60.0}
    for number, (name, seconds) in enumerate(lengths.items()):
        wave = 0.05 * np.sin(2 * np.pi * (200 + 50 * number) * np.arange(int(44_100 * seconds)) / 44_100)
        soundfile.write(folder / name, wave, 44_100)
    rows = [{"file": name, "emotion": "awe", "system": "other"} for name in lengths]
    manifest = write_manifest(folder, rows)
    assert "2 longer than 28 s and faded out there" in run(manifest, "--check")
    assert "2 longer than 28 s and faded out there" in run(manifest)
    versions = PairVersion.objects.order_by("pk")
    assert {version.duration_seconds for version in versions} == {28.0}
    assert [version.provenance["length"]["faded"] for version in versions] == [False, True, True]
    for name in ("audio", "audio_alternative"):
        files = [(settings.MEDIA_ROOT / getattr(version, name)).read_bytes() for version in versions]
        assert len({len(data) for data in files}) == 1
    heard = decode((settings.MEDIA_ROOT / versions[1].audio).read_bytes())
    assert heard.samples[int(27.9 * 44_100) :].std() < 0.01 * heard.samples[: 20 * 44_100].std()


@pytest.mark.slow
def test_a_clip_imported_before_all_had_one_length_is_imported_once_more_as_a_new_version(
    folder: Path, settings: Any
) -> None:
    manifest = make_prepared_folder(folder, settings.DATA_DIR)
    run(manifest)
    with connection.cursor() as cursor:  # as an older MelodyMuse left them
        triggers.drop(connection, rules)
        cursor.execute(
            "UPDATE generation_pairversion SET duration_seconds = 17.5, audio_sha256 = 'old' || SUBSTR(audio_sha256, 4)"
        )
        triggers.create(connection, rules)
    assert run(manifest).startswith("5 clips imported, 0 were there already")
    assert run(manifest) == "0 clips imported, 5 were there already.\n"
    numbers = PairVersion.objects.order_by("pair_id", "number").values_list("number", "duration_seconds")
    assert list(numbers) == [(1, 17.5), (2, 28.0)] * 5
    assert Pair.objects.count() == 5
