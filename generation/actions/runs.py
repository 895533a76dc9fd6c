"""Runs: asked for, asked for anew, cancelled, tried again."""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from generation import queries, tasks
from generation.audit import Actor, record
from generation.emotions import get_emotion
from generation.models import (
    Emotion,
    GenerationRun,
    ModelVersion,
    Pair,
    PairVersion,
    SourceImage,
    versions_added,
)
from generation.music.cues.levels import combine
from generation.networks.composers import Composer, ComposerMissing, installed_composers
from melodymuse_site.jobs import leases
from melodymuse_site.turns import ActionRefused, in_turn, lock_rows

Status = PairVersion.Status
TARGETS: Final = ModelVersion.Kind.ATTRIBUTE_TARGETS
SEED_LIMIT: Final = 2**31
MOST_PAIRS_PER_RUN: Final = 2000
BATCH: Final = 500
"""Rows of one INSERT; SQLite takes fewer, as Django knows."""


class Wanted(NamedTuple):
    """One clip of a run; `turn` counts the pieces of the same picture, emotion and composer.

    All variants of one piece have one turn, and so one seed.
    """

    picture: SourceImage
    emotion: str
    composer: str
    target: Mapping[str, float] | None
    turn: int
    cues: Mapping[str, str] | None = None


class RunRefused(ActionRefused):
    """A run that cannot be started; the message says what to change."""


def request_run(
    *,
    pictures: Sequence[SourceImage],
    emotions: Mapping[int, str] | None = None,
    composer: str | tuple[str, ...],
    seeds_per_picture: int = 1,
    seed: int | None = None,
    reason: str = "",
    by: Actor,
    targets: Mapping[int, Mapping[str, float]] | None = None,
    guesses: Iterable[int] = (),
    options: Mapping[str, Any] | None = None,
    attribute_targets: ModelVersion | None = None,
    cues: Mapping[str, Sequence[str]] | None = None,
) -> GenerationRun:
    """Ask for music for every picture, `seeds_per_picture` times by each composer.

    With `cues` (cue → levels, as `levels.combine` takes them) every piece is made in all combinations of their levels.

    Of several composers each gets the seeds that a run of its own with the same `seed` would give it.
    `emotions` maps a picture's key to the intended emotion where a person chose one; elsewhere the picture's
    most probable emotion is taken. The run remembers which emotions are guesses of an unsure network: those that
    were taken so, and those of `guesses`, which a person accepted. `targets` are coordinates by a picture's key;
    `attribute_targets` are those the composers follow, without: those in force. Raises RunRefused.
    """
    composers = (composer,) if isinstance(composer, str) else tuple(dict.fromkeys(composer))
    if not composers:
        raise RunRefused("Choose at least one composer.")
    variants = _combine(cues) if cues else (None,)
    wanted = []
    guessed = set(guesses)
    for picture in pictures:
        slug = (emotions or {}).get(picture.pk)
        if not slug and not picture.label_confident:
            guessed.add(picture.pk)
        slug = slug or queries.top_emotion(picture)
        if slug is None:
            raise RunRefused(f"“{picture}” is not labelled yet: choose its emotion, or wait for the label.")
        try:
            get_emotion(slug)
        except ValueError as error:
            raise RunRefused(str(error)) from error
        target = (targets or {}).get(picture.pk)
        wanted += [
            Wanted(picture, slug, name, target, turn, variant)
            for name in composers
            for turn in range(seeds_per_picture)
            for variant in variants
        ]
    if not wanted:
        raise RunRefused("Choose at least one picture.")
    if len(wanted) > MOST_PAIRS_PER_RUN:
        raise RunRefused(f"{len(wanted)} pairs are more than the {MOST_PAIRS_PER_RUN} one run may make.")
    options = {
        **(options or {}),
        **({"guesses": sorted(guessed)} if guessed else {}),
        **({"cues": {name: list(levels) for name, levels in (cues or {}).items()}} if cues else {}),
    }
    return _start_run(
        wanted, seed=seed, reason=reason, by=by, options=options, chosen=attribute_targets, action="request_run"
    )


@in_turn
def request_runs(
    *,
    by: Actor,
    beside: ModelVersion | None = None,
    attribute_targets: ModelVersion | None = None,
    seed: int | None = None,
    **asked: Any,
) -> GenerationRun:
    """Ask for a run, and with `beside` for a second one by those targets with the same seed: both, or neither.

    Returns the first. The other arguments are those of `request_run`. Raises RunRefused.
    """
    chosen = attribute_targets or queries.default_model(TARGETS)
    if beside is None:
        return request_run(by=by, attribute_targets=attribute_targets, seed=seed, **asked)
    if beside == chosen:
        raise RunRefused("Both runs would follow the same targets: choose others beside them.")
    seed = secrets.randbelow(SEED_LIMIT) if seed is None else seed
    request_run(by=by, attribute_targets=beside, seed=seed, **asked)
    return request_run(by=by, attribute_targets=chosen, seed=seed, **asked)


