"""A person's session as the design sees it: what they may still get, and which places are left."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from survey.design.balancing import Group, Offer, share_out
from survey.design.holding import GOLD, PRACTICE, Cell, Design
from survey.design.williams import draw_row, williams_row
from survey.models import Participant, Study, Trial
from survey.queries import Given, StimulusFacts, hot, stimulus_facts
from survey.queries.planned import Planned
from survey.queries.stimuli import met_once

Kind = Trial.Kind
GROUP_OF_ROLE = {Kind.PRACTICE: PRACTICE, Kind.GOLD: GOLD}


@dataclass(frozen=True, slots=True)
class Frame:
    """What of a study's stimuli never changes once it is published.

    A group is a cell, by its key; in a Latin square of variants it is a combination of levels in a cell, so that
    everybody hears each as often.
    """

    by_key: Mapping[int, StimulusFacts]
    offers: tuple[Offer, ...]
    group_of: Mapping[int, int]
    weights: Mapping[int, float]
    cells: Mapping[int, frozenset[int]]
    stimuli: hot.Stimuli

    @property
    def main(self) -> frozenset[int]:
        """The groups of all cells."""
        return frozenset(self.weights)

    def groups_in(self, cell: int | None) -> frozenset[int]:
        """The groups of a person's own cell; all where they have none."""
        return self.main if cell is None else self.cells.get(cell, frozenset({cell}))


def frame_of(study: Study) -> Frame:
    """The frame of `study`; that of a published study is made once per process."""
    if study.is_draft or study.published_at is None:
        return _make_frame(stimulus_facts(study))
    return _frozen_frame(study.pk, study.published_at)


@lru_cache(maxsize=64)
def _frozen_frame(study_id: int, _published_at: datetime) -> Frame:
    return _make_frame(stimulus_facts(Study.objects.get(pk=study_id)))


def _make_frame(every: Sequence[StimulusFacts]) -> Frame:
    main = [facts for facts in every if facts.role == Kind.MAIN]
    group_of, cells = _group(main)
    return Frame(
        by_key={facts.pk: facts for facts in every},
        offers=tuple(
            Offer(
                facts.pk,
                facts.clip_key,
                GROUP_OF_ROLE.get(facts.role) or group_of[facts.pk],
                picture=facts.picture_sha256,
                alone=not facts.has_audio,
                pictures=facts.pictures,
            )
            for facts in every
        ),
        group_of=group_of,
        weights={group_of[facts.pk]: facts.weight / len(cells[facts.condition_id]) for facts in main},
        cells=cells,
        stimuli=hot.Stimuli([facts.pk for facts in every]),
    )


def _group(main: Sequence[StimulusFacts]) -> tuple[dict[int, int], dict[int, frozenset[int]]]:
    """The group of every main stimulus, and the groups of every cell."""
    if any(facts.levels for facts in main):
        combinations = sorted({(facts.condition_id, facts.levels) for facts in main})
        place = {one: number for number, one in enumerate(combinations)}
        group_of = {facts.pk: place[facts.condition_id, facts.levels] for facts in main}
    else:
        group_of = {facts.pk: facts.condition_id for facts in main}
    cells: dict[int, set[int]] = {}
    for facts in main:
        cells.setdefault(facts.condition_id, set()).add(group_of[facts.pk])
    return group_of, {cell: frozenset(groups) for cell, groups in cells.items()}


def offers_to(
    participant: Participant,
    frame: Frame,
    given: Sequence[Given],
    loads: Mapping[int, int],
    answers: Mapping[int, int],
) -> list[Offer]:
    """The stimuli this person may still get: no clip twice, no picture alone that was seen with music."""
    met = {trial.clip_key for trial in given}
    seen = {frame.by_key[trial.stimulus_id].picture_sha256 for trial in given}
    own = participant.condition_id
    others = frozenset() if own is None else frame.main - frame.groups_in(own)
    # Looked up once, and made without a call of Python's: this runs for every stimulus with every answer.
    load, answer, make = loads.get, answers.get, Offer._make
    return [
        make((key, clip, group, load(key, 0), answer(key, 0), picture, alone, pictures))
        for key, clip, group, _, _, picture, alone, pictures in frame.offers
        if clip not in met and not (alone and picture in seen) and group not in others
    ]


