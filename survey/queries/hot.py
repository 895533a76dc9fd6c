"""The SQL that runs with every answer and with every clip that is shown. It all stands here.

Through the ORM each of these statements takes three to ten times as long as the database does. What a row is remains
the affair of the models: columns, and how a value is read and written, are asked of their fields, once per process.
SQLite and PostgreSQL share every statement; what one of them lacks is a lock, and SQLite needs none, as its writing
transactions come one after the other (`melodymuse_site.turns`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import Field, Model

from survey.models import Participant, Trial

Statement = tuple[str, Sequence[Any]]
"""SQL and its parameters."""

# The person by the cookie and, in the same round trip, which state of the study is current (`study_as_of` has that
# state in memory) and the trial that waits for an answer: `one_open_trial_each` is unique, so there is one row.
VISITOR = """
    SELECT study.id, study.updated_at, {person}, {trial}
    FROM survey_participant person
    JOIN survey_study study ON study.id = person.study_id
    LEFT JOIN survey_trial trial ON trial.participant_id = person.id AND trial.answered_at IS NULL
    WHERE person.token = %s AND study.slug = %s
"""
# The trial by its token, and only where the address names its study.
ANSWERED = """
    SELECT study.updated_at, {person}, {trial}
    FROM survey_trial trial
    JOIN survey_participant person ON person.id = trial.participant_id
    JOIN survey_study study ON study.id = person.study_id
    WHERE trial.token = %s AND study.id = %s
"""
# PostgreSQL locks in this order. The study is shared: people who answer at once do not wait for each other, only for an
# action that would take away what they answer about (`wait_for_answers`). NO KEY: rows that point at the person may
# still be inserted meanwhile.
LOCKED = " FOR KEY SHARE OF study FOR NO KEY UPDATE OF person FOR NO KEY UPDATE OF trial"
GIVEN = (
    "SELECT stimulus_id, kind, clip_key, asked_emotion FROM survey_trial WHERE participant_id = %s ORDER BY position"
)
MARK_ANSWERED = "UPDATE survey_trial SET answered_at = %s, holds_place = FALSE WHERE id = %s"
MARK_SEEN = "UPDATE survey_participant SET last_seen_at = %s WHERE id = %s"
# One statement whether the row is there or not, and the database adds: nobody's addition is overwritten.
COUNT_ANSWER = """
    INSERT INTO survey_fill (stimulus_id, kind, answers, seconds) VALUES (%s, %s, %s, %s)
    ON CONFLICT (stimulus_id, kind) DO UPDATE
    SET answers = survey_fill.answers + excluded.answers, seconds = survey_fill.seconds + excluded.seconds
"""
ADD_LOAD = """
    INSERT INTO survey_load (stimulus_id, kind, load) VALUES (%s, %s, %s)
    ON CONFLICT (stimulus_id, kind) DO UPDATE SET load = survey_load.load + excluded.load
"""
COUNT_NAMED = """
    INSERT INTO survey_named (stimulus_id, kind, emotion, trials) VALUES (%s, %s, %s, %s)
    ON CONFLICT (stimulus_id, kind, emotion) DO UPDATE SET trials = survey_named.trials + excluded.trials
"""

# Two ranges of the unique indexes of (stimulus, kind), and no join: whatever the planner knows of tables that change
# with every answer, it reads a few hundred rows that stand side by side. Rows of loads have no seconds.
LOADS = """
    SELECT stimulus_id, load, NULL FROM survey_load WHERE ({runs}) AND kind = %s
    UNION ALL
    SELECT stimulus_id, answers, seconds FROM survey_fill WHERE ({runs}) AND kind = %s
"""
NEIGHBOURS, MOST_RUNS = 16, 100
"""Keys that are no further apart are read as one run; of more runs than that no statement is made."""
MAKE_LOADS = """
    INSERT INTO survey_load (stimulus_id, kind, load)
    SELECT id, %s, 0 FROM survey_stimulus WHERE study_id = %s
    ON CONFLICT (stimulus_id, kind) DO NOTHING
"""
# A place is taken where the load is no more than the draw thought. A row that somebody else is writing is not waited
# for at first: the next least filled is drawn, so that two people who come at once get two stimuli.
TAKE_PLACE = """
    UPDATE survey_load SET load = load + 1
    WHERE id = (SELECT id FROM survey_load WHERE stimulus_id = %s AND kind = %s AND load <= %s{lock})
"""
# Never below none: nobody's answer may be lost to a counter.
LOWER_LOAD = """
    UPDATE survey_load SET load = CASE WHEN load < %s THEN 0 ELSE load - %s END WHERE stimulus_id = %s AND kind = %s
