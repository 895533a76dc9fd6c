"""By which targets clips were composed: analyses can tell old from new, participants cannot."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from generation import teaching
from generation.models import PairVersion, SourceImage
from survey.exports.loading import Pack
from survey.models import Study
from tests.survey.api.asking import Program, make_token
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener
from tests.survey.test_blind import addresses

pytestmark = pytest.mark.django_db
TABLE, LEARNED = "1-af4992db7c", "1-be31f64006"


@pytest.fixture
def study(settings: Settings, tmp_path: Path) -> Study:
    """Four clips by the table as shipped, four by what listeners taught."""
    settings.MEDIA_ROOT = tmp_path / "media"
    model = teaching.register_learned_targets(shifts={"awe": {"tempo": 5.0}}, provenance={}, by=None)
    versions = make_versions(8)
    for number, version in enumerate(versions):
        followed = {"name": "muse", "version": TABLE, **({"learned": LEARNED} if number % 2 else {})}
        # As the making side writes it; a ready clip is written once.
        version.pk, version.public_id, version.number = None, _new_id(), 2
        version.provenance = {"models": {"attribute_targets": followed}}
        version.save(force_insert=True)
        version.run.model_versions.add(model)
    return make_study(versions=versions, cells={"matched": 1.0}, practice_trials=0, clips_per_participant=8)


def _new_id() -> Any:
    return PairVersion._meta.get_field("public_id").get_default()


def test_every_stimulus_names_table_and_learned_version_in_packs_and_api(study: Study, tmp_path: Path) -> None:
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        rows = list(csv.DictReader(io.StringIO(archive.read("stimuli.csv").decode("utf-8-sig"))))
    _, secret = make_token(study.owner)
    asked = Program(secret).get(f"studies/{study.slug}").json()["stimuli"]
    for stimuli in (rows, asked):
        found = [(one["targets"], one["learned_targets"]) for one in stimuli]
        assert sorted(found) == sorted([(TABLE, ""), (TABLE, LEARNED)] * 4)


def test_where_pictures_were_measured_as_well_a_pack_tells_both_and_is_read_back(study: Study, tmp_path: Path) -> None:
    SourceImage.objects.update(features={"brightness": 0.25, "blobs": 3.0})
    call_command("export", study.slug, "--out", str(tmp_path / "pack.zip"), verbosity=0)
    with Pack(tmp_path / "pack.zip") as pack:
        pack.check()
        rows = list(pack.rows("stimuli"))
    assert pack.manifest["format_version"] == "8"
    assert list(rows[0])[-3:] == ["targets", "learned_targets", "picture_attributes"]
    found = [(row["targets"], row["learned_targets"], row["picture_attributes"]) for row in rows]
    assert sorted(found, key=str) == sorted([(TABLE, one, {"brightness": 0.25}) for one in ("", LEARNED)] * 4, key=str)


def test_no_page_of_a_participation_names_them(study: Study) -> None:
    listener, pages = Listener(study.slug), 0
    listener.get()
    while True:
        pages += 1
        heard = [listener.response, *(Client().get(one) for one in addresses(listener.page) if "/media/" in one)]
        for response in heard:
            body = b"".join(response) if response.streaming else response.content
            told = f"{response.headers}".encode() + body
            assert not any(word in told for word in (TABLE.encode(), LEARNED.encode(), b"learned_targets", b"targets/"))
        if listener.address.endswith("/end/"):
            break
        listener.send()
    assert pages >= 10
