"""The making side, run by workers: claim a row, make the clip, flip the row to ready if it is still ours.

A worker may be killed at any moment. The claim is a conditional update with a lease; the lease is renewed
at every step; files are named by their hash, so writing them twice is harmless; the last statement is the
only one that makes a version ready. `sweep` gives back what dead workers held.
"""

from __future__ import annotations

import logging
import os
import tempfile
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import OperationalError
from django.db.models import Exists, F
from django.utils import timezone

from generation import pipeline, queries
from generation.images.intake import PictureRefused
from generation.models import ClipImport, ModelVersion, PairVersion
from generation.networks.artifacts import ArtifactRefused
from melodymuse_site import private
from melodymuse_site.queues import explain

logger = logging.getLogger(__name__)

Status = PairVersion.Status
MOST_ATTEMPTS = 5
RESEND_AFTER = timedelta(seconds=60)
RESEND_AT_ONCE = 50
TRANSIENT = (OperationalError, TimeoutError, ConnectionError, InterruptedError)
"""Errors that a second try may not meet again; anything else fails at once with its message."""


class LeaseLost(Exception):
    """The sweep gave this row to somebody else: stop, and change nothing."""


def make_pair_version(version_id: int) -> bool:
    """Make one pair version if it is still to be made. Safe to call any number of times, from anywhere.

    Returns whether it has to be sent once more, after an error that a second try may not meet again.
    """
    claim = claim_version(version_id)
    if claim is None:
        return False
    try:
        version = queries.pair_version_to_make(version_id)
        if not version.pair.image.features:  # the picture shapes the music: a clip made before its label would differ
            label_picture(version.pair.image_id)
            version = queries.pair_version_to_make(version_id)
        clip = pipeline.make_clip(_clip_request(version), lambda step: renew_lease(version_id, claim, step))
        finish_version(version_id, claim, clip)
    except LeaseLost:
        logger.warning("Pair version %s was given to another worker; this one stops.", version_id)
    except TRANSIENT as error:
        logger.warning("Pair version %s: %s", version_id, error)
        return give_back(version_id, claim, error)
    except Exception as error:  # whatever it is, the row says it: the person who asked reads it there
        logger.exception("Pair version %s failed", version_id)
        fail_version(version_id, claim, explain(error, "generation.tasks.make_pair_version"))
    return False


def _lease_end() -> Any:
    return timezone.now() + timedelta(seconds=settings.PAIR_LEASE_SECONDS)


def claim_version(version_id: int) -> uuid.UUID | None:
    """Take a queued version for this worker; None where it is not to be had. One statement, so one winner."""
    claim = uuid.uuid4()
    # The condition and the change are one UPDATE: of two workers with the same message the database lets one through,
    # on SQLite as well, where no row can be locked. `claim` is the proof of it in every later statement.
    won = PairVersion.objects.filter(pk=version_id, status=Status.QUEUED).update(
        status=Status.RUNNING,
        claim=claim,
        lease_expires_at=_lease_end(),
        started_at=timezone.now(),
        attempts=F("attempts") + 1,
        step="starting",
    )
    return claim if won else None


def _ours(version_id: int, claim: uuid.UUID) -> Any:
    # By the claim and not by the key alone: a worker that was slow, and whose row somebody else has by now, changes
    # nothing.
    return PairVersion.objects.filter(pk=version_id, status=Status.RUNNING, claim=claim)


def renew_lease(version_id: int, claim: uuid.UUID, step: str) -> None:
    """Say what is being done and hold the row a while longer; LeaseLost where it is no longer ours."""
    if not _ours(version_id, claim).update(step=step, lease_expires_at=_lease_end()):
        raise LeaseLost(version_id)


