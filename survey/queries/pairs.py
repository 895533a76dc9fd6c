"""The pairs that a study compares: clips of one topic from two of its cells, and how often each was judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import combinations

from django.db.models import Count

from survey.design.comparing import Contestant, Pair, find_pairs, name_pair
from survey.design.trial_forms import TrialForm, topic_of
from survey.models import Participant, Stimulus, Study, Trial
from survey.queries import hot
from survey.queries.planned import Planned
from survey.queries.stimuli import StimulusFacts, stimulus_facts

Role = Stimulus.Role


@dataclass(frozen=True, slots=True)
class PairFrame:
    """What of a study's pairs never changes once it is published.

    `pairs` by the kind of trial; `pictures` are those that a pair is about, by its name.
    """

    by_key: Mapping[int, StimulusFacts]
    pairs: Mapping[str, Sequence[Pair]]
    pictures: Mapping[str, frozenset[str]]
    stimuli: hot.Stimuli


def frame_of_pairs(study: Study) -> PairFrame:
    """The pairs of `study`; those of a published one are found once per process."""
    if study.is_draft or study.published_at is None:
        return _make_frame(study.form, stimulus_facts(study))
    return _frozen_frame(study.pk, study.published_at)


@lru_cache(maxsize=64)
def _frozen_frame(study_id: int, _published_at: datetime) -> PairFrame:
    study = Study.objects.get(pk=study_id)
    return _make_frame(study.form, stimulus_facts(study))


def _make_frame(form: TrialForm, every: Sequence[StimulusFacts]) -> PairFrame:
    pairs = {role: pairs_of(form, every, role) for role in Role.values}
    return PairFrame(
        by_key={facts.pk: facts for facts in every},
        pairs=pairs,
        pictures={pair.name: pair.pictures for found in pairs.values() for pair in found},
        stimuli=hot.Stimuli([facts.pk for facts in every]),
    )


def pairs_of(form: TrialForm, every: Sequence[StimulusFacts], role: str) -> list[Pair]:
    """The pairs among the stimuli in one role; practice has one cell, so there its clips meet each other."""
    contestants = (
        Contestant(one.pk, one.clip_key, one.condition_id, topic_of(form, one), one.pictures)
        for one in every
        if one.role == role and one.presentation == form.presents
    )
    return find_pairs(contestants, within_cells=role != Role.MAIN)


def planned_pairs(study: Study, planned: Planned, role: str) -> list[Pair]:
    """The pairs that a plan makes; what is not stored has no key, so clips and cells go by their places in it."""
    places = {cell.name: place for place, cell in enumerate(planned.cells)}
    contestants = (
        Contestant(place, one.clip_key, places[one.condition.name], topic_of(study.form, one))
        for place, one in enumerate(planned.stimuli)
        if one.role == role and one.condition.presentation == study.form.presents
    )
    return find_pairs(contestants, within_cells=role != Role.MAIN)


def pair_key(study: Study, first: Stimulus, second: Stimulus) -> str:
    """What a person must not meet again of these two."""
    return name_pair(topic_of(study.form, first), first.clip_key, second.clip_key)


@dataclass(frozen=True, slots=True)
class PairRow:
    """Two cells that are compared: how many pairs of clips they make, and what people judged of them.

    `fewest` and `most` are judgements of one pair; `first` says how often the former cell came first.
    """

    one: str
    other: str
    pairs: int
    judged: int
    fewest: int
    most: int
    first: int


def pair_rows(study: Study, by: str = Participant.Kind.PERSON) -> list[PairRow]:
    """Every two cells whose clips are compared, with people's answers, or simulated ones'.

    Empty where trials play one clip.
    """
    if not study.form.compares:
        return []
    main = frame_of_pairs(study).pairs[Role.MAIN]
    names = dict(study.conditions.values_list("pk", "name"))
    return list(_rows(names, main, judgements(study, by=by)))


def planned_rows(study: Study, planned: Planned) -> list[PairRow]:
    """The same of a plan, stored or not, which nobody has judged yet."""
    if not study.form.compares:
        return []
    names = dict(enumerate(cell.name for cell in planned.cells))
    return list(_rows(names, planned_pairs(study, planned, Role.MAIN), {}))


def judgements(
    study: Study, *, every_kind: bool = False, by: str = Participant.Kind.PERSON
) -> dict[tuple[int, int], int]:
    """(first, second) → answers that people, or simulated ones, gave to main trials, or to trials of every kind."""
    answered = Trial.objects.counted(study, kind=by).filter(answered_at__isnull=False, second__isnull=False)
    answered = answered if every_kind else answered.filter(kind=Trial.Kind.MAIN)
    counts = answered.order_by().values_list("stimulus", "second").annotate(n=Count("pk"))
    return {(first, second): n for first, second, n in counts}


def _rows(names: Mapping[int, str], main: Sequence[Pair], judged: Mapping[tuple[int, int], int]) -> Iterator[PairRow]:
    for one, other in combinations(names, 2):
        own = [pair for pair in main if {pair.one.cell, pair.other.cell} == {one, other}]
        if not own:
            continue
        orders = [(a, b) if a.cell == one else (b, a) for a, b, _ in own]
        firsts = [judged.get((a.key, b.key), 0) for a, b in orders]
        each = [first + judged.get((b.key, a.key), 0) for first, (a, b) in zip(firsts, orders, strict=True)]
        yield PairRow(names[one], names[other], len(own), sum(each), min(each), max(each), sum(firsts))
