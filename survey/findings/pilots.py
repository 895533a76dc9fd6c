"""A run of simulated people through a draft: who comes, what is made of their answers, and what to look at."""

from __future__ import annotations

import logging
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from django.db.models import Count
from django.utils.translation import override

from generation.emotions import SLUGS
from melodymuse_site.jobs.heartbeat import Heartbeat, beating
from melodymuse_site.jobs.leases import TRANSIENT, Lease, LeaseLost, claim, fail, retry
from melodymuse_site.queues import explain
from melodymuse_site.turns import Gone
from survey.actions.piloting import begin_pilot, finish_pilot, let_in, let_time_pass
from survey.analysis.measures.register import failures_in
from survey.analysis.paired.report import analyse_comparisons
from survey.analysis.primary import Plan
from survey.analysis.report import analyse
from survey.analysis.reported import Report
from survey.design import headphones, tones
from survey.design.planning import Assumptions, PlanRefused, expected_half_width
from survey.design.quality import Verdict, count_reasons
from survey.findings.columns import read_ratings
from survey.findings.compared import read_comparisons
from survey.findings.reports import SEED, margin_of
from survey.models import Participant, PilotJob, Response, Study
from survey.preregistration import plan_facts
from survey.queries.admission import say_reason, screened_out_by
from survey.queries.numbers import aim_of
from survey.queries.overview import minutes_of, overview_of
from survey.queries.pairs import pair_rows
from survey.simulation.bots import Bot, Scene, take_part
from survey.simulation.inside import InsideVisitor
from survey.simulation.personas import ATTENTIVE, DEFAULT_MIX, HASTY, assign_personas, read_mix
from survey.simulation.scenes import scene_of
from survey.simulation.truth import TruthRefused, default_truth, read_strengths

logger = logging.getLogger(__name__)
TASK = "survey.tasks.run_pilot"
REPLICATES: Final = 200
"""Of the report's bootstrap: whether it can be computed is asked, and its numbers are of nobody."""
USUAL_SECONDS: Final = (4.0, 3.0)
"""What a listener takes for an answer after the clip: at least, and on top of it on average."""
HASTY_SECONDS: Final = 1.0
MOST_LOST: Final = 0.5
"""Rules that leave out more than this share of people who listened and answered are to be looked at."""
DURATION = re.compile(r'data-duration="([0-9.]+)"')


def run_pilot(job_id: int) -> None:
    """Let simulated people take one draft, unless another worker has it or it was called off."""
    lease = claim(PilotJob, job_id)
    if lease is None:
        return
    job = PilotJob.objects.select_related("study").get(pk=job_id)
    try:
        with beating(lease), override("en"):
            begin_pilot(job=job, lease=lease)
            bots = _let_come(job, lease)
            finish_pilot(job=job, lease=lease, result=find_out(job.study, bots))
    except (LeaseLost, Gone):
        logger.info("Trial run %s was called off, its draft changed, or another worker has it.", job.public_id)
    except TruthRefused as error:
        fail(lease, str(error))
    except TRANSIENT as error:
        retry(lease, error)
    except Exception as error:  # whatever it is, whoever waits is told
        fail(lease, explain(error, TASK))
        logger.exception("Trial run %s failed.", job.public_id)


def _let_come(job: PilotJob, lease: Lease) -> list[Bot]:
    """One after the other, each through the pages that people get."""
    rng = random.Random(job.seed)
    scene = _make_scene(job.study)
    beat = Heartbeat(lease)
    bots = []
    for number, persona in enumerate(assign_personas(read_mix(DEFAULT_MIX), job.people, rng)):
        beat(at_once=True, done=number)
        person = let_in(job=job, lease=lease, rng=rng)
        bot = Bot(persona, rng.getrandbits(32), participant=person.public_id)
        take_part(bot, _for_one(scene, person), InsideVisitor(before=beat))
        bots.append(bot)
    return bots


