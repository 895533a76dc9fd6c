"""Take the pictures of the documentation: python -m docs.building.screenshots (`make screenshots`).

A fresh site is started in a folder of its own, with its demo pairs; then this script does in Chromium what
docs/first-study.md tells its reader to do, and takes a picture at each step. Programs listen in the place of people,
without the pass that marks them as programs: a study without people has no results to show. The site and its answers
are thrown away at the end.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 150_000
LISTENERS, AT_ONCE = 24, 8
WIDE, PHONE = (1280, 860), (360, 740)
TITLE = "Moods of a piano"
READY, PASSWORD = "Ctrl-C stops everything", re.compile(r"Log in as “admin” with the password (\S+)")


@dataclass(frozen=True, slots=True)
class Site:
    """A running site: where it answers, and the password of its administrator."""

    base: str
    password: str


@contextmanager
def running_site(data_dir: Path) -> Iterator[Site]:
    """`manage.py start` with its demo content, until the block ends."""
    port = _free_port()
    command = [sys.executable, "manage.py", "start", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    environment = {**os.environ, "DATA_DIR": str(data_dir), "WEB_PROCESSES": "1", "PYTHONUNBUFFERED": "1"}
    site = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        said = ""
        for line in site.stdout or ():
            said += line
            if READY in line:
                break
        password = PASSWORD.search(said)
        if password is None:
            raise SystemExit(f"The site did not start:\n{said}")
        # What it says later has to be read by somebody, or it would stand still.
        threading.Thread(target=(site.stdout or io.StringIO()).read, daemon=True).start()
        yield Site(f"http://127.0.0.1:{port}", password.group(1))
    finally:
        site.send_signal(signal.SIGINT)
        site.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def take(page: Any, name: str, *, height: int | None = None) -> None:
    """What the window shows, or the upper part of it, as WebP: as good as fits the limit."""
    from PIL import Image

    page.wait_for_load_state("networkidle")
    if page.evaluate("performance.getEntriesByType('navigation')[0].responseStatus") >= 400:
        raise SystemExit(f"{page.url} cannot be shown.")
    size = page.viewport_size
    clip = {"x": 0, "y": 0, "width": size["width"], "height": height or size["height"]}
    with Image.open(io.BytesIO(page.screenshot(clip=clip))) as shot:
        for quality in range(90, 20, -5):
            stream = io.BytesIO()
            shot.convert("RGB").save(stream, "WEBP", quality=quality, method=6)
            if stream.tell() < MOST_BYTES:
                (PICTURES / f"{name}.webp").write_bytes(stream.getvalue())
                (PICTURES / f"{name}.webp").chmod(0o644)  # the site's own files are for their owner alone
                print(f"{name}.webp: {stream.tell() // 1000} kB, quality {quality}")
                return
    raise SystemExit(f"{name} does not fit {MOST_BYTES} bytes.")


def show(page: Any, role: str, name: str) -> None:
    """Bring a heading or another element to the top of the window."""
    page.get_by_role(role, name=name, exact=True).first.evaluate(
        "element => window.scrollTo(0, element.getBoundingClientRect().top + window.scrollY - 24)"
    )


def take_part_on_a_phone(page: Any) -> None:
    """The demo study up to its first clip, with a sound check that is really listened to."""
    from survey.simulation.hearing import count_tones

    page.goto("/study/demo/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    page.locator("[data-sound] .player-button").click()
    page.wait_for_function("() => 'heard' in document.querySelector('[data-sound]').dataset")
    page.wait_for_timeout(1_000)  # the server's clock began a moment after the browser's
    sound = page.request.get(page.locator("[data-sound] audio").get_attribute("src")).body()
    page.locator(f"input[name=tones][value='{count_tones(sound)}']").check()
    page.locator("main .button-wide").click()
    page.locator("#trial-form").wait_for()
    take(page, "clip-on-a-phone")


def make_study(page: Any) -> str:
    """From *New study* to *Publish and freeze*; returns the study's short name."""
    page.goto("/studies/new/")
    page.get_by_role("button", name="Take “Choose the emotion”").click()
    page.get_by_label("Title").fill(TITLE)
    take(page, "new-study")
    page.get_by_role("button", name="Save and choose clips").click()
    page.get_by_role("button", name="Choose all shown").click()
    show(page, "heading", "Choose clips")
    take(page, "choose-clips")
    page.get_by_role("button", name="Save and look it over").click()
    slug = urlsplit(page.url).path.strip("/").split("/")[1]
    take(page, "publish")
    page.get_by_role("button", name="Publish and freeze").click()
    page.get_by_text("The study is published.").wait_for()
    return slug


