"""Many pictures at once: one that cannot be used never stops the others, and each file gets its own sentence."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from generation import actions, pipeline, production
from generation.models import SourceImage
from tests.generation.factories import make_picture, make_researcher, picture_bytes
from tests.generation.images import pictures


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def awkward() -> dict[str, bytes]:
    """Names and contents: three that are taken, and between them what is refused."""
    return {
        "a-plain.png": picture_bytes(1),
        "b-text.jpg": b"Dear diary",
        "c-noise.png": pictures.encode(pictures.textured("noise", 320, 240)),
        "d-empty.gif": b"",
        "e-cut.jpg": pictures.encode(pictures.scene(400, 300), "JPEG")[:5000],
        "f-phone.heic": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic",
        "g-bomb.png": pictures.enormous_png(),
        "h-tiny.png": pictures.encode(pictures.scene(1, 1)),
    }


TAKEN = ["a-plain.png", "c-noise.png", "h-tiny.png"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sent").mkdir()
    for name, data in awkward().items():
        (tmp_path / "sent" / name).write_bytes(data)
    return tmp_path / "sent"


@pytest.mark.django_db
def test_an_upload_of_many_tells_each_file_its_outcome() -> None:
    client = Client()
    client.force_login(make_researcher())
    files = [SimpleUploadedFile(name, data) for name, data in awkward().items()]
    response = client.post(reverse("pictures"), {"files": files}, headers={"Accept": "application/json"})
    results = response.json()["results"]
    assert [result["file"] for result in results] == list(awkward())
    assert [result["file"] for result in results if result["outcome"] == "added"] == TAKEN
    assert all(result["message"].endswith(".") for result in results)
    assert sorted(SourceImage.objects.values_list("title", flat=True)) == TAKEN


@pytest.mark.django_db
def test_a_disk_that_refuses_one_file_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    client = Client()
    client.force_login(make_researcher())
    add = actions.add_picture

    def full_once(**asked: Any) -> Any:
        if asked["filename"] == "1.png":
            raise OSError("No space left on device")
        return add(**asked)

    monkeypatch.setattr(actions, "add_picture", full_once)
    files = [SimpleUploadedFile(f"{shade}.png", picture_bytes(shade)) for shade in (1, 2)]
    results = client.post(reverse("pictures"), {"files": files}, headers={"Accept": "application/json"}).json()
    assert [result["outcome"] for result in results["results"]] == ["refused", "added"]
    assert "No space left" not in results["results"][0]["message"]


@pytest.mark.django_db
def test_the_command_adds_what_it_can_and_names_the_rest(folder: Path) -> None:
    (folder / "notes.txt").write_text("no picture")
    told, warned = io.StringIO(), io.StringIO()
    call_command("add_images", str(folder), stdout=told, stderr=warned)
    assert told.getvalue() == "3 added, 0 already there, 5 refused, 1 left out.\n"
    lines = warned.getvalue().splitlines()
    assert "notes.txt: left out. The file is not a picture that can be read here: send JPEG" in lines[0]
    refused = [Path(line.partition(": ")[0]).name for line in lines[1:]]
    assert refused == [name for name in awkward() if name not in TAKEN]
    assert any("HEIC pictures cannot be read here: export the picture as JPEG" in line for line in lines)


@pytest.mark.django_db
def test_a_name_that_is_no_utf8_is_stored_as_it_can_be(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.png")).write_bytes(picture_bytes(3))
    call_command("add_images", str(tmp_path), stdout=io.StringIO(), stderr=io.StringIO())
    assert SourceImage.objects.get().title == "caf?.png"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("filename", "title"),
    [
        ("u\u0308ber.png", "über.png"),
        ("Screenshot 3.14\u202fPM.png", "Screenshot 3.14 PM.png"),
        ("a\x00b\n.png", "ab .png"),
        ("folder/inner.png", "inner.png"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_picture_is_called_after_its_file(filename: str, title: str) -> None:
    picture, _ = actions.add_picture(data=picture_bytes(), filename=filename, by=None)
    assert picture.title == title


def test_clips_are_made_of_what_can_be_used(folder: Path, tmp_path: Path) -> None:
    told, warned = io.StringIO(), io.StringIO()
    for name in TAKEN[1:]:
        (folder / name).unlink()
    with pytest.raises(CommandError, match="5 of 6 pictures could not be used") as ended:
        call_command(
            "generate", str(folder), composer="paper", out=tmp_path / "out", json=True, stdout=told, stderr=warned
        )
    assert ended.value.returncode == 2
    (line,) = told.getvalue().splitlines()
    made = json.loads(line)
    assert (Path(made["picture"]).name, made["guess"]) == ("a-plain.png", True)
    assert len(warned.getvalue().splitlines()) == 5


@pytest.mark.django_db
def test_a_label_that_breaks_says_so_instead_of_waiting_for_ever(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    picture = make_picture()
    SourceImage.objects.update(probabilities={}, labelling_error="")

    def broken(*_: Any) -> None:
        raise FloatingPointError("no number")

    monkeypatch.setattr(pipeline, "label_picture", broken)
    production.label_picture(picture.pk)
    picture.refresh_from_db()
    assert picture.labelling_error == "FloatingPointError: no number"
