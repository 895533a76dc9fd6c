"""Played or composed? Two clips that are really played, by keys alone, on a desk and on a telephone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from generation import actions
from generation.importing.storing import import_manifest
from generation.models import ListeningAnswer
from tests.generation.factories import make_picture, make_researcher, make_run
from tests.generation.finished import finish_version
from tests.generation.importing import write_manifest

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LENGTHS = "[...document.querySelectorAll('audio')].map((player) => player.duration)"
PAUSED = "[...document.querySelectorAll('audio')].map((player) => player.paused)"


@pytest.fixture(autouse=True)
def clips(settings: Any, tmp_path: Path) -> None:
    """A recording of half a minute that was imported, and a piece that was made."""
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    times = np.arange(31 * 22_050) / 22_050
    (tmp_path / "sent").mkdir()
    soundfile.write(tmp_path / "sent" / "a.wav", 0.1 * np.sin(2 * np.pi * 330 * times), 22_050)
    rows = [{"file": "a.wav", "emotion": "sadness", "system": "pianists"}]
    import_manifest(write_manifest(tmp_path / "sent", rows), by=None)
    finish_version(make_run([make_picture()]).versions.get())


def test_a_pair_is_heard_and_answered_by_keys(page: Any, log_in: Callable[[Any, Any], None]) -> None:
    log_in(page, make_researcher())
    page.goto("/create/")
    page.get_by_role("link", name="Played or composed?").click()
    page.get_by_role("button", name="Begin").press("Enter")
    page.get_by_role("heading", name="Pair 1 of 1").wait_for()
    finish = page.get_by_role("button", name="Finish")
    assert finish.is_disabled()
    for key in ("1", "2"):
        page.keyboard.press(key)
        page.wait_for_timeout(5600)
        assert page.evaluate(PAUSED) == [key != "1", key != "2"]
    one, other = page.evaluate(LENGTHS)
    assert one == other == pytest.approx(20.0, abs=0.05)
    assert finish.is_enabled()
    page.keyboard.press("2")
    assert page.evaluate(PAUSED) == [True, True]
    page.get_by_role("group", name="Which one did a person play?").get_by_label("The first").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.get_by_text("That was the last pair; all answers are stored.").wait_for()
    answer = ListeningAnswer.objects.get()
    assert (answer.chosen, answer.preferred) == ("second", "")
    assert 5 <= answer.first_seconds <= 7
    assert 5 <= answer.second_seconds <= 7


def test_everything_has_room_on_a_telephone_and_is_accessible(
    phone: Any, log_in: Callable[[Any, Any], None], accessibility_violations: Callable[[Any], list[str]]
) -> None:
    by = make_researcher()
    log_in(phone, by)
    width = "document.documentElement.scrollWidth"
    phone.goto("/create/listen/")
    assert phone.evaluate(width) == 360
    assert accessibility_violations(phone) == []
    actions.start_listening(composer="paper", version="paper 1", system="pianists", pairs=1, by=by)
    phone.goto("/create/listen/")
    assert phone.evaluate(width) == 360
    assert accessibility_violations(phone) == []
    assert not phone.get_by_text("Keys 1 and 2").is_visible()
    phone.get_by_role("button", name="Stop this series …").click()
    phone.get_by_role("button", name="Stop for good").click()
    phone.get_by_text("The series is over; what you answered").wait_for()


def test_a_mute_of_another_page_is_not_kept_and_muted_seconds_do_not_count(
    page: Any, log_in: Callable[[Any, Any], None]
) -> None:
    page.add_init_script("localStorage.setItem('player', '{\"muted\": true, \"volume\": 0}')")
    log_in(page, make_researcher())
    page.goto("/create/listen/")
    page.get_by_role("button", name="Begin").click()
    page.locator("[data-key]").first.wait_for()
    first = page.locator("audio").first
    assert first.evaluate("audio => [audio.volume, audio.muted]") == [1, False]
    page.get_by_role("button", name="Mute").first.click()
    page.get_by_text("The sound is off: seconds without it do not count.").wait_for()
    page.keyboard.press("1")
    page.wait_for_timeout(1500)
    assert page.locator("[data-seconds]").first.input_value() == "0"
    page.get_by_role("button", name="Mute").first.click()
    page.wait_for_timeout(1500)
    assert float(page.locator("[data-seconds]").first.input_value()) > 0.5


def test_a_key_that_is_held_starts_a_clip_once(page: Any, log_in: Callable[[Any, Any], None]) -> None:
    log_in(page, make_researcher())
    page.goto("/create/listen/")
    page.get_by_role("button", name="Begin").click()
    page.locator("[data-key]").first.wait_for()  # shown when the keys work
    for _ in range(4):  # without a release in between: what a held key sends
        page.keyboard.down("1")
    assert page.evaluate(PAUSED) == [False, True]
    page.keyboard.up("1")


def test_a_clip_that_cannot_be_loaded_is_said_on_the_page(page: Any, log_in: Callable[[Any, Any], None]) -> None:
    log_in(page, make_researcher())
    page.goto("/create/listen/")
    page.route("**/create/listen/clips/**", lambda route: route.fulfill(content_type="audio/mpeg", body="no sound"))
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("heading", name="Pair 1 of 1").wait_for()
    page.get_by_text("A clip cannot be played: load the page again.").wait_for()
    assert page.get_by_role("button", name="Finish").is_disabled()
