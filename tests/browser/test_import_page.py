"""Importing clips and asking for a cell per composer, in a real browser."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from generation.importing.rounds import work_on_import
from generation.models import ClipImport, PairVersion
from survey import actions
from tests.generation.importing import make_folder

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path / "data"


def write_archive(folder: Path) -> Path:
    (folder / "sent").mkdir()
    make_folder(folder / "sent")
    with zipfile.ZipFile(folder / "clips.zip", "w") as archive:
        for path in (folder / "sent").rglob("*"):
            archive.write(path, path.relative_to(folder / "sent"))
    return folder / "clips.zip"


def test_an_admin_sends_an_archive_watches_it_and_chooses_its_clips(
    page: Any, live_server: Any, log_in: Callable[[Any, Any], None], tmp_path: Path
) -> None:
    admin = get_user_model().objects.create_superuser("root")
    log_in(page, admin)
    page.goto("/pairs/")
    page.get_by_role("link", name="Import clips of other systems").click()
    page.get_by_label("Archive", exact=True).set_input_files(write_archive(tmp_path))
    page.get_by_role("button", name="Import").click()
    page.get_by_text("Waiting for a worker…").wait_for()
    job = ClipImport.objects.get()
    work_on_import(job.pk, seconds=0.0)
    page.get_by_text("1 of 5 clips looked at").wait_for()
    work_on_import(job.pk)
    page.get_by_text("5 clips imported.").wait_for()

    study = actions.create_study(by=admin, title="Two systems")
    page.goto(f"/studies/{study.slug}/clips/?composer=emelodygen")
    page.get_by_role("button", name="Choose all shown").click()
    page.get_by_text("Cell by cell").click()
    page.get_by_label("Matching pair", exact=True).uncheck()
    page.get_by_text("A cell for each composer").nth(2).click()
    page.get_by_label("Music only · emelodygen", exact=True).check()
    page.get_by_label("Weight of “Music only · emelodygen”").fill("2")
    page.get_by_role("button", name="Save the clips").click()
    page.get_by_text("3 stimuli are chosen.").wait_for()
    assert list(study.conditions.values_list("name", "composer", "weight")) == [
        ("Music only · emelodygen", "emelodygen", 2.0)
    ]
    assert PairVersion.objects.filter(stimuli__study=study).count() == 3
