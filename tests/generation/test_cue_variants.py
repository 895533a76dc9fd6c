"""Runs for cue experiments: one piece in all combinations of levels, each a version of its own, made anew together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generation import actions, production
from generation.actions import RunRefused
from generation.models import GenerationRun, PairVersion, SourceImage
from generation.music.cues.levels import CUES
from generation.music.length import CLIP_SECONDS
from survey.design.templates import TEMPLATES
from survey.queries.picking import pick_clips
from tests.generation.factories import make_picture, make_researcher, picture_bytes
from tests.generation.finished import finish_version

pytestmark = pytest.mark.django_db
TWO = {"tempo": (), "mode": ()}


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def ask(cues: Any = TWO, *, composer: Any = "muse", seeds: int = 1, pictures: int = 1) -> GenerationRun:
    chosen = [make_picture(shade) for shade in range(60, 60 + pictures)]
    SourceImage.objects.filter(features={}).update(features={"brightness": 0.5})
    return actions.request_run(
        pictures=chosen,
        emotions={picture.pk: "sadness" for picture in chosen},
        composer=composer,
        seeds_per_picture=seeds,
        seed=1,
        options={"candidates": 1},
        cues=cues,
        by=None,
    )


def test_every_combination_is_a_version_and_all_of_one_piece_share_its_seed() -> None:
    run = ask(seeds=2, pictures=2)
    versions = list(run.versions.order_by("pk"))
    assert len(versions) == 2 * 2 * 4
    pieces: dict[str, list[PairVersion]] = {}
    for version in versions:
        pieces.setdefault(version.base_piece, []).append(version)
    assert sorted(len(found) for found in pieces.values()) == [4, 4, 4, 4]
    for found in pieces.values():
        assert len({(version.pair_id, version.seed) for version in found}) == 1
        assert [version.cues for version in found] == [
            {"tempo": tempo, "mode": mode} for tempo in ("slow", "fast") for mode in ("minor", "major")
        ]
    assert run.options["cues"] == {"tempo": [], "mode": []}


def test_a_run_without_cues_is_as_it_was() -> None:
    version = ask(None).versions.get()
    assert (version.cues, version.base_piece, version.cues_line) == (None, "", "")
    assert "cues" not in version.run.options


@pytest.mark.parametrize(
    ("cues", "told"), [({"timbre": ()}, "no cue 'timbre'"), ({"tempo": ("slow",)}, "Tempo needs two levels")]
)
def test_what_compares_nothing_is_refused(cues: Any, told: str) -> None:
    with pytest.raises(RunRefused, match=told):
        ask(cues)
    assert not GenerationRun.objects.exists()


def test_the_worker_makes_the_same_piece_with_one_cue_changed() -> None:
    run = ask({"mode": ("minor", "major")})
    made = []
    for version in run.versions.order_by("pk"):
        production.make_pair_version(version.pk)
        version.refresh_from_db()
        assert (version.status, version.error) == ("ready", "")
        made.append(version)
    minor, major = made
    assert [version.features["mode"] for version in made] == ["minor", "major"]
    assert minor.duration_seconds == major.duration_seconds == CLIP_SECONDS
    assert minor.provenance["models"]["cues"]["levels"] == {"mode": "minor"}
    # Onsets, lengths and touch are those of the same piece; pitches differ by a semitone where they differ.
    assert [note[:2] + note[3:] for note in sorted(minor.notes)] == [
        note[:2] + note[3:] for note in sorted(major.notes)
    ]
    steps = {b[2] - a[2] for a, b in zip(sorted(minor.notes), sorted(major.notes), strict=True)}
    assert steps == {0, 1}
    measured = [version.attributes["majorness"]["measured"] for version in made]
    assert measured[0] < 0 < measured[1]
    assert minor.attributes["majorness"]["target"] == major.attributes["majorness"]["target"]
    with pytest.raises(Exception, match="immutable"), transaction.atomic():
        PairVersion.objects.filter(pk=minor.pk).update(cues={"mode": "major"})


def test_variants_made_anew_are_variants_of_one_new_piece() -> None:
    run = ask(seeds=2)
    again = actions.regenerate(versions=run.versions.order_by("pk"), reason="", by=None)
    versions = list(again.versions.order_by("pk"))
    assert [version.cues for version in versions] == [version.cues for version in run.versions.order_by("pk")]
    assert len({version.seed for version in versions}) == len({version.base_piece for version in versions}) == 2
    assert not {version.seed for version in versions} & {version.seed for version in run.versions.all()}
    plain = ask(None, pictures=3)
    assert actions.regenerate(versions=plain.versions.all(), reason="", by=None).versions.count() == 3


def test_of_one_variant_the_whole_piece_is_made_anew() -> None:
    """A variant alone is compared with nothing, and no cue experiment plays it."""
    run = ask(seeds=2)
    first, *_ = asked = list(run.versions.order_by("pk"))
    again = actions.regenerate(versions=[asked[2]], reason="", by=None)
    piece = [version.cues for version in asked if version.base_piece == first.base_piece]
    assert [version.cues for version in again.versions.order_by("pk")] == piece
    assert len(piece) == 4
    assert len({version.base_piece for version in again.versions.all()}) == 1


def test_variants_are_in_no_study_that_chooses_its_clips() -> None:
    run = ask({"touch": ()})
    plain = ask(None)
    for version in (*plain.versions.all(), *run.versions.all()):
        finish_version(version)
    chosen = pick_clips(TEMPLATES["choose"]).versions
    assert [version.pk for version in chosen] == [version.pk for version in plain.versions.all()]
    assert len(pick_clips(TEMPLATES["choose"], list(run.versions.all())).versions) == 2


def test_the_page_of_a_new_run_counts_variants_and_asks_for_them() -> None:
    researcher, picture = Client(), make_picture()
    researcher.force_login(make_researcher())
    sent = {
        "picture": str(picture.public_id),
        f"emotion-{picture.pk}": "fear",
        "composer": "muse",
        "seeds_per_picture": "3",
        "cues": ["tempo=slow", "tempo=fast", "articulation=staccato", "articulation=legato"],
    }
    address = reverse("run_new")
    page = researcher.get(address, {"picture": str(picture.public_id)}).content.decode()
    assert 'value="tempo=as-composed"' in page
    counted = researcher.post(address, {**sent, "pictures": "1"}, headers={"accept": "application/json"}).json()
    assert "Every clip is made in 4 variants. 12 clips" in counted["words"]
    assert researcher.post(address, {**sent, "start": "1"}).status_code == 302
    run = GenerationRun.objects.get()
    assert run.versions.count() == 12
    told = researcher.get(run.get_absolute_url()).content.decode()
    assert told.count("slow tempo, staccato articulation") == 3
    refused = researcher.post(address, {**sent, "cues": ["timbre=bright"], "start": "1"})
    assert refused.status_code == 400
    version = run.versions.order_by("pk").last()
    assert version is not None
    assert "<strong>fast tempo, legato articulation</strong>" in (
        researcher.get(version.get_absolute_url()).content.decode()
    )


def test_the_page_takes_the_levels_that_the_command_takes_and_tells_their_clips_before() -> None:
    researcher, picture = Client(), make_picture()
    researcher.force_login(make_researcher())
    sent: dict[str, Any] = {"picture": str(picture.public_id), f"emotion-{picture.pk}": "fear", "composer": "muse"}
    sent |= {"seeds_per_picture": "2", "cues": ["tempo=slow", "tempo=as-composed", "tempo=fast"]}
    address = reverse("run_new")

    def count(*cues: str) -> str:
        asked = {**sent, "cues": cues, "pictures": "5"}
        return str(researcher.post(address, asked, headers={"accept": "application/json"}).json()["words"])

    assert "Every clip is made in 3 variants. 30 clips" in count("tempo=slow", "tempo=as-composed", "tempo=fast")
    assert "Every clip is made in 2 variants. 20 clips" in count("tempo=as-composed", "tempo=slow")
    assert count("tempo=slow") == "Tempo needs two levels at least: with one there is nothing to compare."
    every = [f"{name}={level.name}" for name, cue in CUES.items() for level in cue.levels]
    assert count(*every) == "162 variants of one piece are more than 32: choose fewer levels."
    for cues in (["tempo=slow"], every):
        refused = researcher.post(address, {**sent, "cues": cues, "start": "1"})
        assert (refused.status_code, GenerationRun.objects.count()) == (400, 0)
    kept = researcher.post(address, {**sent, "accept": "1"}).content.decode()
    assert kept.count(" checked") == 1 + 3  # the composer, and the three levels
    assert researcher.post(address, {**sent, "start": "1"}).status_code == 302
    run = GenerationRun.objects.get()
    assert run.options["cues"] == {"tempo": ["slow", "as-composed", "fast"]}
    assert run.versions.count() == 6
    assert researcher.get(run.get_absolute_url()).content.decode().count("as composed tempo") == 2


def test_generate_writes_variants_beside_each_other(tmp_path: Path, capsys: Any) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(picture_bytes())
    asked = {"composer": "paper", "emotion": "awe", "seed": 3, "candidates": 1, "out": tmp_path / "clips"}
    call_command("generate", str(picture), json=True, cue=["register=low", "register=high"], **asked)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["cues"] for line in lines] == [{"register": "low"}, {"register": "high"}]
    assert len({line["midi"] for line in lines}) == 2
    # What only the paper's composer measures is of the piece before the change, and not told of variants.
    assert all("velocity_mean" not in line["attributes"] for line in lines)
    assert all("tempo" in line["attributes"] for line in lines)
    with pytest.raises(CommandError, match="no cue 'timbre'"):
        call_command("generate", str(picture), cue=["timbre"], **asked)
