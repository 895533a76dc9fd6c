"""What the front page plays: pairs that were made for it, and that no study plays or shows."""

from __future__ import annotations

from collections.abc import Sequence

from generation.models import PairVersion
from survey.models import Stimulus

DEMO_STUDY = "demo"
IN_FRONT = "front_page"
"""The option of a run whose pairs are played there; nobody can write it into a form."""
PAIRS = 3


def pairs_to_play() -> Sequence[PairVersion]:
    """The latest pairs that were made for the front page, three at most, each with its newest version.

    None that has any version in a study, or whose picture is in one: the page names the emotion that each was made
    for, and whoever reads it may take part afterwards.
    """
    ready = (
        PairVersion.objects.filter(**{f"run__options__{IN_FRONT}": True}, status=PairVersion.Status.READY)
        .exclude(pair__in=Stimulus.objects.values("pair_version__pair"))
        .exclude(pair__image__in=Stimulus.objects.filter(picture__isnull=False).values("picture"))
        .exclude(pair__image__in=Stimulus.objects.exclude(picture_file="").values("pair_version__pair__image"))
    )
    newest: dict[int, PairVersion] = {}
    for version in ready.select_related("pair__image", "pair__emotion").order_by("-pair_id", "-number"):
        newest.setdefault(version.pair_id, version)
    return list(newest.values())[:PAIRS]
