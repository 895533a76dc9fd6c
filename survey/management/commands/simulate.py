"""`manage.py simulate SLUG`: participants who are programs take the real study over HTTP."""

from __future__ import annotations

import json
import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from generation.emotions import SLUGS
from survey import actions
from survey.forms.participant import issue_pilot_pass
from survey.models import Participant, Study
from survey.recruiting import RECRUITERS
from survey.simulation.bots import Bot, Scene, take_part
from survey.simulation.outcome import summarise
from survey.simulation.personas import DEFAULT_MIX, PERSONAS, MixRefused, assign_personas, read_mix
from survey.simulation.scenes import scene_of
from survey.simulation.truth import Truth, TruthRefused, default_truth, read_strengths, read_truth


class Command(BaseCommand):
    help = (
        "Drives a running site with simulated participants, from consent to thanks. They never count among people. "
        "Kinds: " + "; ".join(f"{name} ({what})" for name, what in PERSONAS.items()) + "."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--participants", type=int, default=20, metavar="N")
        parser.add_argument("--concurrency", type=int, default=5, metavar="C", help="how many at once")
        parser.add_argument("--truth", type=Path, metavar="CSV", help="confusion matrix: intended × answer")
        parser.add_argument(
            "--strengths", default="", metavar="CELL=S,…", help="log-odds of the cells, where two clips are compared"
        )
        parser.add_argument("--mix", default=DEFAULT_MIX)
        parser.add_argument("--think", type=float, default=0.0, metavar="S", help="mean seconds before an answer")
        parser.add_argument("--media", action="store_true", help="fetch clips and pictures too")
        parser.add_argument("--url", default=f"http://127.0.0.1:{settings.PORT}", help="where the site runs")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--remove", action="store_true", help="delete the simulated participants at the end")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")

    def handle(self, **options: Any) -> None:
        study = Study.objects.filter(slug=options["slug"]).first()
        if study is None:
            raise CommandError(f"There is no study called {options['slug']!r}.")
        if options["participants"] < 1 or options["concurrency"] < 1 or options["think"] < 0:
            raise CommandError("--participants and --concurrency must be at least 1, --think not negative.")
        truth, mix = _read_inputs(study, options)
        strengths = _read_strengths(study, options["strengths"])
        _require_site(options["url"])
        scene = _make_scene(study, truth, strengths, options)
        since = Participant.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        started = time.perf_counter()
        bots = list(self._run(scene, mix, study, options))
        result = summarise(study, bots, truth, time.perf_counter() - started, since, strengths)
        self.stdout.write(json.dumps(result, indent=2) if options["json"] else describe(result))
        if options["remove"]:
            removed = actions.remove_bots(study=study, by=None)
            self.stderr.write(f"{removed} simulated participants removed.")
        if result["lost"] or result["doubled"]:
            raise CommandError(f"{result['lost']} answers lost, {result['doubled']} doubled.")

    def _run(self, scene: Scene, mix: dict[str, float], study: Study, options: dict[str, Any]) -> Iterator[Bot]:
        rng = random.Random(options["seed"])
        personas = assign_personas(mix, options["participants"], rng)
        bots = [Bot(persona, rng.getrandbits(32)) for persona in personas]
        with ThreadPoolExecutor(options["concurrency"]) as pool:
            work = [pool.submit(take_part, bot, _for_one(scene, study, bot)) for bot in bots]
            for done in tqdm(as_completed(work), total=len(work), unit="participant", disable=None):
                yield done.result()


def _read_inputs(study: Study, options: dict[str, Any]) -> tuple[Truth, dict[str, float]]:
    choices = list(study.choices.values_list("slug", flat=True))
    if study.form.answers:
        choices = list(SLUGS)  # what they hear; then they compare it with the emotion that is named
    try:
        truth = read_truth(options["truth"], choices) if options["truth"] else default_truth(choices)
        return truth, read_mix(options["mix"])
    except OSError as error:
        raise CommandError(f"{options['truth']} cannot be read: {error.strerror}.") from error
    except (TruthRefused, MixRefused) as error:
        raise CommandError(str(error)) from error


