"""The making side, run by workers: claim a row, make the clip, flip the row to ready if it is still ours.

A worker may be killed at any moment. Claim, lease and sweep are those of `melodymuse_site.jobs`; the lease is renewed
at every step; files are named by their hash, so writing them twice is harmless; the last statement is the only one that
makes a version ready.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db.models import Exists
from django.utils import timezone
from redis import RedisError

from generation import pipeline, queries, visits
from generation.emotions import get_emotion, nearest_emotion
from generation.guesses import best_guess
from generation.images.intake import PictureRefused
from generation.models import ModelVersion, PairVersion
from generation.music.attributes.learned import LearnedTargets
from generation.music.attributes.picture import explain as explain_picture
from generation.music.attributes.telling import tell_emotion
from generation.music.notes import find_named_key
from generation.networks.artifacts import ArtifactRefused
from generation.networks.composers import installed_composers
from generation.piano import site_soundfont
from melodymuse_site.jobs.leases import TRANSIENT, Lease, LeaseLost, claim, fail, finish, renew, retry
from melodymuse_site.queues import explain
from melodymuse_site.storable import mend
from melodymuse_site.storage import keep_hashed

logger = logging.getLogger(__name__)


def make_pair_version(version_id: int) -> bool:
    """Make one pair version if it is still to be made. Safe to call any number of times, from anywhere.

    Returns whether it has to be sent once more, after an error that a second try may not meet again.
    """
    lease = claim(PairVersion, version_id)
    if lease is None:
        return False
    try:
        version = queries.pair_version_to_make(version_id)
        if not version.pair.image.features:  # the picture shapes the music: a clip made before its label would differ
            label_picture(version.pair.image_id)
            version = queries.pair_version_to_make(version_id)
        clip = pipeline.make_clip(_clip_request(version), lambda step: renew(lease, step=step))
        finish_version(lease, clip)
    except LeaseLost:
        logger.warning("Pair version %s was given to another worker; this one stops.", version_id)
    except TRANSIENT as error:
        logger.warning("Pair version %s: %s", version_id, error)
        return _try_again(lease, error)
    except Exception as error:  # whatever it is, the row says it: the person who asked reads it there
        logger.exception("Pair version %s failed", version_id)
        fail(lease, _explain(error))
    return False


def _explain(error: BaseException) -> str:
    """What the row says: the error, and who raised it; without characters that no database stores."""
    told = explain(error, "generation.tasks.make_pair_version").rstrip(": ")
    return mend(" – ".join([told, *getattr(error, "__notes__", ())]))


def _try_again(lease: Lease, error: Exception) -> bool:
    """Queue the clip again and say on its row why it waits; or fail it after the last attempt."""
    told = _explain(error)
    waits = retry(lease, error, told)
    if waits:
        # Only while it waits: whoever claimed it meanwhile writes what becomes of it.
        waiting = PairVersion.objects.filter(pk=lease.job_id, status=PairVersion.Status.QUEUED)
        waiting.update(error=f"It will be tried again. {told}")
    return waits


def finish_version(lease: Lease, clip: pipeline.Clip) -> None:
    """Write the files, then flip the row to ready in one statement; LeaseLost where it is no longer ours."""
    # Files before the row: a row that says READY has its files, whatever dies in between. Orphans are harmless, as the
    # next attempt gives the same names to the same bytes.
    names = {
        "midi": keep_hashed("midi", clip.midi, clip.midi_sha256, ".mid"),
        "musicxml": keep_hashed("scores", clip.musicxml, clip.midi_sha256, ".musicxml"),
        "audio": keep_hashed("clips", clip.mp3, clip.mp3_sha256, ".mp3"),
        "audio_alternative": keep_hashed("clips", clip.second, clip.second_sha256, clip.second_extension),
    }
    finish(
        lease,
        **names,
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
        soundfont=site_soundfont(),
        learned=_learned_of(version),
        cues=version.cues or {},
    )


def _learned_of(version: PairVersion) -> LearnedTargets | None:
    """What the run was asked for with, whatever is in force by now; nothing for composers that follow no targets."""
    composer = installed_composers().get(version.composer)
    if composer is None or ModelVersion.Kind.ATTRIBUTE_TARGETS not in composer.models:
        return None
    return queries.learned_targets(queries.targets_of_run(version.run))


def make_visitors_piece(token: str) -> None:
    """Look at a visitor's picture and compose for it, one candidate, unless that is done or nobody waits any more."""
    if not settings.PUBLIC_CREATE:  # switched off since: nobody can hear it any more
        visits.drop(token)
        return
    claimed = visits.claim(token)
    if claimed is None:
        return
    visit, picture = claimed
    wanted = visit.wanted
    try:
        model = queries.default_model(ModelVersion.Kind.IMAGE_EMOTION)
        label = _ask_network(model, picture)
        seen = _describe_label(label)
        target = wanted.target or {}
        if target:
            emotion = nearest_emotion(**target)
        else:
            emotion = get_emotion(wanted.emotion or best_guess(seen["probabilities"]) or "")
        clip = pipeline.make_clip(
            pipeline.ClipRequest(
                emotion=emotion.slug,
                composer=wanted.composer,
                seed=visit.seed,
                picture={**seen["features"], **seen["implied"]},
                **target,
                candidates=1,
                soundfont=site_soundfont(),
                learned=queries.learned_targets(queries.default_model(ModelVersion.Kind.ATTRIBUTE_TARGETS)),
            )
        )
        told = {
            "emotion": emotion.label,
            "guess": not wanted.emotion and not target and label.emotion.unsure,
            "probabilities": seen["probabilities"],
            "implied": seen["implied"],
            "sentences": _tell_visitor(clip, emotion.label),
            "notes": clip.notes,
            "features": clip.features,
            "duration": clip.duration_seconds,
            "seconds": f"{clip.duration_seconds:.3f}",
        }
        visits.finish(token, mp3=clip.mp3, midi=clip.midi, told=told)
    except Exception:  # whatever it is, the page that waits says that nothing will come
        logger.exception("A visitor's piece failed")
        with suppress(RedisError):  # then the page says so once its patience has ended
            visits.fail(token)


