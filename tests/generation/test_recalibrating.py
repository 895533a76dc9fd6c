"""What people's answers to pictures taught: a version of its network, chosen and taken back, followed by new labels."""

from __future__ import annotations

import json
from collections import Counter
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image, ImageDraw
from pytest_django import Settings

from generation import actions, pipeline, production, queries, recalibrating
from generation.emotions import SLUGS
from generation.models import ActionRecord, ModelVersion, SourceImage
from generation.networks.artifacts import ArtifactRefused, shipped_artifacts
from survey.teaching import Correction
from tests.generation.factories import make_picture, make_researcher, picture_bytes
from tests.racing import race

pytestmark = pytest.mark.django_db
LEARNED_FROM = {"studies": ["one", "two"], "answers": 960, "pictures": 40, "log_loss": [1.9, 1.7]}
BIAS = {"sadness": 1.4, "amusement": -1.4}


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def shipped() -> ModelVersion:
    actions.register_models(folders=shipped_artifacts("image_emotion"), by=None)
    found = queries.default_model(recalibrating.KIND)
    assert found is not None
    return found


def learn(network: ModelVersion, by: Any = None, **changed: Any) -> ModelVersion:
    given = {"temperature": 2.5, "bias": BIAS, "words": {}, "provenance": LEARNED_FROM}
    return recalibrating.register_recalibration(network=network, by=by, **(given | changed))


def png(image: Image.Image) -> bytes:
    stream = BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def labelled(picture: SourceImage) -> SourceImage:
    production.label_picture(picture.pk)
    picture.refresh_from_db()
    assert picture.labelling_error == ""
    return picture


def test_what_is_learned_is_a_version_of_its_network_and_never_the_default(shipped: ModelVersion, media: Path) -> None:
    by = make_researcher()
    model = learn(shipped, by)
    assert (model.kind, model.name, model.is_default) == (shipped.kind, shipped.name, False)
    assert model.version == f"{shipped.version}+{model.sha256[:10]}"
    assert (model.is_recalibrated, shipped.is_recalibrated) == (True, False)
    assert queries.default_model(recalibrating.KIND) == shipped
    content = json.loads((media / model.artifact).read_bytes())
    assert content["base"] == {"name": shipped.name, "version": shipped.version, "sha256": shipped.sha256}
    assert content["provenance"] == LEARNED_FROM
    entry = ActionRecord.objects.get(action="register_recalibration")
    assert (entry.actor, entry.about, entry.detail["sha256"]) == (by, str(model), model.sha256)


def test_the_same_content_is_the_same_row(shipped: ModelVersion) -> None:
    first, second = learn(shipped), learn(shipped, bias=dict(reversed(BIAS.items())))
    shifted = learn(shipped, bias={slug: BIAS.get(slug, 0.0) + 0.5 for slug in SLUGS})  # a constant cancels
    assert first.pk == second.pk == shifted.pk
    assert ActionRecord.objects.filter(action="register_recalibration").count() == 1
    assert learn(shipped, temperature=2.6).pk != first.pk


def test_what_cannot_be_used_leaves_neither_row_nor_file(shipped: ModelVersion, media: Path) -> None:
    unknown = ModelVersion(kind=shipped.kind, name="gone", version="1.0", sha256="1" * 64, artifact="nowhere")
    composer = ModelVersion(kind="composer", name="muse", version="1.0", sha256="2" * 64, artifact="nowhere")
    for refused, sentence in ((unknown, r"gone 1.0 \(1111111111…\) is not registered here"), (composer, "no network")):
        with pytest.raises(ArtifactRefused, match=sentence):
            learn(refused)
    with pytest.raises(ValueError, match="temperature lies between"):
        learn(shipped, temperature=0.01)
    assert not (media / "recalibrations").exists()
    assert not ModelVersion.objects.filter(version__contains="+").exists()
    with pytest.raises(ArtifactRefused, match="is a recalibration itself"):
        learn(learn(shipped))


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_twenty_who_register_the_same_at_once_share_one_row(shipped: ModelVersion) -> None:
    def register(world: Any, number: int) -> None:
        learn(world.shipped)

    def choose(world: Any, number: int) -> None:
        actions.make_default(model=world.shipped, by=None)

    assert race(register, choose, SimpleNamespace(shipped=shipped)) == Counter({"done": 20})
    assert ModelVersion.objects.filter(version__contains="+").count() == 1
    assert ActionRecord.objects.filter(action="register_recalibration").count() == 1
    assert queries.default_model(recalibrating.KIND) == shipped


