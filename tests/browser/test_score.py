"""The score in a real browser: it follows the player, lets a click seek, and stands there without a script, too."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from generation.models import PairVersion, SourceImage
from tests.generation.factories import make_picture, make_researcher, make_run, only_version
from tests.generation.finished import NOTES, finish_with_score
from tests.generation.music.sheets import composed

IN_LAST_SYSTEM = """() => {
  const cursor = document.querySelector(".score-narrow .score-cursor")?.getBoundingClientRect()
  const last = [...document.querySelectorAll(".score-narrow .system")].at(-1).getBoundingClientRect()
  return Boolean(cursor) && Math.abs(cursor.top - last.top) < 2
}"""
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def ready(live_server: Any, transactional_db: None) -> PairVersion:
    picture = make_picture()
    SourceImage.objects.filter(pk=picture.pk).update(alt_text="Two coloured halves.")
    return finish_with_score(only_version(make_run([picture], slug="sadness")))


@pytest.fixture
def opened(log_in: Callable[[Any, Any], None], ready: PairVersion) -> Callable[[Any], Any]:
    """`opened(page)` is the score's page, with the clip's length known."""

    def open_score(page: Any) -> Any:
        log_in(page, make_researcher())
        page.goto(reverse("score", args=[ready.public_id]))
        return page

    return open_score


def seek(page: Any, seconds: float) -> None:
    """Move the player and wait until it is there.

    The server of these tests sends no parts of files, which the site's own does; so the clip is fetched whole.
    """
    page.locator("audio").evaluate(
        """async (player, seconds) => {
            const heard = (event) => new Promise((done) => player.addEventListener(event, done, { once: true }));
            if (!player.src) {
                const clip = await (await fetch(player.querySelector("source").src)).blob();
                player.src = URL.createObjectURL(clip);
                await heard("canplaythrough");
            }
            const there = heard("seeked");
            player.currentTime = seconds;
            await there;
        }""",
        seconds,
    )


def sounding(page: Any) -> list[int]:
    notes = page.locator(".score-wide .sounds").evaluate_all("notes => notes.map((note) => Number(note.dataset.note))")
    return sorted(notes)


def test_what_sounds_is_marked_and_the_cursor_stands_there(page: Any, opened: Callable[[Any], Any]) -> None:
    opened(page)
    assert page.locator(".score-wide").is_visible()
    assert not page.locator(".score-narrow").is_visible()
    begin = min(row[0] for row in NOTES) - 0.010
    places = []
    for onset in (0.0, 1.5, 3.0):
        seek(page, onset - begin + 0.1)
        marked = sounding(page)
        assert len(marked) == 1 + (onset % 2.0 == 0.0), "one note of the melody, and the bass where it is struck"
        places.append(page.locator(".score-cursor").bounding_box()["x"])
    assert places == sorted(places)
    assert places[0] < places[1] < places[2]


def test_the_cursor_moves_while_the_clip_plays(page: Any, opened: Callable[[Any], Any]) -> None:
    opened(page)
    page.locator("audio").evaluate("player => { player.muted = true; return player.play(); }")
    page.locator('.score-wide .sounds[data-note="0"]').wait_for()
    page.locator('.score-wide .sounds[data-note="2"]').wait_for()


def test_a_click_on_a_note_and_the_choice_of_a_bar_seek(page: Any, opened: Callable[[Any], Any]) -> None:
    opened(page)
    seek(page, 0.0)
    page.locator('.score-wide [data-note="2"] use').click(force=True)
    assert page.locator("audio").evaluate("player => player.currentTime") == pytest.approx(1.01, abs=0.05)
    page.locator("[data-score-go] select").select_option(label="2")
    assert page.locator("audio").evaluate("player => player.currentTime") == pytest.approx(2.01, abs=0.05)


def test_a_click_on_a_note_outside_the_part_that_repeats_ends_the_repeating(
    page: Any, opened: Callable[[Any], Any]
) -> None:
    opened(page)
    button = page.locator(".player-button")
    for seconds, key in ((0.0, "i"), (1.5, "o")):
        seek(page, seconds)
        button.press(key)
    assert page.locator(".player-row[data-repeats]").count() == 1
    page.locator('.score-wide [data-note="2"] use').click(force=True)
    assert page.locator(".player-row[data-repeats]").count() == 1
    page.locator("[data-score-go] select").select_option(label="2")
    assert page.locator(".player-row[data-repeats]").count() == 0
    assert page.locator("audio").evaluate("player => player.currentTime") == pytest.approx(2.01, abs=0.05)


def test_before_the_first_note_there_is_no_cursor(page: Any, opened: Callable[[Any], Any]) -> None:
    opened(page)
    seek(page, 1.2)
    page.locator(".score-wide .score-cursor").wait_for(state="attached")
    seek(page, 0.0)
    page.locator(".score-wide .score-cursor").wait_for(state="detached")


def test_without_a_script_the_score_can_be_read_heard_and_downloaded(
    plain_page: Any, opened: Callable[[Any], Any]
) -> None:
    opened(plain_page)
    assert plain_page.locator(".score-wide").is_visible()
    assert plain_page.locator("audio").is_visible()
    assert not plain_page.locator("[data-score-go]").is_visible()
    with plain_page.expect_download() as download:
        plain_page.get_by_role("link", name="PDF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_page_is_accessible_and_no_wider_than_its_window(
    open_page: Callable[..., Any],
    opened: Callable[[Any], Any],
    accessibility_violations: Callable[[Any], list[str]],
    sideways_scroll: Callable[[Any], int],
    size: str,
    scheme: str,
) -> None:
    page = opened(open_page(size, scheme=scheme))
    page.get_by_text("The score in words").click()
    assert page.locator(".score-narrow").is_visible() == (size == "phone")
    assert accessibility_violations(page) == []
    assert sideways_scroll(page) == 0


def test_the_ink_follows_light_and_dark(open_page: Callable[..., Any], opened: Callable[[Any], Any]) -> None:
    page = opened(open_page("desktop", scheme="dark"))
    colour = page.locator(".score-wide .note use").first.evaluate("glyph => getComputedStyle(glyph).fill")
    assert colour == "rgb(233, 231, 226)"


class TestFollowing:
    """A piece of many systems on a telephone, whose notes are said to come ten times as fast as they sound."""

    @pytest.fixture
    def ready(self, live_server: Any, transactional_db: None) -> PairVersion:
        clip = composed("muse", "sadness")
        version = only_version(make_run([make_picture()], slug="sadness"))
        return finish_with_score(version, clip.musicxml, clip.rows)

    @pytest.fixture
    def play(self, opened: Callable[[Any], Any]) -> Callable[[Any], None]:
        def begin(page: Any) -> None:
            page.route("**/score/", hurry)
            opened(page)
            page.locator("audio").evaluate("player => { player.muted = true; return player.play(); }")

        return begin

    def hear_the_end(self, page: Any) -> float:
        """How far the page is scrolled when the last bar is reached and all movement has ended."""
        for _ in range(200):  # the notes of a bar sound too shortly to be waited for; the cursor stays at the last
            if page.evaluate(IN_LAST_SYSTEM):
                break
            page.wait_for_timeout(100)
        assert page.evaluate(IN_LAST_SYSTEM)
        page.wait_for_timeout(1000)
        return float(page.evaluate("scrollY"))

    def test_the_page_follows_the_music(self, phone: Any, play: Callable[[Any], None]) -> None:
        play(phone)
        assert self.hear_the_end(phone) > 300

    def test_it_stays_where_somebody_has_scrolled(self, phone: Any, play: Callable[[Any], None]) -> None:
        play(phone)
        phone.mouse.wheel(0, 10)
        assert self.hear_the_end(phone) < 250

    def test_it_stands_still_for_who_wants_no_motion(
        self, open_page: Callable[..., Any], play: Callable[[Any], None]
    ) -> None:
        page = open_page("phone", reduced_motion="reduce")
        play(page)
        assert self.hear_the_end(page) == 0


def hurry(route: Any) -> None:
    """Answer with the page as the server makes it, but its notes ten times as early."""
    answer = route.fetch()
    text = answer.text()
    found = re.search(r'<script id="score-times" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    times = json.loads(found[1])
    times["notes"] = [[start / 10, end / 10] for start, end in times["notes"]]
    route.fulfill(response=answer, body=text.replace(found[1], json.dumps(times)))
