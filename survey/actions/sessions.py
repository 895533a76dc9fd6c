"""A person's session as the design sees it: what they may still get, and which places are left."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from survey.design.balancing import Group, Offer, share_out
from survey.design.holding import GOLD, PRACTICE, Cell, Design
from survey.design.williams import draw_row, williams_row
from survey.models import Participant, Stimulus, Study, Trial
from survey.queries import Given, StimulusFacts

Kind = Trial.Kind
GROUP_OF_ROLE = {Kind.PRACTICE: PRACTICE, Kind.GOLD: GOLD}


def group_of(facts: StimulusFacts) -> int:
    """The group of the design a stimulus belongs to: its cell, the gold trials, or practice."""
    return GROUP_OF_ROLE.get(facts.role, facts.condition_id)


def make_offer(facts: StimulusFacts, load: int = 0, answers: int = 0) -> Offer:
    return Offer(
        facts.pk,
        facts.clip_key,
        group_of(facts),
        load,
        answers,
        facts.picture_sha256,
        not facts.has_audio,
    )


def offers_to(
    participant: Participant,
    every: Sequence[StimulusFacts],
    given: Sequence[Given],
    loads: Mapping[int, int],
    answers: Mapping[int, int],
) -> list[Offer]:
    """The stimuli this person may still get: no clip twice, no picture alone that was seen with music."""
    met = {trial.clip_key for trial in given}
    presented = {trial.stimulus_id for trial in given}
    seen = {facts.picture_sha256 for facts in every if facts.pk in presented}
    cell = participant.condition_id
    return [
        make_offer(facts, loads.get(facts.pk, 0), answers.get(facts.pk, 0))
        for facts in every
        if facts.clip_key not in met
        and (facts.has_audio or facts.picture_sha256 not in seen)
        and (cell is None or facts.role != Kind.MAIN or facts.condition_id == cell)
    ]


def groups_for(
    participant: Participant,
    every: Sequence[StimulusFacts],
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
    return [*_cells_of(participant, every, given, loads, is_open=kind == Kind.MAIN), *extras]


def _cells_of(
    participant: Participant,
    every: Sequence[StimulusFacts],
    given: Sequence[Given],
    loads: Mapping[int, int],
    *,
    is_open: bool,
) -> list[Group]:
    """The cells, in the order of the person's row where the order of cells is fixed."""
    study = participant.study
    cell_of = {facts.pk: facts.condition_id for facts in every if facts.role == Kind.MAIN}
    weights = {facts.condition_id: facts.weight for facts in every if facts.pk in cell_of}
    fullness: Counter[int] = Counter()
    for pk, load in loads.items():
        if pk in cell_of:
            fullness[cell_of[pk]] += load
    had = Counter(cell_of.get(trial.stimulus_id) for trial in given if trial.kind == Kind.MAIN)
    only = participant.condition_id
    keys = [only] if only is not None else sorted(weights)
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


def clip_in_turn(participant: Participant, every: Sequence[StimulusFacts], given: Sequence[Given]) -> str:
    """The clip whose turn it is in this person's row; empty where the order of clips is not fixed."""
    if participant.study.trial_order != Study.Order.CLIPS or participant.order_row is None:
        return ""
    clips = clips_in_square(every, participant.condition_id)
    done = sum(trial.kind == Kind.MAIN for trial in given)
    return clips[williams_row(len(clips), participant.order_row)[done]] if done < len(clips) else ""


def clips_in_square(every: Sequence[StimulusFacts], cell: int | None) -> list[str]:
    """The treatments of an order of clips: the main clips, of a person's own cell where they have one."""
    return sorted({facts.clip_key for facts in every if facts.role == Kind.MAIN and cell in (None, facts.condition_id)})


def draw_order_row(
    study: Study, every: Sequence[StimulusFacts], cell: int | None, people: Mapping[int, int], rng: random.Random
) -> int | None:
    """The row of the Latin square for a new person, in balance; None where the order is by chance."""
    if study.trial_order == Study.Order.RANDOM:
        return None
    if study.trial_order == Study.Order.CLIPS:
        treatments = len(clips_in_square(every, cell))
    else:
        treatments = len({facts.condition_id for facts in every if facts.role == Kind.MAIN})
    return draw_row(treatments, people, rng) if treatments else None


def design_of(study: Study, stimuli: Sequence[Stimulus]) -> Design:
    """A draft's design, to be checked before it is published. `stimuli` with their cells and pair versions."""
    return Design(
        cells=[Cell(cell.pk, cell.name, cell.weight) for cell in study.conditions.all()],
        offers=[
            Offer(
                stimulus.pk,
                stimulus.clip_key,
                GROUP_OF_ROLE.get(stimulus.role, stimulus.condition_id),
                picture=stimulus.picture_sha256,
                alone=not stimulus.audio_sha256,
            )
            for stimulus in stimuli
        ],
        main=study.clips_per_participant,
        practice=study.practice_trials,
        gold=study.gold_trials,
        repeats=study.repeat_trials,
        is_between=study.spread == Study.Spread.BETWEEN,
        order=study.trial_order,
        quota=study.quota,
        names={
            stimulus.pk: f"{stimulus.role} clip “{stimulus.pair_version}” in “{stimulus.condition.name}”"
            for stimulus in stimuli
        },
    )