def test_new_labels_follow_it_once_it_is_chosen_and_no_longer_once_it_is_taken_back(shipped: ModelVersion) -> None:
    model, before = learn(shipped), labelled(make_picture(1))
    actions.make_default(model=model, by=None)
    after = labelled(make_picture(2))
    before.refresh_from_db()
    assert (before.labelled_by, after.labelled_by) == (shipped, model)  # what was labelled stays, and says by whom
    said = np.array([after.seen["before"][slug] for slug in SLUGS])
    expected = Correction(2.5, np.array([BIAS.get(slug, 0.0) for slug in SLUGS]), np.zeros((0, 8)))
    given = np.array([after.probabilities[slug] for slug in SLUGS])
    assert given == pytest.approx(expected.apply(np.log(said)[None])[0], abs=1e-4)
    assert np.abs(given - said).max() > 0.05
    actions.relabel_picture(picture=before, by=None)
    assert labelled(before).labelled_by == model
    actions.make_default(model=shipped, by=None)
    back = labelled(make_picture(3))
    assert (back.labelled_by, "before" in back.seen) == (shipped, False)
    actions.relabel_picture(picture=after, by=None)
    assert [labelled(after).probabilities[slug] for slug in SLUGS] == pytest.approx(said.tolist(), abs=2e-6)


def test_things_that_are_seen_move_the_label_as_the_teaching_does(shipped: ModelVersion) -> None:
    image = Image.new("RGB", (300, 300), (90, 140, 90))
    ImageDraw.Draw(image).ellipse((70, 70, 230, 230), fill=(240, 120, 20))
    data = png(image)
    plain = pipeline.label_picture(data).emotion
    name, share = plain.seen["things"][0]["name"], plain.seen["things"][0]["probability"]
    assert (name, share > 0.3) == ("ping-pong ball", True)
    model = learn(shipped, temperature=1.0, bias={}, words={name: {"disgust": 4.0}, "volcano of cheese": {"awe": 5.0}})
    recalibration = queries.recalibration_of(model)
    found = pipeline.label_picture(data, None, recalibration).emotion
    odds = np.zeros((1, 8))
    odds[0, SLUGS.index("disgust")] = 4.0
    said = np.array([list(plain.probabilities.values())])
    expected = Correction(1.0, np.zeros(8), odds).apply(np.log(said), np.array([[share]]))[0]
    assert list(found.probabilities.values()) == pytest.approx(expected.tolist(), abs=1e-6)
    assert found.probabilities["disgust"] > plain.probabilities["disgust"]
    assert found.implied == plain.implied  # the network estimates these itself


def test_confidence_is_that_of_the_corrected_probabilities(shipped: ModelVersion) -> None:
    data = picture_bytes(6)
    plain = pipeline.label_picture(data).emotion
    sure, flat = learn(shipped, temperature=0.1, bias={}), learn(shipped, temperature=20.0, bias={})
    threshold = shipped.manifest["calibration"]["threshold"]
    found = {
        model.pk: pipeline.label_picture(data, None, queries.recalibration_of(model)).emotion for model in (sure, flat)
    }
    assert found[flat.pk].unsure
    assert max(found[flat.pk].probabilities.values()) < threshold < max(found[sure.pk].probabilities.values())
    assert found[sure.pk].emotion == plain.emotion


def test_a_strange_picture_stays_unsure_however_sure_people_made_the_network(shipped: ModelVersion) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), dtype=np.uint8)
    learned = queries.recalibration_of(learn(shipped, temperature=0.05))
    found = pipeline.label_picture(png(Image.fromarray(noise)), None, learned)
    assert max(found.emotion.probabilities.values()) > shipped.manifest["calibration"]["threshold"]
    assert found.emotion.unsure


@pytest.mark.parametrize("name", ["paper", "muse"])
def test_the_older_networks_are_corrected_and_what_follows_from_probabilities_follows(
    shipped: ModelVersion, name: str
) -> None:
    old = ModelVersion.objects.get(kind=recalibrating.KIND, name=name, version="1.0")
    model, data = learn(old), picture_bytes(7)
    actions.make_default(model=old, by=None)
    before = production._ask_network(old, data).emotion
    after = production._ask_network(model, data).emotion
    assert list(after.seen["before"].values()) == pytest.approx(list(before.probabilities.values()), abs=1e-6)
    assert after.probabilities["sadness"] > before.probabilities["sadness"]
    assert after.dominance != before.dominance
    assert (after.valence == before.valence) == (name == "muse")  # which estimates valence itself
    with pytest.raises(ArtifactRefused, match="is not the network"):
        pipeline.label_picture(data, None, queries.recalibration_of(model))


