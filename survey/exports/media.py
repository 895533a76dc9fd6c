"""The files of a study's stimuli in a pack: sounds, MIDI and scores, pictures; each once, its name tells nothing.

Only the list is read from the snapshot. The files are copied after it has ended, block by block and through Django's
default storage: gigabytes may take minutes, and a snapshot that long is in the way of the database's own work.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Protocol

from django.core.files.storage import default_storage

from survey.exports.codebook import MEDIA, MEDIA_TABLE
from survey.exports.csv_text import stream_csv
from survey.models import ExportJob, Stimulus, Study

Kind = ExportJob.Media
BLOCK = 1 << 20
"""Bytes of a file that are held at once."""
SAMPLE = 3
"""Files of one format whose sizes are asked for an estimate: an object store answers for each in some milliseconds."""
PACKED = frozenset({".mp3", ".flac", ".ogg", ".opus", ".m4a", ".jpg", ".jpeg", ".png", ".webp"})
"""Formats that are compressed already: they are stored, and not deflated."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A file of a stimulus: where it is kept, its name in the pack, what is known of it (`""`, None: nothing)."""

    stimulus: str
    choice: str
    kind: str
    kept: str
    path: str
    sha256: str = ""
    size: int | None = None
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a choice of media adds to a pack: files, and about how many bytes; None where the storage does not say."""

    choice: str
    label: str
    files: int
    size: int | None


class Write(Protocol):
    """Writes a file of the pack and returns its entry of the manifest."""

    def __call__(
        self, name: str, blocks: Iterable[str | bytes], rows: Callable[[], int] | None = None, *, stored: bool = False
    ) -> Mapping[str, Any]: ...


def media_of(study: Study, choices: Collection[str]) -> list[Medium]:
    """Every file of the study's stimuli that `choices` ask for, in the order of the stimuli; a file may come again."""
    if not choices:
        return []
    stimuli = Stimulus.objects.filter(study=study).select_related("pair_version", "picture").order_by("pk")
    heavy = ("notes", "features", "attributes", "scores", "provenance", "seconds")
    return [
        medium
        for item in stimuli.defer(*(f"pair_version__{name}" for name in heavy), "picture__seen")
        for medium in _files_of(item)
        if medium.choice in choices
    ]


def _files_of(item: Stimulus) -> Iterator[Medium]:
    made, picture, key = item.pair_version, item.picture, str(item.public_id)
    if item.audio_sha256:
        heard = (
            (Kind.SOUNDS, "sound", item.audio, item.audio_sha256, item.audio_sha256),
            (
                Kind.SOUNDS,
                "sound_alternative",
                item.audio_alternative,
                made.audio_alternative_sha256,
                made.audio_alternative_sha256,
            ),
            (Kind.SCORES, "midi", made.midi, made.midi_sha256, made.midi_sha256),
            (Kind.SCORES, "score", made.musicxml, made.midi_sha256, ""),  # named as its MIDI; no hash was kept
        )
        for choice, kind, kept, stem, sha256 in heard:
            if kept:
                yield Medium(key, choice, kind, kept, _path(choice, kept, stem), sha256)
    if picture is not None:
        kept, sha256 = item.picture_file, item.picture_sha256
        path = _path(Kind.PICTURES, kept, sha256)
        told = {"size": picture.bytes, "licence": picture.licence, "attribution": picture.attribution}
        yield Medium(key, Kind.PICTURES, "picture", kept, path, sha256, **told)


def _path(choice: str, kept: str, stem: str) -> str:
    """A name that stays from pack to pack and tells neither emotion nor composer: a hash."""
    stem = stem or hashlib.sha256(kept.encode()).hexdigest()
    return f"media/{choice}/{stem}{PurePosixPath(kept).suffix.lower()}"


def count_files(study: Study, choices: Collection[str]) -> int:
    """How many files `choices` put into a pack."""
    return len({medium.path for medium in media_of(study, choices)})