def let_programs_listen(site: Site, slug: str) -> None:
    """They answer as a listener would who hears each emotion more often than any other; two leave on the way."""
    from survey.models import Study
    from survey.simulation.bots import Bot, Scene, take_part
    from survey.simulation.personas import assign_personas, read_mix
    from survey.simulation.truth import default_truth

    study = Study.objects.get(slug=slug)
    stimuli = list(study.stimuli.all())
    scene = Scene(
        base=site.base,
        slug=slug,
        entry=f"/study/{slug}/",
        truth=default_truth(list(study.choices.values_list("slug", flat=True))),
        music={one.audio.rsplit("/", 1)[-1]: one.emotion for one in stimuli},
        pictures={one.picture_file.rsplit("/", 1)[-1]: one.picture_emotion for one in stimuli if one.picture_file},
        hears_out=True,
    )
    rng = random.Random(1)
    personas = assign_personas(read_mix("listener=.85,guesser=.08,dropout=.07"), LISTENERS, rng)
    bots = [Bot(persona, rng.getrandbits(32)) for persona in personas]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for bot in pool.map(lambda bot: take_part(bot, scene), bots):
            if bot.timings.errors:
                raise SystemExit(f"A program could not take part: {bot.timings.errors}")


def show_the_end(page: Any, slug: str) -> None:
    page.goto(f"/studies/{slug}/monitor/")
    take(page, "monitor")
    page.goto(f"/studies/{slug}/close/")
    page.locator("main form button").first.click()
    page.goto(f"/results/{slug}/")
    take(page, "results")
    page.goto(f"/results/{slug}/?open=emotions")
    show(page, "heading", "Intended and chosen emotion")
    take(page, "figures")


def show_a_pair(page: Any) -> None:
    """The newest demo pair of a photograph, as the top of the README shows it."""
    from generation.models import PairVersion
    from melodymuse_site.demo import TWO_PICTURES

    version = PairVersion.objects.filter(run__reason=TWO_PICTURES, status=PairVersion.Status.READY).latest("pk")
    page.goto(version.get_absolute_url())
    take(page, "pair")


def take_all(site: Site) -> None:
    from playwright.sync_api import sync_playwright

    names = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
    chromium = next(found for name in names if (found := shutil.which(name)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )

        def window(size: tuple[int, int], **options: Any) -> Any:
            viewport = {"width": size[0], "height": size[1]}
            return browser.new_context(base_url=site.base, viewport=viewport, **options).new_page()

        page = window(WIDE)
        page.goto("/")
        take(page, "front-page", height=640)
        take_part_on_a_phone(window(PHONE, device_scale_factor=2, has_touch=True))
        page.goto("/accounts/login/")
        page.get_by_label("Name").fill("admin")
        page.get_by_label("Password").fill(site.password)
        page.get_by_role("button", name="Log in").click()
        show_a_pair(page)
        slug = make_study(page)
        let_programs_listen(site, slug)
        show_the_end(page, slug)
        browser.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--running", metavar="URL", help="a site that runs already; DATA_DIR names its folder")
    parser.add_argument("--password", help="its administrator's password")
    options = parser.parse_args()
    # Playwright keeps an event loop in this thread; Django would refuse to touch the database beside it.
    os.environ |= {"DJANGO_SETTINGS_MODULE": "melodymuse_site.settings", "DJANGO_ALLOW_ASYNC_UNSAFE": "true"}
    if options.running:
        _set_up()
        take_all(Site(options.running, options.password))
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        _set_up()
        with running_site(Path(folder)) as site:
            take_all(site)


def _set_up() -> None:
    import django

    django.setup()


if __name__ == "__main__":
    main()
