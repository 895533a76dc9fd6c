"""Everything that changes pictures, runs and pairs on request: keyword arguments, the actor as `by`."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from generation import queries, tasks
from generation.emotion_lists import tidy_name
from generation.emotions import get_emotion
from generation.guesses import best_guess
from generation.images.intake import take_in
from generation.models import (
    Emotion,
    GenerationRun,
    ModelVersion,
    Pair,
    PairVersion,
    SourceImage,
)
from generation.music.attributes.targets import TABLE, shipped_table
from generation.networks.artifacts import (
    ArtifactRefused,
    default_artifact,
    hash_file,
    load_artifact,
    superseded_artifacts,
)
from generation.networks.composers import Composer, ComposerMissing, installed_composers
from melodymuse_site.turns import ActionRefused, in_turn, lock_row, lock_rows

Status = PairVersion.Status
Actor = AbstractBaseUser | None
SEED_LIMIT = 2**31
MOST_PAIRS_PER_RUN = 2000


class EditRefused(ActionRefused):
    """Texts of a picture that this person may not change; the message says who may."""

    message = "Only who uploaded a picture, and administrators, may change its texts."

    def __init__(self) -> None:
        super().__init__(self.message)


class RunRefused(ActionRefused):
    """A run that cannot be started; the message says what to change."""


def add_picture(
    *,
    data: bytes,
    filename: str,
    title: str = "",
    alt_text: str = "",
    licence: str = "",
    attribution: str = "",
    by: Actor,
    in_library: bool = True,
) -> tuple[SourceImage, bool]:
    """Take a picture in. The same picture twice is the same row: (picture, whether it is new).

    Raises PictureRefused, with one sentence for the person who sent it.
    """
    taken = take_in(data)
    name = f"pictures/{taken.sha256}{taken.extension}"
    if not default_storage.exists(name):
        name = default_storage.save(name, ContentFile(taken.data))
    facts = {
        "file": name,
        "width": taken.width,
        "height": taken.height,
        "bytes": len(taken.data),
        "title": title or _title_from(filename),
        "alt_text": alt_text,
        "licence": licence,
        "attribution": attribution,
        "uploader": by,
        "in_library": in_library,
    }
    return _store_picture(taken.sha256, facts)


@in_turn
def _store_picture(sha256: str, facts: Mapping[str, Any]) -> tuple[SourceImage, bool]:
    """The row of a picture, and whether the library has it new."""
    picture, created = SourceImage.objects.select_for_update().get_or_create(sha256=sha256, defaults=facts)
    if created:
        transaction.on_commit(partial(tasks.send, tasks.label_picture, [picture.pk]))
    entered = facts["in_library"] and not picture.in_library
    if entered:
        picture.in_library = True
        picture.save(update_fields=["in_library"])
    return picture, created or entered


def _title_from(filename: str) -> str:
    """The name as people read it: composed letters, no folder, nothing that a database refuses."""
    return tidy_name(filename.rsplit("/", 1)[-1])


@in_turn
def edit_picture(
    *, picture: SourceImage, title: str, alt_text: str, licence: str, attribution: str, by: Actor
) -> SourceImage:
    """Change what people wrote about a picture; the picture itself never changes, and published studies keep theirs.

    Raises EditRefused for everybody but the uploader and administrators; `by` is None for the server's own commands.
    """
    picture = lock_row(SourceImage, pk=picture.pk)
    if by is not None and not queries.may_edit_picture(by, picture):
        raise EditRefused
    picture.title, picture.alt_text, picture.licence, picture.attribution = title, alt_text, licence, attribution
    picture.save(update_fields=["title", "alt_text", "licence", "attribution"])
    return picture


@in_turn
def relabel_picture(*, picture: SourceImage, by: Actor) -> None:
    """Ask the image network once more, for instance after a failure or with a new default model."""
    lock_row(SourceImage, pk=picture.pk)
    _forget_label(SourceImage.objects.filter(pk=picture.pk))
    picture.refresh_from_db()
    transaction.on_commit(partial(tasks.send, tasks.label_picture, [picture.pk]))


def _forget_label(pictures: QuerySet[SourceImage]) -> None:
    """Leave nothing of earlier labels: music waits for the new one, the sweep sends what no message reaches."""
    pictures.update(probabilities={}, features={}, implied={}, seen={}, labelling_error="", labelled_by=None)


def top_emotion(picture: SourceImage) -> str | None:
    """Slug of the picture's most probable emotion; None while it is not labelled."""
    return best_guess(picture.probabilities)