def finish_version(version_id: int, claim: uuid.UUID, clip: pipeline.Clip) -> None:
    """Write the files, then flip the row to ready in one statement; LeaseLost where it is no longer ours."""
    # Files before the row: a row that says READY has its files, whatever dies in between. Orphans are harmless, as the
    # next attempt gives the same names to the same bytes.
    names = {
        "midi": write_file("midi", clip.midi, clip.midi_sha256, ".mid"),
        "musicxml": write_file("scores", clip.musicxml, clip.midi_sha256, ".musicxml"),
        "audio": write_file("clips", clip.mp3, clip.mp3_sha256, ".mp3"),
        "audio_alternative": write_file("clips", clip.second, clip.second_sha256, clip.second_extension),
    }
    flipped = _ours(version_id, claim).update(
        **names,
        status=Status.READY,
        step="",
        error="",
        claim=None,
        lease_expires_at=None,
        finished_at=timezone.now(),
        midi_sha256=clip.midi_sha256,
        audio_sha256=clip.mp3_sha256,
        audio_alternative_sha256=clip.second_sha256,
        duration_seconds=clip.duration_seconds,
        loudness_lufs=clip.loudness_lufs,
        true_peak_dbtp=clip.true_peak_dbtp,
        notes=clip.notes,
        features=clip.features,
        attributes=clip.attributes,
        scores=clip.scores,
        provenance=clip.provenance,
        seconds=clip.seconds,
    )
    if not flipped:
        raise LeaseLost(version_id)


def fail_version(version_id: int, claim: uuid.UUID, message: str) -> None:
    _ours(version_id, claim).update(
        status=Status.FAILED,
        step="",
        error=message or "Unknown error",
        claim=None,
        lease_expires_at=None,
        finished_at=timezone.now(),
    )


def give_back(version_id: int, claim: uuid.UUID, error: Exception) -> bool:
    """Queue a version again after a transient error, or fail it after the last attempt; whether it waits again."""
    if _ours(version_id, claim).filter(attempts__gte=MOST_ATTEMPTS).exists():
        fail_version(version_id, claim, f"Tried {MOST_ATTEMPTS} times; last: {type(error).__name__}: {error}")
        return False
    return bool(_requeue(_ours(version_id, claim)))


def _requeue(versions: Any) -> int:
    return int(
        versions.update(
            status=Status.QUEUED,
            step="",
            claim=None,
            lease_expires_at=None,
            started_at=None,
            nudged_at=timezone.now(),
        )
    )


