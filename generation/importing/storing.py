"""An import as a whole: every problem of a manifest at once, or all its clips as rows in one transaction."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from generation.audit import record
from generation.emotion_words import say_found
from generation.importing.archives import find_unnamed
from generation.importing.manifest import ManifestRefused, Problem, Row, read_manifest
from generation.importing.preparing import ClipRefused, PreparedClip, PreparedPicture, Workshop
from generation.models import Emotion, GenerationRun, Origin, Pair, PairVersion, SourceImage, versions_added
from generation.music.length import CLIP_SECONDS
from generation.piano import site_soundfont
from generation.queries import taken_names
from melodymuse_site.storage import keep, keep_hashed

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A row with its finished clip and, where it has one, its picture."""

    row: Row
    clip: PreparedClip
    picture: PreparedPicture | None
    earlier: PairVersion | None = None
    """The same file as it was imported before all clips lasted equally long."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import brought: new clips, rows an earlier import had brought, new pictures (to be labelled).

    `left_out` holds a sentence for every file beside the manifest that no row names.
    """

    clips: int
    known: int
    runs: tuple[GenerationRun, ...] = ()
    pictures: tuple[int, ...] = ()
    measured: tuple[float, ...] = ()
    left_out: tuple[Problem, ...] = ()  # files of the folder that no row names
    notes: tuple[Problem, ...] = ()  # what hinders nothing, but is to be known
    faded: int = 0
    """How many of the new clips went on beyond the common length and were faded out."""


@dataclass(slots=True)
class _Checked:
    """What has been found while a manifest's files were looked at."""

    new: list[Prepared] = field(default_factory=list)
    known: int = 0
    problems: list[Problem] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)
    sounds: dict[str, int] = field(default_factory=dict)


def workshop() -> Workshop:
    """Where clips are prepared: not below MEDIA_ROOT, whose files anybody may fetch."""
    folder = Path(settings.DATA_DIR) / "imports" / "prepared"
    return Workshop(folder, soundfont=site_soundfont(), stops=(SoftTimeLimitExceeded,))


def import_manifest(
    path: Path,
    *,
    by: AbstractBaseUser | None,
    licence: str = "",
    name: str = "",
    check: bool = False,
    progress: Progress = lambda done, total: None,
    folder: Path | None = None,
) -> Imported:
    """Import every clip of a manifest, or none.

    `licence` holds for rows that state none; `check` stores nothing; `progress` is told (rows looked at, rows)
    and may raise to stop: what was prepared by then is not prepared again. `folder` is what was sent as a whole, where
    that is more than the manifest's own folder.

    Raises ManifestRefused with all problems, by line.
    """
    manifest = read_manifest(path, reserved=taken_names())
    place = workshop()
    place.forget_old()
    checked = _Checked(problems=list(manifest.problems))
    progress(0, len(manifest.rows))
    for number, row in enumerate(manifest.rows, start=1):
        _look_at(row, place, checked)
        progress(number, len(manifest.rows))
    if checked.problems:
        raise ManifestRefused(checked.problems)
    measured = tuple(item.clip.facts.loudness_lufs for item in checked.new)
    named = {file for row in manifest.rows for file in (row.file, row.picture) if file is not None}
    told = {
        "faded": sum(item.clip.facts.faded for item in checked.new),
        "left_out": tuple(find_unnamed(folder or path.parent, path, named)),
        "notes": tuple(_descriptions_left_out(checked.new)),
    }
    if check:
        return Imported(len(checked.new), checked.known, measured=measured, **told)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    runs, pictures = _store(checked.new, name or path.name, digest, licence, by)
    place.forget(*(item.clip for item in checked.new), *(item.picture for item in checked.new if item.picture))
    return Imported(len(checked.new), checked.known, tuple(runs), tuple(pictures), measured, **told)


