"""The old and the new version of a pair side by side, over all studies that the reader may see; and all together."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.core.cache import cache
from django.db.models import Case, Count, F, Q, When

from survey.analysis.comparisons import MARGIN, Difference, compare_shares
from survey.analysis.multiplicity import holm
from survey.analysis.proportions import difference_of_two, equality_of_two
from survey.models import Condition, Participant, Response, Stimulus, Study, Trial

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Heard:
    """One version of a pair in one kind of presentation, with its answers over all studies."""

    number: int
    n: int
    hits: int
    public_id: str


@dataclass(frozen=True, slots=True)
class VersionPair:
    """An old and a new version; interval and test are those of two independent proportions.

    `p_holm` spans the pairs shown together.
    """

    emotion: str
    presentation: str
    old: Heard
    new: Heard
    p_holm: float | None = None

    @property
    def presented(self) -> str:
        """What was presented, in words."""
        return str(Condition.Presentation(self.presentation).label)

    @property
    def difference(self) -> float:
        """New − old hit rate."""
        return self.new.hits / self.new.n - self.old.hits / self.old.n

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the difference."""
        return difference_of_two(self.new.hits, self.new.n, self.old.hits, self.old.n)

    @property
    def p_value(self) -> float | None:
        """Two-sided, of equal hit rates."""
        return equality_of_two(self.new.hits, self.new.n, self.old.hits, self.old.n)


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Every pair, and the new versions against the old ones all together.

    `together` is two-way clustered over people and pairs, with equivalence and power for the plan's margin.
    """

    pairs: list[VersionPair]
    together: Difference | None = None


def compare_versions(study: Study, studies: Iterable[Study], margin: float = MARGIN) -> VersionComparison:
    """Return, for every pair of `study` heard in two versions, the earliest beside each later one.

    `studies` are those the reader may see; answers to the same version in several of them are added up.
    """
    studies = list(studies)
    known = [] if study.mode == Study.Mode.YES_NO else _pairs_in_two_versions(study, studies)
    if not known:
        return VersionComparison([])
    answers = _answers_to(known, studies)
    rows = list(
        answers.values(
            pair=F("trial__stimulus__pair_version__pair_id"),
            number=F("trial__stimulus__pair_version__number"),
            version=F("trial__stimulus__pair_version__public_id"),
            emotion=F("trial__stimulus__emotion"),
            presentation=F("trial__stimulus__condition__presentation"),
            matching=F("trial__stimulus__condition__matching"),
        ).annotate(n=Count("pk"), hits=Count("pk", filter=HIT))
    )
    pairs = _with_holm(_side_by_side(rows))
    return VersionComparison(pairs, _kept_together(answers, rows, margin) if pairs else None)


HIT = Q(choice__slug=F("trial__stimulus__emotion"))


def _answers_to(pairs: list[int], studies: list[Study]) -> Any:
    return (
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
    )


def _with_holm(pairs: list[VersionPair]) -> list[VersionPair]:
    adjusted = holm([pair.p_value for pair in pairs])
    return [replace(pair, p_holm=p) for pair, p in zip(pairs, adjusted, strict=True)]


def _kept_together(answers: Any, rows: list[dict[str, Any]], margin: float) -> Difference:
    """The comparison of all, computed once per state of the answers."""
    state = sorted((str(row["version"]), row["presentation"], row["matching"], row["n"], row["hits"]) for row in rows)
    key = f"versions:{hashlib.sha256(repr((state, margin)).encode()).hexdigest()}"
    found: Difference | None = cache.get(key)
    if found is None:
        found = _compare_together(answers, margin)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _compare_together(answers: Any, margin: float) -> Difference:
    columns = answers.annotate(hit=Case(When(HIT, then=1), default=0)).values_list(
        "trial__participant_id",
        "trial__stimulus__pair_version__pair_id",
        "trial__stimulus__pair_version__number",
        "hit",
    )
    people, pairs, numbers, hits = np.array(list(columns.iterator(chunk_size=20_000)), np.int64).T
    _, people = np.unique(people, return_inverse=True)
    _, pairs = np.unique(pairs, return_inverse=True)
    first, last = np.full(pairs.max() + 1, np.iinfo(np.int64).max), np.zeros(pairs.max() + 1, np.int64)
    np.minimum.at(first, pairs, numbers)
    np.maximum.at(last, pairs, numbers)
    heard_in_two = (last > first)[pairs]
    old, new = heard_in_two & (numbers == first[pairs]), heard_in_two & (numbers > first[pairs])
    return compare_shares(hits, new, old, people, pairs, a="new versions", b="old versions", margin=margin)


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
