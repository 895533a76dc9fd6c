"""A database full of answers for `benchmarks/export.py`: no two rows alike, as people leave them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks.monitor_database import count_answers
from benchmarks.stimuli import make_study

CLIPS, EACH = 240, 24
BATCH = 10_000
BEGAN = datetime(2026, 3, 1, 8, tzinfo=UTC)
DEVICES, LANGUAGES = ("phone", "tablet", "computer"), ("en", "de", "fr", "es", "tr")


def fill(size: int) -> None:
    """Make a study with 240 clips and about `size` answers, 24 of each person."""
    from survey.models import Participant, Response, Study, Trial

    study, choices, stimuli = make_study(CLIPS)
    draw = _Draw(study, choices, stimuli)
    people = size // EACH
    with transaction.atomic():
        _store(Participant, (draw.person(number) for number in range(1, people + 1)))
        _store(Trial, (trial for number in range(1, people + 1) for trial in draw.trials(number)))
        _store(Response, (draw.response(number) for number in range(1, people * EACH + 1)))
    count_answers(study)
    Study.objects.filter(pk=study.pk).update(
        status="published", published_at=BEGAN, consent_sha256="0" * 64, results_opened_at=BEGAN
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class _Draw:
    """What people, trials and answers hold, by a fixed seed."""

    def __init__(self, study: Any, choices: list[Any], stimuli: list[Any]) -> None:
        self.study, self.choices, self.stimuli = study, choices, stimuli
        self.random = np.random.default_rng(1)
        self.orders: dict[int, str] = {}

    def _moment(self, person: int, seconds: float) -> str:
        return (BEGAN + timedelta(seconds=31.7001 * person + seconds)).isoformat(sep=" ")[:-6]

    def person(self, number: int) -> dict[str, Any]:
        order = [self.choices[place].slug for place in self.random.permutation(8)]
        self.orders[number] = json.dumps([*order, "none"])
        now = self._moment(number, 0.25)
        return {
            "id": number,
            "study_id": self.study.pk,
            "public_id": f"q{number:012x}",
            "token": f"{number:040x}",
            "language": LANGUAGES[number % 5],
            "device": DEVICES[number % 3],
            "outcome": "complete",
            "created_at": now,
            "last_seen_at": now,
            "consented_at": now,
            "consent_sha256": "0" * 64,
            "finished_at": self._moment(number, 700.125001),
            "completion_code": "X",
            "option_order": self.orders[number],
            "plan": json.dumps(["main"] * EACH),
            "included": number % 50 != 0,
        }

    def trials(self, person: int) -> Iterator[dict[str, Any]]:
        for place, clip in enumerate(self.random.permutation(CLIPS)[:EACH]):
            given = 29.3 * place + float(self.random.random())
            yield {
                "id": (person - 1) * EACH + place + 1,
                "participant_id": person,
                "stimulus_id": self.stimuli[clip].pk,
                "position": place + 1,
                "clip_key": self.stimuli[clip].audio_sha256,
                "token": f"{person:020x}{place:020x}",
                "option_order": self.orders[person],
                "assigned_at": self._moment(person, given),
                "lease_expires_at": self._moment(person, given + 900),
                "shown_at": self._moment(person, given + 0.21),
                "answered_at": self._moment(person, given + 25.5),
            }

    def response(self, number: int) -> dict[str, Any]:
        taken = 20 + 9 * float(self.random.random())
        return {
            "id": number,
            "trial_id": number,
            "choice_id": self.choices[int(self.random.integers(len(self.choices)))].pk,
            "confidence": number % 5 + 1,
            "answered_at": self._moment(number // EACH, taken),
            "seconds": taken,
            "played_seconds": round(taken - 1, 3),
            "first_choice_seconds": round(taken / 2, 3),
            "plays": 1,
            "hidden_seconds": 0.0,
            "listening_measured": True,
        }


def _store(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows without an object for each; a field that a row does not name has its default."""
    fields = model._meta.concrete_fields
    usual = {field.column: _default(field) for field in fields}
    columns = ", ".join(f'"{name}"' for name in usual)
    table, marks = model._meta.db_table, ", ".join(["%s"] * len(usual))
    with connection.cursor() as cursor:
        rows = iter(rows)
        while batch := list(islice(rows, BATCH)):
            told = [tuple({**usual, **row}.values()) for row in batch]
            if connection.vendor == "postgresql":
                with cursor.copy(f'COPY "{table}" ({columns}) FROM STDIN') as copy:
                    for row in told:
                        copy.write_row(row)
            else:
                cursor.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', told)
        if connection.vendor == "postgresql":
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def _default(field: Any) -> Any:
    """What a row has in a field that nothing is said of, as the database takes it."""
    if field.null or field.primary_key:
        return None
    value = field.get_default()
    return json.dumps(value) if isinstance(value, list | dict) else value
