"""manage.py plan: how many people and clips a study needs; no database needed."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from survey.analysis.wording import table
from survey.design.planning import (
    Assumptions,
    Plan,
    PlanRefused,
    Simulated,
    curve,
    plan_power,
    plan_precision,
    preregistration,
    simulate_plan,
    summary,
)

CURVE_CLIPS = (16, 32, 48, 64, 96, 128, 192, 240)
CURVE_PEOPLE = (20, 40, 60, 80, 120, 200)


class Command(BaseCommand):
    help = (
        "Participants and clips needed for a half-width (new people, new clips) or for a difference between two cells,"
        " by formula and simulation, with the text for a preregistration."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--half-width", type=float, metavar="H", help="for instance 0.05: ± 5 points")
        target.add_argument("--effect", type=float, metavar="D", help="difference in share between two cells")
        parser.add_argument("--power", type=float, default=0.8, help="with --effect (default .8)")
        parser.add_argument("--share", type=float, default=0.5, help="expected hit rate (default .5, the widest)")
        parser.add_argument("--participants-spread", type=float, default=0.10, metavar="SD")
        parser.add_argument("--clips-spread", type=float, default=0.15, metavar="SD")
        parser.add_argument("--trials", type=int, default=24, help="main trials per person (default 24)")
        parser.add_argument("--clips", type=int, metavar="N", help="clips per cell; default: the cheapest number")
        parser.add_argument("--cells", type=int, default=1)
        parser.add_argument("--loss", type=float, default=0.30, help="share of people lost (default .3)")
        parser.add_argument("--simulate", type=int, default=400, metavar="N", help="simulated studies; 0 for none")
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            assumed = read_assumptions(options)
            plan = make_plan(assumed, options)
        except PlanRefused as refused:
            raise CommandError(str(refused), returncode=2) from None
        simulated = None
        if options["simulate"] > 0:
            simulated = simulate_plan(
                assumed, plan.participants, plan.clips, studies=options["simulate"], seed=max(0, options["seed"])
            )
        if options["json"]:
            self.stdout.write(json.dumps(as_json(assumed, plan, simulated), indent=1, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(summary(plan, assumed, simulated)))
            self.stdout.write("\nHalf-width in points, by clips (rows) and people analysed (columns)")
            self.stdout.write(write_curve(assumed))
            self.stdout.write("\nFor the preregistration\n" + preregistration(plan, assumed))


def read_assumptions(options: dict[str, Any]) -> Assumptions:
    if options["clips"] is not None and options["clips"] < 2:
        raise PlanRefused("With fewer than two clips nothing can be said about new clips.")
    return Assumptions(
        share=options["share"],
        spread_participants=options["participants_spread"],
        spread_clips=options["clips_spread"],
        trials=options["trials"],
        cells=max(options["cells"], 2 if options["effect"] is not None else 1),
        loss=options["loss"],
    )


def make_plan(assumed: Assumptions, options: dict[str, Any]) -> Plan:
    if options["effect"] is not None:
        return plan_power(assumed, options["effect"], options["power"], options["clips"])
    return plan_precision(assumed, options["half_width"], options["clips"])


def write_curve(assumed: Assumptions) -> str:
    widths = curve(assumed, CURVE_CLIPS, CURVE_PEOPLE)
    rows = [
        [str(clips), *(f"± {100 * width:.1f}" for width in row)] for clips, row in zip(CURVE_CLIPS, widths, strict=True)
    ]
    return table(["clips", *map(str, CURVE_PEOPLE)], rows)


def as_json(assumed: Assumptions, plan: Plan, simulated: Simulated | None) -> dict[str, Any]:
    return {
        "assumptions": asdict(assumed),
        "plan": asdict(plan),
        "simulated": asdict(simulated) if simulated else None,
        "curve": {
            "clips": CURVE_CLIPS,
            "participants": CURVE_PEOPLE,
            "half_width": curve(assumed, CURVE_CLIPS, CURVE_PEOPLE),
        },
        "preregistration": preregistration(plan, assumed),
    }
