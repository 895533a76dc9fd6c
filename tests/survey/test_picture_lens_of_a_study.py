"""The lens of pictures of a study in the database: from its answers, from its pack, on the pages of its clips."""

from __future__ import annotations

import csv
import io
import json
import zipfile

import numpy as np
import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from generation.actions.pictures import UNLABELLED
from generation.emotions import SLUGS
from generation.images.features import FEATURE_NAMES
from generation.models import SourceImage
from survey import actions
from survey.analysis import as_plain, read_attributes
from survey.analysis.lens.words import PICTURE_CUES
from survey.analysis.ratings.attributes import PICTURE
from survey.analysis.wording import PRESENTED
from survey.exports.loading import Pack
from survey.findings import Choice, report_of
from survey.findings.columns import read_ratings
from survey.models import Stimulus
from tests.survey.analysis.measures.test_lens import compare
from tests.survey.answering import answer_study
from tests.survey.api.asking import Program, make_token
from tests.survey.factories import make_study, make_versions, measure_pictures
from tests.survey.recomputed import lens, read_pack

pytestmark = [pytest.mark.django_db, pytest.mark.database]

CELLS = {"matched": 1.0, "mismatched": 1.0, "music_only": 1.0, "picture_only": 1.0}
MATCHED, MISMATCHED, MUSIC, PICTURE_ALONE = (PRESENTED[name] for name in CELLS)
EMOTIONS = ("fear", "excitement", "sadness", "contentment")


def by_light(participant, stimulus, dice):
    """Who sees a dark picture says fear, who sees a light one joy; music alone is heard as it was made."""
    if not stimulus.picture_id or dice.random() < 0.5:
        return None
    light = stimulus.picture.features["brightness"]
    return "fear" if light < 0.45 else "excitement" if light > 0.6 else stimulus.picture_emotion


