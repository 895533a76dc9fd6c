"""Which of a study's stimuli are variants of one piece, with cues changed on purpose."""

from __future__ import annotations

from collections.abc import Sequence

from generation.models import PairVersion
from survey.analysis.ratings.cues import ClipCues, Variant, gather_cues
from survey.design.variants import number_pieces
from survey.models import Stimulus


def cues_of(stimuli: Sequence[Stimulus]) -> ClipCues | None:
    """The variants among the stimuli that are heard; None where there is none."""
    heard = {item.pair_version_id for item in stimuli if item.audio_sha256}
    made = PairVersion.objects.filter(pk__in=heard, cues__isnull=False)
    of_version = {one.pk: one for one in made.only("pair_id", "composer", "seed", "run_id", "cues")}
    varied = [one for item in stimuli if item.audio_sha256 and (one := of_version.get(item.pair_version_id))]
    pieces = number_pieces(one.base_piece for one in varied)
    found = {}
    for item in stimuli:
        version = of_version.get(item.pair_version_id)
        if version is not None and item.audio_sha256:
            values = version.cue_values
            found[str(item.public_id)] = Variant(pieces[version.base_piece], version.cues or {}, values)
    return gather_cues(found)
