"""The door for what listeners taught: taken in once, chosen per run, followed by clips, named with them, reversible."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from generation import actions, production, queries, teaching, visits
from generation.actions import networks
from generation.images.intake import take_in
from generation.models import ActionRecord, GenerationRun, ModelVersion, PairVersion, SourceImage
from generation.music.attributes.targets import shipped_table
from generation.networks.artifacts import ArtifactRefused, shipped_artifacts
from tests.generation.factories import make_picture, make_researcher, only_version, picture_bytes
from tests.generation.visiting import kept
from tests.racing import race

__all__ = ["kept"]
pytestmark = pytest.mark.django_db
SLOWER = {"sadness": {"tempo": -9.0}, "awe": {"dynamics": 12.0, "pedal": -0.2}}
LEARNED_FROM = {"studies": ["one", "two"], "answers": 960}
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def shipped() -> ModelVersion:
    actions.register_models(folders=shipped_artifacts("image_emotion"), by=None)
    return ModelVersion.objects.get(kind=teaching.KIND)


def learn(shifts: Any = SLOWER, told: Any = LEARNED_FROM) -> ModelVersion:
    return teaching.register_learned_targets(shifts=shifts, provenance=told, by=None)


def ask(targets: ModelVersion | None = None, composer: str = "muse", slug: str = "awe") -> PairVersion:
    picture = SourceImage.objects.first() or make_picture()
    SourceImage.objects.filter(features={}).update(features={"brightness": 0.5})
    run = actions.request_run(
        pictures=[picture],
        emotions={picture.pk: slug},
        composer=composer,
        seed=1,
        options={"candidates": 1},
        attribute_targets=targets,
        by=None,
    )
    return only_version(run)


def made(version: PairVersion) -> PairVersion:
    production.make_pair_version(version.pk)
    version.refresh_from_db()
    return version


def test_what_is_learned_becomes_a_version_with_a_file_and_never_the_default(shipped: ModelVersion, media: Any) -> None:
    by = make_researcher()
    model = teaching.register_learned_targets(shifts=SLOWER, provenance=LEARNED_FROM, by=by)
    assert (model.name, model.is_default, model.is_learned) == ("learned", False, True)
    assert queries.default_model(teaching.KIND) == shipped
    content = json.loads((media / model.artifact).read_bytes())
    assert content["shifts"] == SLOWER
    assert content["base"]["muse"] == shipped.version == model.manifest["base"]["muse"]
    assert (Path(model.artifact).stem, model.version) == (model.sha256, f"1-{model.sha256[:10]}")
    entry = ActionRecord.objects.get(action="register_learned_targets")
    assert (entry.actor, entry.about) == (by, str(model))
    assert entry.detail == {"sha256": model.sha256, "emotions": 2, "shifts": 3}


def test_the_same_content_is_the_same_row_and_written_down_once() -> None:
    first, second = learn(), learn(dict(reversed(SLOWER.items())))
    assert (first.pk, ActionRecord.objects.filter(action="register_learned_targets").count()) == (second.pk, 1)
    assert learn(told={**LEARNED_FROM, "answers": 961}).pk != first.pk


def test_what_cannot_be_used_leaves_neither_row_nor_file_nor_line(media: Path) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        learn({"awe": {"speed": 1.0}})
    assert not ModelVersion.objects.filter(name="learned").exists()
    assert not (media / "targets").exists()
    assert not ActionRecord.objects.exists()


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_twenty_who_register_the_same_at_once_share_one_row(shipped: ModelVersion) -> None:
    def register(world: Any, number: int) -> None:
        learn()

    def choose(world: Any, number: int) -> None:
        actions.make_default(model=world.shipped, by=None)

    assert race(register, choose, SimpleNamespace(shipped=shipped)) == Counter({"done": 20})
    assert ModelVersion.objects.filter(name="learned").count() == 1
    assert ActionRecord.objects.filter(action="register_learned_targets").count() == 1
    assert ModelVersion.objects.get(kind=teaching.KIND, is_default=True) == shipped


def test_present_targets_are_what_the_composer_aims_at_now(shipped: ModelVersion) -> None:
    now = teaching.present_targets()
    assert (now.version, now.table) == (shipped, shipped_table().version)
    assert now.aims.shape == now.shifts.shape == now.shipped.shape == (8, 19)
    assert not now.shifts.any()
    assert (now.aims == now.shipped).all()
    assert ((now.minima <= now.aims) & (now.aims <= now.maxima)).all()
    tempo, sadness = now.names.index("tempo"), now.slugs.index("sadness")
    assert (now.aims[sadness, tempo], now.minima[tempo], now.maxima[tempo]) == (62.0, 52.0, 172.0)
    model = learn()
    moved = teaching.present_targets(model)
    assert (moved.version, moved.shipped.tolist()) == (model, now.shipped.tolist())
    assert moved.aims[sadness, tempo] == 53.0
    awe = now.slugs.index("awe")
    assert moved.shifts[awe, now.names.index("dynamics")] == 12.0
    assert np.count_nonzero(moved.shifts) == 3
    actions.make_default(model=model, by=None)
    assert teaching.present_targets().version == model


def test_a_second_learning_that_adds_the_present_shifts_moves_by_both(shipped: ModelVersion) -> None:
    first = teaching.present_targets(learn())
    sadness, tempo = first.slugs.index("sadness"), first.names.index("tempo")
    more = {"sadness": {"tempo": float(first.shifts[sadness, tempo]) - 1.0}}
    assert teaching.present_targets(learn(more)).aims[sadness, tempo] == 52.0


def test_a_run_holds_the_targets_chosen_and_its_clips_follow_them(shipped: ModelVersion) -> None:
    model = learn()
    before, after = made(ask()), made(ask(model))
    assert queries.targets_of_run(before.run) == shipped
    assert queries.targets_of_run(after.run) == model
    followed = [one.provenance["models"]["attribute_targets"] for one in (before, after)]
    assert followed == [
        {"name": "muse", "version": shipped.version},
        {"name": "muse", "version": shipped.version, "learned": model.version},
    ]
    louder = np.mean(after.attributes["dynamics"]["target"]) - np.mean(before.attributes["dynamics"]["target"])
    assert louder == pytest.approx(12.0, abs=0.01)
    assert after.midi_sha256 != before.midi_sha256
    assert queries.composer_version(after.provenance["models"]).endswith(f", learned {model.version}")


def test_the_run_decides_and_not_the_default_of_the_moment(shipped: ModelVersion) -> None:
    model = learn()
    asked, old = ask(model), ask()
    actions.make_default(model=model, by=None)
    assert made(old).provenance["models"]["attribute_targets"].get("learned") is None
    assert queries.targets_of_run(ask().run) == model  # in force now
    assert queries.targets_of_run(ask(shipped).run) == shipped
    actions.make_default(model=shipped, by=None)
    assert made(asked).provenance["models"]["attribute_targets"]["learned"] == model.version


def test_regenerating_follows_what_is_chosen_and_composers_without_targets_follow_none(shipped: ModelVersion) -> None:
    model, old = learn(), ask()
    again = actions.regenerate(versions=[old], reason="", attribute_targets=model, by=None)
    assert queries.targets_of_run(again) == model
    assert queries.targets_of_run(actions.regenerate(versions=[old], reason="", by=None)) == shipped
    paper = ask(model, composer="paper")
    assert queries.targets_of_run(paper.run) is None
    assert "attribute_targets" not in made(paper).provenance["models"]


def test_other_networks_and_tables_of_old_cannot_be_chosen_as_targets(shipped: ModelVersion) -> None:
    old = ModelVersion.objects.create(kind=teaching.KIND, name="muse", version="1-older", artifact="x", sha256="0" * 64)
    network = ModelVersion.objects.filter(kind="image_emotion")[0]
    for wrong in (old, network):
        with pytest.raises(actions.RunRefused, match="no targets that music can be made by now"):
            ask(wrong)
    assert not GenerationRun.objects.exists()
    assert queries.target_versions() == [shipped]


def test_a_new_shipped_table_serves_but_where_somebody_chose_what_was_learned(
    shipped: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ship(version: str) -> None:
        table = SimpleNamespace(version=version)
        monkeypatch.setattr(networks, "shipped_table", lambda: table)
        actions.register_models(folders=[], by=None)

    ship("1-newer")
    assert queries.default_model(teaching.KIND).version == "1-newer"  # type: ignore[union-attr]
    model = learn()
    actions.make_default(model=model, by=None)
    ship("1-newest")
    assert queries.default_model(teaching.KIND) == model
    assert ModelVersion.objects.filter(version="1-newest").exists()


def test_a_clip_fails_in_words_where_the_file_is_gone_or_changed_and_made_ones_stay(
    shipped: ModelVersion, media: Path
) -> None:
    model = learn()
    ready, file = made(ask(model)), media / model.artifact
    raw = file.read_bytes()
    for damage, said in ((raw.replace(b"12.0", b"13.0"), "not the one that was registered"), (b"{}", "cannot be read")):
        file.write_bytes(damage)
        version = made(ask(model))
        assert (version.status, said in version.error) == ("failed", True), version.error
    file.unlink()
    assert "is gone" in made(ask(model)).error
    ready.refresh_from_db()
    assert (ready.status, (media / ready.audio).exists()) == ("ready", True)
    assert ready.provenance["models"]["attribute_targets"]["learned"] == model.version
    with pytest.raises(ArtifactRefused):
        teaching.present_targets(model)


def test_the_new_run_page_offers_a_choice_where_there_is_one(shipped: ModelVersion) -> None:
    researcher, picture = Client(), make_picture()
    researcher.force_login(make_researcher())
    address = reverse("run_new")
    assert "attribute_targets" not in researcher.get(address, {"picture": str(picture.public_id)}).content.decode()
    model = learn()
    page = researcher.get(address, {"picture": str(picture.public_id)}).content.decode()
    assert "The table as shipped, in force" in page
    line = f"Learned on {model.registered_at:%Y-%m-%d} from 2 studies, 960 answers ({model.version})"
    assert f'<option value="{model.pk}">{line}</option>' in page
    sent = {
        "picture": str(picture.public_id),
        f"emotion-{picture.pk}": "fear",
        "composer": "muse",
        "seeds_per_picture": "1",
        "start": "1",
    }
    for key, status, followed in ((model.pk, 302, model), ("", 302, shipped), ("0", 400, shipped)):
        assert researcher.post(address, {**sent, "attribute_targets": str(key)}).status_code == status
        run = GenerationRun.objects.first()
        assert run is not None
        assert queries.targets_of_run(run) == followed
    run = GenerationRun.objects.get(model_versions=model)
    told = researcher.get(run.get_absolute_url()).content.decode()
    assert f"<dt>Targets</dt><dd>{line}</dd>" in told
    regenerated = {"run": str(run.public_id), "attribute_targets": str(shipped.pk)}
    researcher.post(reverse("pairs_regenerate"), regenerated)
    assert queries.targets_of_run(GenerationRun.objects.first()) == shipped  # type: ignore[arg-type]
    assert GenerationRun.objects.count() == 3


def test_targets_are_told_as_precisely_as_their_provenance_is() -> None:
    for told, said in (({}, ""), ({"studies": ["a"]}, " from 1 study"), ({"answers": 12_000}, " from 12,000 answers")):
        model = learn(told=told)
        assert model.targets_line == f"Learned on {model.registered_at:%Y-%m-%d}{said} ({model.version})"


def test_the_administration_shows_what_moved_and_puts_it_to_use_and_back(
    shipped: ModelVersion, admin_client: Client, media: Path
) -> None:
    model, changes = learn(), reverse("admin:generation_modelversion_changelist")
    page = admin_client.get(reverse("admin:generation_modelversion_change", args=[model.pk])).content.decode()
    assert "0 runs so far follow it" in page
    cells = ("Tempo", "62.0", "53.0", "beats per minute", "slower")
    assert "".join(f"<td>{cell}</td>" for cell in cells) in page
    assert [page.count(f">{name}</th>") for name in ("Awe", "Sadness", "Fear")] == [1, 1, 0]
    told = admin_client.post(changes, {"action": "serve", "_selected_action": [model.pk]}, follow=True)
    assert queries.default_model(teaching.KIND) == model
    assert "Sadness: slower (tempo 62.0 → 53.0 beats per minute)" in told.content.decode()
    admin_client.post(changes, {"action": "serve", "_selected_action": [shipped.pk]})
    assert queries.default_model(teaching.KIND) == shipped
    assert "What listeners taught" not in (
        admin_client.get(reverse("admin:generation_modelversion_change", args=[shipped.pk])).content.decode()
    )
    (media / model.artifact).unlink()
    refused = admin_client.post(changes, {"action": "serve", "_selected_action": [model.pk]}, follow=True)
    assert "is gone" in refused.content.decode()
    assert queries.default_model(teaching.KIND) == shipped
    page = admin_client.get(reverse("admin:generation_modelversion_change", args=[model.pk])).content.decode()
    assert "is gone" in page


def test_a_few_moves_of_each_emotion_are_said() -> None:
    many = {"fear": {"tempo": 5.0, "density": 1.0, "dynamics": 4.0, "pedal": 0.01, "chromaticism": 0.01}}
    assert teaching.say_what_moved(learn(many)).endswith(" and 3 more")  # the accompaniment moves with the density
    assert teaching.say_what_moved(learn({})) == "no target"


def test_the_page_of_a_clip_names_what_was_learned(shipped: ModelVersion) -> None:
    model, client = learn(), Client()
    client.force_login(make_researcher())
    version = made(ask(model))
    page = client.get(version.get_absolute_url()).content.decode()
    assert f"muse {shipped.version}, moved by what listeners taught ({model.version})" in page


def test_visitors_hear_what_is_in_force(shipped: ModelVersion, kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "secrets", SimpleNamespace(**{**vars(visits.secrets), "randbelow": lambda limit: 5}))
    files = []
    for _ in range(3):
        token = visits.begin(
            visits.Wanted("awe", "muse", "image/png"), take_in(picture_bytes()).data, address="198.51.100.7", asked="x"
        ).token
        production.make_visitors_piece(token)
        files.append(visits.read_file(token, "clip.mid"))
        if len(files) == 2:
            actions.make_default(model=learn(), by=None)
    assert files[0] == files[1] != files[2] is not None


def test_generate_follows_a_file_of_learned_targets(tmp_path: Path, media: Path, capsys: Any) -> None:
    picture, model = tmp_path / "a.png", learn()
    picture.write_bytes(picture_bytes())
    lines = []
    for more in ({}, {"targets": media / model.artifact}):
        call_command(
            "generate", str(picture), composer="muse", emotion="awe", seed=3, candidates=1, json=True,
            out=tmp_path / "clips", verbosity=0, **more,
        )  # fmt: skip
        lines.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert [line["provenance"]["models"]["attribute_targets"].get("learned") for line in lines] == [None, model.version]
    assert lines[0]["midi"] != lines[1]["midi"]
    with pytest.raises(CommandError, match="no file of learned targets"):
        call_command("generate", str(picture), targets=picture, out=tmp_path / "clips")
    with pytest.raises(CommandError, match="No such file"):
        call_command("generate", str(picture), targets=tmp_path / "nothing.json", out=tmp_path / "clips")


def test_the_door_loads_neither_tensorflow_nor_music21() -> None:
    code = (
        "import os, sys, django; os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'melodymuse_site.settings'); "
        "django.setup(); import generation.teaching as t; t.find_real_music(); "
        "print(sorted({'tensorflow', 'keras', 'music21', 'onnxruntime'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert told.stdout.strip() == "[]", told.stdout + told.stderr