def request_run(
    *,
    pictures: Sequence[SourceImage],
    emotions: Mapping[int, str] | None = None,
    composer: str,
    seeds_per_picture: int = 1,
    seed: int | None = None,
    reason: str = "",
    by: Actor,
    targets: Mapping[int, Mapping[str, float]] | None = None,
    guesses: Iterable[int] = (),
    options: Mapping[str, Any] | None = None,
) -> GenerationRun:
    """Ask for music for every picture, `seeds_per_picture` times each.

    `emotions` maps a picture's key to the intended emotion where a person chose one; elsewhere the picture's
    most probable emotion is taken. The run remembers which emotions are guesses of an unsure network: those that
    were taken so, and those of `guesses`, which a person accepted. Raises RunRefused.
    """
    wanted = []
    guessed = set(guesses)
    for picture in pictures:
        slug = (emotions or {}).get(picture.pk)
        if not slug and picture.pk not in (targets or {}) and not picture.label_confident:
            guessed.add(picture.pk)
        slug = slug or top_emotion(picture)
        if slug is None:
            raise RunRefused(f"“{picture}” is not labelled yet: choose its emotion, or wait for the label.")
        try:
            get_emotion(slug)
        except ValueError as error:
            raise RunRefused(str(error)) from error
        wanted += [(picture, slug, (targets or {}).get(picture.pk), turn) for turn in range(seeds_per_picture)]
    if not wanted:
        raise RunRefused("Choose at least one picture.")
    if len(wanted) > MOST_PAIRS_PER_RUN:
        raise RunRefused(f"{len(wanted)} pairs are more than the {MOST_PAIRS_PER_RUN} one run may make.")
    options = {**(options or {}), **({"guesses": sorted(guessed)} if guessed else {})}
    return _start_run(wanted, composer=composer, seed=seed, reason=reason, by=by, options=options)


def regenerate(
    *, versions: Iterable[PairVersion], reason: str, by: Actor, composer: str | None = None, seed: int | None = None
) -> GenerationRun:
    """Ask for a new version of each pair; the old versions stay, and studies keep theirs. Raises RunRefused."""
    latest: dict[tuple[int, str], PairVersion] = {}
    for version in versions:
        if version.is_imported:
            raise RunRefused(
                f"“{version}” was imported from {version.composer} and cannot be made anew; "
                "leave it out of the selection."
            )
        latest.setdefault((version.pair_id, composer or version.composer), version)
    if not latest:
        raise RunRefused("Choose at least one pair to regenerate.")
    wanted = [
        (version.pair.image, version.pair.emotion.slug, version.target, turn)
        for turn, version in enumerate(latest.values())
    ]
    composers = {name for _, name in latest}
    if len(composers) > 1:
        raise RunRefused("The selection mixes composers; name the composer to use.")
    return _start_run(wanted, composer=composers.pop(), seed=seed, reason=reason, by=by, options=None)


@in_turn
def _start_run(
    wanted: Sequence[tuple[SourceImage, str, Mapping[str, float] | None, int]],
    *,
    composer: str,
    seed: int | None,
    reason: str,
    by: Actor,
    options: Mapping[str, Any] | None,
) -> GenerationRun:
    asked = _find_composer(composer)
    lock_rows(SourceImage, {picture.pk for picture, *_ in wanted})
    seed = secrets.randbelow(SEED_LIMIT) if seed is None else seed
    run = GenerationRun.objects.create(
        composer=composer,
        seed=seed,
        reason=reason[:300],
        requested_by=by,
        options=dict(options or {}),
        in_library=not (options or {}).get("sketch", False),
    )
    run.model_versions.set(ModelVersion.objects.filter(kind__in=asked.models, is_default=True))
    emotions = {emotion.slug: emotion for emotion in Emotion.objects.all()}
    now = timezone.now()
    ids = []
    for picture, slug, target, turn in wanted:
        pair, _ = Pair.objects.get_or_create(image=picture, emotion=emotions[slug])
        Pair.objects.select_for_update().get(pk=pair.pk)  # numbers are given one at a time
        number = (pair.versions.aggregate(last=Max("number"))["last"] or 0) + 1
        version = PairVersion.objects.create(
            pair=pair,
            run=run,
            number=number,
            composer=composer,
            seed=derive_seed(seed, picture.sha256, slug, turn),
            target=dict(target) if target else None,
            queued_at=now,
            nudged_at=now,
        )
        ids.append(version.pk)
    transaction.on_commit(partial(tasks.send, tasks.make_pair_version, ids))
    return run


def _find_composer(name: str) -> Composer:
    """The composer called `name`. Raises RunRefused where it is not installed, or imported clips have its name."""
    installed = installed_composers()
    if name not in installed:
        raise RunRefused(str(ComposerMissing(name, installed)))
    if name in queries.imported_systems():
        raise RunRefused(
            f"Clips of a system called {name!r} were imported, and a composer of that name would be mistaken for it: "
            "give the composer another name."
        )
    return installed[name]


