"""What an emotion should sound like: attributes as a continuous function of valence, arousal, dominance.

The numbers are data (``targets.csv``): one row per attribute and term with its source. A target is
``neutral + strength · Σ coefficient · term`` with the terms of `weigh_terms`. `energy` rises with arousal
and saturates, because EMOPIA's energetic and calm quadrants each form one heap; the five corner terms
are products of one-sided parts and are zero outside their corner: `power` (negative, aroused, dominant:
anger), `menace` (negative, aroused, submissive: fear, disgust), `vastness` (positive, submissive, not
aroused: awe), `play` (positive, dominant, moderately aroused: amusement) and `sorrow` (negative, not
aroused: sadness).
"""

from __future__ import annotations

import csv
import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from generation.emotions import Quadrant
from generation.music.attributes.schema import KINDS, NAMES, Attributes

TABLE: Final = Path(__file__).with_name("targets.csv")
TERMS: Final = (
    "neutral",
    "energy",
    "valence",
    "arousal",
    "dominance",
    "power",
    "menace",
    "vastness",
    "play",
    "sorrow",
)
DERIVED: Final = "accompaniment_density"
ENERGY_STEEPNESS: Final = 3.0
VALENCE_STEEPNESS: Final = 2.0
"""How soon energy and valence saturate; judgement, after the two heaps of EMOPIA's arousal cues."""
MOST_VASTNESS: Final = 0.3
"""Vastness saturates here, so that great submission does not silence great arousal; judgement."""


@dataclass(frozen=True, slots=True)
class TargetTable:
    """Coefficients by attribute and term, with a source for each, and the version of the whole."""

    coefficients: Mapping[str, Mapping[str, float]]
    sources: Mapping[tuple[str, str], str]
    version: str


def read_table(path: Path = TABLE) -> TargetTable:
    """Read a table of targets; its version is ``1-`` and the first digits of its SHA-256.

    Raises
    ------
    ValueError
        When an attribute or term is unknown, a source is empty, or a neutral value is missing.
    """
    raw = path.read_bytes()
    coefficients: dict[str, dict[str, float]] = {}
    sources: dict[tuple[str, str], str] = {}
    for row in csv.DictReader(raw.decode("utf-8").splitlines()):
        attribute, term = row["attribute"], row["term"]
        if attribute not in NAMES or term not in TERMS:
            raise ValueError(f"{path.name}: {attribute!r} with {term!r} is no attribute and term.")
        if not row["source"].strip():
            raise ValueError(f"{path.name}: {attribute} {term} has no source.")
        coefficients.setdefault(attribute, {})[term] = float(row["value"])
        sources[attribute, term] = row["source"]
    for name in NAMES:
        if name != DERIVED and "neutral" not in coefficients.get(name, {}):
            raise ValueError(f"{path.name}: {name} has no neutral value.")
    return TargetTable(coefficients, sources, f"1-{hashlib.sha256(raw).hexdigest()[:10]}")


@lru_cache(maxsize=1)
def shipped_table() -> TargetTable:
    """The table of this version of MelodyMuse."""
    return read_table()


def weigh_terms(valence: float, arousal: float, dominance: float) -> dict[str, float]:
    """The terms a target is a sum of, each continuous in the three coordinates.

    Examples
    --------
    >>> terms = weigh_terms(-0.65, 0.75, 0.30)
    >>> round(terms["power"], 2), terms["menace"], terms["play"]
    (0.73, 0.0, 0.0)
    """
    positive, negative = max(valence, 0.0), max(-valence, 0.0)
    strong, weak = max(dominance, 0.0), max(-dominance, 0.0)
    vastness = MOST_VASTNESS * math.tanh(positive * weak / MOST_VASTNESS) * (1.0 - _rise(arousal, 0.0, 0.7))
    return {
        "neutral": 1.0,
        "energy": math.tanh(ENERGY_STEEPNESS * (arousal - 1.5 * vastness)),
        "valence": math.tanh(VALENCE_STEEPNESS * valence),
        "arousal": arousal,
        "dominance": dominance,
        "power": min(1.0, 5.0 * negative * max(arousal, 0.0) * strong),
        "menace": min(1.0, 2.0 * negative * weak) * _rise(arousal, -0.1, 0.5),
        "vastness": vastness,
        "sorrow": negative * _rise(-arousal, -0.1, 0.5),
        "play": positive * strong * (1.0 - abs(arousal)) * _rise(arousal, -0.2, 0.4),
    }