def _read_strengths(study: Study, text: str) -> dict[str, float] | None:
    """The cells' true strengths; None where trials play one clip."""
    if not study.form.compares:
        if text:
            raise CommandError("--strengths is for studies that compare two clips.")
        return None
    try:
        return read_strengths(text, [cell.name for cell in study.conditions.all()])
    except TruthRefused as error:
        raise CommandError(str(error)) from error


def _require_site(url: str) -> None:
    try:
        with urlopen(f"{url}/healthz?parts=database", timeout=10) as answer:
            answer.read()
    except (URLError, OSError, ValueError) as error:
        raise CommandError(f"No site answers at {url} ({error}); start it, or name its address with --url.") from error


def _make_scene(study: Study, truth: Truth, strengths: dict[str, float] | None, options: dict[str, Any]) -> Scene:
    try:
        scene = scene_of(study, truth, strengths or {})
    except TruthRefused as error:
        raise CommandError(str(error)) from error
    entry = f"/study/{study.slug}/?{urlencode({'pilot': issue_pilot_pass(study)})}"
    return replace(scene, base=options["url"], entry=entry, think=options["think"], with_media=options["media"])


def _for_one(scene: Scene, study: Study, bot: Bot) -> Scene:
    """Recruiting services name each person: so are bots named. Each speaks one of the study's languages."""
    sent = {"language": random.Random(bot.seed).choice(study.languages)}
    parameter = RECRUITERS[study.recruiter].person
    if parameter:
        sent[parameter] = f"bot{bot.seed:x}"
    return replace(scene, entry=f"{scene.entry}&{urlencode(sent)}")


def describe(result: dict[str, Any]) -> str:
    """The result for people."""
    what = "pair" if "preferences" in result["recovery"] else "stimulus"
    lines = [
        f"{result['participants']} participants, {result['finished']} finished, in {result['seconds']} s "
        f"({result['answers_per_second']} answers per second)",
        f"who: {', '.join(f'{count} {name}' for name, count in result['personas'].items())}",
        f"how it ended: {', '.join(f'{count} {name}' for name, count in result['outcomes'].items())}",
        f"the rules leave out {result['left_out']['people']} of {result['left_out']['of']} who finished",
        *(f"  {count} × {rule}" for rule, count in result["left_out"]["by_rule"].items()),
        "",
        f"{'milliseconds':14}{'n':>7}{'p50':>9}{'p95':>9}{'p99':>9}",
    ]
    for name, row in result["milliseconds"].items():
        if row["n"]:
            lines.append(f"{name:14}{row['n']:>7}{row['p50']:>9}{row['p95']:>9}{row['p99']:>9}")
    lines += [
        "",
        f"answers acknowledged {result['acknowledged']}, stored {result['stored']}, "
        f"lost {result['lost']}, doubled {result['doubled']}",
        f"answers per {what}: fewest {result['balance']['fewest']}, most {result['balance']['most']}",
        f"errors: {sum(result['errors'].values()) or 'none'}",
        *(f"  {count} × {error}" for error, count in result["errors"].items()),
        "",
        f"{'recognised':14}{'n':>7}{'truth':>9}{'found':>9}   95 % interval",
    ]
    for emotion, row in result["recovery"]["emotions"].items():
        mark = "" if row["recovered"] else "   outside"
        lines.append(f"{emotion:14}{row['n']:>7}{row['truth']:>9}{row['found']:>9}   {row['low']}–{row['high']}{mark}")
    for name, row in result["recovery"].get("preferences", {}).items():
        mark = "" if row["recovered"] else "   outside"
        lines.append(f"{name}: {row['n']}, {row['truth']}, {row['found']}   {row['low']}–{row['high']}{mark}")
    alarms = result["recovery"]["false_alarms"]
    if alarms:
        lines.append(f"{'false alarms':14}{alarms['n']:>7}{alarms['truth']:>9}{alarms['found']:>9}")
    counted = "preferences" if "preferences" in result["recovery"] else "emotions"
    lines.append(
        f"truth inside the interval for {result['recovery']['inside']} of {result['recovery']['of']} {counted}"
    )
    return "\n".join(lines)