def regenerate(
    *,
    versions: Iterable[PairVersion],
    reason: str,
    by: Actor,
    composer: str | None = None,
    seed: int | None = None,
    attribute_targets: ModelVersion | None = None,
) -> GenerationRun:
    """Ask for a new version of each pair, by `composer` or by whoever made the old one. Raises RunRefused.

    The old versions stay, and studies keep theirs. The new ones follow `attribute_targets`, or those in force. Of a
    variant all variants of its piece are made anew: one alone would be compared with nothing.
    """
    latest: dict[tuple[Any, ...], PairVersion] = {}
    turns: dict[tuple[Any, ...], int] = {}
    for version in _with_whole_pieces(versions):
        if version.is_imported:
            raise RunRefused(
                f"“{version}” was imported from {version.composer} and cannot be made anew; "
                "leave it out of the selection."
            )
        # The variants of one piece are made anew together, from one new piece; without cues a pair is one piece.
        piece = (version.pair_id, composer or version.composer, version.base_piece)
        turns.setdefault(piece, len(turns))
        latest.setdefault((*piece, *sorted((version.cues or {}).items())), version)
    if not latest:
        raise RunRefused("Choose at least one pair to regenerate.")
    wanted = [
        Wanted(version.pair.image, version.pair.emotion.slug, key[1], version.target, turns[key[:3]], version.cues)
        for key, version in latest.items()
    ]
    return _start_run(
        wanted, seed=seed, reason=reason, by=by, options=None, chosen=attribute_targets, action="regenerate"
    )


def _with_whole_pieces(versions: Iterable[PairVersion]) -> list[PairVersion]:
    """`versions`, and all variants of the pieces that those among them are variants of, as they were asked for."""
    chosen = list(versions)
    pieces = {version.base_piece for version in chosen if version.cues}
    if not pieces:
        return chosen
    runs = {version.run_id for version in chosen if version.cues}
    varied = queries.without_measures(PairVersion.objects.filter(run__in=runs, cues__isnull=False).order_by("pk"))
    varied = varied.select_related("run", "pair__image", "pair__emotion")
    whole = [version for version in varied if version.base_piece in pieces]
    return [*(version for version in chosen if not version.cues), *whole]


@in_turn
def _start_run(
    wanted: Sequence[Wanted],
    *,
    seed: int | None,
    reason: str,
    by: Actor,
    options: Mapping[str, Any] | None,
    chosen: ModelVersion | None,
    action: str,
) -> GenerationRun:
    composers = list(dict.fromkeys(one.composer for one in wanted))
    models = {kind for one in _find_composers(composers) for kind in one.models}
    lock_rows(SourceImage, {one.picture.pk for one in wanted})
    seed = secrets.randbelow(SEED_LIMIT) if seed is None else seed
    run = GenerationRun.objects.create(
        composer=composers[0],
        seed=seed,
        reason=reason[:300],
        requested_by=by,
        options={**(options or {}), **({"composers": composers} if len(composers) > 1 else {})},
        in_library=not (options or {}).get("sketch", False),
    )
    run.model_versions.set(_find_models(models, chosen))
    versions = _ask_for_versions(run, wanted)
    record(
        action=action,
        about=run,
        by=by,
        composer=", ".join(composers),
        pairs=len(versions),
        seed=seed,
        in_library=run.in_library,
        **({"attribute_targets": str(chosen)} if chosen else {}),
    )
    transaction.on_commit(partial(tasks.send_pairs, [version.pk for version in versions]))
    return run


def _find_models(kinds: Collection[str], chosen: ModelVersion | None) -> list[ModelVersion]:
    """Those in force of these kinds, and the attribute targets that were chosen in the place of theirs.

    Raises RunRefused where those cannot be chosen.
    """
    serving = ModelVersion.objects.filter(kind__in=kinds, is_default=True)
    if chosen is None or TARGETS not in kinds:
        return list(serving)
    if chosen not in queries.target_versions():
        raise RunRefused(f"{chosen} are no targets that music can be made by now: choose others.")
    return [*serving.exclude(kind=TARGETS), chosen]


