"""`manage.py generate PATH…`: pictures to clips without the site, its database or its broker."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from argparse import ArgumentTypeError
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from generation.emotions import SLUGS
from generation.images.files import look_through, printable, read_picture_file
from generation.images.intake import PictureRefused, take_in
from generation.music.attributes.learned import read_learned
from generation.music.cues.levels import CUES, combine
from generation.networks.artifacts import ArtifactRefused
from generation.networks.composers import installed_composers

logger = logging.getLogger(__name__)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ArgumentTypeError(f"{text} is less than 1")
    return number


class Command(BaseCommand):
    help = "Make music for pictures: MIDI, MusicXML and audio files, one JSON line per clip with --json."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="Picture files or folders.")
        parser.add_argument("--emotion", choices=SLUGS, help="Intended emotion; without, the picture's own.")
        parser.add_argument("--composer", choices=list(installed_composers()), default="muse")
        parser.add_argument("--seed", type=int, help="Seed of the first clip; without, a random one is reported.")
        parser.add_argument("--count", type=positive, default=1, help="Clips per picture, with seeds from --seed up.")
        parser.add_argument("--candidates", type=positive, default=8, help="Candidates the best is chosen from.")
        parser.add_argument(
            "--targets", type=Path, metavar="FILE", help="Learned targets (JSON) to follow; without, those as shipped."
        )
        parser.add_argument(
            "--cue",
            action="append",
            default=[],
            metavar="CUE[=LEVEL,LEVEL…]",
            help="Make every clip in variants with another level of this cue, all combinations where there are several "
            f"({', '.join(CUES)}); without levels its usual two. Repeatable.",
        )
        parser.add_argument("--out", type=Path, default=Path("clips"), metavar="DIR", help="Folder for the files.")
        parser.add_argument("--json", action="store_true", help="One JSON line per clip on standard output.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            options["variants"] = combine(_read_cues(options["cue"])) if options["cue"] else ({},)
            options["learned"] = read_learned(options["targets"].read_bytes()) if options["targets"] else None
            found = look_through(options["paths"])
            options["out"].mkdir(parents=True, exist_ok=True)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        for item in found.left_out:
            self.stderr.write(str(item))
        files = found.pictures
        if not files:
            raise CommandError("There is no picture in what you named.")
        refused = 0
        total = len(files) * options["count"] * len(options["variants"])
        with tqdm(total=total, desc="Composing", unit="clip", disable=None) as bar:
            for file in files:
                try:
                    for line in _make_clips(file, options):
                        self.stdout.write(json.dumps(line, ensure_ascii=False) if options["json"] else _tell(line))
                        bar.update()
                except ArtifactRefused as error:  # true of every picture
                    raise CommandError(str(error)) from error
                except (PictureRefused, OSError) as error:
                    refused += 1
                    self.stderr.write(f"{printable(file)}: {error}")
                except Exception as error:
                    logger.exception("%s", printable(file))
                    refused += 1
                    self.stderr.write(f"{printable(file)}: {type(error).__name__}: {error}")
        if refused:
            raise CommandError(f"{refused} of {len(files)} pictures could not be used.", returncode=2)


def _read_cues(asked: list[str]) -> dict[str, list[str]]:
    """Cue → levels of what was asked for as ``tempo`` or ``tempo=slow,fast``, at once or one after the other.

    >>> _read_cues(["mode", "tempo=slow", "tempo=fast,as-composed"])
    {'mode': [], 'tempo': ['slow', 'fast', 'as-composed']}
    """
    found: dict[str, list[str]] = {}
    for text in asked:
        name, _, levels = text.partition("=")
        found.setdefault(name.strip(), []).extend(level.strip() for level in levels.split(",") if level.strip())
    return found


def _make_clips(file: Path, options: dict[str, Any]) -> Iterator[dict[str, Any]]:
    from generation import pipeline
    from generation.piano import site_soundfont

    taken, learned = take_in(read_picture_file(file)), options["learned"]
    label = pipeline.label_picture(taken.data)
    probabilities = {slug: round(float(p), 6) for slug, p in label.emotion.probabilities.items()}
    emotion = options["emotion"] or max(SLUGS, key=lambda slug: probabilities[slug])
    first = secrets.randbelow(2**31) if options["seed"] is None else options["seed"]
    for seed, cues in product(range(first, first + options["count"]), options["variants"]):
        clip = pipeline.make_clip(
            pipeline.ClipRequest(
                emotion=emotion,
                composer=options["composer"],
                seed=seed,
                picture={**label.features, **label.emotion.implied},
                candidates=options["candidates"],
                soundfont=site_soundfont(),
                learned=learned,
                cues=cues,
            )
        )
        identity = f"{taken.sha256}:{emotion}:{options['composer']}:{seed}" + (f":{learned.version}" if learned else "")
        identity += "".join(f":{cue}={level}" for cue, level in cues.items())
        digest = hashlib.sha256(identity.encode()).hexdigest()[:8]
        stem = options["out"] / f"{printable(Path(file.stem))}-{seed}-{digest}"
        yield {
            "picture": printable(file),
            "emotion": emotion,
            "guess": bool(label.emotion.unsure) and not options["emotion"],
            "probabilities": probabilities,
            "composer": options["composer"],
            "seed": seed,
            **({"cues": cues} if cues else {}),
            "midi": _write(stem, ".mid", clip.midi),
            "musicxml": _write(stem, ".musicxml", clip.musicxml),
            "audio": _write(stem, ".mp3", clip.mp3),
            "audio_alternative": _write(stem, clip.second_extension, clip.second),
            "duration_seconds": clip.duration_seconds,
            "loudness_lufs": clip.loudness_lufs,
            "true_peak_dbtp": clip.true_peak_dbtp,
            "features": clip.features,
            "attributes": clip.attributes,
            "scores": clip.scores,
            "provenance": clip.provenance,
            "seconds": clip.seconds,
        }


def _write(stem: Path, suffix: str, data: bytes) -> str:
    path = stem.with_name(stem.name + suffix)
    path.write_bytes(data)
    return str(path)


def _tell(line: dict[str, Any]) -> str:
    guess = "a guess, " if line["guess"] else ""
    return (
        f"{line['picture']}: {line['emotion']} ({guess}{line['probabilities'][line['emotion']]:.0%}), "
        f"{line['composer']}, seed {line['seed']}, {line['duration_seconds']:.1f} s, {line['audio']}"
    )