def _tell_visitor(clip: pipeline.Clip, emotion: str) -> list[str]:
    moved = explain_picture(clip.provenance.get("picture", {}), emotion)
    asks = f"{emotion} with this picture" if moved else emotion
    return [*moved, *tell_emotion(clip.attributes, asks, key=find_named_key(clip.features))]


def label_picture(picture_id: int) -> None:
    """Measure and label one picture; doing it twice gives the same row. After what is TRANSIENT it waits on."""
    picture = queries.unlabelled_pictures().filter(pk=picture_id).first()
    if picture is None:
        return
    model = queries.default_model(ModelVersion.Kind.IMAGE_EMOTION)
    found: dict[str, Any]
    try:
        with picture.file.open("rb") as stream:
            label = _ask_network(model, stream.read())
    except TRANSIENT:  # a store that is away says nothing about the picture, which waits on
        raise
    except (OSError, PictureRefused, ArtifactRefused) as error:
        found = {"labelling_error": mend(f"{error}")[:500] or "Unreadable picture"}
    except SoftTimeLimitExceeded as error:  # whoever asked for the label has no time left either
        waiting = queries.unlabelled_pictures().filter(pk=picture_id)
        waiting.update(labelling_error=explain(error, "generation.tasks.label_picture"))
        raise
    except Exception as error:  # whatever it is, the row says it, or the picture would wait for its label for ever
        logger.exception("Picture %s could not be labelled", picture_id)
        found = {"labelling_error": mend(f"{type(error).__name__}: {error}")[:500]}
    else:
        found = _describe_label(label) | {"labelled_by": model}
    waiting = queries.unlabelled_pictures().filter(pk=picture_id)
    if model:  # while this one looked, a person may have chosen another network and asked again
        waiting = waiting.filter(Exists(ModelVersion.objects.filter(pk=model.pk, is_default=True)))
    if not waiting.update(**found) and queries.default_model(ModelVersion.Kind.IMAGE_EMOTION) != model:
        label_picture(picture_id)


def _ask_network(model: ModelVersion | None, picture: bytes) -> pipeline.PictureLabel:
    """Look at a picture with `model`: a network as it was trained, or one with what people's answers taught."""
    recalibration = queries.recalibration_of(model)
    network = queries.trained_network(recalibration) if recalibration else model
    folder = settings.BASE_DIR / network.artifact if network else None
    return pipeline.label_picture(picture, folder, recalibration)


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


def pictures_to_send() -> list[int]:
    """Pictures that wait for their label longer than a message takes."""
    before = timezone.now() - PairVersion.terms.resend_after
    waiting = queries.unlabelled_pictures().filter(uploaded_at__lt=before)
    return list(waiting.values_list("pk", flat=True)[: PairVersion.terms.resend_at_once])
