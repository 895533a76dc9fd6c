"""What each emotion asks of music, cue by cue, with a source for each row of the table (``intentions.csv``).

Eight emotions have cues of their own beyond tempo and mode. Coordinates between emotions ask for what the emotions near
them ask for, weighed by nearness.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from generation.emotions import EMOTIONS
from generation.music.attributes import KINDS, Attributes
from generation.music.attributes.nearness import blend_near
from generation.music.attributes.picture import Place
from generation.music.notes import Mode
from generation.music.planned_form import METRES, Manners
from generation.networks.melody_first.guiding import Taste

TABLE: Final = Path(__file__).with_name("intentions.csv")
MAJORNESS: Final = 0.2
"""Correlation difference asked for in major, and below 0 in minor: EMOPIA's Q1 and Q4 lie at +.20; judgement."""
READ_AS_IS: Final = tuple(
    kind.name for kind in KINDS if kind.name not in ("tempo", "majorness", "accompaniment_density")
)
Cues = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class IntentionTable:
    """Cues by emotion, the source of each cue, and the version of the whole."""

    cues: Mapping[str, Cues]
    sources: Mapping[str, str]
    version: str


def read_intentions(path: Path = TABLE) -> IntentionTable:
    """Read a table of intentions; its version is ``1-`` and the first digits of its SHA-256.

    Raises
    ------
    ValueError
        When a cue has no source, or a value is no number.
    """
    raw = path.read_bytes()
    cues: dict[str, dict[str, float]] = {emotion.slug: {} for emotion in EMOTIONS}
    sources: dict[str, str] = {}
    for row in csv.DictReader(raw.decode("utf-8").splitlines()):
        if not row["source"].strip():
            raise ValueError(f"{path.name}: {row['cue']} has no source.")
        sources[row["cue"]] = row["source"]
        for slug, values in cues.items():
            values[row["cue"]] = float(row[slug])
    return IntentionTable(cues, sources, f"1-{hashlib.sha256(raw).hexdigest()[:10]}")


@lru_cache(maxsize=1)
def shipped_intentions() -> IntentionTable:
    """The table of this version of MelodyMuse."""
    return read_intentions()


def find_cues(place: Place, table: IntentionTable | None = None) -> dict[str, float]:
    """The cues of a place: an emotion's own at its coordinates, between emotions a mean weighed by nearness.

    Examples
    --------
    >>> find_cues((-0.7, -0.55, -0.65))["tempo_low"]
    54.0
    >>> calm, wild = find_cues((0.6, -0.6, 0.4)), find_cues((0.7, 0.8, 0.5))
    >>> calm["density"] < wild["density"]
    True
    """
    return blend_near(place, (table or shipped_intentions()).cues)


def neutral_cues(table: IntentionTable | None = None) -> dict[str, float]:
    """The mean of all eight emotions: the intention of none."""
    cues = (table or shipped_intentions()).cues
    names = next(iter(cues.values()))
    return {name: sum(own[name] for own in cues.values()) / len(cues) for name in names}


def to_attributes(cues: Cues, mode: Mode, tempo: float) -> Attributes:
    """The attributes that the cues ask for in a mode and at a tempo."""
    values = {name: cues[name] for name in READ_AS_IS}
    values["tempo"] = tempo
    values["majorness"] = MAJORNESS if mode == "major" else -MAJORNESS
    values["accompaniment_density"] = cues["density"] - cues["melody_density"]
    return Attributes.clipped(values)


def to_manners(cues: Cues) -> Manners:
    """What the cues ask of form and harmony."""
    names = (
        *("steps_in_bass", "pedal_point", "modulates", "unresolved", "plagal", "upbeat", "ostinato"),
        *("contrast", "dorian", "phrygian"),
    )
    return Manners(**{name: cues[name] for name in names})


def to_tastes(cues: Cues) -> tuple[Taste, Taste]:
    """What the cues favour in the pitches of melody and accompaniment."""
    melody = Taste(
        chord=cues["chord_notes"],
        outside=cues["outside_notes"],
        leap=cues["leaps"],
        semitone=cues["semitones"],
        fall=cues["falls"],
    )
    return melody, Taste(chord=0.3, outside=cues["outside_notes"], rub=cues["rubs"])


def to_metres(cues: Cues) -> dict[str, float]:
    """Chance of each metre; they sum to 1."""
    weights = {metre: cues[f"metre_{metre.replace('/', '_')}"] for metre in METRES}
    total = sum(weights.values())
    return {metre: weight / total for metre, weight in weights.items()}
