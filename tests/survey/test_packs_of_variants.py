"""Packs of cue experiments tell which variant each stimulus is; other packs stay as they were."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from generation.music.cues.levels import CUES
from survey.analysis import as_plain, read_cues
from survey.analysis.ratings import RatingsRefused
from survey.exports import codebook
from survey.exports.loading import Pack
from survey.findings import report_of
from survey.findings.columns import read_ratings
from survey.models import Stimulus
from tests.survey.answering import answer_study
from tests.survey.api.asking import Program, make_token
from tests.survey.factories import make_study, make_versions
from tests.survey.recomputed import read_pack, recompute
from tests.survey.test_recomputed import differences, numbers
from tests.survey.variants import make_variants

pytestmark = [pytest.mark.django_db, pytest.mark.database]
THREE = {"tempo": ("slow", "as-composed", "fast"), "mode": ()}


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study(
        versions=make_variants(4, THREE),
        cells={"music_only": 1.0},
        cue_design="square",
        clips_per_participant=4,
        ask_affect=True,
    )
    answer_study(study, people=12, each=9, hit=0.4, seed=3, say=feel)
    return study


def feel(person, stimulus, chosen):
    return {"valence": (stimulus.pk * 7 + person.pk * 3) % 11 / 5 - 1}


@pytest.fixture
def pack(study, tmp_path):
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    return tmp_path / "pack.zip"


def rows_of(path, table="stimuli"):
    with zipfile.ZipFile(path) as archive:
        return list(csv.DictReader(io.StringIO(archive.read(f"{table}.csv").decode("utf-8-sig"))))


def test_every_stimulus_names_its_piece_and_levels(study, pack):
    rows = rows_of(pack)
    assert len(rows) == 24
    assert {row["cue_piece"] for row in rows} == {"piece 1", "piece 2", "piece 3", "piece 4"}
    for row, item in zip(rows, Stimulus.objects.filter(study=study).select_related("pair_version"), strict=True):
        version = item.pair_version
        assert {"tempo": row["cue_tempo"], "mode": row["cue_mode"]} == version.cues
        assert float(row["cue_tempo_value"]) == version.cue_values["tempo"]
        assert (row["cue_register"], row["cue_register_value"]) == ("", "")
        assert version.base_piece not in json.dumps(row)  # it names keys of the database
    assert list(rows[0])[-13:] == [
        *("targets", "learned_targets", "cue_piece"),
        *(name for cue in CUES for name in (f"cue_{cue}", f"cue_{cue}_value")),
    ]


def test_the_codebook_knows_every_cue_and_level_there_is():
    assert {name: ", ".join(level.name for level in cue.levels) for name, cue in CUES.items()} == codebook.CUES


def test_the_pack_is_of_format_7_and_is_read_back(pack):
    with Pack(pack) as opened:
        opened.check()
        assert opened.manifest["format_version"] == codebook.FORMAT_WITH_VARIANTS == "7"
        rows = list(opened.rows("stimuli"))
    assert rows[0]["cue_tempo_value"] == 0.7
    assert rows[0]["cue_register_value"] is None
    names = {
        row["name"] for row in csv.DictReader(io.StringIO(_text(pack, "codebook.csv"))) if row["table"] == "stimuli"
    }
    assert names == set(rows[0])


def _text(path, name):
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode("utf-8-sig")


def test_the_api_always_tells_them(study):
    _, secret = make_token(study.owner)
    told = Program(secret).get(f"studies/{study.slug}").json()["stimuli"]
    assert {one["cue_piece"] for one in told} == {"piece 1", "piece 2", "piece 3", "piece 4"}
    assert {one["cue_mode"] for one in told} == {"minor", "major"}
    plain = make_study(versions=make_versions(8, first=100), by=study.owner)
    told = Program(secret).get(f"studies/{plain.slug}").json()["stimuli"]
    assert {(one["cue_piece"], one["cue_tempo"], one["cue_tempo_value"]) for one in told} == {("", "", None)}


def test_a_pack_without_variants_has_none_of_it(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    study = make_study()
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    everything = b"".join(
        zipfile.ZipFile(tmp_path / "pack.zip").read(name) for name in zipfile.ZipFile(tmp_path / "pack.zip").namelist()
    )
    assert b"cue_" not in everything  # in the R script neither
    assert json.loads(_text(tmp_path / "pack.zip", "manifest.json"))["format_version"] == "2"


def test_the_effects_of_cues_are_recomputed_from_the_pack(study, pack):
    report = as_plain(report_of(study))["measures"]["cue_effects"]
    again = recompute(pack)[0]["measures"]["cue_effects"]
    assert sum(1 for _ in numbers(report)) > 100
    assert report["ratings"]
    assert list(differences(report, again)) == []
    known = {path for path, _ in numbers(report)}
    assert {path for path, _ in numbers(again)} <= known
    assert read_pack(pack).stimuli[0]["cue_piece"] == "piece 1"


def test_all_else_of_the_report_takes_the_variants_of_a_piece_for_one(study, pack):
    """The second implementation reads from the pack which stimuli are one piece."""
    report = as_plain(report_of(study))
    assert list(differences(report, recompute(pack)[0])) == []
    assert "setNames(stimuli$cue_piece, stimuli$stimulus)" in _text(pack, "mixed_model.R")


def test_analyse_finds_in_the_pack_what_the_site_finds(study, pack, tmp_path, capsys):
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(tmp_path / "unpacked")
    table, stimuli = (tmp_path / "unpacked" / f"{name}.csv" for name in ("responses_long", "stimuli"))
    choices = ",".join(study.choices.values_list("slug", flat=True))
    options = {"choices": choices, "none": "none", "cues": stimuli, "replicates": 0, "json": True}
    call_command("analyse", table, **options)
    found = json.loads(capsys.readouterr().out)
    again, report = (one["measures"]["cue_effects"] for one in (found, as_plain(report_of(study))))
    assert list(differences(report, again)) == list(differences(again, report)) == []
    names = ("said", "cue", "lowest", "highest", "reason")
    for kind in ("answers", "ratings"):
        assert [[one[name] for name in names] for one in report[kind]] == [
            [one[name] for name in names] for one in again[kind]
        ]
    assert any(
        "Of 24 clips 24 are variants of 4 pieces by stimuli.csv: mode, tempo." in note for note in found["notes"]
    )


def test_cues_of_the_pack_are_those_of_the_site(study, pack):
    read, known = read_cues(_text(pack, "stimuli.csv")), read_ratings(study).cues
    assert (read.names, read.stimuli, read.pieces, read.levels) == (
        *(known.names, known.stimuli, known.pieces, known.levels),
    )
    assert read.steps.tolist() == known.steps.tolist()


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ("clip,cue_piece\nS1,A\n", "there is no column 'stimulus': variants are of stimuli"),
        ("stimulus,cue_mode\nS1,minor\n", "there is no column 'cue_piece'"),
        ("stimulus,cue_piece,cue_mode\nS1,A,minor\n", "there is no column 'cue_mode_value'"),
        (
            "stimulus,cue_piece,cue_mode,cue_mode_value\nS1,A,minor,0\nS2,A,minor,0.5\n",
            "line 1: one level of mode has two numbers",
        ),
        (
            "stimulus,cue_piece,cue_mode,cue_mode_value\nS1,A,minor,0\nS2,A,major,0\n",
            "line 1: one number of mode has two levels",
        ),
        (
            "stimulus,cue_piece,cue_a,cue_a_value,cue_b,cue_b_value\nS1,A,x,0,y,1\nS2,A,z,1,,\n",
            "line 1: of piece 'A' some variants have a level of a cue, and others none",
        ),
        (
            "stimulus,cue_piece,cue_mode,cue_mode_value\nS1,A,minor,low\n",
            "line 2: the level 'minor' of mode has no number",
        ),
        ("stimulus,cue_piece,cue_mode,cue_mode_value\nS1,A,,\n", "line 2: stimulus 'S1' is of piece 'A', and no cue"),
        ("stimulus,cue_piece,cue_mode,cue_mode_value\nS1,A,a,0\nS1,A,b,1\n", "'S1' stands in line 2 already"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_with_the_line(table, told):
    with pytest.raises(RatingsRefused, match=told):
        read_cues(table)


def test_analyse_refuses_a_table_without_variants_or_of_other_clips(tmp_path):
    ratings, cues = tmp_path / "r.csv", tmp_path / "c.csv"
    ratings.write_text("participant,stimulus,intended,chosen\nP1,S1,joy,joy\n")
    for text, told in (
        ("stimulus,cue_piece,cue_mode,cue_mode_value\nS1,,,\n", "names no variant"),
        ("stimulus,cue_piece,cue_mode,cue_mode_value\nS9,A,minor,0\n", "names none of the clips"),
        ("stimulus\nS1\n", "there is no column 'cue_piece'"),
    ):
        cues.write_text(text)
        with pytest.raises(CommandError, match=told):
            call_command("analyse", ratings, cues=cues)
    with pytest.raises(CommandError, match="--cues belongs to a long table"):
        call_command("analyse", ratings, cues=cues, wide=True)
