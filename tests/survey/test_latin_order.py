"""Trials by Latin square, as people really get them: rows in balance, orders as defined, kept in the export."""

from collections import Counter
from itertools import groupby, pairwise

import pytest

from survey import actions
from survey.exports.rows import rows_of
from survey.models import Participant, Trial
from survey.preregistration import write_preregistration
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]
THREE = dict.fromkeys(("matched", "music_only", "mismatched"), 1.0)


def orders(study, name):
    """participant → what their trials were, in order"""
    found = {}
    for person, value in Trial.objects.order_by("position").values_list("participant", f"stimulus__{name}"):
        found.setdefault(person, []).append(value)
    return list(found.values())


def test_cells_come_in_blocks_each_follows_each_equally_often_and_everyone_gets_all():
    study = make_study(
        versions=make_versions(12), cells=THREE, clips_per_participant=7, trial_order="cells_latin", practice_trials=0
    )
    for _ in range(6):
        Listener(study.slug).take_part()
    blocks = [[cell for cell, _ in groupby(order)] for order in orders(study, "condition__name")]
    assert all(len(set(order)) == len(order) == 3 for order in blocks)
    assert Counter(pair for order in blocks for pair in pairwise(order)) == Counter(
        {(a, b): 2 for a in set(blocks[0]) for b in set(blocks[0]) if a != b}
    )
    assert sorted(Participant.objects.values_list("order_row", flat=True)) == list(range(6))
    counts = Counter(cell for order in orders(study, "condition__name") for cell in order)
    assert set(counts.values()) == {14}


def test_every_clip_follows_every_other_once_and_is_in_every_cell_equally_often():
    study = make_study(
        versions=make_versions(4),
        cells={"matched": 1.0, "music_only": 1.0},
        clips_per_participant=4,
        trial_order="clips_latin",
    )
    for _ in range(4):
        Listener(study.slug).take_part()
    played = orders(study, "audio_sha256")
    assert all(len(set(order)) == 4 for order in played)
    assert set(Counter(pair for order in played for pair in pairwise(order)).values()) == {1}
    for place in range(4):
        assert len({order[place] for order in played}) == 4
    cells = Counter(Trial.objects.values_list("stimulus__condition__name", flat=True))
    assert set(cells.values()) == {8}
    assert all(Counter(order) == {"Matching pair": 2, "Music only": 2} for order in orders(study, "condition__name"))


def test_between_participants_the_clips_of_each_persons_cell_are_in_order():
    study = make_study(
        versions=make_versions(4),
        cells={"matched": 1.0, "music_only": 1.0},
        spread="between",
        clips_per_participant=4,
        trial_order="clips_latin",
    )
    for _ in range(8):
        Listener(study.slug).take_part()
    rows = Counter(Participant.objects.values_list("condition__name", "order_row"))
    assert rows == Counter({(cell, row): 1 for cell in ("Matching pair", "Music only") for row in range(4)})


def test_the_row_is_exported_and_the_order_preregistered():
    study = make_study(versions=make_versions(4), clips_per_participant=4, trial_order="clips_latin")
    Listener(study.slug).take_part()
    person = Participant.objects.get()
    assert person.order_row in next(iter(rows_of(study, "participants")))
    assert "Order of trials: Every clip, in the order of a Latin square (Williams design)" in write_preregistration(
        study
    )


def test_by_chance_nobody_has_a_row():
    study = make_study(clips_per_participant=2)
    Listener(study.slug).take_part()
    assert Participant.objects.get().order_row is None


def test_an_order_that_cannot_hold_is_not_published():
    study = make_study(publish=False, clips_per_participant=4, trial_order="clips_latin")
    with pytest.raises(actions.PublishRefused, match="there are 8, and 4 per person are planned"):
        actions.publish(study=study, by=study.owner)
    study = make_study(publish=False, cells=THREE, clips_per_participant=2)
    with pytest.raises(actions.PublishRefused, match="there are 3 cells and 2 clips per person"):
        actions.publish(study=study, by=study.owner)