def _for_one(scene: Scene, person: Participant) -> Scene:
    def hears(persona: str, html: str, values: Mapping[str, str], rng: random.Random) -> dict[str, str]:
        """What a script would have measured; the clock is put back by as much."""
        if "chosen" in values:
            lengths = [float(found) for found in DURATION.findall(html)]
            length = sum(lengths)
            thinking = HASTY_SECONDS if persona in HASTY else USUAL_SECONDS[0] + rng.expovariate(1 / USUAL_SECONDS[1])
            let_time_pass(participant=person, seconds=length + thinking)
            measured = {"hidden_seconds": "0", "first_choice_seconds": f"{length + thinking:.2f}"}
            for each, seconds in zip(("", "second_"), lengths, strict=False):
                measured |= {f"{each}played_seconds": f"{seconds:.2f}", f"{each}plays": "1"}
            return measured
        sounds = {
            name: tones.SECONDS if name == "played" else headphones.SECONDS
            for name in values
            if name == "played" or name.startswith("played_")
        }
        if sounds:
            person.refresh_from_db()
            let_time_pass(participant=person, seconds=sum(sounds.values()) + 1)
        return {name: f"{length:.2f}" for name, length in sounds.items()}

    entry = f"/study/{scene.slug}/resume/{person.token}/"
    return replace(scene, entry=entry, has_agreed=True, hears=hears)


def _make_scene(study: Study) -> Scene:
    strengths = read_strengths("", [cell.name for cell in study.conditions.all()]) if study.form.compares else {}
    offered = list(study.choices.values_list("slug", flat=True))
    return scene_of(study, default_truth(list(SLUGS) if study.form.answers else offered), strengths)


def find_out(study: Study, bots: Sequence[Bot]) -> dict[str, Any]:
    """What the run shows, ready to be stored: counts, balance, report, what the plan may expect, warnings."""
    people = {one.public_id: one for one in Participant.objects.filter(study=study, kind=Participant.Kind.BOT)}
    attentive = [people[bot.participant] for bot in bots if bot.persona in ATTENTIVE and bot.participant in people]
    complete = [one for one in people.values() if one.outcome == Participant.Outcome.COMPLETE]
    ended = {one.public_id for one in complete}
    listened = [one for one in attentive if one.outcome == Participant.Outcome.COMPLETE]
    verdicts = [Verdict(tuple(one.verdict)) for one in complete]
    found: dict[str, Any] = {
        "people": len(bots),
        "personas": dict(Counter(bot.persona for bot in bots)),
        "ended": dict(Counter(bot.persona for bot in bots if bot.participant in ended)),
        "complete": len(complete),
        "screened_out": sum(one.outcome == Participant.Outcome.SCREENED_OUT for one in people.values()),
        "screened_out_by": [
            [say_reason(study, reason), number] for reason, number in screened_out_by(study, Participant.Kind.BOT)
        ],
        "minutes": round(minutes_of(study)),
        "compares": study.form.compares,
        "cells": _pairs(study) if study.form.compares else _cells(study),
        "left_out": sum(not verdict.included for verdict in verdicts),
        "left_out_attentive": sum(one.included is False for one in listened),
        "attentive": len(listened),
        "by_rule": dict(count_reasons(verdicts)),
        "errors": dict(Counter(error for bot in bots for error in bot.timings.errors)),
        "report": _report(study),
    }
    found["expected"] = _expected(study, found["report"])
    return found | {"warnings": list(_warnings(found))}


def _cells(study: Study) -> list[dict[str, Any]]:
    """For every cell: its stimuli, their answers, and how evenly these are spread."""
    answers = dict(
        Response.objects.counted(study, kind=Participant.Kind.BOT)
        .filter(trial__kind="main")
        .order_by()
        .values_list("trial__stimulus")
        .annotate(number=Count("pk"))
    )
    found = []
    for cell in study.conditions.all():
        counts = [answers.get(key, 0) for key in cell.stimuli.filter(role="main").values_list("pk", flat=True)]
        if counts:
            found.append(
                {
                    "name": cell.name,
                    "weight": cell.weight,
                    "stimuli": len(counts),
                    "answers": sum(counts),
                    "fewest": min(counts),
                    "most": max(counts),
                }
            )
    return found


def _pairs(study: Study) -> list[dict[str, Any]]:
    """The same for every two cells that are compared: their pairs, and how evenly these were judged."""
    return [
        {
            "name": f"{row.one} and {row.other}",
            "weight": 1.0,
            "stimuli": row.pairs,
            "answers": row.judged,
            "fewest": row.fewest,
            "most": row.most,
        }
        for row in pair_rows(study, Participant.Kind.BOT)
    ]


