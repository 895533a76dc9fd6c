"""The page to play with, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from generation.models import PairVersion, SourceImage
from tests.generation.factories import picture_bytes
from tests.generation.finished import finish_version

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path


@pytest.fixture
def picture_file(tmp_path: Path) -> Path:
    file = tmp_path / "mine.png"
    file.write_bytes(picture_bytes(9))
    return file


@pytest.fixture
def enter(log_in: Callable[[Any, Any], None]) -> Callable[[Any], Any]:
    def open_door(page: Any) -> Any:
        log_in(page, get_user_model().objects.create_user("vera"))
        page.goto("/create/")
        return page

    return open_door


def label_all() -> None:
    SourceImage.objects.update(
        probabilities={"fear": 0.8, "awe": 0.2}, implied={"valence": -0.6, "arousal": 0.4}, label_confident=True
    )


def test_from_a_dropped_picture_to_a_piece_with_a_moving_playhead(
    page: Any, enter: Callable[[Any], Any], picture_file: Path
) -> None:
    enter(page).get_by_label("Picture").set_input_files(picture_file)
    page.get_by_text("Labelling…").wait_for()
    label_all()
    page.get_by_text("Most probably fear").wait_for()
    assert page.get_by_label("Valence").input_value() == "-0.6"
    page.get_by_role("radio", name="Sadness").check()
    assert page.get_by_label("Arousal").input_value() == "-0.55"
    page.get_by_role("button", name="Make the music").click()
    page.get_by_role("heading", name="Your piece").wait_for()
    page.get_by_text("Queued").first.wait_for()
    finish_version(PairVersion.objects.get())
    page.get_by_role("button", name="Play your piece").wait_for()
    page.locator("audio").evaluate("player => new Promise((done) => { player.ontimeupdate = done; player.play(); })")
    assert page.locator(".roll-playhead").get_attribute("visibility") == "visible"
    page.get_by_role("button", name="Send to the library").click()
    page.get_by_text("The pair is in the library now.").wait_for()
    assert PairVersion.objects.get().run.in_library


def test_the_default_waits_for_the_label_and_then_asks_by_itself(
    page: Any, enter: Callable[[Any], Any], picture_file: Path
) -> None:
    enter(page).get_by_label("Picture").set_input_files(picture_file)
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Your piece is asked for as soon as it is done").wait_for()
    assert PairVersion.objects.count() == 0
    SourceImage.objects.update(
        probabilities={"fear": 0.5, "awe": 0.4}, implied={"valence": -0.6, "arousal": 0.4}, label_confident=False
    )
    page.get_by_role("radio", name="What the picture shows (a guess: fear or awe)").wait_for()
    page.get_by_text("Queued").first.wait_for()
    assert PairVersion.objects.get().pair.emotion.slug == "fear"
    assert page.get_by_text("Your piece is asked for as soon as").count() == 0


def test_another_choice_made_while_waiting_is_not_overruled(
    page: Any, enter: Callable[[Any], Any], picture_file: Path
) -> None:
    enter(page).get_by_label("Picture").set_input_files(picture_file)
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Your piece is asked for as soon as it is done").wait_for()
    page.get_by_role("radio", name="Sadness").check()
    label_all()
    page.get_by_text("Most probably fear").wait_for()
    assert page.get_by_role("radio", name="Sadness").is_checked()
    assert PairVersion.objects.count() == 0


def test_without_javascript_an_early_default_gets_a_page_and_no_error(
    plain_page: Any, enter: Callable[[Any], Any], picture_file: Path
) -> None:
    enter(plain_page).get_by_label("Picture").set_input_files(picture_file)
    plain_page.get_by_role("button", name="Use this picture").click()
    plain_page.get_by_role("button", name="Make the music").click()
    plain_page.get_by_text("Wait a moment and ask again").wait_for()
    label_all()
    plain_page.get_by_role("button", name="Make the music").click()
    plain_page.get_by_role("heading", name="Your piece").wait_for()


def test_moving_a_slider_with_the_keyboard_chooses_ones_own_mix(
    page: Any, enter: Callable[[Any], Any], picture_file: Path
) -> None:
    enter(page).get_by_label("Picture").set_input_files(picture_file)
    page.get_by_text("Labelling…").wait_for()
    label_all()
    page.get_by_text("Most probably fear").wait_for()
    page.get_by_label("Dominance").focus()
    page.keyboard.press("End")
    assert page.get_by_role("radio", name="My own mix, by the sliders").is_checked()
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Queued").first.wait_for()
    assert PairVersion.objects.get().target == {"valence": -0.6, "arousal": 0.4, "dominance": 1.0}


def test_everything_works_without_javascript(plain_page: Any, enter: Callable[[Any], Any], picture_file: Path) -> None:
    enter(plain_page).get_by_label("Picture").set_input_files(picture_file)
    plain_page.get_by_role("button", name="Use this picture").click()
    plain_page.get_by_role("heading", name="The music").wait_for()
    plain_page.get_by_role("radio", name="Awe").check()
    plain_page.get_by_role("button", name="Make the music").click()
    plain_page.get_by_role("heading", name="Your piece").wait_for()
    finish_version(PairVersion.objects.get())
    plain_page.reload()
    assert plain_page.get_by_label("Play your piece").is_visible()


def test_the_page_is_accessible_and_fits_small_screens(
    open_page: Callable[..., Any],
    enter: Callable[[Any], Any],
    picture_file: Path,
    accessibility_violations: Callable[[Any], list[str]],
    sideways_scroll: Callable[[Any], int],
) -> None:
    page = enter(open_page("narrow"))
    assert (sideways_scroll(page), accessibility_violations(page)) == (0, [])
    page.get_by_label("Picture").set_input_files(picture_file)
    page.get_by_role("heading", name="The music").wait_for()
    label_all()
    page.get_by_text("Most probably fear").wait_for()
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Queued").first.wait_for()
    finish_version(PairVersion.objects.get())
    page.get_by_role("button", name="Play your piece").wait_for()
    assert (sideways_scroll(page), accessibility_violations(page)) == (0, [])
