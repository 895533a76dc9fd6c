"""What people may ask of pictures and runs."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import DatabaseError, connection
from pytest_django import DjangoAssertNumQueries, Settings

from generation import actions, queries
from generation.actions import networks
from generation.emotions import EMOTIONS, SLUGS
from generation.models import Emotion, GenerationRun, ModelVersion, Pair, PairVersion, SourceImage
from generation.music.attributes.targets import shipped_table
from generation.networks.artifacts import ArtifactRefused, shipped_artifacts
from generation.networks.composers import installed_composers
from melodymuse_site import demo
from melodymuse_site.jobs.leases import claim
from tests.generation.factories import make_picture, make_researcher, make_run, only_version, picture_bytes
from tests.racing import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def test_the_database_knows_the_eight_emotions_in_the_networks_order() -> None:
    assert list(Emotion.objects.values_list("slug", "valence", "arousal", "dominance")) == [
        (emotion.slug, emotion.valence, emotion.arousal, emotion.dominance) for emotion in EMOTIONS
    ]


@pytest.mark.parametrize("composer", installed_composers())
def test_a_run_of_every_composer_starts_and_names_its_kinds_of_networks(composer: str) -> None:
    picture = make_picture()
    run = actions.request_run(pictures=[picture], emotions={picture.pk: "awe"}, composer=composer, by=None)
    assert [version.composer for version in run.versions.all()] == [composer]
    actions.register_models(folders=shipped_artifacts(), by=None)
    again = actions.request_run(pictures=[picture], emotions={picture.pk: "awe"}, composer=composer, by=None)
    kinds = set(again.model_versions.values_list("kind", flat=True))
    assert kinds == set(installed_composers()[composer].models) > {"image_emotion"}


def test_the_same_picture_twice_is_the_same_row() -> None:
    first, created = actions.add_picture(data=picture_bytes(), filename="a.png", by=None)
    again, created_again = actions.add_picture(data=picture_bytes(), filename="b.png", by=None)
    assert (first.pk, created, created_again) == (again.pk, True, False)


def test_a_picture_is_stored_under_its_hash() -> None:
    picture = make_picture()
    assert picture.file.name.startswith(f"pictures/{picture.sha256}.")


def test_a_run_makes_one_queued_version_per_picture_and_seed() -> None:
    run = make_run([make_picture(10), make_picture(200)], seeds=3)
    progress = queries.run_progress(run)
    assert progress.counts == {"queued": 6, "running": 0, "ready": 0, "failed": 0, "parked": 0, "cancelled": 0}
    assert len({version.seed for version in progress.versions}) == 6
    assert [version.number for version in progress.versions] == [1, 2, 3, 1, 2, 3]


def test_the_same_run_seed_gives_the_same_clip_seeds() -> None:
    pictures = [make_picture()]
    first, second = make_run(pictures, seed=7), make_run(pictures, seed=7)
    assert only_version(first).seed == only_version(second).seed


@pytest.mark.database
def test_labelling_again_forgets_label_and_reasons_together() -> None:
    picture = make_picture()
    SourceImage.objects.update(probabilities={"awe": 1.0}, seen={"words": "sky"}, labelling_error="x", title="kept")
    actions.relabel_picture(picture=picture, by=None)
    picture.refresh_from_db()
    assert (picture.probabilities, picture.seen, picture.labelling_error) == ({}, {}, "")
    assert picture.title == "kept"


@pytest.mark.database
def test_a_run_remembers_which_emotions_are_guesses() -> None:
    unsure, chosen, sure = make_picture(1), make_picture(2), make_picture(3)
    SourceImage.objects.update(probabilities={"awe": 0.6, "fear": 0.4}, label_confident=False)
    SourceImage.objects.filter(pk=sure.pk).update(label_confident=True)
    pictures = list(SourceImage.objects.order_by("pk"))
    run = actions.request_run(pictures=pictures, emotions={chosen.pk: "fear"}, composer="paper", by=None)
    assert run.options == {"guesses": [unsure.pk]}
    accepted = actions.request_run(
        pictures=pictures,
        emotions=dict.fromkeys([one.pk for one in pictures], "awe"),
        guesses=[unsure.pk],
        composer="paper",
        by=None,
    )
    assert accepted.options == {"guesses": [unsure.pk]}


def test_an_unlabelled_picture_without_a_chosen_emotion_is_refused_with_what_to_do() -> None:
    with pytest.raises(actions.RunRefused, match="is not labelled yet: choose its emotion, or wait for the label"):
        actions.request_run(pictures=[make_picture()], composer="paper", by=None)


def test_the_most_probable_emotion_is_taken_where_nobody_chose() -> None:
    picture = make_picture()
    picture.probabilities = {slug: 0.9 if slug == "awe" else 0.01 for slug in SLUGS}
    picture.save()
    run = actions.request_run(pictures=[picture], composer="paper", by=None)
    assert only_version(run).pair.emotion.slug == "awe"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"composer": "bach"}, "There is no composer 'bach'"),
        ({"pictures": []}, "Choose at least one picture"),
        ({"seeds_per_picture": 3000}, "3000 pairs are more than the 2000 one run may make"),
    ],
)
def test_a_run_that_makes_no_sense_is_refused(changed: dict[str, Any], message: str) -> None:
    picture = make_picture()
    asked = {"pictures": [picture], "emotions": {picture.pk: "fear"}, "composer": "paper", "by": None} | changed
    with pytest.raises(actions.RunRefused, match=message):
        actions.request_run(**asked)


def test_an_unknown_emotion_is_refused_with_the_list() -> None:
    picture = make_picture()
    with pytest.raises(actions.RunRefused, match="'joy' is not one of the eight emotions"):
        actions.request_run(pictures=[picture], emotions={picture.pk: "joy"}, composer="paper", by=None)


def test_a_regeneration_is_a_new_version_and_the_old_one_stays() -> None:
    old = only_version(make_run([make_picture()]))
    run = actions.regenerate(versions=[old], reason="nobody heard it", by=make_researcher())
    new = only_version(run)
    assert (new.pair_id, new.number, new.composer) == (old.pair_id, 2, old.composer)
    assert new.seed != old.seed
    assert PairVersion.objects.filter(pk=old.pk).exists()


def test_cancelling_takes_only_what_has_not_started() -> None:
    run = make_run([make_picture(10), make_picture(200)])
    running = run.versions.first()
    assert running is not None
    assert claim(PairVersion, running.pk)
    assert actions.cancel_run(run=run, by=None) == 1
    assert queries.run_progress(run).counts["running"] == 1


def test_what_failed_or_was_cancelled_can_be_queued_again() -> None:
    run = make_run([make_picture(10), make_picture(200)])
    actions.cancel_run(run=run, by=None)
    assert actions.retry_failed(run=run, by=None) == 2
    assert queries.run_progress(run).counts["queued"] == 2


def test_shipped_networks_are_registered_once_with_one_default_per_kind() -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    assert actions.register_models(folders=shipped_artifacts(), by=None) == []
    kinds = set(ModelVersion.objects.values_list("kind", flat=True))
    assert ModelVersion.objects.filter(is_default=True).count() == len(kinds)


def test_the_attribute_targets_have_a_row_and_a_run_of_muse_names_it() -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    targets = ModelVersion.objects.get(kind="attribute_targets")
    assert (targets.version, targets.is_default) == (shipped_table().version, True)
    picture = make_picture()
    run = actions.request_run(pictures=[picture], emotions={picture.pk: "awe"}, composer="muse", by=None)
    kinds = set(run.model_versions.values_list("kind", flat=True))
    assert kinds == {"image_emotion", "composer", "attribute_targets"}


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_a_default_that_a_person_chooses_while_the_site_starts_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starting makes a default where a kind has none: it looks and chooses under the lock that people choose under."""
    if connection.vendor == "sqlite":
        pytest.skip("On SQLite a writer is alone: nobody chooses while the site registers networks.")
    actions.register_models(folders=shipped_artifacts(), by=None)
    shipped = ModelVersion.objects.get(kind="image_emotion", is_default=True)
    own = ModelVersion.objects.filter(kind="image_emotion").exclude(pk=shipped.pk)[0]
    ModelVersion.objects.filter(kind="image_emotion").update(is_default=False)
    lock_kind, people = networks._lock_kind, [lambda _: actions.make_default(model=own, by=None)]

    def lock_after_a_person(kind: str) -> list[ModelVersion]:
        if kind == "image_emotion" and people:
            at_once(1, people.pop())
        return lock_kind(kind)

    monkeypatch.setattr(networks, "_lock_kind", lock_after_a_person)
    actions.register_models(folders=shipped_artifacts(), by=None)
    assert people == []
    assert list(ModelVersion.objects.filter(kind="image_emotion", is_default=True)) == [own]


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_defaults_chosen_at_the_same_time_follow_one_another() -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    models = list(ModelVersion.objects.filter(kind="image_emotion"))
    barrier = threading.Barrier(2 * len(models))
    errors: list[DatabaseError] = []

    def choose(model: ModelVersion) -> None:
        barrier.wait()
        try:
            actions.make_default(model=model, by=None)
        except DatabaseError as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=choose, args=(model,)) for model in models * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert ModelVersion.objects.filter(kind="image_emotion", is_default=True).count() == 1