def _look_at(row: Row, place: Workshop, checked: _Checked) -> None:
    """Compare a row's files with the rows before and with the library; prepare what is new."""
    problems: list[str] = []
    picture = _try(problems, lambda: place.picture(row.picture), "Picture: ") if row.picture else None
    source = _try(problems, lambda: place.hash_source(row.file))
    stored = _find_stored(source)
    at_length = stored is not None and stored.duration_seconds == CLIP_SECONDS
    if source and (same := checked.sources.setdefault(source, row.line)) != row.line:
        problems.append(f"The file holds the same as that of line {same}.")
    elif stored and (row.picture is None or picture is not None) and not _is_same(stored, row, picture):
        problems.append(
            f"This file was imported before as {stored.pair} of {stored.composer}; an imported clip stays as it is."
        )
    elif at_length:
        checked.known += 1
    elif source and (clip := _try(problems, lambda: place.clip(row.file), f"{row.file.name}: ")):
        problems += list(_sounds_known(row, clip, checked))
        if not problems:
            checked.new.append(Prepared(row, clip, picture, stored))
    checked.problems += [Problem(row.line, message) for message in problems]


def _descriptions_left_out(prepared: list[Prepared]) -> Iterator[Problem]:
    for item in prepared:
        found = say_found(item.row.picture_description)
        if found:
            yield Problem(
                item.row.line,
                f"The picture description names an emotion: {found}. Participants are told only that there is a "
                "picture, until it is rewritten on the picture's page.",
            )


def _find_stored(source: str | None) -> PairVersion | None:
    """What the library has of a file; where it was imported at several lengths, the one of today's."""
    if not source:
        return None
    stored = list(PairVersion.objects.filter(source_sha256=source).select_related(*_RELATED))
    return min(stored, key=lambda version: version.duration_seconds != CLIP_SECONDS, default=None)


_RELATED = ("pair__image", "pair__emotion")
_Made = TypeVar("_Made")


def _try(problems: list[str], make: Callable[[], _Made], about: str = "") -> _Made | None:
    try:
        return make()
    except ClipRefused as error:
        problems.append(f"{about}{error}")
        return None


def _sounds_known(row: Row, clip: PreparedClip, checked: _Checked) -> Iterator[str]:
    alike = checked.sounds.setdefault(clip.facts.audio_sha256, row.line)
    if alike != row.line:
        yield f"The file sounds exactly as that of line {alike}."
    imported = PairVersion.objects.filter(origin=Origin.IMPORTED)  # a piece of our own may sound the same
    known = imported.filter(audio_sha256=clip.facts.audio_sha256).select_related(*_RELATED).first()
    if known is not None:
        yield f"This sound is in the library already, as {known.pair} of {known.composer}."


def _is_same(stored: PairVersion, row: Row, picture: PreparedPicture | None) -> bool:
    image = stored.pair.image.sha256 if stored.pair.image else ""
    now = (row.system, row.emotion, picture.sha256 if picture else "")
    return (stored.composer, stored.pair.emotion.slug, image) == now


def _store(
    prepared: list[Prepared], name: str, digest: str, licence: str, by: AbstractBaseUser | None
) -> tuple[list[GenerationRun], list[int]]:
    """Write the files under their hashes, then every row in one transaction."""
    files = [_write_files(item) for item in prepared]
    now = timezone.now()
    try:
        with transaction.atomic():
            emotions = {emotion.slug: emotion for emotion in Emotion.objects.all()}
            runs = {
                system: GenerationRun.objects.create(
                    composer=system,
                    origin=Origin.IMPORTED,
                    reason=f"Imported from {name}"[:300],
                    options={"manifest": name, "manifest_sha256": digest},
                    requested_by=by,
                )
                for system in sorted({item.row.system for item in prepared})
            }
            pictures: list[int] = []
            made: dict[str, list[PairVersion]] = defaultdict(list)
            for item, names in zip(prepared, files, strict=True):
                image = _keep_picture(item, licence, by, pictures)
                pair = _pair_of(image, emotions[item.row.emotion], item.earlier)
                made[item.row.system].append(_make_version(item, names, pair, runs[item.row.system], licence, now))
            for system, run in runs.items():
                versions_added.send(PairVersion, run=run, versions=made[system])
                record(action="import_clips", about=run, by=by, composer=system, clips=len(made[system]))
    except IntegrityError as error:
        message = "Another import has just brought some of these clips; run this one again."
        raise ManifestRefused([Problem(0, message)]) from error
    return list(runs.values()), pictures


