"""The making side, one step at a time: who may hold a row, and what makes it ready."""

from __future__ import annotations

import hashlib
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from generation import actions, pipeline, production
from generation.models import ClipImport, ModelVersion, PairVersion, SourceImage
from generation.music.sound import fluid
from generation.networks.artifacts import shipped_artifacts
from generation.templatetags.measures import picture_sentences
from melodymuse_site.jobs import leases
from melodymuse_site.jobs.sweeping import sweep
from tests.generation.factories import make_picture, make_run, only_version

Status = PairVersion.Status


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def let_lease_run_out(version: PairVersion) -> None:
    PairVersion.objects.filter(pk=version.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.database
@pytest.mark.django_db
def test_a_clip_is_made_stored_under_its_hashes_and_flipped_to_ready(media: Path) -> None:
    version = only_version(make_run([make_picture()]))
    production.make_pair_version(version.pk)
    version.refresh_from_db()
    assert (version.status, version.error, version.attempts) == (Status.READY, "", 1)
    for name, sha256 in [
        (version.audio, version.audio_sha256),
        (version.audio_alternative, version.audio_alternative_sha256),
        (version.midi, version.midi_sha256),
    ]:
        assert hashlib.sha256((media / name).read_bytes()).hexdigest() == sha256
        assert Path(name).stem == sha256
    assert version.loudness_lufs == pytest.approx(-23.0, abs=0.5)
    assert version.true_peak_dbtp is not None
    assert version.true_peak_dbtp <= -1.0
    assert 18 <= (version.duration_seconds or 0) <= 36
    assert version.notes


@pytest.mark.django_db
def test_the_provenance_keeps_what_was_used_of_the_picture_and_what_it_did() -> None:
    picture = make_picture()
    SourceImage.objects.filter(pk=picture.pk).update(features={"brightness": 0.8}, implied={"valence": 0.2})
    for composer in ("muse", "unpictured"):
        options = {"candidates": 1}
        run = actions.request_run(
            pictures=[picture], emotions={picture.pk: "awe"}, composer=composer, seed=1, options=options, by=None
        )
        version = only_version(run)
        production.make_pair_version(version.pk)
        version.refresh_from_db()
        record = version.provenance.get("picture", {})
        assert record.get("features", {}) == ({"brightness": 0.8, "valence": 0.2} if composer == "muse" else {})
        assert bool(picture_sentences(version)) == (composer == "muse")


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_bytes() -> None:
    picture = make_picture()
    versions = [only_version(make_run([picture], seed=5)) for _ in range(2)]
    for version in versions:
        production.make_pair_version(version.pk)
        version.refresh_from_db()
    assert versions[0].midi_sha256 == versions[1].midi_sha256
    assert versions[0].audio_sha256 == versions[1].audio_sha256


@pytest.mark.database
@pytest.mark.django_db
def test_making_a_ready_version_again_changes_nothing() -> None:
    version = only_version(make_run([make_picture()]))
    production.make_pair_version(version.pk)
    before = PairVersion.objects.filter(pk=version.pk).values().get()
    production.make_pair_version(version.pk)
    assert PairVersion.objects.filter(pk=version.pk).values().get() == before


@pytest.mark.database
@pytest.mark.django_db
def test_the_database_refuses_to_change_a_ready_version() -> None:
    version = only_version(make_run([make_picture()]))
    production.make_pair_version(version.pk)
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        PairVersion.objects.filter(pk=version.pk).update(seed=1)


@pytest.mark.database
@pytest.mark.django_db
def test_the_database_refuses_a_ready_version_without_files() -> None:
    version = only_version(make_run([make_picture()]))
    with pytest.raises(DatabaseError, match="ready_means_complete"), transaction.atomic():
        PairVersion.objects.filter(pk=version.pk).update(status=Status.READY)


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_gets_the_claim() -> None:
    version = only_version(make_run([make_picture()]))
    barrier = threading.Barrier(8)
    claims: list[Any] = []

    def try_it() -> None:
        barrier.wait()
        try:
            claims.append(leases.claim(PairVersion, version.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claims) == 8
    assert sum(claim is not None for claim in claims) == 1


@pytest.mark.django_db
def test_a_worker_whose_lease_was_given_away_changes_nothing() -> None:
    version = only_version(make_run([make_picture()]))
    lease = leases.claim(PairVersion, version.pk)
    assert lease
    let_lease_run_out(version)
    sweep(PairVersion)
    with pytest.raises(leases.LeaseLost):
        leases.renew(lease, step="writing")
    assert not leases.fail(lease, "too late")
    version.refresh_from_db()
    assert (version.status, version.error) == (Status.QUEUED, "")


@pytest.mark.django_db
def test_the_sweep_leaves_a_live_lease_alone() -> None:
    version = only_version(make_run([make_picture()]))
    leases.claim(PairVersion, version.pk)
    assert sweep(PairVersion).taken_back == ()


@pytest.mark.django_db
def test_what_kills_its_worker_every_time_fails_in_the_end_with_a_message() -> None:
    version = only_version(make_run([make_picture()]))
    for _ in range(PairVersion.terms.most_attempts):
        assert leases.claim(PairVersion, version.pk)
        let_lease_run_out(version)
        sweep(PairVersion)
    version.refresh_from_db()
    assert version.status == Status.PARKED
    assert version.error == "Tried 3 times; last the worker died or stalled while making it."


@pytest.mark.django_db
def test_a_cancelled_version_is_not_made() -> None:
    run = make_run([make_picture()])
    run.versions.update(status=Status.CANCELLED)
    assert leases.claim(PairVersion, only_version(run).pk) is None


@pytest.mark.django_db
def test_an_error_of_the_composer_is_stored_as_the_reason() -> None:
    version = only_version(make_run([make_picture()]))
    PairVersion.objects.filter(pk=version.pk).update(target={"valence": 7.0})
    production.make_pair_version(version.pk)
    version.refresh_from_db()
    assert version.status == Status.FAILED
    assert version.error == "ValueError: Valence must lie between -1 and 1, not 7.0."


@pytest.mark.django_db
def test_a_transient_error_queues_the_version_again() -> None:
    version = only_version(make_run([make_picture()]))
    lease = leases.claim(PairVersion, version.pk)
    assert lease
    assert leases.retry(lease, TimeoutError("the renderer took too long"))
    version.refresh_from_db()
    assert (version.status, version.attempts) == (Status.QUEUED, 1)


@pytest.mark.django_db
def test_a_picture_is_measured_and_labelled_with_probabilities_that_sum_to_one() -> None:
    picture = make_picture()
    production.label_picture(picture.pk)
    picture.refresh_from_db()
    assert sum(picture.probabilities.values()) == pytest.approx(1.0, abs=1e-4)
    assert 0 <= picture.brightness <= 1
    assert picture.labelling_error == ""


@pytest.mark.django_db
@pytest.mark.parametrize("error", [ConnectionError("away"), TimeoutError("slow"), OperationalError("deadlock")])
def test_a_store_that_is_away_makes_no_broken_picture(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise error

    monkeypatch.setattr(pipeline, "label_picture", away)
    version = only_version(make_run([make_picture()]))
    with pytest.raises(type(error)):
        production.label_picture(version.pair.image_id)
    assert production.make_pair_version(version.pk) is True
    SourceImage.objects.update(uploaded_at=timezone.now() - 2 * PairVersion.terms.resend_after)
    assert production.pictures_to_send() == [version.pair.image_id]
    version.refresh_from_db()
    assert (version.status, version.pair.image.labelling_error) == (Status.QUEUED, "")


@pytest.mark.django_db
def test_a_label_by_a_network_that_was_replaced_meanwhile_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    picture, label = make_picture(), pipeline.label_picture
    other = ModelVersion.objects.get(kind="image_emotion", name="paper")
    looked: list[Path | None] = []

    def replace_while_looking(data: bytes, artifact: Path | None, learned: Any) -> pipeline.PictureLabel:
        looked.append(artifact)
        if len(looked) == 1:
            actions.make_default(model=other, by=None)
            actions.relabel_picture(picture=picture, by=None)
        return label(data, artifact, learned)

    monkeypatch.setattr(pipeline, "label_picture", replace_while_looking)
    production.label_picture(picture.pk)
    picture.refresh_from_db()
    assert (picture.labelled_by, len(looked)) == (other, 2)


@pytest.mark.django_db
def test_a_failure_of_a_network_that_was_replaced_meanwhile_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    picture, label = make_picture(), pipeline.label_picture
    other = ModelVersion.objects.get(kind="image_emotion", name="paper")

    def fail_once(data: bytes, artifact: Path | None, learned: Any) -> pipeline.PictureLabel:
        if artifact is not None and artifact.name != "paper-1.0":
            actions.make_default(model=other, by=None)
            raise ValueError("out of date")
        return label(data, artifact, learned)

    monkeypatch.setattr(pipeline, "label_picture", fail_once)
    production.label_picture(picture.pk)
    picture.refresh_from_db()
    assert (picture.labelled_by, picture.labelling_error) == (other, "")


@pytest.mark.django_db
def test_music_waits_for_its_pictures_label_also_after_it_was_asked_for_again() -> None:
    actions.register_models(folders=shipped_artifacts(), by=None)
    picture = make_picture()
    emotions = {picture.pk: "sadness"}
    runs = [
        actions.request_run(pictures=[picture], emotions=emotions, composer="muse", seed=1, by=None) for _ in range(2)
    ]
    versions = [run.versions.get() for run in runs]
    assert picture.features == {}
    production.make_pair_version(versions[0].pk)
    picture.refresh_from_db()
    actions.relabel_picture(picture=picture, by=None)
    assert (picture.features, picture.implied) == ({}, {})
    production.make_pair_version(versions[1].pk)
    used = [PairVersion.objects.get(pk=version.pk).provenance["picture"]["features"] for version in versions]
    assert used[0] == used[1] != {}


@pytest.mark.django_db
def test_a_picture_whose_file_is_gone_says_so(media: Path) -> None:
    picture = make_picture()
    (media / picture.file.name).unlink()
    production.label_picture(picture.pk)
    picture.refresh_from_db()
    assert "No such file" in picture.labelling_error


def test_a_heavy_clip_has_its_time_before_its_worker_counts_as_dead(settings: Any) -> None:
    """Three minutes on a busy machine for the heaviest; the piano gives up before its task is killed."""
    settings.PAIR_LEASE_SECONDS = 60
    assert ClipImport.terms.lease().total_seconds() == 300
    assert fluid.LONGEST_LIMIT_SECONDS == 300
    assert 2 * fluid.LONGEST_LIMIT_SECONDS <= settings.CELERY_TASK_TIME_LIMIT
