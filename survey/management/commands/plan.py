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
    curve,
    pairs_of_cells,
    power_curve,
    preregistration,
    summary,
)
from survey.rehearsal import Goal, Outcome, Work, make_plan

CURVE_CLIPS = (16, 32, 48, 64, 96, 128, 192, 240)
CURVE_PEOPLE = (20, 40, 60, 80, 120, 200)
MOST_STUDIES = 20_000
MOST_SEED = 2**32 - 2


class Command(BaseCommand):
    help = (
        "Participants and clips needed for a half-width (new people, new clips) that a share of studies reaches, or for"
        " finding a difference between two cells, by formula and simulation, with the text for a preregistration."
        " Numbers of people or clips that you give stay; what cannot be reached with them is refused."
    )
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--half-width", type=float, metavar="H", help="for instance 0.05: ± 5 points")
        target.add_argument("--effect", type=float, metavar="D", help="difference in share between two cells")
        parser.add_argument("--power", type=float, help="with --effect: share of studies that find it (default .8)")
        parser.add_argument(
            "--assurance", type=float, help="with --half-width: share of studies that reach it (default .8)"
        )
        parser.add_argument("--share", type=float, default=0.5, help="expected hit rate (default .5, the widest)")
        parser.add_argument("--participants-spread", type=float, default=0.10, metavar="SD")
        parser.add_argument("--clips-spread", type=float, default=0.15, metavar="SD")
        parser.add_argument("--trials", type=int, default=24, help="main trials per person (default 24)")
        parser.add_argument("--clips", type=int, metavar="N", help="clips per cell; default: the cheapest number")
        parser.add_argument("--participants", type=int, metavar="N", help="people analysed; default: the fewest")
        parser.add_argument("--cells", type=int, help="default 1, with --effect 2")
        parser.add_argument(
            "--comparisons",
            type=int,
            metavar="N",
            help="with --effect: differences tested together (Holm); default: all pairs of cells",
        )
        parser.add_argument("--loss", type=float, default=0.30, help="share of people lost (default .3)")
        parser.add_argument(
            "--simulate", type=int, default=1000, metavar="N", help="simulated studies (default 1000); 0 for none"
        )
        parser.add_argument("--seed", type=int, default=0)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            assumed, goal = read_assumptions(options), read_goal(options)
            outcome = make_plan(assumed, goal, read_work(options))
        except PlanRefused as refused:
            raise CommandError(str(refused), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps(as_json(assumed, outcome), indent=1, ensure_ascii=False, allow_nan=False))
            return
        plan = outcome.plan
        self.stdout.write("\n".join([*summary(plan, assumed, outcome.tried), *filter(None, [outcome.reason])]))
        what = "Power in %" if plan.target == "effect" else "Half-width in points, expected"
        self.stdout.write(f"\n{what} by formula, by clips (rows) and people analysed (columns)")
        self.stdout.write(write_curve(assumed, plan))
        self.stdout.write("\nFor the preregistration\n" + preregistration(plan, assumed, outcome.tried))


def read_assumptions(options: dict[str, Any]) -> Assumptions:
    least = 1 if options["effect"] is None else 2
    return Assumptions(
        share=options["share"],
        spread_participants=options["participants_spread"],
        spread_clips=options["clips_spread"],
        trials=options["trials"],
        cells=least if options["cells"] is None else options["cells"],
        loss=options["loss"],
    )


def read_goal(options: dict[str, Any]) -> Goal:
    """Raises PlanRefused for options that belong to the other target: none is ignored."""
    given = {"clips": options["clips"], "participants": options["participants"]}
    if options["effect"] is None:
        for name in ("power", "comparisons"):
            if options[name] is not None:
                raise PlanRefused(f"--{name} belongs to --effect; with --half-width say --assurance.")
        return Goal("half-width", options["half_width"], _default(options["assurance"], 0.8), **given)
    if options["assurance"] is not None:
        raise PlanRefused("--assurance belongs to --half-width; with --effect say --power.")
    cells = _default(options["cells"], 2)
    many = max(1, pairs_of_cells(cells)) if options["comparisons"] is None else options["comparisons"]
    return Goal("effect", options["effect"], _default(options["power"], 0.8), comparisons=many, **given)


def _default(value: Any, otherwise: Any) -> Any:
    return otherwise if value is None else value


def read_work(options: dict[str, Any]) -> Work:
    if not 0 <= options["simulate"] <= MOST_STUDIES:
        raise PlanRefused(f"--simulate takes a number of studies from 0 to {MOST_STUDIES}.")
    if not 0 <= options["seed"] <= MOST_SEED:
        raise PlanRefused(f"--seed takes a number from 0 to {MOST_SEED}.")
    return Work(studies=options["simulate"], seed=options["seed"])


def places(plan: Plan) -> tuple[list[int], list[int]]:
    """Rows and columns of the table, the plan's own among them."""
    return sorted({*CURVE_CLIPS, plan.clips}), sorted({*CURVE_PEOPLE, plan.participants})


def values_at(assumed: Assumptions, plan: Plan, clips: list[int], people: list[int]) -> list[list[float]]:
    if plan.target == "effect":
        return power_curve(assumed, plan.value, clips, people, comparisons=plan.comparisons)
    return curve(assumed, clips, people)


def write_curve(assumed: Assumptions, plan: Plan) -> str:
    clips, people = places(plan)
    sign = "" if plan.target == "effect" else "± "
    rows = [
        [str(count), *(f"{sign}{100 * value:.{0 if plan.target == 'effect' else 1}f}" for value in row)]
        for count, row in zip(clips, values_at(assumed, plan, clips, people), strict=True)
    ]
    return table(["clips", *map(str, people)], rows)


def as_json(assumed: Assumptions, outcome: Outcome) -> dict[str, Any]:
    plan = outcome.plan
    clips, people = places(plan)
    return {
        "assumptions": asdict(assumed),
        "plan": asdict(plan),
        "simulated": asdict(outcome.tried) if outcome.tried else None,
        "reason": outcome.reason or None,
        "curve": {
            "clips": clips,
            "participants": people,
            "power" if plan.target == "effect" else "half_width": values_at(assumed, plan, clips, people),
        },
        "preregistration": preregistration(plan, assumed, outcome.tried),
    }