"""
# Places whose time is over: of this study what took longer than people here usually do, of any study what ran out. The
# index has as many rows as there are places, and what is found leaves it.
PLACES_OVER = """
    SELECT trial.id, trial.stimulus_id, person.kind, person.study_id
    FROM survey_trial trial
    JOIN survey_participant person ON person.id = trial.participant_id
    JOIN survey_load load ON load.stimulus_id = trial.stimulus_id AND load.kind = person.kind
    WHERE trial.holds_place AND trial.lease_expires_at <= %s
        AND (trial.lease_expires_at <= %s OR (person.study_id = %s AND person.kind = %s))
    ORDER BY person.study_id <> %s, trial.id
    LIMIT %s{lock}
"""
# How many a draw looks at: the study's own first, as its balance goes by them.
MOST_OVER = 100
LEAVE_PLACES = "UPDATE survey_trial SET holds_place = FALSE WHERE holds_place AND id = %s"
# Who is answered holds no place: said all the same, it lets `open_by_stimulus` be read.
NAMED_ON_SCREENS = """
    SELECT trial.asked_emotion, COUNT(*)
    FROM survey_trial trial JOIN survey_participant person ON person.id = trial.participant_id
    WHERE trial.holds_place AND trial.answered_at IS NULL AND trial.stimulus_id = %s AND trial.lease_expires_at > %s
        AND person.kind = %s
    GROUP BY trial.asked_emotion
"""
# Counted, not kept: a few thousand rows of one study, and only where two clips are compared. Whoever withdrew has none.
JUDGED = """
    SELECT trial.stimulus_id, trial.second_id, COUNT(*)
    FROM survey_trial trial JOIN survey_participant person ON person.id = trial.participant_id
    WHERE person.study_id = %s AND person.kind = %s AND trial.second_id IS NOT NULL
        AND (trial.answered_at IS NOT NULL OR trial.lease_expires_at > %s)
    GROUP BY trial.stimulus_id, trial.second_id
"""
NAMED = "SELECT emotion, trials FROM survey_named WHERE stimulus_id = %s AND kind = %s"


class Given(NamedTuple):
    """A trial that a participant was given."""

    stimulus_id: int
    kind: str
    clip_key: str
    asked_emotion: str


class Columns:
    """The columns of a model, and its rows as the ORM would read and write them."""

    def __init__(self, model: type[Model]) -> None:
        self.model = model
        fields = model._meta.concrete_fields
        self.names = [field.attname for field in fields]
        self.readers = [
            (place, reader, field.cached_col)
            for place, field in enumerate(fields)
            for reader in (*connection.ops.get_db_converters(field.cached_col), *field.get_db_converters(connection))
        ]
        self.written = [(field, _kept_as_it_is(field)) for field in fields if not field.primary_key]
        quoted = ", ".join(connection.ops.quote_name(field.column) for field, _ in self.written)
        places = ", ".join(["%s"] * len(self.written))
        self.insertion = f"INSERT INTO {model._meta.db_table} ({quoted}) VALUES ({places})"

    def of(self, alias: str) -> str:
        return ", ".join(f"{alias}.{connection.ops.quote_name(f.column)}" for f in self.model._meta.concrete_fields)

    def read(self, row: Sequence[Any]) -> Any:
        """The object of a row, None where an outer join found nothing."""
        if row[0] is None:
            return None
        values = list(row)
        for place, reader, column in self.readers:
            values[place] = reader(values[place], column, connection)
        return self.model.from_db(connection.alias, self.names, values)

    def values(self, one: Model) -> list[Any]:
        values = []
        for field, plain in self.written:
            value = getattr(one, field.attname)
            if plain is None or (value is not None and type(value) is not plain):
                value = field.get_db_prep_save(field.pre_save(one, True), connection)
            values.append(value)
        return values


# Fields of Django's own → the type that they store without a change, as they store None.
PLAIN: Final = {
    "BooleanField": bool,
    "CharField": str,
    "FloatField": float,
    "ForeignKey": int,
    "IntegerField": int,
    "OneToOneField": int,
    "PositiveIntegerField": int,
    "PositiveSmallIntegerField": int,
    "SlugField": str,
    "TextField": str,
}


def _kept_as_it_is(field: Any) -> type | None:
    """The type of values that the field need not be asked about: asking all of a row takes a tenth of an answer."""
    is_django = type(field).__module__.startswith("django.db.models.")
    return PLAIN.get(field.get_internal_type()) if is_django and type(field).pre_save is Field.pre_save else None


@lru_cache(maxsize=16)
def _columns(model: type[Model], _vendor: str) -> Columns:
    return Columns(model)


def columns_of(model: type[Model]) -> Columns:
    return _columns(model, connection.vendor)


@lru_cache(maxsize=8)
def _of_person_and_trial(sql: str, vendor: str) -> tuple[str, int]:
    """The statement with every column of both, and how many the person has."""
    person, trial = _columns(Participant, vendor), _columns(Trial, vendor)
    return sql.format(person=person.of("person"), trial=trial.of("trial")), len(person.names)


def find_visitor(slug: str, token: str) -> tuple[int, datetime, Participant, Trial | None] | None:
    """Study and its state, the person with `token`, and the trial they have not answered yet."""
    sql, width = _of_person_and_trial(VISITOR, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, [token, slug])
        row = cursor.fetchone()
    if row is None:
        return None
    person, trial = columns_of(Participant).read(row[2 : 2 + width]), columns_of(Trial).read(row[2 + width :])
    if trial is not None:
        trial.participant = person
    return row[0], _as_datetime(row[1]), person, trial


def lock_trial(study_id: int, token: str) -> tuple[datetime, Trial] | None:
    """The study's state and the trial that `token` opens, with its person; held to the end of the transaction."""
    sql, width = _of_person_and_trial(ANSWERED, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql + (LOCKED if connection.features.has_select_for_update else ""), [token, study_id])
        row = cursor.fetchone()
    if row is None:
        return None
    trial = columns_of(Trial).read(row[1 + width :])
    # Set by hand, so that nobody asks the database for what is locked here already.
    trial.participant = columns_of(Participant).read(row[1 : 1 + width])
    return _as_datetime(row[0]), trial


