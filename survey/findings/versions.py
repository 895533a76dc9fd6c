"""The old and the new version of a pair side by side, over all studies that the reader may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q

from survey.analysis.proportions import difference_of_two
from survey.models import Participant, Response, Stimulus, Study, Trial


@dataclass(frozen=True, slots=True)
class Heard:
    """One version of a pair in one kind of presentation, with its answers over all studies."""

    number: int
    n: int
    hits: int
    public_id: str


@dataclass(frozen=True, slots=True)
class VersionPair:
    """An old and a new version; the interval is Newcombe's for independent listeners."""

    emotion: str
    presentation: str
    old: Heard
    new: Heard

    @property
    def difference(self) -> float:
        """New − old hit rate."""
        return self.new.hits / self.new.n - self.old.hits / self.old.n

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the difference."""
        return difference_of_two(self.new.hits, self.new.n, self.old.hits, self.old.n)


def version_pairs(study: Study, studies: Iterable[Study]) -> list[VersionPair]:
    """Return, for every pair of `study` heard in two versions, the earliest beside each later one.

    `studies` are those the reader may see; answers to the same version in several of them are added up.
    """
    if study.mode == Study.Mode.YES_NO:
        return []
    studies = list(studies)
    pairs = _pairs_in_two_versions(study, studies)
    if not pairs:
        return []
    rows = (
        Response.objects.filter(
            trial__participant__study__in=studies,
            trial__participant__study__mode=Study.Mode.CHOOSE,
            trial__participant__kind=Participant.Kind.PERSON,
            trial__participant__withdrawn_at__isnull=True,
            trial__kind=Trial.Kind.MAIN,
            trial__stimulus__pair_version__pair__in=pairs,
        )
        .exclude(trial__stimulus__audio_sha256="")
        .order_by()
        .values(
            pair=F("trial__stimulus__pair_version__pair_id"),
            number=F("trial__stimulus__pair_version__number"),
            version=F("trial__stimulus__pair_version__public_id"),
            emotion=F("trial__stimulus__emotion"),
            presentation=F("trial__stimulus__condition__presentation"),
            matching=F("trial__stimulus__condition__matching"),
        )
        .annotate(n=Count("pk"), hits=Count("pk", filter=Q(choice__slug=F("trial__stimulus__emotion"))))
    )
    return _side_by_side(rows)


def _pairs_in_two_versions(study: Study, studies: list[Study]) -> list[int]:
    """Pairs of `study` of which the studies hold more than one version; asked of the stimuli, not of the answers."""
    own = Stimulus.objects.filter(study=study, role=Stimulus.Role.MAIN).values("pair_version__pair")
    return list(
        Stimulus.objects.filter(study__in=studies, pair_version__pair__in=own)
        .exclude(audio_sha256="")
        .order_by()
        .values("pair_version__pair")
        .annotate(versions=Count("pair_version", distinct=True))
        .filter(versions__gt=1)
        .values_list("pair_version__pair", flat=True)
    )


def _side_by_side(rows: Iterable[dict[str, Any]]) -> list[VersionPair]:
    groups: dict[tuple[Any, ...], list[Heard]] = defaultdict(list)
    for row in rows:
        key = row["pair"], row["emotion"], row["presentation"], row["matching"]
        groups[key].append(Heard(row["number"], row["n"], row["hits"], str(row["version"])))
    found = []
    for (_, emotion, presentation, _), heard in groups.items():
        first, *later = sorted(heard, key=lambda version: version.number)
        found += [VersionPair(emotion, presentation, first, version) for version in later]
    return sorted(found, key=lambda pair: (pair.emotion, pair.old.number, pair.new.number))
