"""The page to play with, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from generation import actions
from generation.models import PairVersion, SourceImage
from tests.generation.factories import make_picture, picture_bytes
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
    page.locator("[data-piece] audio").evaluate(
        "player => new Promise((done) => { player.ontimeupdate = done; player.play(); })"
    )
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
    page.get_by_text("Sliders", exact=True).click()
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


@pytest.fixture
def on_pad(page: Any, enter: Callable[[Any], Any], picture_file: Path) -> Any:
    """A labelled picture's page; its pad stands at the picture's point."""
    enter(page).get_by_label("Picture").set_input_files(picture_file)
    page.get_by_text("Labelling…").wait_for()
    label_all()
    page.get_by_text("Most probably fear").wait_for()
    return page


def drag_to(page: Any, valence: float, arousal: float) -> None:
    pad = page.locator("[data-pad]")
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    low, side = (float(pad.get_attribute(name)) for name in ("data-low", "data-side"))
    scale = box["width"] / float(pad.get_attribute("viewBox").split()[2])
    x, y = (low + (valence + 1) / 2 * side) * scale, (low + (1 - arousal) / 2 * side) * scale
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
    page.mouse.up()


def test_the_pad_stands_at_the_pictures_point_and_says_its_place(on_pad: Any) -> None:
    handle = on_pad.get_by_role("slider", name="Place of the music")
    assert handle.get_attribute("aria-valuetext") == "valence −0.60, arousal 0.40, nearest to disgust"
    assert on_pad.locator("[data-pad-read] circle").count() == 1


def test_dragging_asks_for_a_first_take_and_then_for_a_better_one_of_the_same_seed(on_pad: Any) -> None:
    drag_to(on_pad, 0.65, -0.45)
    assert on_pad.get_by_role("radio", name="My own mix").is_checked()
    assert abs(float(on_pad.get_by_label("Valence").input_value()) - 0.65) < 0.02
    on_pad.get_by_text("Queued").first.wait_for()
    first = PairVersion.objects.get()
    assert first.run.options == {"sketch": True, "candidates": 1}
    assert first.pair.emotion.slug == "contentment"
    finish_version(first, candidates=1)
    on_pad.get_by_text("This is a first take").wait_for()
    on_pad.get_by_role("group", name="Play your piece").wait_for()
    better = PairVersion.objects.latest("pk")
    assert better != first
    assert better.run.options == {"sketch": True}
    assert (better.run.seed, better.target) == (first.run.seed, first.target)
    finish_version(better, candidates=8)
    on_pad.get_by_role("button", name="Show the better take").click()
    on_pad.get_by_text("best of 8").wait_for()
    numbers = on_pad.locator(".take-number").all_inner_texts()
    assert [number.strip() for number in numbers] == ["2", "1"]
    assert on_pad.locator(".pad-take-number").all_text_contents() == ["2"]  # in one place


def test_the_pad_is_moved_by_keys_and_asks_once_it_rests(on_pad: Any) -> None:
    handle = on_pad.get_by_role("slider", name="Place of the music")
    handle.focus()
    for key in ("ArrowRight", "ArrowUp", "Shift+ArrowRight"):
        on_pad.keyboard.press(key)
    assert handle.get_attribute("aria-valuetext") == "valence −0.30, arousal 0.45, nearest to disgust"
    assert on_pad.get_by_label("Valence").input_value() == "-0.3"
    on_pad.get_by_text("Queued").first.wait_for()
    version = PairVersion.objects.get()
    assert (version.target["valence"], version.target["arousal"]) == (-0.3, 0.45)
    on_pad.keyboard.press("End")
    assert handle.get_attribute("aria-valuetext").startswith("valence 1.00")


def test_nothing_is_asked_for_where_moving_is_not_to_make_music(on_pad: Any) -> None:
    on_pad.get_by_label("Make music as I move").uncheck()
    drag_to(on_pad, 0.5, 0.5)
    on_pad.wait_for_timeout(1200)  # twice as long as keys are waited for
    assert PairVersion.objects.count() == 0


def test_a_chosen_emotion_moves_the_handle(on_pad: Any) -> None:
    on_pad.get_by_role("radio", name="Sadness").check()
    handle = on_pad.get_by_role("slider", name="Place of the music")
    assert handle.get_attribute("aria-valuetext") == "valence −0.70, arousal −0.55, nearest to sadness"


def test_the_page_with_takes_fits_a_phone_and_breaks_no_rule(
    open_page: Any, log_in: Any, sideways_scroll: Any, accessibility_violations: Any
) -> None:
    user = get_user_model().objects.create_user("vera")
    picture = make_picture()
    label_all()
    version = actions.sketch(picture=picture, emotion="fear", target=None, composer="muse", seed=3, quick=True, by=user)
    finish_version(version, candidates=1)
    for scheme in ("light", "dark"):
        phone = open_page("phone", scheme=scheme)
        log_in(phone, user)
        phone.goto(f"/create/{picture.public_id}/")
        phone.get_by_text("first take", exact=True).wait_for()
        assert sideways_scroll(phone) == 0
        assert accessibility_violations(phone) == []


def test_of_places_that_the_pad_passes_the_oldest_that_waits_gives_way(on_pad: Any) -> None:
    places = ((-0.6, 0.6), (0.6, 0.6), (0.6, -0.4), (-0.6, -0.4))
    for number, place in enumerate(places, start=1):
        drag_to(on_pad, *place)
        wait_until(on_pad, lambda number=number: PairVersion.objects.count() == number)
    standing = list(PairVersion.objects.order_by("pk").values_list("status", flat=True))
    assert standing == ["cancelled", "queued", "queued", "queued"]
    assert PairVersion.objects.latest("pk").pair.emotion.slug == "sadness"


def test_while_three_pieces_are_made_the_newest_wish_waits_and_is_asked_for_afterwards(on_pad: Any) -> None:
    for number, emotion in enumerate(("Awe", "Fear", "Anger"), start=1):
        on_pad.get_by_role("radio", name=emotion).check()
        on_pad.get_by_role("button", name="Make the music").click()
        wait_until(on_pad, lambda number=number: PairVersion.objects.count() == number)
    on_pad.get_by_role("radio", name="Sadness").check()
    on_pad.get_by_role("button", name="Make the music").click()
    on_pad.get_by_text("3 of your pieces are still being made").wait_for()
    finish_version(PairVersion.objects.latest("pk"))
    wait_until(on_pad, lambda: PairVersion.objects.count() == 4)
    assert PairVersion.objects.latest("pk").pair.emotion.slug == "sadness"


def test_the_button_asks_for_no_second_piece_of_the_place_that_is_being_made(on_pad: Any) -> None:
    drag_to(on_pad, -0.6, 0.6)
    wait_until(on_pad, lambda: PairVersion.objects.count() == 1)
    on_pad.get_by_text("Queued").first.wait_for()
    on_pad.get_by_role("button", name="Make the music").click()
    on_pad.wait_for_timeout(500)
    assert PairVersion.objects.count() == 1


def wait_until(page: Any, holds: Callable[[], bool]) -> None:
    for _ in range(100):
        if holds():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not come to hold within ten seconds.")


OVERLAPS = """() => {
  const bar = document.querySelector("[data-piece-body] > .player-place").getBoundingClientRect();
  const field = document.activeElement.getBoundingClientRect();
  return field.top < bar.bottom && bar.top < field.bottom;
}"""


@pytest.mark.parametrize(("size", "scheme", "sticks"), [((360, 740), "dark", True), ((740, 360), "light", False)])
def test_on_a_phone_the_player_stays_in_reach_of_the_pad_and_covers_no_field(
    open_page: Callable[..., Any],
    enter: Callable[[Any], Any],
    picture_file: Path,
    accessibility_violations: Callable[[Any], list[str]],
    size: tuple[int, int],
    scheme: str,
    sticks: bool,
) -> None:
    page = enter(open_page("phone", scheme=scheme, viewport={"width": size[0], "height": size[1]}))
    page.get_by_label("Picture").set_input_files(picture_file)
    page.get_by_role("heading", name="The music").wait_for()
    label_all()
    page.get_by_text("Most probably fear").wait_for()
    page.get_by_role("button", name="Make the music").click()
    page.get_by_text("Queued").first.wait_for()
    finish_version(PairVersion.objects.get())
    play = page.get_by_role("button", name="Play your piece")
    play.wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.locator("[data-pad]").scroll_into_view_if_needed()
    place = page.locator("[data-piece-body] > .player-place").bounding_box()
    assert (place["y"] + place["height"] <= size[1]) == sticks
    assert place["height"] <= 190  # a quarter of the window
    if sticks:
        pad = page.locator("[data-pad]").bounding_box()
        assert pad["y"] + pad["height"] <= place["y"]
    page.get_by_role("link", name="Another picture").focus()
    inside = "document.activeElement.closest('[data-sketch]') !== null"
    met = 0
    while not page.evaluate("document.activeElement.closest('[data-piece]') !== null"):
        page.keyboard.press("Tab")
        if page.evaluate(inside):
            met += 1
            assert not page.evaluate(OVERLAPS), page.evaluate("document.activeElement.outerHTML")
    assert met >= 5
    assert accessibility_violations(page) == []
