"""What a real browser receives in a whole participation, every byte and header, tells nothing of what is intended.

Real clips of two composers from the real making, served by the real server: pages, styles, scripts, icons, sounds.
"""

import re

import pytest
from django.contrib.auth import get_user_model
from playwright.sync_api import Error

from generation import actions as generation_actions
from generation import production
from generation.emotions import EMOTIONS, get_emotion
from generation.images import demo
from generation.models import PairVersion
from generation.networks.composers import installed_composers
from tests.browser.participant_pages import READY, press_main_button
from tests.browser.taking_part import choose_tones, hear
from tests.survey.factories import make_study
from tests.survey.serving import Server
from tests.survey.test_blind import OPTIONS, TELLING, as_read

pytestmark = [
    pytest.mark.browser,
    pytest.mark.service,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]
# Megabytes of sound hold any three letters somewhere by chance: in them only the longer words are looked for.
LONG_WORDS = {word for emotion in EMOTIONS for word in (emotion.slug, emotion.label.casefold()) if len(word) > 3}
IN_BYTES = re.compile("|".join([*LONG_WORDS, *installed_composers()]).encode(), re.IGNORECASE)
TAGS = re.compile(rb"^ID3|TAG.{125}$|APETAGEX|(?:TITLE|COMMENT|ARTIST|GENRE)=|tEXt|iTXt|zTXt|Exif", re.DOTALL)


@pytest.fixture
def server(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    server = Server()
    server.start()
    yield server
    server.kill()


def make_real_versions():
    """Four finished pairs: two emotions by each of two composers."""
    admin = get_user_model().objects.create_superuser("ada", password="correct horse battery")
    for composer, slugs in (("muse", ("fear", "amusement")), ("paper", ("sadness", "excitement"))):
        slug_of = {}
        for slug in slugs:
            painted = demo.paint(get_emotion(slug), 3)
            picture, _ = generation_actions.add_picture(data=painted, filename=f"{slug}.png", by=admin)
            slug_of[picture] = slug
        run = generation_actions.request_run(
            pictures=list(slug_of),
            emotions={picture.pk: slug for picture, slug in slug_of.items()},
            composer=composer,
            seed=4,
            by=admin,
        )
        for version in run.versions.all():
            production.make_pair_version(version.pk)
    return list(PairVersion.objects.filter(status="ready"))


def play_all(page):
    """Every test sound of the page to its end, one after the other."""
    for number in range(page.locator("[data-sound]").count()):
        hear(page, number)


def take_part(page, study):
    page.goto(f"/study/{study.slug}/")
    while not page.url.endswith("/headphones/"):
        page.wait_for_load_state("networkidle")
        if page.url.endswith("/sound/"):
            play_all(page)
            choose_tones(page)
        press_main_button(page)
    play_all(page)
    for number in range(1, 7):
        page.locator(f"input[name=part_{number}]").first.check()
    press_main_button(page)
    while not page.url.endswith("/end/"):
        page.wait_for_load_state("networkidle")
        if page.url.endswith("/clip/"):
            page.locator(READY).click()
            page.locator("[data-submit]:not(:disabled)").wait_for()
            page.locator(".answer").first.click()
            page.locator(".confidence-list label").first.click()
            for slider in page.locator(".affective-slider").all():
                slider.press("PageUp")
            with page.expect_navigation():
                page.locator("[data-submit]").click()
        else:
            press_main_button(page)


def told(address, status, headers, body):
    """What one response gives away in its address, its headers and its body."""
    lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
    found = TELLING.findall(f"{address}\n{lines}")
    if 300 <= status < 400:
        return found
    kind = headers.get("content-type", "")
    if kind.startswith(("audio/", "image/")) and "svg" not in kind:
        return found + IN_BYTES.findall(body) + TAGS.findall(body)
    return found + TELLING.findall(OPTIONS.sub("", as_read(kind, body)))


class Watcher:
    """Looks at every response that a page finishes; those the browser keeps no body of are fetched once more."""

    def __init__(self, page):
        self.page = page
        self.found, self.kinds, self.media, self.again = {}, set(), set(), set()
        page.on("requestfinished", self.look)

    def look(self, request):
        response = request.response()
        try:
            body = b"" if 300 <= response.status < 400 else response.body()
        except Error:
            # What posts answer, which a page that moves on drops, is looked at in tests/survey/test_blind.py.
            self.again.update({response.url} if request.method == "GET" else ())
            return
        self.judge(response.url, response.status, response.all_headers(), body)

    def judge(self, address, status, headers, body):
        self.kinds.add(headers.get("content-type", "").partition(";")[0])
        self.media.update({address} if "/media/" in address else ())
        if words := told(address, status, headers, body):
            self.found[address] = words

    def finish(self):
        self.page.wait_for_load_state("networkidle")
        for address in self.again:
            response = self.page.request.get(address)
            self.judge(address, response.status, response.headers, response.body())


def test_nothing_that_the_browser_receives_tells_the_intention(open_page, server):
    versions = make_real_versions()
    assert len(versions) == 4
    study = make_study(
        versions=versions,
        clips_per_participant=4,
        ask_affect=True,
        ask_word=True,
        require_listening=False,
        headphones="record",
    )
    page = open_page("phone", base_url=server.url)
    watcher = Watcher(page)
    take_part(page, study)
    watcher.finish()
    assert watcher.found == {}
    assert {"text/html", "text/css", "text/javascript", "audio/mpeg", "audio/wav"} <= watcher.kinds
    assert {"image/png", "image/jpeg", "image/webp"} & watcher.kinds
    assert len(watcher.media) == 8
