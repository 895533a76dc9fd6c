"""The old and the new version of a pair side by side, and whether the new ones are better.

Clips are made anew because they scored low, and what scored low by bad luck scores higher the next time with
nothing changed (regression to the mean). So a new version is tested only against *fresh* answers to the old
one: those of studies that play both. Answers of different studies stand side by side without a test.
"""

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
from survey.findings.code_version import CODE_VERSION
from survey.models import Condition, Response, Stimulus, Study, Trial
from survey.models.counted import IsAmong

KEPT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class VersionAnswers:
    """One version of a pair in one kind of presentation, with its answers over all studies."""

    number: int
    n: int
    hits: int
    public_id: str

    def joined(self, other: VersionAnswers) -> VersionAnswers:
        """Return the same version with the answers of another study added."""
        return replace(self, n=self.n + other.n, hits=self.hits + other.hits)


@dataclass(frozen=True, slots=True)
class VersionPair:
    """An old and a new version; interval and test are those of two independent proportions.

    `fresh` says whether both were played in the same studies; only then there is an interval and a test.
    `p_holm` spans the pairs shown together. `studies` is of how many studies the answers are.
    """

    emotion: str
    presentation: str
    matching: str
    old: VersionAnswers
    new: VersionAnswers
    fresh: bool
    studies: int = 1
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
        """95 % interval of the difference; None where the old answers are those the clip was chosen by."""
        if not self.fresh:
            return None
        return difference_of_two(self.new.hits, self.new.n, self.old.hits, self.old.n)

    @property
    def p_value(self) -> float | None:
        """Two-sided, of equal hit rates; None as `interval`."""
        if not self.fresh:
            return None
        return equality_of_two(self.new.hits, self.new.n, self.old.hits, self.old.n)


@dataclass(frozen=True, slots=True)
class VersionComparison:
    """Every pair, and the new versions against the old ones all together.

    `together` is the mean of the differences within pairs over fresh answers to one kind of presentation, with
    equivalence and power for the plan's margin; None where no study plays both versions of a pair.
    """

    pairs: list[VersionPair]
    together: Difference | None = None
    presented: str = ""

    @property
    def has_pooled(self) -> bool:
        """Whether answers to some pairs that are compared come from more than one study."""
        return any(pair.fresh and pair.studies > 1 for pair in self.pairs)

    @property
    def has_stale(self) -> bool:
        """Whether some pairs were heard in different studies only."""
        return any(not pair.fresh for pair in self.pairs)


def has_versions(study: Study, studies: Iterable[Study]) -> bool:
    """Return whether any pair of `study` was heard in two versions, which `compare_versions` compares."""
    return study.mode != Study.Mode.YES_NO and bool(_pairs_in_two_versions(study, list(studies)))


def compare_versions(study: Study, studies: Iterable[Study], margin: float = MARGIN) -> VersionComparison:
    """Return, for every pair of `study` heard in two versions, the earliest beside each later one.

    `studies` are those the reader may see; answers to the same two versions in several of them are added up.
    """
    studies = list(studies)
    known = [] if study.mode == Study.Mode.YES_NO else _pairs_in_two_versions(study, studies)
    if not known:
        return VersionComparison([])
    answers = _answers_to(known, studies)
    rows = list(
        answers.values(
            study=F("trial__participant__study_id"),
            pair=F("trial__stimulus__pair_version__pair_id"),
            number=F("trial__stimulus__pair_version__number"),
            version=F("trial__stimulus__pair_version__public_id"),
            emotion=F("trial__stimulus__emotion"),
            presentation=F("trial__stimulus__condition__presentation"),
            matching=F("trial__stimulus__condition__matching"),
        ).annotate(n=Count("pk"), hits=Count("pk", filter=HIT))
    )
    pairs = _with_holm(_side_by_side(rows))
    fresh = {(pair.presentation, pair.matching) for pair in pairs if pair.fresh}
    cell = next((cell for cell in CELLS if cell in fresh), None)
    if cell is None:
        return VersionComparison(pairs)
    together = _kept_together(answers, rows, cell, margin)
    return VersionComparison(pairs, together, str(Condition.Presentation(cell[0]).label))


CELLS = (
    (Condition.Presentation.MUSIC, Condition.Matching.NEITHER),
    (Condition.Presentation.BOTH, Condition.Matching.MATCHED),
    (Condition.Presentation.BOTH, Condition.Matching.MISMATCHED),
)
"""Kinds of cell that play music; the first with fresh answers is compared. They are never pooled."""
HIT = Q(choice__slug=F("trial__stimulus__emotion"))