def _as_datetime(value: Any) -> datetime:
    """A time as the ORM would give it."""
    column = Participant._meta.get_field("last_seen_at").cached_col  # type: ignore[union-attr]
    for reader in connection.ops.get_db_converters(column):
        value = reader(value, column, connection)
    return value  # type: ignore[no-any-return]


def find_study_state(slug: str) -> tuple[int, datetime] | None:
    """The key of the study at an address, and when it was saved last."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, updated_at FROM survey_study WHERE slug = %s", [slug])
        row = cursor.fetchone()
    return row and (row[0], _as_datetime(row[1]))


def lock_study(study_id: int, *, alone: bool = False) -> datetime | None:
    """When the study was saved last; held to the end of the transaction, with `alone` against answers too."""
    # NO KEY: participants and trials that point at the study may still be inserted by others.
    kind = " FOR UPDATE" if alone else " FOR NO KEY UPDATE"
    lock = kind if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute("SELECT updated_at FROM survey_study WHERE id = %s" + lock, [study_id])
        row = cursor.fetchone()
    return row and _as_datetime(row[0])


def given_trials(participant_id: int) -> list[Given]:
    """Every trial of a person, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(GIVEN, [participant_id])
        return [*map(Given._make, cursor.fetchall())]


def insert(one: Model) -> Statement:
    """Store a new object, its key to be drawn by the database."""
    columns = columns_of(type(one))
    return columns.insertion, columns.values(one)


def insert_one(one: Model) -> int:
    """Store a new object at once; the key that the database drew for it."""
    sql, values = insert(one)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} RETURNING id", values)
        return int(cursor.fetchone()[0])


def mark_answered(trial_id: int, person_id: int, now: datetime) -> list[Statement]:
    """The trial is answered, and its person was here; nothing else of them changes with an answer."""
    moment = connection.ops.adapt_datetimefield_value(now)
    return [(MARK_ANSWERED, [moment, trial_id]), (MARK_SEEN, [moment, person_id])]


def count_answers(stimulus_id: int, kind: str, answers: int, seconds: float) -> Statement:
    """So many answers more."""
    return COUNT_ANSWER, [stimulus_id, kind, answers, seconds]


def add_load(stimulus_id: int, kind: str, places: int) -> Statement:
    """So many places more at a stimulus."""
    return ADD_LOAD, [stimulus_id, kind, places]


def lower_load(stimulus_id: int, kind: str, places: int) -> Statement:
    """So many places fewer."""
    return LOWER_LOAD, [places, places, stimulus_id, kind]


def count_named(stimulus_id: int, kind: str, emotion: str, trials: int) -> Statement:
    """So many answered trials more that named this emotion."""
    return COUNT_NAMED, [stimulus_id, kind, emotion, trials]