@pytest.mark.parametrize("chosen", ["muse-1.0", "paper-1.0"])
def test_a_new_shipped_network_takes_the_place_of_the_old_shipped_one_alone(chosen: str) -> None:
    """A database of the last release: only the older networks are registered, and a picture has their label."""
    folders = [folder for folder in shipped_artifacts() if folder.name in {"muse-1.0", "paper-1.0"}]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(networks, "default_artifact", lambda kind: next(f for f in folders if f.name == chosen))
        actions.register_models(
            folders=[folder for folder in folders if folder.parent.name == "image_emotion"], by=None
        )
    old = queries.default_model("image_emotion")
    picture = make_picture()
    SourceImage.objects.update(probabilities={"awe": 1.0}, features={"edges": 0.1}, labelled_by=old)
    actions.register_models(folders=shipped_artifacts(), by=None)
    picture.refresh_from_db()
    if chosen == "muse-1.0":
        assert str(queries.default_model("image_emotion")) == "muse 2.0"
        assert (picture.probabilities, picture.features, picture.labelled_by) == ({}, {}, None)
        actions.make_default(model=old, by=None)  # and whoever goes back to it stays there
        actions.register_models(folders=shipped_artifacts(), by=None)
    assert queries.default_model("image_emotion") == old


def test_a_default_that_a_person_chose_stays() -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    one = ModelVersion.objects.filter(kind="image_emotion").order_by("name").last()
    assert one is not None
    actions.make_default(model=one, by=None)
    actions.register_models(folders=shipped_artifacts(), by=None)
    assert queries.default_model("image_emotion") == one