@pytest.mark.parametrize("damage", ["gone", "other", "nonsense", "base"])
def test_a_recalibration_that_cannot_be_read_labels_nothing_and_says_why(
    shipped: ModelVersion, media: Path, damage: str, admin_client: Client
) -> None:
    model = learn(shipped)
    file = media / model.artifact
    actions.make_default(model=model, by=None)
    if damage == "gone":
        file.unlink()
    elif damage == "other":
        file.write_bytes(file.read_bytes().replace(b'"temperature": 2.5', b'"temperature": 2.4'))
    elif damage == "nonsense":
        file.write_bytes(b"{}")
    else:
        ModelVersion.objects.filter(pk=shipped.pk).update(sha256="3" * 64)
    picture = make_picture(8)
    production.label_picture(picture.pk)
    picture.refresh_from_db()
    told = {"gone": "is gone", "other": "not the one that was", "nonsense": "cannot be read", "base": "not registered"}
    assert told[damage] in picture.labelling_error
    assert (picture.probabilities, picture.labelled_by) == ({}, None)
    page = admin_client.get(reverse("admin:generation_modelversion_change", args=[model.pk]))
    assert told[damage] in page.content.decode()


def test_its_page_says_what_it_was_learned_from_and_its_choice_says_so_too(
    shipped: ModelVersion, admin_client: Client
) -> None:
    model = learn(shipped, words={"volcano": {"fear": 1.25, "awe": -0.5}})
    page = admin_client.get(reverse("admin:generation_modelversion_change", args=[model.pk])).content.decode()
    for told in (f"what {shipped} says", "one, two", "960", "1.900 → 1.700", "2.50", "+1.40", "−1.40", "Fear +1.25"):
        assert told in page, told
    assert "It labels nothing until it is chosen" in page
    asked = {"action": "serve", "_selected_action": [model.pk]}
    answer = admin_client.post(reverse("admin:generation_modelversion_changelist"), asked, follow=True).content.decode()
    assert "temperature 2.50, 1 thing seen, studies one, two, answers 960" in answer
    assert queries.default_model(recalibrating.KIND) == model
    admin_client.post(
        reverse("admin:generation_modelversion_changelist"), {"action": "serve", "_selected_action": [shipped.pk]}
    )
    assert queries.default_model(recalibrating.KIND) == shipped
    untaught = admin_client.get(reverse("admin:generation_modelversion_change", args=[shipped.pk])).content.decode()
    assert "answers to pictures taught" not in untaught


def test_a_choice_whose_file_is_gone_is_refused(shipped: ModelVersion, admin_client: Client, media: Path) -> None:
    model = learn(shipped)
    (media / model.artifact).unlink()
    asked = {"action": "serve", "_selected_action": [model.pk]}
    answer = admin_client.post(reverse("admin:generation_modelversion_changelist"), asked, follow=True).content.decode()
    assert "is gone" in answer
    assert queries.default_model(recalibrating.KIND) == shipped


def test_registering_the_shipped_networks_again_leaves_a_chosen_recalibration(shipped: ModelVersion) -> None:
    model = learn(shipped)
    actions.make_default(model=model, by=None)
    assert actions.register_models(folders=shipped_artifacts("image_emotion"), by=None) == []
    assert queries.default_model(recalibrating.KIND) == model


def test_readings_are_the_networks_own_whoever_labelled(shipped: ModelVersion) -> None:
    first, model = labelled(make_picture(1)), learn(shipped)
    actions.make_default(model=model, by=None)
    second = labelled(make_picture(2))
    other = ModelVersion.objects.get(kind=recalibrating.KIND, name="paper")
    actions.make_default(model=other, by=None)
    third, waiting = labelled(make_picture(3)), make_picture(4)
    for network in (shipped, model):
        found = recalibrating.readings_of(network, [first, second, third, waiting])
        assert found.pictures == (first, second)
        said = [first.probabilities, second.seen["before"]]
        expected = np.log(np.maximum([[one[slug] for slug in SLUGS] for one in said], 1e-6))
        assert found.log_probabilities == pytest.approx(expected)
        things = [{thing["name"]: thing["probability"] for thing in one.seen["things"]} for one in (first, second)]
        rows = [{word: share for word, share in zip(found.words, row, strict=True) if share} for row in found.shares]
        assert rows == things
    nothing = recalibrating.readings_of(shipped, [])
    assert (nothing.log_probabilities.shape, nothing.shares.shape) == ((0, 8), (0, 0))
