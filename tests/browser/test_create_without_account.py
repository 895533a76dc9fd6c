"""A visitor without an account has a piece made, with and without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generation import production, visits
from generation.emotions import get_emotion
from generation.models import PairVersion, SourceImage
from tests.generation.brokers import own_broker
from tests.generation.factories import picture_bytes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def offered(tmp_path: Path, settings: Any) -> Iterator[None]:
    settings.PUBLIC_CREATE = True
    settings.MEDIA_ROOT = tmp_path / "media"
    with own_broker(tmp_path / "broker", settings):
        yield


def token_in(page: Any) -> str:
    return str(page.url).rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize(
    ("size", "scheme", "javascript"), [("desktop", "light", True), ("phone", "dark", True), ("phone", "light", False)]
)
def test_from_the_front_page_to_a_piece_that_plays(
    open_page: Any, offered: None, tmp_path: Path, size: str, scheme: str, javascript: bool
) -> None:
    picture = tmp_path / "mine.png"
    picture.write_bytes(picture_bytes())
    page = open_page(size, scheme=scheme, javascript=javascript)
    page.goto("/")
    page.get_by_role("link", name="Make music for a picture of yours").click()
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_label("The music should carry").select_option(label="Awe")
    page.get_by_label("Composer").select_option("paper")
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Your piece waits for its turn").wait_for()
    production.make_visitors_piece(token_in(page))
    page.get_by_role("heading", name="Awe").wait_for()  # by the script, or by the page that loads itself anew
    assert page.locator("[data-visit-said]").inner_text() == "Your piece is ready."
    if javascript:
        page.get_by_role("button", name="Play your piece").click()
        page.locator("audio").evaluate("player => new Promise((done) => { player.ontimeupdate = done; })")
        assert page.locator("audio").evaluate("player => player.duration") > 20
    else:
        assert page.locator("audio").get_attribute("controls") is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    with page.expect_download() as download:
        page.get_by_role("link", name="MIDI").click()
    assert Path(download.value.path()).read_bytes().startswith(b"MThd")
    first = token_in(page)
    page.get_by_role("button", name="Another take of this picture").click()
    page.get_by_text("Your piece waits for its turn").wait_for()
    assert token_in(page) != first
    production.make_visitors_piece(token_in(page))
    page.get_by_role("heading", name="Awe").wait_for()
    assert (SourceImage.objects.count(), PairVersion.objects.count()) == (0, 0)


def test_a_page_whose_visit_is_gone_says_so_and_asks_no_further(
    page: Any, offered: None, settings: Any, tmp_path: Path
) -> None:
    wanted = visits.Wanted("awe", "paper", "image/png")
    visit = visits.begin(wanted, picture_bytes(), address="192.0.2.1", asked="this")
    page.goto(f"/create/visit/{visit.token}/")
    asked: list[str] = []
    visits.drop(visit.token)
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("status").get_by_text("This piece is gone.").wait_for()
    asked.clear()
    page.wait_for_timeout(2500)
    assert asked == []


def test_who_asks_too_often_reads_when_to_come_again(
    page: Any, page_problems: list[str], offered: None, settings: Any, tmp_path: Path
) -> None:
    settings.PUBLIC_CREATE_EACH = 1
    picture = tmp_path / "mine.png"
    picture.write_bytes(picture_bytes())
    for _ in range(2):
        page.goto("/create/")
        page.get_by_label("Picture").set_input_files(picture)
        page.get_by_role("button", name="Make the music").click()
        page.get_by_role("heading", name="Your piece").or_(page.get_by_role("heading", name="Not now")).wait_for()
        production.make_visitors_piece(token_in(page))
    assert "You have asked 1 time within this hour" in page.get_by_role("alert").inner_text()
    assert len(page_problems) == 1  # the console names the answer 429
    page_problems.clear()


def place_of_handle(page: Any) -> list[float]:
    said = page.get_by_role("slider", name="Place of the music").get_attribute("aria-valuetext")
    return [float(number.replace("−", "-")) for number in re.findall(r"[−-]?\d\.\d+", said)]


def give_picture(page: Any, tmp_path: Path) -> None:
    picture = tmp_path / "mine.png"
    picture.write_bytes(picture_bytes())
    page.goto("/create/")
    page.get_by_label("Picture").set_input_files(picture)
    page.get_by_label("Composer").select_option("paper")


@pytest.mark.parametrize(("size", "scheme", "by"), [("desktop", "light", "keys"), ("phone", "dark", "pointer")])
def test_the_piece_is_made_for_where_the_pad_was_moved(
    open_page: Any, offered: None, tmp_path: Path, size: str, scheme: str, by: str
) -> None:
    page = open_page(size, scheme=scheme)
    give_picture(page, tmp_path)
    handle = page.get_by_role("slider", name="Place of the music")
    if by == "keys":
        for key in ("Shift+ArrowRight", "Shift+ArrowRight", "ArrowRight", "Shift+ArrowDown"):
            handle.press(key)
        assert place_of_handle(page) == [0.55, -0.25]
    else:
        drawing = page.locator("[data-pad]")
        drawing.scroll_into_view_if_needed()
        box = drawing.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.25 * box["height"], steps=4)
        page.mouse.up()
        valence, arousal = place_of_handle(page)
        assert valence < -0.3
        assert arousal > 0.4
    place = place_of_handle(page)
    assert page.get_by_label("The music should carry").input_value() == "point"
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Your piece waits for its turn").wait_for()
    visit = visits.find(token_in(page))
    assert visit is not None
    assert visit.wanted.target is not None
    assert [visit.wanted.target["valence"], visit.wanted.target["arousal"]] == place
    production.make_visitors_piece(visit.token)
    said = page.locator("[data-visit-target]").inner_text()
    assert [float(number.replace("−", "-")) for number in re.findall(r"−?\d\.\d+", said)] == place


def test_an_emotion_chosen_after_the_pad_was_moved_is_what_counts(page: Any, offered: None, tmp_path: Path) -> None:
    give_picture(page, tmp_path)
    page.get_by_role("slider", name="Place of the music").press("Shift+ArrowRight")
    page.get_by_label("The music should carry").select_option("sadness")
    emotion = get_emotion("sadness")
    assert place_of_handle(page) == [emotion.valence, emotion.arousal]
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Your piece waits for its turn").wait_for()
    visit = visits.find(token_in(page))
    assert visit is not None
    assert (visit.wanted.emotion, visit.wanted.target) == ("sadness", None)


def test_without_a_script_there_is_no_pad_and_no_choice_of_it(open_page: Any, offered: None) -> None:
    page = open_page("phone", javascript=False)
    page.goto("/create/")
    assert not page.locator("[data-pad]").is_visible()
    assert page.locator("select[name=wanted] option[value=point]").count() == 0