def test_networks_of_another_layout_are_not_offered_as_the_default_of_muse() -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    shipped = {folder.name for folder in shipped_artifacts("composer")}
    assert shipped == {"muse-1.0", "muse-2.0", "muse-emopia-2.0"}
    assert [str(model) for model in ModelVersion.objects.filter(kind="composer")] == ["muse 1.0"]


def test_a_registered_network_whose_contents_changed_is_refused() -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    ModelVersion.objects.filter(kind="image_emotion").update(sha256="0" * 64)
    with pytest.raises(ArtifactRefused, match="give the new network a new version"):
        actions.register_models(folders=shipped_artifacts(), by=None)


def test_the_progress_of_a_run_costs_one_query_however_long_it_is(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    run = make_run([make_picture(shade) for shade in (10, 100, 200)])
    with django_assert_num_queries(1):
        for version in queries.run_progress(run).versions:
            assert version.pair.image.sha256
    assert Pair.objects.count() == 3


def test_each_demo_run_is_asked_for_once_also_after_an_interruption() -> None:
    reasons = [*demo.DEMO_REASONS.values(), demo.TWO_PICTURES, demo.FRONT_PAIRS]
    first = demo.request_demo_runs(None)  # type: ignore[arg-type]
    assert [run.reason for run in first] == reasons
    assert [run.versions.count() for run in first] == [8, 8, 2, 3]
    PairVersion.objects.filter(run=first[2]).delete()
    first[2].delete()  # as if the power went before the last one
    again = demo.request_demo_runs(None)  # type: ignore[arg-type]
    assert [run.reason for run in again] == reasons
    assert [again[0], again[1], again[3]] == [first[0], first[1], first[3]]
    assert GenerationRun.objects.count() == 4