def fold_quadrant(valence: float, arousal: float, dominance: float) -> Quadrant:
    """The quadrant that music of these coordinates belongs to, by valence and energy.

    Examples
    --------
    >>> fold_quadrant(0.5, -0.5, 0.0), fold_quadrant(-0.5, 0.5, 0.0)
    ('Q4', 'Q2')
    """
    energetic = weigh_terms(valence, arousal, dominance)["energy"] >= 0
    if valence >= 0:
        return "Q1" if energetic else "Q4"
    return "Q2" if energetic else "Q3"


def _rise(value: float, start: float, end: float) -> float:
    """0 below `start`, 1 above `end`, smooth between."""
    x = min(max((value - start) / (end - start), 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


def target(
    valence: float, arousal: float, dominance: float, strength: float = 1.0, *, table: TargetTable | None = None
) -> Attributes:
    """Attributes that music of these coordinates should have.

    Parameters
    ----------
    valence, arousal, dominance : float
        In −1…1. The result is continuous in all three; tempo, density and dynamics never fall as
        arousal rises, and `majorness` never falls as valence rises.
    strength : float
        How far to go from neutral: 0 gives the neutral attributes, 1 the table's, more exaggerates.
    table : TargetTable, optional
        Another table than the shipped one, such as one refitted with listeners' answers.

    Raises
    ------
    ValueError
        When a coordinate lies outside −1…1 or is no number, or `strength` is negative.

    Examples
    --------
    >>> happy, sad = target(0.75, 0.7, 0.45), target(-0.7, -0.55, -0.65)
    >>> happy.mode, sad.mode, happy.tempo > sad.tempo
    ('major', 'minor', True)
    """
    for name, value in (("Valence", valence), ("Arousal", arousal), ("Dominance", dominance)):
        if not -1.0 <= value <= 1.0:
            raise ValueError(f"{name} must lie between -1 and 1, not {value}.")
    if not (strength >= 0.0 and math.isfinite(strength)):
        raise ValueError(f"Strength must be 0 or more, not {strength}.")
    terms = weigh_terms(valence, arousal, dominance)
    values = {}
    for name, coefficients in (table or shipped_table()).coefficients.items():
        moved = sum(value * terms[term] for term, value in coefficients.items() if term != "neutral")
        values[name] = coefficients["neutral"] + strength * moved
    values[DERIVED] = values["density"] - values["melody_density"]
    return Attributes.clipped(values)


def neutral() -> Attributes:
    """The attributes of no emotion: the table's neutral values."""
    return target(0.0, 0.0, 0.0, 0.0)


def target_bands(attributes: Attributes) -> dict[str, tuple[float, float]]:
    """The band around each target within which a clip counts as on target."""
    return {
        kind.name: (
            max(getattr(attributes, kind.name) - kind.width, kind.minimum),
            min(getattr(attributes, kind.name) + kind.width, kind.maximum),
        )
        for kind in KINDS
    }


def describe_attributes(wanted: Attributes, measured: Attributes) -> dict[str, dict[str, Any]]:
    """Label, unit, target band and measured value of each attribute, rounded to thousandths, for the page of a clip.

    Examples
    --------
    >>> describe_attributes(neutral(), neutral())["tempo"]
    {'label': 'Tempo', 'unit': 'beats per minute', 'target': [90.0, 106.0], 'measured': 98.0}
    """
    bands = target_bands(wanted)
    return {
        kind.name: {
            "label": kind.label,
            "unit": kind.unit,
            "target": [round(bound, 3) for bound in bands[kind.name]],
            "measured": round(getattr(measured, kind.name), 3),
        }
        for kind in KINDS
    }
