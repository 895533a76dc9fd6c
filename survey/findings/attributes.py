"""What was measured on the music and on the pictures of a study's stimuli."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from generation.models import PairVersion, SourceImage
from survey.analysis.lens.words import PICTURE_CUES
from survey.analysis.ratings.attributes import ClipAttributes, gather_attributes, measured_of
from survey.models import Stimulus, Study


def attributes_of(stimuli: Sequence[Stimulus]) -> ClipAttributes | None:
    """Musical attributes of the clips that were made here; None where no clip has any. A picture alone has none."""
    heard = {item.pair_version_id for item in stimuli if item.audio_sha256}
    told = dict(PairVersion.objects.filter(pk__in=heard).values_list("pk", "attributes"))
    of_version = {pk: measured_of(attributes) for pk, attributes in told.items()}
    return gather_attributes(
        {str(item.public_id): of_version.get(item.pair_version_id, {}) if item.audio_sha256 else {} for item in stimuli}
    )


def picture_attributes_of(stimuli: Sequence[Stimulus]) -> ClipAttributes | None:
    """Attributes of the pictures shown; None where none was measured. Music alone has none, whatever its pair shows."""
    cues = picture_cues(stimuli)
    return gather_attributes({str(item.public_id): cues.get(item.picture_id, {}) for item in stimuli})


def picture_cues(stimuli: Sequence[Stimulus]) -> dict[int | None, dict[str, float]]:
    """The measures that the lens looks at of every picture shown, by its key; no stimulus without a picture has any."""
    seen = {item.picture_id for item in stimuli if item.picture_id}
    told = SourceImage.objects.filter(pk__in=seen).values_list("pk", "features")
    return {pk: picture_cues_of(features) for pk, features in told}


def picture_cues_of(features: Mapping[str, Any]) -> dict[str, float]:
    """Return those of a picture's measures that the lens looks at.

    >>> picture_cues_of({"brightness": 0.4, "blobs": 3.0, "contrast": None})
    {'brightness': 0.4}
    """
    return measured_of({name: features[name] for name in PICTURE_CUES if name in features})


def asked_of(study: Study) -> ClipAttributes | None:
    """What the composer aimed at with each clip of a study: the middle of the target's band."""
    stimuli = Stimulus.objects.filter(study=study).exclude(audio_sha256="")
    told = stimuli.values_list("public_id", "pair_version__attributes")
    return gather_attributes({str(name): _aimed_at(attributes) for name, attributes in told})


def _aimed_at(told: Mapping[str, Any]) -> dict[str, float]:
    bands = {name: one.get("target") for name, one in told.items() if isinstance(one, Mapping)}
    return {name: (band[0] + band[1]) / 2 for name, band in bands.items() if isinstance(band, list) and len(band) == 2}
