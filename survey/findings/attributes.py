"""What was measured on the music of a study's stimuli."""

from __future__ import annotations

from collections.abc import Sequence

from generation.models import PairVersion
from survey.analysis.ratings.attributes import ClipAttributes, gather_attributes, measured_of
from survey.models import Stimulus


def attributes_of(stimuli: Sequence[Stimulus]) -> ClipAttributes | None:
    """Musical attributes of the clips that were made here; None where no clip has any. A picture alone has none."""
    heard = {item.pair_version_id for item in stimuli if item.audio_sha256}
    told = dict(PairVersion.objects.filter(pk__in=heard).values_list("pk", "attributes"))
    of_version = {pk: measured_of(attributes) for pk, attributes in told.items()}
    return gather_attributes(
        {str(item.public_id): of_version.get(item.pair_version_id, {}) if item.audio_sha256 else {} for item in stimuli}
    )