def write_file(folder: str, data: bytes, sha256: str, extension: str) -> str:
    """Write `data` below MEDIA_ROOT under its hash, whole or not at all; the name below MEDIA_ROOT."""
    name = f"{folder}/{sha256[:2]}/{sha256}{extension}"
    path = Path(settings.MEDIA_ROOT) / name
    # Named by its hash, and put there whole by os.replace: the size is enough to know it.
    if path.exists() and path.stat().st_size == len(data):
        return name
    private.make_folder(path.parent, root=Path(settings.MEDIA_ROOT), mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as stream:
        stream.write(data)
        stream.flush()
        # Before the rename: after a power cut a name must not stand over an empty file.
        os.fsync(stream.fileno())
    os.chmod(stream.name, settings.FILE_UPLOAD_PERMISSIONS)
    # All files of one age: Last-Modified would tell when a clip was made, and with which others.
    os.utime(stream.name, (settings.MEDIA_FILE_TIME, settings.MEDIA_FILE_TIME))
    os.replace(stream.name, path)
    return name


def _clip_request(version: PairVersion) -> pipeline.ClipRequest:
    target = version.target or {}
    return pipeline.ClipRequest(
        emotion=version.pair.emotion.slug,
        composer=version.composer,
        seed=version.seed,
        picture={**version.pair.image.features, **version.pair.image.implied},
        valence=target.get("valence"),
        arousal=target.get("arousal"),
        dominance=target.get("dominance"),
        candidates=version.run.options.get("candidates", 8),
        soundfont=Path(settings.SOUNDFONT) if settings.SOUNDFONT else None,
    )


def label_picture(picture_id: int) -> None:
    """Measure and label one picture; doing it twice gives the same row."""
    picture = queries.unlabelled_pictures().filter(pk=picture_id).first()
    if picture is None:
        return
    model = queries.default_model(ModelVersion.Kind.IMAGE_EMOTION)
    found: dict[str, Any]
    try:
        with picture.file.open("rb") as stream:
            label = pipeline.label_picture(stream.read(), settings.BASE_DIR / model.artifact if model else None)
    except (OSError, PictureRefused, ArtifactRefused) as error:
        found = {"labelling_error": f"{error}"[:500] or "Unreadable picture"}
    except SoftTimeLimitExceeded as error:  # whoever asked for the label has no time left either
        waiting = queries.unlabelled_pictures().filter(pk=picture_id)
        waiting.update(labelling_error=explain(error, "generation.tasks.label_picture"))
        raise
    except Exception as error:  # whatever it is, the row says it, or the picture would wait for its label for ever
        logger.exception("Picture %s could not be labelled", picture_id)
        found = {"labelling_error": f"{type(error).__name__}: {error}"[:500]}
    else:
        found = _describe_label(label) | {"labelled_by": model}
    waiting = queries.unlabelled_pictures().filter(pk=picture_id)
    if model:  # while this one looked, a person may have chosen another network and asked again
        waiting = waiting.filter(Exists(ModelVersion.objects.filter(pk=model.pk, is_default=True)))
    if not waiting.update(**found) and queries.default_model(ModelVersion.Kind.IMAGE_EMOTION) != model:
        label_picture(picture_id)


def _describe_label(label: pipeline.PictureLabel) -> dict[str, Any]:
    """The fields of a picture's row that a label fills."""
    emotion = label.emotion
    return {
        "brightness": label.features["brightness"],
        "colourfulness": label.features["colourfulness"],
        "features": dict(label.features),
        "probabilities": {slug: round(float(p), 6) for slug, p in emotion.probabilities.items()},
        "implied": emotion.implied,
        "seen": dict(emotion.seen),
        "label_confident": not emotion.unsure,
    }


def import_silence() -> timedelta:
    """How long the worker of an import may say nothing before it counts as dead: five minutes by default.

    A clip takes seconds; the heaviest that is admitted takes half a minute of one core (`benchmarks.intake`), which on
    a machine busy with ten other things is three minutes. A second worker would only do the same once more.
    """
    return timedelta(seconds=5 * settings.PAIR_LEASE_SECONDS)


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found: rows given back, rows that failed for good, and what has to be sent once more."""

    given_back: int
    failed: int
    versions: list[int]
    pictures: list[int]
    imports: list[int]


def sweep() -> Swept:
    """Give back expired claims, fail what killed its worker too often, and name what waited too long."""
    # First those that killed a worker each time: given back, they would do so for ever.
    failed = (
        queries.expired_claims()
        .filter(attempts__gte=MOST_ATTEMPTS)
        .update(
            status=Status.FAILED,
            step="",
            claim=None,
            lease_expires_at=None,
            finished_at=timezone.now(),
            error=f"The worker died or stalled {MOST_ATTEMPTS} times while making this clip.",
        )
    )
    expired = list(queries.expired_claims().values_list("pk", flat=True))
    # Asked for once more in the statement itself: a lease that was renewed since the list was read is not taken away.
    given_back = _requeue(queries.expired_claims().filter(pk__in=expired))
    before = timezone.now() - RESEND_AFTER
    waiting = queries.waiting_unnudged(before, RESEND_AT_ONCE).values_list("pk", flat=True)
    versions = [*expired, *waiting]
    # Marked as sent before they are: the next sweep, a minute later, does not send the same again.
    PairVersion.objects.filter(pk__in=versions, status=Status.QUEUED).update(nudged_at=timezone.now())
    pictures = queries.unlabelled_pictures().filter(uploaded_at__lt=before).values_list("pk", flat=True)
    now = timezone.now()
    imports = list(queries.stalled_imports(now - import_silence()).values_list("pk", flat=True))
    ClipImport.objects.filter(pk__in=imports, status=ClipImport.Status.QUEUED).update(alive_at=now)
    return Swept(given_back, failed, versions, list(pictures[:RESEND_AT_ONCE]), imports)