def _ask_for_versions(run: GenerationRun, wanted: Sequence[Wanted]) -> list[PairVersion]:
    """The next version of every pair, in the order asked for, by as many statements for 2,000 as for one."""
    emotions = {emotion.slug: emotion.pk for emotion in Emotion.objects.all()}
    ideas = [(one.picture.pk, emotions[one.emotion]) for one in wanted]
    pairs = _pairs_of(ideas)
    lock_rows(Pair, set(pairs.values()))  # numbers are given one at a time
    given = PairVersion.objects.filter(pair__in=pairs.values()).order_by().values("pair").annotate(last=Max("number"))
    numbers = Counter({row["pair"]: row["last"] for row in given})
    now = timezone.now()
    versions = []
    for one, idea in zip(wanted, ideas, strict=True):
        numbers[pairs[idea]] += 1
        versions.append(
            PairVersion(
                pair_id=pairs[idea],
                run=run,
                number=numbers[pairs[idea]],
                composer=one.composer,
                seed=_derive_seed(run.seed, one.picture.sha256, one.emotion, one.turn),
                target=dict(one.target) if one.target else None,
                cues=dict(one.cues) if one.cues else None,
                queued_at=now,
                nudged_at=now,
            )
        )
    made = PairVersion.objects.bulk_create(versions, batch_size=BATCH)
    versions_added.send(PairVersion, run=run, versions=made)
    return made


def _pairs_of(ideas: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The pair of every picture and emotion, made where there is none."""
    found = _known_pairs(ideas)
    missing = [
        Pair(image_id=image, emotion_id=emotion)
        for image, emotion in dict.fromkeys(ideas)
        if (image, emotion) not in found
    ]
    if not missing:
        return found
    # The pictures are locked, and with them whoever makes runs; an import may still make the same pair at this moment.
    Pair.objects.bulk_create(missing, batch_size=BATCH, ignore_conflicts=True)
    return _known_pairs(ideas)


def _known_pairs(ideas: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    images, emotions = {image for image, _ in ideas}, {emotion for _, emotion in ideas}
    rows = Pair.objects.filter(image__in=images, emotion__in=emotions).order_by()
    asked = set(ideas)
    known = {(image, emotion): pk for pk, image, emotion in rows.values_list("pk", "image_id", "emotion_id")}
    return {idea: pk for idea, pk in known.items() if idea in asked}


def _combine(cues: Mapping[str, Sequence[str]]) -> tuple[dict[str, str] | None, ...]:
    try:
        return combine(cues)
    except ValueError as error:
        raise RunRefused(str(error)) from error


def _find_composers(names: Sequence[str]) -> list[Composer]:
    """The composers of these names. Raises RunRefused where one is not installed, or imported clips have its name."""
    installed = installed_composers()
    imported = queries.imported_systems()
    for name in names:
        if name not in installed:
            raise RunRefused(str(ComposerMissing(name, installed)))
        if name in imported:
            raise RunRefused(
                f"Clips of a system called {name!r} were imported, and a composer of that name would be mistaken for "
                "it: give the composer another name."
            )
    return [installed[name] for name in names]


def _derive_seed(run_seed: int, picture_sha256: str, slug: str, turn: int) -> int:
    """The seed of one clip: a hash of what it is made from, so that a run can be repeated exactly."""
    digest = hashlib.sha256(f"{run_seed}:{picture_sha256}:{slug}:{turn}".encode()).digest()
    return int.from_bytes(digest[:4]) % SEED_LIMIT


@in_turn
def cancel_run(*, run: GenerationRun, by: Actor) -> int:
    """Cancel what has not started. Returns how many pairs that was."""
    number = leases.cancel(run.versions.filter(status=Status.QUEUED))
    record(action="cancel_run", about=run, by=by, pairs=number)
    return number


@in_turn
def retry_failed(*, run: GenerationRun, by: Actor) -> int:
    """Queue the failed (and cancelled) pairs of a run again. Returns how many.

    Their attempts go on counting; what is parked waits for `retry_parked`.
    """
    return _queue_again(run.versions, [Status.FAILED, Status.CANCELLED], "retry_failed", run, by)


@in_turn
def retry_parked(*, run: GenerationRun, by: Actor) -> int:
    """Queue the parked pairs of a run again, as if they had never been tried. Returns how many."""
    return _queue_again(run.versions, [Status.PARKED], "retry_parked", run, by, attempts=0)


def _queue_again(
    versions: QuerySet[PairVersion], statuses: Sequence[str], action: str, run: GenerationRun, by: Actor, **facts: Any
) -> int:
    now = timezone.now()
    chosen = versions.select_for_update().filter(status__in=statuses).order_by("pk")
    ids = list(chosen.values_list("pk", flat=True))
    again = PairVersion.objects.filter(pk__in=ids)
    leases.requeue(again, error="", finished_at=None, queued_at=now, nudged_at=now, **facts)
    record(action=action, about=run, by=by, pairs=len(ids))
    transaction.on_commit(partial(tasks.send_pairs, ids))
    return len(ids)