def estimate_media(study: Study) -> list[Estimate]:
    """For every choice: how many files, and how large they are, judged by some of each format."""
    files = {medium.path: medium for medium in media_of(study, Kind.values)}.values()
    chosen = {choice: [medium for medium in files if medium.choice == choice] for choice in Kind}
    sizes: dict[Kind, int] = {}
    # Where the store does not answer, it is not asked again for the other choices.
    with contextlib.suppress(OSError):
        for choice in Kind:
            sizes[choice] = _total_size(chosen[choice])
    return [Estimate(choice.value, choice.label, len(chosen[choice]), sizes.get(choice)) for choice in Kind]


def _total_size(files: Sequence[Medium]) -> int:
    formats: dict[str, list[Medium]] = {}
    for medium in files:
        formats.setdefault(PurePosixPath(medium.path).suffix, []).append(medium)
    return round(sum(_mean_size(alike) * len(alike) for alike in formats.values()))


def _mean_size(files: Sequence[Medium]) -> float:
    known = [medium.size for medium in files if medium.size is not None]
    if not known:
        known = [size for medium in files[:: -(-len(files) // SAMPLE)] if (size := _size(medium)) is not None]
    return sum(known) / len(known) if known else 0.0


def _size(medium: Medium) -> int | None:
    try:
        return default_storage.size(medium.kept)
    except FileNotFoundError:
        return None


@dataclass(slots=True)
class Written:
    """What became of the files: entries of the manifest by name, and the names of those that were not there."""

    entries: dict[str, Mapping[str, Any]]
    missing: list[str]
    changed: list[str]


def write_media(
    write: Write, media: Sequence[Medium], *, mark: bool, progress: Callable[[int], None] | None = None
) -> Written:
    """Copy each file once into the pack, and then the table that says which stimulus it belongs to.

    `progress` is called with 0 for every block and with 1 for every file. A file that is missing is left out; any
    other fault of the storage (it does not answer, it may not be read) ends the pack.
    """
    tell = progress or (lambda files: None)
    done = Written({}, [], [])
    for medium in {medium.path: medium for medium in media}.values():
        _copy(write, medium, tell, done)
        tell(1)
    rows = [_row(medium, done.entries.get(medium.path, {})) for medium in media]
    header = [column.name for column in MEDIA]
    write(f"{MEDIA_TABLE}.csv", stream_csv(header, rows, mark=mark), lambda: len(rows))
    return done


def _copy(write: Write, medium: Medium, tell: Callable[[int], None], done: Written) -> None:
    try:
        stream = default_storage.open(medium.kept)
    except FileNotFoundError:
        done.missing.append(medium.path)
        return
    with stream:
        stored = PurePosixPath(medium.path).suffix in PACKED
        entry = write(medium.path, _blocks(stream, tell), stored=stored)
    done.entries[medium.path] = entry
    if medium.sha256 and entry["sha256"] != medium.sha256:
        done.changed.append(medium.path)


def _blocks(stream: Any, tell: Callable[[int], None]) -> Iterator[bytes]:
    for block in stream.chunks(BLOCK):
        yield block
        tell(0)


def _row(medium: Medium, entry: Mapping[str, Any]) -> tuple[Any, ...]:
    there = medium.path if entry else ""
    told = (there, entry.get("sha256", ""), entry.get("bytes"), medium.licence, medium.attribution)
    return medium.stimulus, medium.kind, *told


def say_media(media: Sequence[Medium], done: Written) -> str:
    """The part of a pack's README that tells of its media, and of what is wrong with them."""
    told = [README]
    if done.missing:
        told.append(f"Missing, because the site did not have them when this pack was made: {_list(done.missing)}.")
    if done.changed:
        told.append(
            f"Damaged: what the site keeps is not what people were given, by its SHA-256 in `stimuli.csv`: "
            f"{_list(done.changed)}."
        )
    licences = {medium.path: medium.licence for medium in media if medium.choice == Kind.PICTURES}
    unknown = sum(not licence for licence in licences.values())
    if unknown:
        told.append(
            f"Pictures without a licence on record: {unknown} of {len(licences)}. Find out whether you may hand "
            "them on before you publish this pack."
        )
    return "\n" + "\n\n".join(told) + "\n"


def _list(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


README = f"""## Media

`{MEDIA_TABLE}.csv` says which file of `media/` belongs to which stimulus, with its SHA-256 and size, and licence and
attribution of the pictures. A file that several stimuli share is there once. Names are hashes: they tell neither
emotion nor composer, and are the same in every pack."""
