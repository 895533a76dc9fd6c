"""Clips of other systems: all of a manifest or nothing, at the loudness of our own."""

from __future__ import annotations

import io
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
from tests.generation.factories import make_picture, make_run, picture_bytes
from tests.generation.finished import finish_version
from tests.generation.importing import folder as folder
from tests.generation.importing import (
    make_folder,
    make_prepared_folder,
    run,
    write_manifest,
    write_midi,
)
from tests.generation.importing import places as places
from tests.generation.music.sound.clips import melody

pytestmark = pytest.mark.django_db


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