@pytest.fixture
def running(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    versions = make_versions(16, emotions=EMOTIONS)
    measure_pictures()
    study = make_study(versions=versions, cells=CELLS, clips_per_participant=16)
    answer_study(study, people=12, each=64, hit=0.5, seed=1, choose=by_light)
    return study


@pytest.fixture
def study(running):
    return actions.close(study=running, by=running.owner)


@pytest.fixture
def packed(study, tmp_path):
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    return tmp_path / "pack.zip"


def lens_of(study, cell):
    return as_plain(report_of(study, Choice(cell=cell)))["measures"]["picture_lens"]


def test_report_and_pack_have_the_same_lens_of_the_pictures_shown(study, packed):
    pack = read_pack(packed)
    for cell in (PICTURE_ALONE, MATCHED, MISMATCHED):
        found = lens_of(study, cell)
        assert compare(found, lens.recompute_pictures(pack.main[pack.main["condition"] == cell], pack)) == []
        assert [(one["emotion"], one["clips"]) for one in found["emotions"]] == [
            (name, 4) for name in SLUGS if name in EMOTIONS
        ]
        assert sorted(found["cues"]) == sorted(PICTURE_CUES)
        assert found["equation_cues"] == list(PICTURE_CUES[:4])
    assert lens_of(study, MUSIC) is None
    assert lens.recompute_pictures(pack.main[pack.main["condition"] == MUSIC], pack) is None


def test_analyse_finds_the_same_in_the_files_of_a_pack(study, packed, tmp_path, capsys):
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(tmp_path / "pack")
    folder = tmp_path / "pack"
    with (folder / "responses_long.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    with (folder / "matched.csv").open("w", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["condition"] == MATCHED)
    stimuli = str(folder / "stimuli.csv")
    call_command(
        *("analyse", str(folder / "matched.csv"), "--none", "none", "--replicates", "0", "--json"),
        *("--attributes", stimuli, "--picture-attributes", stimuli, "--column", "picture=picture_emotion"),
        *("--column", "music=music_emotion", "--column", "picture_id=picture_sha256"),
        *("--column", "music_id=audio_sha256"),
    )
    told = json.loads(capsys.readouterr().out)
    assert compare(told["measures"]["picture_lens"]["emotions"], lens_of(study, MATCHED)["emotions"]) == []
    here = as_plain(report_of(study, Choice(cell=MATCHED)))
    assert compare(told["measures"]["lens"]["emotions"], here["measures"]["lens"]["emotions"]) == []
    assert any(note.startswith("Of 16 of 16 clips’ pictures stimuli.csv tells: brightness") for note in told["notes"])


def test_a_pack_tells_what_was_measured_and_is_read_back(study, packed):
    ratings = read_ratings(study)
    with zipfile.ZipFile(packed) as archive:
        text = archive.read("stimuli.csv").decode("utf-8-sig")
        assert json.loads(archive.read("manifest.json"))["format_version"] == "8"
    assert csv.DictReader(io.StringIO(text)).fieldnames[-1] == "picture_attributes"
    read = read_attributes(text, PICTURE)
    assert read.names == ratings.picture_attributes.names == tuple(sorted(PICTURE_CUES))
    np.testing.assert_array_equal(read.of(ratings.stimuli), ratings.picture_attributes.of(ratings.stimuli))
    with Pack(packed) as pack:
        pack.check()
        rows = {row["stimulus"]: row["picture_attributes"] for row in pack.rows("stimuli")}
    _, secret = make_token(study.owner)
    asked = Program(secret).get(f"studies/{study.slug}").json()["stimuli"]
    assert {one["stimulus"]: one["picture_attributes"] for one in asked} == rows
    assert not [name for name in set(FEATURE_NAMES) - set(PICTURE_CUES) if f'""{name}""' in text]
    for item in Stimulus.objects.filter(study=study).select_related("condition"):
        assert set(rows[str(item.public_id)]) == (set(PICTURE_CUES) if item.condition.shows_picture else set())


@pytest.mark.parametrize(
    ("cells", "measured", "written"),
    [
        ({"matched": 1.0}, False, "2"),
        ({"music_only": 1.0}, True, "2"),
        ({"matched": 1.0}, True, "8"),
    ],
)
def test_only_packs_of_studies_that_show_measured_pictures_have_the_column(
    cells, measured, written, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    versions = make_versions(8)
    if measured:
        measure_pictures()
    study = make_study(versions=versions, cells=cells)
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert json.loads(archive.read("manifest.json"))["format_version"] == written
        header = archive.read("stimuli.csv").decode("utf-8-sig").partition("\n")[0]
    assert ("picture_attributes" in header) is (written == "8")


def clips_of(study, cell, **query):
    client = Client()
    client.force_login(study.owner)
    return client.get(
        reverse("results_section", args=[study.slug, "clips"]), {"cell": cell, "clip_cell": cell, **query}
    )


def test_a_clip_says_why_its_picture_was_taken_for_an_emotion(study):
    readings = report_of(study, Choice(cell=PICTURE_ALONE)).measures["picture_lens"].readings
    assert len([one for one in readings if one.cues]) > 4
    for part in ("1", "panel"):
        text = clips_of(study, PICTURE_ALONE, part=part).content.decode()
        assert "Picture taken for fear because: darker (+" in text
        assert text.count("Picture taken for") == len(readings)
        assert ("no causes" in text) is (part == "1")
    # Clips of another cell have no reading there: the lens is of one cell.
    assert "Picture taken" not in clips_of(study, PICTURE_ALONE, part="1", clip_cell=MATCHED).content.decode()


def test_music_with_a_picture_is_read_by_both_lenses(study):
    text = clips_of(study, MATCHED, part="1").content.decode()
    assert "Heard as " in text
    assert "Picture taken for " in text
    for section in ("lens", "pictures"):
        address = f"{reverse('results_section', args=[study.slug, section])}?cell={MATCHED.replace(' ', '+')}"
        assert f'<a href="{address}">the lens' in text


def test_readings_are_hidden_as_results_are(running):
    hidden = clips_of(running, PICTURE_ALONE, part="1")
    assert (hidden.status_code, b"taken for" in hidden.content) == (403, False)
    actions.open_results(study=running, by=running.owner)
    assert b"Picture taken for fear because: darker" in clips_of(running, PICTURE_ALONE, part="1").content


def test_a_report_made_while_pictures_wait_for_a_new_label_is_made_again_when_they_have_it(study):
    whole = lens_of(study, MATCHED)
    shown = SourceImage.objects.filter(stimuli__study=study).distinct()
    measured = dict(shown.values_list("pk", "features"))
    SourceImage.objects.update(**UNLABELLED)
    assert lens_of(study, MATCHED) is None
    for pk, features in measured.items():
        SourceImage.objects.filter(pk=pk).update(features=features)
    assert lens_of(study, MATCHED) == whole
