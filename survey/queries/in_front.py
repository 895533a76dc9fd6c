"""Pairs that were made for the front page, and which of them a study would take from it.

The front page names the emotion that each of its pairs was made for, and whoever reads it may take part afterwards: so
it plays none that any study plays, and none whose picture a study plays music to or shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from generation.models import IN_FRONT, PairVersion
from survey.models import Stimulus, Study

PAIRS: Final = 3


def pairs_to_play(besides: Study | None = None) -> Sequence[PairVersion]:
    """The latest pairs that were made for the front page, three at most, each with its newest version.

    None that has any version in a study, or whose picture is in one; what is in the study `besides` does not matter.
    """
    used = Stimulus.objects.all() if besides is None else Stimulus.objects.exclude(study=besides)
    ready = (
        PairVersion.objects.filter(**{f"run__options__{IN_FRONT}": True}, status=PairVersion.Status.READY)
        .exclude(pair__in=used.values("pair_version__pair"))
        .exclude(pair__image__in=used.filter(picture__isnull=False).values("picture"))
        .exclude(pair__image__in=used.exclude(picture_file="").values("pair_version__pair__image"))
    )
    newest: dict[int, PairVersion] = {}
    for version in ready.select_related("pair__image", "pair__emotion").order_by("-pair_id", "-number"):
        newest.setdefault(version.pair_id, version)
    return list(newest.values())[:PAIRS]


@dataclass(frozen=True, slots=True)
class InFront:
    """The pairs and pictures of the front page, as one study finds them."""

    versions: Sequence[PairVersion]

    def has(self, version: PairVersion) -> bool:
        """Whether the front page plays the pair of `version` or shows its picture."""
        pair = version.pair
        return any(one.pair_id == pair.pk or one.pair.image_id == pair.image_id is not None for one in self.versions)

    def taken_by(self, stimuli: Iterable[Stimulus]) -> list[PairVersion]:
        """What the front page could not play any more, once a study has these `stimuli`."""
        if not self.versions:
            return []
        stimuli = list(stimuli)
        clips = PairVersion.objects.filter(pk__in={stimulus.pair_version_id for stimulus in stimuli})
        of = {pk: (pair, image) for pk, pair, image in clips.values_list("pk", "pair_id", "pair__image_id")}
        pairs = {pair for pair, _ in of.values()}
        pictures = {stimulus.picture_id for stimulus in stimuli}
        pictures |= {of[stimulus.pair_version_id][1] for stimulus in stimuli if stimulus.picture_file}
        return [one for one in self.versions if one.pair_id in pairs or one.pair.image_id in pictures - {None}]


def in_front(study: Study | None = None) -> InFront:
    """What the front page plays but for what `study` takes from it."""
    return InFront(pairs_to_play(besides=study))


def doubts_about_the_front(study: Study, stimuli: Sequence[Stimulus]) -> Iterator[str]:
    """A sentence where `stimuli` take from the front page what it plays."""
    front = in_front(study)
    if taken := front.taken_by(stimuli):
        number = len(taken)
        yield (
            f"{number} {'pair' if number == 1 else 'pairs'} of the {len(front.versions)} on the front page "
            f"{'is' if number == 1 else 'are'} among the clips, by music or by picture: the front page leaves out "
            f"whatever a study uses, because it names the emotions. Take the clips marked “On the front page” out, or "
            "have an administrator start a run “For the front page”."
        )
