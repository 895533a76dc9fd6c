"""How soon the results of a study of 1,000 clips can be used, how much is sent, and whether anything moves.

    .venv/bin/python -m benchmarks.results_page [--clips 1000] [--answers 12] [--keep FOLDER]

On SQLite, one process with waitress, Chromium on the same machine; the report is kept already, as it is for everybody
but the first. Sounds and pictures are not asked for: nothing plays, and none of them is on the screen.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine

RUNS = 5
HIT = 0.45
EACH = 20
SIZES = {"phone": (360, 740), "desktop": (1280, 900)}
OBSERVE = """() => new Promise((done) => {
  let shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const { domInteractive, loadEventEnd } = performance.getEntriesByType("navigation")[0];
  const sent = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  setTimeout(() => done({
    interactive: domInteractive, loaded: loadEventEnd, shift,
    bytes: sent.reduce((sum, entry) => sum + entry.transferSize, 0),
    height: document.documentElement.scrollHeight,
  }), 300);
})"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--answers", type=int, default=12, help="to each clip")
    parser.add_argument("--keep", type=Path, help="write screenshots here")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": "",
            "DATA_DIR": folder,
            "DEBUG": "1",
            "DJANGO_SETTINGS_MODULE": "melodymuse_site.settings",
            "DJANGO_ALLOW_ASYNC_UNSAFE": "true",  # Playwright keeps an event loop in this thread
        }
        import django

        django.setup()
        print(describe_machine())
        study = fill(asked.clips, asked.answers)
        measure(serve(), study, asked.keep)


def fill(clips: int, answers: int) -> Any:
    """A closed study of two composers whose emotions are heard by some, and its report, kept."""
    from django.utils import timezone

    from benchmarks.stimuli import make_study
    from generation.models import SourceImage
    from survey.findings import report_of
    from survey.models import Study

    study, choices, stimuli = make_study(clips)
    for picture in SourceImage.objects.all():
        SourceImage.objects.filter(pk=picture.pk).update(title=f"Picture {picture.pk}")
    for stimulus in stimuli[::2]:
        type(stimulus).objects.filter(pk=stimulus.pk).update(composer="paper")
    answer(study, choices, stimuli, clips * answers // EACH)
    Study.objects.filter(pk=study.pk).update(
        status="closed", published_at=timezone.now(), consent_sha256="0" * 64, closed_at=timezone.now()
    )
    study.refresh_from_db()
    start = time.perf_counter()
    report = report_of(study)
    print(f"{report.n.responses:,} answers to {report.n.stimuli:,} clips; report {time.perf_counter() - start:.1f} s")
    return study


def answer(study: Any, choices: list[Any], stimuli: list[Any], people: int) -> None:
    """Everybody answers `EACH` clips; how often rightly differs from emotion to emotion."""
    from django.utils import timezone

    from benchmarks.monitor_database import count_answers
    from survey.models import Participant, Response, Trial

    dice, now = random.Random(1), timezone.now()
    by_slug = {choice.slug: choice for choice in choices}
    hits = {slug: HIT * (0.4 + 1.2 * place / len(by_slug)) for place, slug in enumerate(by_slug)}
    Participant.objects.bulk_create(
        Participant(
            study=study,
            last_seen_at=now,
            consented_at=now,
            consent_sha256="0" * 64,
            plan=["main"] * EACH,
            option_order=list(by_slug),
            outcome="complete",
            completion_code="CODE",
            finished_at=now + timedelta(seconds=number),
        )
        for number in range(people)
    )
    trials = Trial.objects.bulk_create(
        Trial(
            participant=person,
            stimulus=stimuli[(number * EACH + position) % len(stimuli)],
            position=position + 1,
            clip_key=f"{position}",
            assigned_at=now,
            lease_expires_at=now,
            answered_at=now,
        )
        for number, person in enumerate(Participant.objects.filter(study=study).order_by("pk"))
        for position in range(EACH)
    )
    Response.objects.bulk_create(
        Response(
            trial=trial,
            choice=by_slug[_choose(trial.stimulus.emotion, hits, dice)],
            answered_at=now,
            seconds=5.0,
            played_seconds=20.0,
            plays=1,
            listening_measured=True,
        )
        for trial in trials
    )
    count_answers(study)


def _choose(emotion: str, hits: dict[str, float], dice: random.Random) -> str:
    return emotion if dice.random() < hits[emotion] else dice.choice(list(hits))


def serve() -> str:
    """Answer at a port of this machine from a thread; the address."""
    from django.conf import settings
    from waitress.server import create_server

    from melodymuse_site.wsgi import application

    settings.ALLOWED_HOSTS = ["*"]
    server = create_server(application, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    return f"http://127.0.0.1:{server.effective_port}"


def measure(site: str, study: Any, keep: Path | None) -> None:
    """Print the median over some loads of the page, as it is and with sections that its address opens."""
    from playwright.sync_api import sync_playwright

    from tests.chromium import CHROMIUM, FLAGS

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for name, (width, height) in SIZES.items():
            for query in ("", "?open=emotions", "?open=clips", "?open=emotions,clips"):
                loads = [_load(browser, site, study, f"/results/benchmark/{query}", width, height) for _ in range(RUNS)]
                told = {key: statistics.median(load[key] for load in loads) for key in loads[0]}
                print(
                    f"{name} {query or 'closed':22} interactive {told['interactive'] / 1000:.2f} s, loaded"
                    f" {told['loaded'] / 1000:.2f} s, {told['bytes'] / 1000:.0f} kB, shift {told['shift']:.4f},"
                    f" {told['height']:,.0f} px"
                )
            if keep:
                picture(browser, site, study, keep, name)
        browser.close()


def _open(browser: Any, site: str, study: Any, **more: Any) -> Any:
    from django.conf import settings
    from django.test import Client

    client = Client()
    client.force_login(study.owner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context = browser.new_context(base_url=site, **more)
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    return context


def _load(browser: Any, site: str, study: Any, path: str, width: int, height: int) -> dict[str, float]:
    context = _open(browser, site, study, viewport={"width": width, "height": height})
    page = context.new_page()
    page.goto(path, wait_until="load")
    told: dict[str, float] = page.evaluate(OBSERVE)
    context.close()
    return told


def picture(browser: Any, site: str, study: Any, folder: Path, name: str) -> None:
    """Screenshots of the page, in both colour schemes."""
    width, height = SIZES[name]
    folder.mkdir(parents=True, exist_ok=True)
    for scheme in ("light", "dark"):
        context = _open(browser, site, study, viewport={"width": width, "height": height}, color_scheme=scheme)
        page = context.new_page()
        for place, query in (("closed", ""), ("emotions", "?open=emotions"), ("clips", "?open=clips")):
            page.goto(f"/results/benchmark/{query}")
            if place == "emotions":
                cell = page.locator("svg.narrow a.mark" if name == "phone" else "svg.wide a.mark").nth(3)
                cell.click()
                page.locator("[data-panel]").wait_for()
            page.screenshot(path=folder / f"{name}-{scheme}-{place}.png", full_page=True)
        context.close()


if __name__ == "__main__":
    main()