def _report(study: Study) -> dict[str, Any]:
    """Whether the report can be computed, and what its primary measure found."""
    plan = _plan(study)
    try:
        computed = _compute(study, plan)
        primary = computed.primary
    except Exception as error:  # any: a report that cannot be computed is what this is to find
        logger.exception("The report of a trial run of %s cannot be computed.", study.slug)
        return {"computed": False, "reason": f"{type(error).__name__}: {error}"}
    return {
        "computed": True,
        "failed": failures_in(computed.notes),
        "reason": (primary.reason or "") if plan.names_measure else "",
        "kind": primary.kind,
        "cell": primary.cell or "",
        "estimate": primary.estimate,
        "interval": list(primary.interval) if primary.interval else None,
    }


def _compute(study: Study, plan: Plan) -> Report:
    if study.form.compares:
        return analyse_comparisons(read_comparisons(study, kind=Participant.Kind.BOT), plan=plan)
    ratings = read_ratings(study, kind=Participant.Kind.BOT)
    return analyse(ratings, seed=SEED, replicates=REPLICATES, margin=margin_of(study), plan=plan)


def _plan(study: Study) -> Plan:
    """The plan as publication would fix it."""
    plan = study.analysis_plan
    return Plan(
        fixed_at="not yet",
        measure=str(plan.get("primary_measure", "")).strip(),
        cell=str(plan.get("primary_cell") or ""),
        facts=plan_facts(study),
        has_rules=bool(study.exclusion_rules),
    )


def _expected(study: Study, report: Mapping[str, Any]) -> dict[str, Any] | None:
    """How wide the interval will be with the people of the plan, as the planning page reckons; None where unknown.

    The planning page reckons with hit rates: of preferences it knows nothing.
    """
    if study.form.compares:
        return None
    overview, aim = overview_of(study), aim_of(study)
    cells = [cell for cell in overview.cells if cell.stimuli]
    if not cells:
        return None
    share = report.get("estimate") if report.get("kind") == "hit_rate" else None
    within = study.spread == Study.Spread.WITHIN
    try:
        assumed = Assumptions(
            share=min(max(share or 0.5, 0.05), 0.95),
            trials=study.clips_per_participant,
            cells=len(cells) if within else 1,
            loss=0.0,
        )
        people = aim.people if within else aim.people // len(cells)
        width = expected_half_width(assumed, people, min(cell.stimuli for cell in cells))
    except PlanRefused:
        return None
    return {"people": aim.people, "said_by": aim.said_by, "half_width": width if width < 1 else None}


def _warnings(found: Mapping[str, Any]) -> Iterator[str]:
    for error, number in found["errors"].items():
        yield f"{number} of {found['people']} could not go on: {error}"
    if not found["complete"]:
        yield "Nobody came to the end."
    if found["screened_out"] > found["people"] / 2:
        reasons = "; ".join(f"{reason}: {number}" for reason, number in found["screened_out_by"])
        yield f"{found['screened_out']} of {found['people']} were not let in. By reason: {reasons}."
    compares = found["compares"]
    what = "pairs" if compares else "clips"
    for cell in found["cells"]:
        if not cell["answers"] and compares:
            yield f"Nobody compared “{cell['name']}”: give people more pairs, or let more people come."
        elif not cell["answers"]:
            yield f"Nobody got “{cell['name']}”: give it more weight, or people more clips."
        elif not cell["fewest"] and cell["answers"] >= 2 * cell["stimuli"]:
            yield f"Some {what} of “{cell['name']}” had no answer, others {cell['most']}: look at them."
        elif cell["most"] - cell["fewest"] > max(3, cell["most"] / 3):
            yield f"{what.capitalize()} of “{cell['name']}” had {cell['fewest']} to {cell['most']} answers each."
    lost, attentive = found["left_out_attentive"], found["attentive"]
    if attentive and lost == attentive:
        yield f"The rules leave out all {attentive} who listened and took their time: ease them."
    elif attentive and lost > MOST_LOST * attentive:
        yield f"The rules leave out {lost} of {attentive} who listened and took their time: look at them again."
    report = found["report"]
    if not report["computed"]:
        yield f"The report cannot be computed: {report['reason']}"
    elif report["reason"]:
        yield f"The planned measure has no result: {report['reason']}"
    yield from report.get("failed", ())
