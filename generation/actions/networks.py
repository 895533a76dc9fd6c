"""Networks: registered, and chosen to serve."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from generation.actions.pictures import UNLABELLED
from generation.audit import Actor, record
from generation.models import ModelVersion, SourceImage
from generation.music.attributes.targets import TABLE, shipped_table
from generation.networks.artifacts import (
    ArtifactRefused,
    default_artifact,
    hash_file,
    load_artifact,
    superseded_artifacts,
)
from melodymuse_site.turns import in_turn


@in_turn
def register_models(*, folders: Iterable[Path], by: Actor) -> list[ModelVersion]:
    """Make a row for every intact artifact that has none, and a default for every kind that lacks one.

    A default that a person chose stays; one that MelodyMuse itself shipped before gives way, once, to the shipped
    network that supersedes it. Raises ArtifactRefused where a manifest or hash does not fit.
    """
    registered = []
    for folder in folders:
        artifact = load_artifact(folder)
        if artifact.kind == ModelVersion.Kind.COMPOSER and "layout" in artifact.manifest:
            continue  # `muse-2` reads its own, always the same: chosen as the default of `muse`, it would serve nobody
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
            record(action="register_models", about=model, by=by, network=model.kind, sha256=model.sha256)
    for model in registered:
        _supersede(model, by)
    registered += _register_attribute_targets(by)
    for kind in ModelVersion.Kind.values:
        _ensure_default(kind, by)
    return registered


def _register_attribute_targets(by: Actor) -> list[ModelVersion]:
    """The target table is data, not weights: its version is the hash of its rows, and the newest one serves.

    But where somebody chose what listeners taught, that stays in force: it moves the new table as it moved the old.
    """
    path = TABLE.resolve().relative_to(settings.BASE_DIR)
    model, created = ModelVersion.objects.get_or_create(
        kind=ModelVersion.Kind.ATTRIBUTE_TARGETS,
        name="muse",
        version=shipped_table().version,
        defaults={"artifact": str(path), "sha256": hash_file(TABLE)},
    )
    if not created:
        return []
    record(action="register_models", about=model, by=by, network=model.kind, sha256=model.sha256)
    if not any(one.is_default and one.is_learned for one in _lock_kind(model.kind)):
        make_default(model=model, by=by)
    return [model]


def _supersede(model: ModelVersion, by: Actor) -> None:
    """Let a newly registered shipped default serve where an earlier shipped one still does, and label anew by it."""
    if settings.BASE_DIR / model.artifact != default_artifact(model.kind):
        return
    earlier = next((one for one in _lock_kind(model.kind) if one.is_default), None)
    if earlier and Path(earlier.artifact).name in superseded_artifacts(model.kind):
        make_default(model=model, by=by)
        if model.kind == ModelVersion.Kind.IMAGE_EMOTION:
            SourceImage.objects.filter(labelled_by=earlier).update(**UNLABELLED)


def _ensure_default(kind: str, by: Actor) -> None:
    _lock_kind(kind)  # a person may be choosing a default at this moment: theirs stands
    models = ModelVersion.objects.filter(kind=kind)
    if not models.exists() or models.filter(is_default=True).exists():
        return
    shipped = default_artifact(kind)
    chosen = next((model for model in models if (settings.BASE_DIR / model.artifact) == shipped), models[0])
    make_default(model=chosen, by=by)


@in_turn
def make_default(*, model: ModelVersion, by: Actor) -> None:
    """Let `model` serve its kind from now on; what was made stays as it is."""
    before = next((one for one in _lock_kind(model.kind) if one.is_default), None)
    ModelVersion.objects.filter(kind=model.kind, is_default=True).update(is_default=False)
    ModelVersion.objects.filter(pk=model.pk).update(is_default=True)
    record(action="make_default", about=model, by=by, network=model.kind, before=str(before) if before else None)


def _lock_kind(kind: str) -> list[ModelVersion]:
    """All networks of a kind, held until the transaction ends, so that one choice of a default follows another."""
    return list(ModelVersion.objects.select_for_update().filter(kind=kind).order_by("pk"))
