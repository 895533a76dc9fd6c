"""Clips of a cue experiment: pieces in all variants of some cues, as a run for it would leave them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generation.models import PairVersion
from generation.music.cues.levels import combine
from tests.survey.factories import make_versions

TWO_CUES: Mapping[str, Sequence[str]] = {"tempo": (), "mode": ()}


def make_variants(pieces: int = 2, cues: Mapping[str, Sequence[str]] = TWO_CUES, **more: Any) -> list[PairVersion]:
    """Ready variants, piece by piece; what else `make_versions` takes, as there."""
    levels = combine(cues)
    versions = make_versions(pieces * len(levels), **more)
    for place, version in enumerate(versions):
        variant = place % len(levels)
        first = versions[place - variant]
        values = {"cues": levels[variant], "pair_id": first.pair_id, "number": 50 + place, "seed": first.seed}
        _remake(version, values)
    return versions


def _remake(version: PairVersion, values: Mapping[str, Any]) -> None:
    """Written anew, as a ready version is written once."""
    fields = {field.attname: getattr(version, field.attname) for field in PairVersion._meta.concrete_fields}
    fields |= values
    del fields["id"], fields["public_id"]
    made = PairVersion.objects.create(**fields)
    version.pk, version.public_id, version.pair_id = made.pk, made.public_id, made.pair_id
    version.refresh_from_db()
