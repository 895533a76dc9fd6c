"""The statements of the answer path say the same as the ORM, and read no other study than theirs."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from survey.actions.sessions import frame_of
from survey.models import Fill, Load, Response, Trial
from survey.queries import hot
from tests.survey.factories import make_study
from tests.survey.participating import Listener

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(
    ("keys", "gap", "runs"),
    [
        ([], 16, []),
        ([5], 16, [(5, 5)]),
        ([1, 2, 3], 16, [(1, 3)]),
        ([1, 17, 34], 16, [(1, 17), (34, 34)]),
        ([1, 1000, 1001, 5000], 16, [(1, 1), (1000, 1001), (5000, 5000)]),
    ],
)
def test_keys_that_stand_near_each_other_are_one_run(keys, gap, runs):
    assert hot._runs_of(keys, gap) == runs


def test_there_are_never_more_runs_than_a_statement_can_hold():
    scattered = hot.Stimuli(range(0, 1_000_000, 1000))
    assert len(scattered.ends) <= 2 * hot.MOST_RUNS
    assert (scattered.ends[0], scattered.ends[-1]) == (0, 999_000)
    assert len(hot.Stimuli(range(0, 100 * 17, 17)).ends) == 200
    assert len(hot.Stimuli(range(0, 100 * 16, 16)).ends) == 2
    assert len(hot.Stimuli(range(0, 101 * 17, 17)).ends) == 2


def test_loads_are_those_of_the_study_and_the_kind_that_were_asked_for():
    study, other = make_study(), make_study(slug="another-study")
    mine, theirs = sorted(study.stimuli.values_list("pk", flat=True)), other.stimuli.first().pk
    Load.objects.all().delete()
    Fill.objects.all().delete()
    Load.objects.bulk_create(
        [
            Load(stimulus_id=mine[0], kind="person", load=3),
            Load(stimulus_id=mine[0], kind="preview", load=5),
            Load(stimulus_id=theirs, kind="person", load=7),
        ]
    )
    Fill.objects.create(stimulus_id=mine[0], kind="person", answers=2, seconds=40.5)
    Fill.objects.create(stimulus_id=mine[1], kind="person", answers=1, seconds=9.5)
    Fill.objects.create(stimulus_id=theirs, kind="person", answers=9, seconds=99.0)
    # Both studies stand in one run of keys: what is read of the other one is left out.
    between = hot.Stimuli(mine)
    between.ends = [min(*mine, theirs), max(*mine, theirs)]
    for stimuli in (frame_of(study).stimuli, between):
        assert hot.loads(stimuli, "person") == ({mine[0]: 3}, {mine[0]: 2, mine[1]: 1}, 50.0)
    assert hot.loads(hot.Stimuli([]), "person") == ({}, {}, 0.0)


def test_a_row_is_written_as_its_fields_would_write_it():
    listener = Listener(make_study().slug).begin()
    listener.send(chosen="awe")
    for one in (Response.objects.get(), *Trial.objects.all()):
        columns = hot.columns_of(type(one))
        told = [field.get_db_prep_save(field.pre_save(one, True), connection) for field, _ in columns.written]
        # By what is written of it: PostgreSQL's JSON is wrapped, and two wrappers of one text are not equal.
        assert list(map(repr, map(_unwrapped, columns.values(one)))) == list(map(repr, map(_unwrapped, told)))


def _unwrapped(value):
    """The value that Django wraps for PostgreSQL: JSON, and whole numbers with their size."""
    value = getattr(value, "obj", value)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else value


def test_what_is_not_of_a_fields_own_type_is_asked_of_the_field():
    trial = Trial(position="3", kind=Trial.Kind.MAIN, assigned_at=datetime(2026, 1, 2, tzinfo=UTC), holds_place=1)
    columns = hot.columns_of(Trial)
    stored = dict(zip([field.attname for field, _ in columns.written], columns.values(trial), strict=True))
    assert (stored["position"], stored["kind"], stored["holds_place"]) == (3, "main", True)