def _answers_to(pairs: list[int], studies: list[Study]) -> Any:
    stimuli = Stimulus.objects.filter(study__in=studies, pair_version__pair__in=pairs)
    return (
        Response.objects.counted()
        .filter(
            IsAmong("trial__stimulus_id", stimuli.values("pk")),
            trial__participant__study__in=studies,
            trial__participant__study__mode=Study.Mode.CHOOSE,
            trial__kind=Trial.Kind.MAIN,
            trial__stimulus__pair_version__pair__in=pairs,
        )
        .exclude(trial__stimulus__audio_sha256="")
        .order_by()
    )


def _with_holm(pairs: list[VersionPair]) -> list[VersionPair]:
    adjusted = holm([pair.p_value for pair in pairs])
    return [replace(pair, p_holm=p) for pair, p in zip(pairs, adjusted, strict=True)]


def _kept_together(answers: Any, rows: list[dict[str, Any]], cell: tuple[str, str], margin: float) -> Difference:
    """The comparison of all, computed once per state of the answers."""
    state = sorted(
        (row["study"], str(row["version"]), row["presentation"], row["matching"], row["n"], row["hits"]) for row in rows
    )
    key = f"versions:{hashlib.sha256(repr((CODE_VERSION, state, cell, margin)).encode()).hexdigest()}"
    found: Difference | None = cache.get(key)
    if found is None:
        found = _compare_together(answers, cell, margin)
        cache.set(key, found, KEPT_SECONDS)
    return found


def _compare_together(answers: Any, cell: tuple[str, str], margin: float) -> Difference:
    """Within every pair the newest version a study plays less the oldest it plays; then the mean over pairs."""
    presentation, matching = cell
    columns = (
        answers.filter(trial__stimulus__condition__presentation=presentation)
        .filter(trial__stimulus__condition__matching=matching)
        .annotate(hit=Case(When(HIT, then=1), default=0))
        .values_list(
            "trial__participant_id",
            "trial__participant__study_id",
            "trial__stimulus__pair_version__pair_id",
            "trial__stimulus__pair_version__number",
            "hit",
        )
    )
    people, studies, pairs, numbers, hits = np.array(list(columns.iterator(chunk_size=20_000)), np.int64).T
    _, played = np.unique(np.stack([studies, pairs]), axis=1, return_inverse=True)
    played = played.ravel()
    first, last = np.full(played.max() + 1, np.iinfo(np.int64).max), np.zeros(played.max() + 1, np.int64)
    np.minimum.at(first, played, numbers)
    np.maximum.at(last, played, numbers)
    fresh = (last > first)[played]
    old, new = fresh & (numbers == first[played]), fresh & (numbers == last[played])
    _, people = np.unique(people, return_inverse=True)
    _, of_pair = np.unique(pairs, return_inverse=True)
    _, clips = np.unique(np.stack([pairs, numbers]), axis=1, return_inverse=True)
    return compare_shares(
        hits, new, old, people, clips.ravel(), strata=of_pair, a="new versions", b="old versions", margin=margin
    )


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
    """Earliest and each later version of a pair in one kind of cell: from the studies that play both, if any does."""
    groups: dict[tuple[Any, ...], dict[int, list[VersionAnswers]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        key = row["pair"], row["emotion"], row["presentation"], row["matching"]
        groups[key][row["study"]].append(VersionAnswers(row["number"], row["n"], row["hits"], str(row["version"])))
    found = []
    for (_, emotion, presentation, matching), of_study in groups.items():
        everywhere = _added_up(heard for versions in of_study.values() for heard in versions)
        first, *later = sorted(everywhere)
        for number in later:
            numbers = {first, number}
            both = [v for v in of_study.values() if numbers <= {heard.number for heard in v}]
            those = both or [v for v in of_study.values() if numbers & {heard.number for heard in v}]
            heard = _added_up(one for versions in those for one in versions)
            old, new = heard[first], heard[number]
            found.append(VersionPair(emotion, presentation, matching, old, new, bool(both), len(those)))
    return sorted(found, key=lambda pair: (pair.emotion, pair.old.number, pair.new.number))


def _added_up(heard: Iterable[VersionAnswers]) -> dict[int, VersionAnswers]:
    found: dict[int, VersionAnswers] = {}
    for one in heard:
        found[one.number] = found[one.number].joined(one) if one.number in found else one
    return found