def groups_for(
    participant: Participant,
    frame: Frame,
    given: Sequence[Given],
    loads: Mapping[int, int],
) -> list[Group]:
    """The places of this person's session; open are those of the kind that comes next."""
    to_come = Counter(participant.plan[len(given) :])
    done = Counter(trial.kind for trial in given)
    kind = participant.plan[len(given)]
    # What is planned of them is owed: no main trial may use their clips up.
    extras = [
        Group(group, done[role] + to_come[role], done[role] + to_come[role], given=done[role], is_open=kind == role)
        for role, group in GROUP_OF_ROLE.items()
        if to_come[role]
    ]
    return [*_cells_of(participant, frame, given, loads, is_open=kind == Kind.MAIN), *extras]


def _cells_of(
    participant: Participant,
    frame: Frame,
    given: Sequence[Given],
    loads: Mapping[int, int],
    *,
    is_open: bool,
) -> list[Group]:
    """The cells, in the order of the person's row where the order of cells is fixed."""
    study = participant.study
    group_of, weights = frame.group_of, frame.weights
    fullness: Counter[int] = Counter()
    for pk, load in loads.items():
        if pk in group_of:
            fullness[group_of[pk]] += load
    had = Counter(group_of.get(trial.stimulus_id) for trial in given if trial.kind == Kind.MAIN)
    keys = sorted(frame.groups_in(participant.condition_id))
    if study.trial_order == Study.Order.CELLS and participant.order_row is not None:
        keys = [keys[place] for place in williams_row(len(keys), participant.order_row)]
    shares = share_out(study.clips_per_participant, [weights.get(key, 1.0) for key in keys])
    cells = [
        Group(key, fewest, most, had[key], weights.get(key, 1.0), fullness[key], is_open)
        for key, (fewest, most) in zip(keys, shares, strict=True)
    ]
    return _closed_behind(cells) if study.trial_order == Study.Order.CELLS else cells


def _closed_behind(cells: Sequence[Group]) -> list[Group]:
    """In blocks: whoever has begun a cell does not come back to those before it."""
    begun = max((place for place, cell in enumerate(cells) if cell.given), default=0)
    return [
        Group(cell.key, cell.given, cell.given, cell.given, cell.weight, cell.load, False) if place < begun else cell
        for place, cell in enumerate(cells)
    ]


def clips_in_turn(participant: Participant, frame: Frame, given: Sequence[Given]) -> list[str]:
    """The clip whose turn it is in this person's row, and those that follow; empty where the order is not fixed."""
    if participant.study.trial_order != Study.Order.CLIPS or participant.order_row is None:
        return []
    if participant.plan[len(given)] != Kind.MAIN:
        return []
    clips = clips_in_square(frame, participant.condition_id)
    done = sum(trial.kind == Kind.MAIN for trial in given)
    return [clips[place] for place in williams_row(len(clips), participant.order_row)[done:]]


def clips_in_square(frame: Frame, cell: int | None) -> list[str]:
    """The treatments of an order of clips: the main clips, of a person's own cell where they have one."""
    groups = frame.groups_in(cell)
    return sorted({offer.clip for offer in frame.offers if offer.group in groups})


def draw_order_row(study: Study, cell: int | None, people: Mapping[int, int], rng: random.Random) -> int | None:
    """The row of the Latin square for a new person, in balance; None where the order is by chance."""
    if study.trial_order == Study.Order.RANDOM:
        return None
    frame = frame_of(study)
    treatments = len(clips_in_square(frame, cell) if study.trial_order == Study.Order.CLIPS else frame.main)
    return draw_row(treatments, people, rng) if treatments else None


def design_of(study: Study, planned: Planned) -> Design:
    """A draft's design, to be checked before it is published. Stimuli with their pair versions, stored or not."""
    keys = {cell.name: key for key, cell in enumerate(planned.cells)}
    return Design(
        cells=[Cell(keys[cell.name], cell.name, cell.weight) for cell in planned.cells],
        offers=[
            Offer(
                number,
                met_once(study, stimulus),
                GROUP_OF_ROLE.get(stimulus.role, keys[stimulus.condition.name]),
                picture=stimulus.picture_sha256,
                alone=not stimulus.audio_sha256,
            )
            for number, stimulus in enumerate(planned.stimuli)
        ],
        main=study.clips_per_participant,
        practice=study.practice_trials,
        gold=study.gold_trials,
        repeats=study.repeat_trials,
        attention=study.attention_trials,
        is_between=study.spread == Study.Spread.BETWEEN,
        order=study.trial_order,
        quota=study.quota,
        names={
            number: f"{stimulus.role} clip “{stimulus.pair_version}” in “{stimulus.condition.name}”"
            for number, stimulus in enumerate(planned.stimuli)
        },
    )
