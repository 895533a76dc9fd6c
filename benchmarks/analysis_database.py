"""A database full of answers for `benchmarks/analysis.py`, and what is measured on it."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from benchmarks.stimuli import make_study

BATCH = 5000
CLIPS = 240


def fill(size: int, columns: tuple[Any, Any, Any, Any]) -> None:
    """Make a published study with 240 clips and the drawn answers."""
    from survey.models import Participant, Response, Study, Trial

    study, choices, stimuli = make_study(CLIPS)
    participant, clip, _, chosen = columns
    now = timezone.now()
    people = [
        Participant(
            study=study,
            last_seen_at=now,
            consented_at=now,
            consent_sha256="0" * 64,
            outcome="complete",
            finished_at=now,
            completion_code="X",
            option_order=["fear"],
            plan=["main"],
        )
        for _ in range(int(participant.max()) + 1)
    ]
    people = Participant.objects.bulk_create(people, batch_size=BATCH)
    for start in range(0, chosen.size, BATCH):
        part = range(start, min(start + BATCH, chosen.size))
        trials = [
            Trial(
                participant=people[participant[i]],
                stimulus=stimuli[clip[i]],
                position=i % 24 + 1,
                clip_key=stimuli[clip[i]].audio_sha256,
                assigned_at=now,
                lease_expires_at=now,
                shown_at=now,
                answered_at=now + timedelta(seconds=9),
                option_order=["fear", "awe", "none"],
            )
            for i in part
        ]
        trials = Trial.objects.bulk_create(trials)
        Response.objects.bulk_create(
            Response(
                trial=trial,
                choice=choices[chosen[i]],
                confidence=3,
                answered_at=now,
                seconds=9.25,
                played_seconds=20.5,
                plays=1,
                hidden_seconds=0.0,
                listening_measured=True,
            )
            for i, trial in zip(part, trials, strict=True)
        )
    Study.objects.filter(pk=study.pk).update(
        status="published", published_at=now, consent_sha256="0" * 64, results_opened_at=now
    )


def _client() -> Any:
    from django.contrib.auth import get_user_model
    from django.test import Client

    settings.ALLOWED_HOSTS = ["*"]
    settings.SECURE_SSL_REDIRECT = False
    client = Client()
    client.force_login(get_user_model().objects.get(username="benchmark"))
    return client


def time_page() -> dict[str, Any]:
    """The results page, computed and kept."""
    from survey.models import Response

    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    client = _client()
    client.get("/planning/")  # templates and modules are loaded, as in a server that runs
    times = []
    for _ in range(4):
        start = time.process_time()
        response = client.get("/results/benchmark/")
        times.append(time.process_time() - start)
        assert response.status_code == 200, response.status_code
    return {"answers": Response.objects.count(), "cold": times[0], "warm": min(times[1:])}


def time_pack() -> dict[str, Any]:
    """The whole pack."""
    from survey.exports.pack import write_pack
    from survey.models import Study

    path = Path(settings.DATA_DIR) / "pack.zip"
    start = time.process_time()
    manifest = write_pack(Study.objects.get(), path)
    taken = time.process_time() - start
    return {"seconds": taken, "megabytes": sum(entry["bytes"] for entry in manifest["files"]) / 1e6}


def time_answers() -> dict[str, Any]:
    """Storing an answer, alone and while another process writes a pack."""
    os.sync()  # what filling the database left to write must not be counted
    alone = _store_for(3.0)
    other = subprocess.Popen([sys.executable, *sys.argv[:-1], "pack"], stdout=subprocess.DEVNULL)
    time.sleep(2.0)
    beside = _store_for(3.0)
    other.terminate()
    other.wait()
    return {"alone": statistics.median(alone), "beside": statistics.median(beside)}


def _store_for(duration: float) -> list[float]:
    from survey import actions
    from survey.actions.answering import Answer
    from survey.models import Study

    study = Study.objects.get()
    times: list[float] = []
    end = time.monotonic() + duration
    while time.monotonic() < end:
        person = actions.open_preview(study=study, by=study.owner)
        person.plan = ["main"] * 24
        person.sound_checked_at = timezone.now()
        person.save()
        for _ in range(8):
            trial = actions.give_trial(participant=person)
            if trial is None:
                break
            start = time.perf_counter()
            answer = Answer(chosen="fear", confidence=3)
            actions.record_answer(study=study, token=trial.token, answer=answer)
            times.append(time.perf_counter() - start)
    return times
