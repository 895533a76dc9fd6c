"""A crowd takes part at once, some leave on the way; what came of it is counted from the stored rows alone."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from survey import actions
from survey.models import Participant, Response, Study
from survey.models.participation import make_token


def let_come(study: Study, *, finishers: int, at_once: int = 20, leaving: float = 0.25, seed: int = 0) -> None:
    """People come until `finishers` are through, `at_once` of them at the same time; the share `leaving` drops out."""
    rng = random.Random(seed)
    choice = study.choices.order_by("pk").values_list("slug", flat=True)[0]
    here: list[tuple[Participant, int]] = []
    through = 0
    now = timezone.now()
    while through < finishers:
        now += timedelta(seconds=1)
        while len(here) < at_once:
            person = actions.join(study=study, token=make_token(), language="en", now=now)
            person.study = study
            stays = rng.randrange(len(person.plan)) if rng.random() < leaving else 10_000
            here.append((person, stays))
        place = rng.randrange(len(here))
        person, stays = here[place]
        trial = actions.give_trial(participant=person, now=now)
        if trial is None:
            actions.finish(participant=person)
            through += 1
            del here[place]
        elif stays <= 0:
            del here[place]
        else:
            answer = actions.Answer(chosen=choice, confidence=3, played_seconds=1.0)
            actions.record_answer(study=study, token=trial.token, answer=answer, now=now)
            here[place] = (person, stays - 1)


def rows(study: Study) -> list[dict[str, Any]]:
    return list(
        Response.objects.filter(trial__participant__study=study, trial__kind="main")
        .order_by("trial__participant", "trial__position")
        .values(
            "trial__participant", "trial__participant__outcome", "trial__stimulus",
            "trial__stimulus__condition__name", "trial__clip_key",
        )
    )  # fmt: skip


def cells_of_finishers(study: Study) -> dict[int, list[str]]:
    """finisher → the cells of their main trials, in order"""
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows(study):
        if row["trial__participant__outcome"] == "complete":
            found[row["trial__participant"]].append(row["trial__stimulus__condition__name"])
    return dict(found)


def answers_per_cell(study: Study) -> Counter[str]:
    return Counter(row["trial__stimulus__condition__name"] for row in rows(study))


def spread_per_cell(study: Study) -> dict[str, int]:
    """cell → most minus fewest answers of its stimuli"""
    counts = Counter(row["trial__stimulus"] for row in rows(study))
    loads: dict[str, list[int]] = defaultdict(list)
    for pk, name in study.stimuli.filter(role="main").values_list("pk", "condition__name"):
        loads[name].append(counts[pk])
    return {name: max(found) - min(found) for name, found in loads.items()}