def _write_files(item: Prepared) -> dict[str, str]:
    facts = item.clip.facts
    names = {
        "audio": keep_hashed("clips", item.clip.read("audio"), facts.audio_sha256, ".mp3"),
        "audio_alternative": keep_hashed(
            "clips", item.clip.read("audio_alternative"), facts.audio_alternative_sha256, ".flac"
        ),
    }
    if facts.midi_sha256:
        names["midi"] = keep_hashed("midi", item.clip.read("midi"), facts.midi_sha256, ".mid")
    if item.picture:
        _store_picture(item.picture)
    return names


def _picture_name(picture: PreparedPicture) -> str:
    return f"pictures/{picture.sha256}{picture.extension}"


def _store_picture(picture: PreparedPicture) -> None:
    keep(_picture_name(picture), picture.read())


def _keep_picture(item: Prepared, licence: str, by: AbstractBaseUser | None, new: list[int]) -> SourceImage | None:
    """The row of the picture, made where the library has none; what people wrote about a known one stays."""
    if item.picture is None:
        return None
    image, created = SourceImage.objects.get_or_create(
        sha256=item.picture.sha256,
        defaults={
            "file": _picture_name(item.picture),
            "width": item.picture.width,
            "height": item.picture.height,
            "bytes": (item.picture.folder / "picture").stat().st_size,
            "title": item.row.title or (item.row.picture.name if item.row.picture else "")[:200],
            "alt_text": item.row.picture_description,
            "licence": item.row.licence or licence,
            "attribution": item.row.attribution,
            "uploader": by,
        },
    )
    if created:
        new.append(image.pk)
    elif not image.in_library:
        SourceImage.objects.filter(pk=image.pk).update(in_library=True)
    return image


def _pair_of(image: SourceImage | None, emotion: Emotion, earlier: PairVersion | None) -> Pair:
    """Pictures and emotions are pairs once; a clip without a picture is a pair of its own."""
    if image is None and earlier is None:
        return Pair.objects.create(image=None, emotion=emotion)
    if earlier is not None:
        return Pair.objects.select_for_update().get(pk=earlier.pair_id)
    pair, _ = Pair.objects.get_or_create(image=image, emotion=emotion)
    return Pair.objects.select_for_update().get(pk=pair.pk)  # numbers are given one at a time


def _make_version(
    item: Prepared, names: dict[str, str], pair: Pair, run: GenerationRun, licence: str, now: datetime
) -> PairVersion:
    facts = item.clip.facts
    told: dict[str, Any] = {
        "file": item.row.file.name,
        "title": item.row.title,
        "licence": item.row.licence or licence,
        "attribution": item.row.attribution,
        "line": item.row.line,
    }
    return PairVersion.objects.create(
        pair=pair,
        run=run,
        number=(pair.versions.aggregate(last=Max("number"))["last"] or 0) + 1,
        composer=item.row.system,
        origin=Origin.IMPORTED,
        source_sha256=facts.source_sha256,
        status=PairVersion.Status.READY,
        queued_at=now,
        nudged_at=now,
        finished_at=now,
        **names,
        midi_sha256=facts.midi_sha256,
        audio_sha256=facts.audio_sha256,
        audio_alternative_sha256=facts.audio_alternative_sha256,
        duration_seconds=facts.duration_seconds,
        loudness_lufs=facts.loudness_lufs,
        true_peak_dbtp=facts.true_peak_dbtp,
        notes=facts.notes,
        features=facts.features,
        provenance={**facts.provenance, "imported": {key: value for key, value in told.items() if value}},
    )