def derive_seed(run_seed: int, picture_sha256: str, slug: str, turn: int) -> int:
    """The seed of one clip: a hash of what it is made from, so that a run can be repeated exactly."""
    digest = hashlib.sha256(f"{run_seed}:{picture_sha256}:{slug}:{turn}".encode()).digest()
    return int.from_bytes(digest[:4]) % SEED_LIMIT


@in_turn
def cancel_run(*, run: GenerationRun, by: Actor) -> int:
    """Cancel what has not started. Returns how many pairs that was."""
    return run.versions.filter(status=Status.QUEUED).update(status=Status.CANCELLED, finished_at=timezone.now())


@in_turn
def retry_failed(*, run: GenerationRun, by: Actor) -> int:
    """Queue the failed (and cancelled) pairs of a run again. Returns how many."""
    now = timezone.now()
    ids = list(
        run.versions.select_for_update()
        .filter(status__in=[Status.FAILED, Status.CANCELLED])
        .values_list("pk", flat=True)
    )
    PairVersion.objects.filter(pk__in=ids).update(
        status=Status.QUEUED,
        attempts=0,
        error="",
        step="",
        started_at=None,
        finished_at=None,
        queued_at=now,
        nudged_at=now,
    )
    transaction.on_commit(partial(tasks.send, tasks.make_pair_version, ids))
    return len(ids)


@in_turn
def register_models(*, folders: Iterable[Path], by: Actor) -> list[ModelVersion]:
    """Make a row for every intact artifact that has none, and a default for every kind that lacks one.

    A default that a person chose stays; one that MelodyMuse itself shipped before gives way, once, to the shipped
    network that supersedes it. Raises ArtifactRefused where a manifest or hash does not fit.
    """
    registered = []
    for folder in folders:
        artifact = load_artifact(folder)
        path = artifact.folder.resolve()
        shown = path.relative_to(settings.BASE_DIR) if path.is_relative_to(settings.BASE_DIR) else path
        model, created = ModelVersion.objects.get_or_create(
            kind=artifact.kind,
            name=artifact.name,
            version=artifact.version,
            defaults={"artifact": str(shown), "sha256": artifact.sha256, "manifest": artifact.manifest},
        )
        if model.sha256 != artifact.sha256:
            raise ArtifactRefused(
                f"{model} is registered with other contents than {shown} has now: give the new network a new version."
            )
        if created:
            registered.append(model)
    for model in registered:
        _supersede(model)
    registered += _register_attribute_targets()
    for kind in ModelVersion.Kind.values:
        _ensure_default(kind)
    return registered


def _register_attribute_targets() -> list[ModelVersion]:
    """The target table is data, not weights: its version is the hash of its rows, and the newest one serves."""
    path = TABLE.resolve().relative_to(settings.BASE_DIR)
    model, created = ModelVersion.objects.get_or_create(
        kind=ModelVersion.Kind.ATTRIBUTE_TARGETS,
        name="muse",
        version=shipped_table().version,
        defaults={"artifact": str(path), "sha256": hash_file(TABLE)},
    )
    if not created:
        return []
    make_default(model=model, by=None)
    return [model]


def _supersede(model: ModelVersion) -> None:
    """Let a newly registered shipped default serve where an earlier shipped one still does, and label anew by it."""
    if settings.BASE_DIR / model.artifact != default_artifact(model.kind):
        return
    earlier = next((one for one in _lock_kind(model.kind) if one.is_default), None)
    if earlier and Path(earlier.artifact).name in superseded_artifacts(model.kind):
        make_default(model=model, by=None)
        if model.kind == ModelVersion.Kind.IMAGE_EMOTION:
            _forget_label(SourceImage.objects.filter(labelled_by=earlier))


def _ensure_default(kind: str) -> None:
    models = ModelVersion.objects.filter(kind=kind)
    if not models.exists() or models.filter(is_default=True).exists():
        return
    shipped = default_artifact(kind)
    chosen = next((model for model in models if (settings.BASE_DIR / model.artifact) == shipped), models[0])
    ModelVersion.objects.filter(pk=chosen.pk).update(is_default=True)


@in_turn
def make_default(*, model: ModelVersion, by: Actor) -> None:
    """Let `model` serve its kind from now on; what was made stays as it is."""
    _lock_kind(model.kind)
    ModelVersion.objects.filter(kind=model.kind, is_default=True).update(is_default=False)
    ModelVersion.objects.filter(pk=model.pk).update(is_default=True)


def _lock_kind(kind: str) -> list[ModelVersion]:
    """All networks of a kind, held until the transaction ends, so that one choice of a default follows another."""
    return list(ModelVersion.objects.select_for_update().filter(kind=kind).order_by("pk"))