def run(statements: Sequence[Statement]) -> None:
    """Run them in their order, on PostgreSQL in one round trip; only inside an action."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Django binds parameters in the client, so a message may hold several statements.
            cursor.execute("; ".join(sql for sql, _ in statements), [one for _, values in statements for one in values])
            return
        for sql, values in statements:
            cursor.execute(sql, values)


class Stimuli:
    """The stimuli of a study, and the runs of keys in which they stand: made together, they mostly are one."""

    def __init__(self, keys: Collection[int]) -> None:
        self.keys = frozenset(keys)
        gap = NEIGHBOURS
        while len(runs := _runs_of(sorted(keys), gap)) > MOST_RUNS:
            gap *= 4
        self.ends = [end for run in runs for end in run]
        self.sql = LOADS.format(runs=" OR ".join(["stimulus_id BETWEEN %s AND %s"] * len(runs)) or "FALSE")


def _runs_of(keys: Sequence[int], gap: int) -> list[tuple[int, int]]:
    """First and last keys of the runs of sorted `keys` in which no two neighbours are further apart than `gap`."""
    starts = [place for place, key in enumerate(keys) if place == 0 or key - keys[place - 1] > gap]
    return [(keys[start], keys[end - 1]) for start, end in pairwise([*starts, len(keys)])]


class Fullness(NamedTuple):
    """How full the stimuli of a study are."""

    loads: dict[int, int]
    """By stimulus: answers and places on screens, where it has a counter."""
    answers: dict[int, int]
    """By stimulus: answers, where there are any."""
    seconds: float
    """What all these answers took."""


def loads(stimuli: Stimuli, kind: str) -> Fullness:
    """How full each of the stimuli is."""
    with connection.cursor() as cursor:
        cursor.execute(stimuli.sql, [*stimuli.ends, kind, *stimuli.ends, kind])
        rows = cursor.fetchall()
    found: dict[int, int] = {}
    answers: dict[int, int] = {}
    whole = 0.0
    for key, number, seconds in rows:
        if key not in stimuli.keys:  # of another study, made at the same time
            continue
        if seconds is None:
            found[key] = number
        else:
            answers[key] = number
            whole += seconds
    return Fullness(found, answers, whole)


def make_loads(study_id: int, kind: str) -> Statement:
    """Counters for every stimulus that has none."""
    return MAKE_LOADS, [kind, study_id]


def take_place(stimulus_id: int, kind: str, most: int, *, wait: bool) -> bool:
    """Take a place where the load is `most` or less; whether it was. With `wait` others are let finish first."""
    lock = " FOR NO KEY UPDATE" + ("" if wait else " SKIP LOCKED")
    with connection.cursor() as cursor:
        cursor.execute(
            TAKE_PLACE.format(lock=lock if connection.features.has_select_for_update else ""), [stimulus_id, kind, most]
        )
        return bool(cursor.rowcount)


def leave_place(trial_id: int) -> Statement:
    """The trial holds no place any more; its load is moved beside."""
    return LEAVE_PLACES, [trial_id]


class Over(NamedTuple):
    """A trial that holds a place whose time is over."""

    trial_id: int
    stimulus_id: int
    kind: str
    study_id: int


def places_over(study_id: int, kind: str, alive_after: datetime, now: datetime, *, hold: bool = False) -> list[Over]:
    """Places whose time is over; with `hold` those that nobody else is moving, with their loads, held."""
    # Nothing is waited for: whoever gives back holds many loads, and two of them would wait for each other.
    can_skip = connection.features.has_select_for_update_skip_locked
    lock = " FOR NO KEY UPDATE OF trial, load SKIP LOCKED" if hold and can_skip else ""
    moments = [connection.ops.adapt_datetimefield_value(moment) for moment in (alive_after, now)]
    with connection.cursor() as cursor:
        cursor.execute(PLACES_OVER.format(lock=lock), [*moments, study_id, kind, study_id, MOST_OVER])
        return [*map(Over._make, cursor.fetchall())]


def named_on_screens(stimulus_id: int, kind: str, alive_after: datetime) -> dict[str, int]:
    """Emotion → people on whose screens it is named about this stimulus, with leases that end later than that."""
    moment = connection.ops.adapt_datetimefield_value(alive_after)
    with connection.cursor() as cursor:
        cursor.execute(NAMED_ON_SCREENS, [stimulus_id, moment, kind])
        return dict(cursor.fetchall())


def judged(study_id: int, kind: str, alive_after: datetime) -> dict[tuple[int, int], int]:
    """(first, second) → how often they were compared in this order: answered, and on screens with live leases."""
    moment = connection.ops.adapt_datetimefield_value(alive_after)
    with connection.cursor() as cursor:
        cursor.execute(JUDGED, [study_id, kind, moment])
        return {(first, second): times for first, second, times in cursor.fetchall()}


def named_in_answers(stimulus_id: int, kind: str) -> dict[str, int]:
    """Emotion → answered trials that named it about this stimulus."""
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [stimulus_id, kind])
        return dict(cursor.fetchall())
