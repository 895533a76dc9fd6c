"""The player of the researchers' pages: keys, seeking, repeating, what is remembered, one clip at a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from generation.models import PairVersion
from generation.templatetags.piano_roll import piano_roll
from melodymuse_site.templatetags.player import clock
from tests.browser.taking_part import SHORT, begin
from tests.generation.factories import make_picture, make_researcher, make_run
from tests.generation.finished import NOTES, finish_version
from tests.survey.factories import make_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LENGTH = 28.0
PLACES = "[...document.querySelectorAll('audio')].map((audio) => audio.currentTime)"
PAUSED = "[...document.querySelectorAll('audio')].map((audio) => audio.paused)"
# What has no node is inside the browser's own player, which the site's takes the place of.
SHIFTS = """window.shifts = []; new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) for (const { node, previousRect, currentRect } of entry.sources)
        if (node) window.shifts.push(`${node.outerHTML ?? node.data}: ${previousRect.y} → ${currentRect.y}`);
}).observe({ type: "layout-shift", buffered: true })"""
SMALL = """() => [...document.querySelectorAll(".player-row :is(button, input, [role=slider]), .player-choices label")]
    .filter((part) => part.checkVisibility())
    .map((part) => [part.outerHTML.slice(0, 80), part.getBoundingClientRect()])
    .filter(([, box]) => box.width < 44 || box.height < 44)
    .map(([html, box]) => `${html} ${box.width} × ${box.height}`)"""


@pytest.fixture(autouse=True)
def media_with_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files come from the site's own view: Django's server for tests knows no byte ranges, and nothing could seek."""
    monkeypatch.setattr("django.test.testcases._MediaFilesHandler._should_handle", lambda self, path: False)


@pytest.fixture
def versions(settings: Any, tmp_path: Path, live_server: Any) -> list[PairVersion]:
    """Three ready versions of one pair, newest first as the pages list them."""
    settings.MEDIA_ROOT = tmp_path / "media"
    run = make_run([make_picture()], seeds=3, slug="sadness")
    return [finish_version(version) for version in run.versions.order_by("-number")]


@pytest.fixture
def enter(log_in: Callable[[Any, Any], None]) -> Callable[[Any, str], Any]:
    def open_page(page: Any, address: str) -> Any:
        if not page.context.cookies():
            log_in(page, make_researcher())
        page.goto(address)
        page.locator(".player-button").first.wait_for()
        return page

    return open_page


def place(page: Any, number: int = 0) -> float:
    return float(page.evaluate(PLACES)[number])


def wait_for(page: Any, condition: str) -> None:
    """Until a script of the page says yes; scripts that are strings are refused by its policy, so it is asked again."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"It never came to this: {condition}")


def test_everything_is_done_with_keys_and_told_in_words(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    slider = page.get_by_role("slider", name="Place in the clip").first
    for key, seconds in [
        ("ArrowRight", 1),
        ("Shift+ArrowRight", 6),
        ("ArrowUp", 7),
        ("ArrowLeft", 6),
        ("Shift+ArrowLeft", 1),
        ("ArrowDown", 0),
        ("ArrowLeft", 0),
        ("End", 28),
        ("ArrowRight", 28),
        ("Home", 0),
    ]:
        slider.press(key)
        assert (key, place(page)) == (key, pytest.approx(seconds, abs=0.05))
        assert slider.get_attribute("aria-valuetext") == f"0:{seconds:02} of 0:28"
        assert (slider.get_attribute("aria-valuenow"), slider.get_attribute("aria-valuemax")) == (str(seconds), "28")
    slider.press("Space")
    wait_for(page, f"{PLACES}[0] > 0.2")
    slider.press("Space")
    assert page.evaluate(PAUSED)[0]
    slider.press("m")
    assert page.locator("audio").first.evaluate("audio => audio.muted")
    assert page.get_by_role("button", name="Mute").first.get_attribute("aria-pressed") == "true"
    slider.press("M")
    assert not page.locator("audio").first.evaluate("audio => audio.muted")
    play = page.get_by_role("button", name="Play this clip")
    play.press("Space")
    assert not page.evaluate(PAUSED)[0]
    assert page.evaluate("scrollY") == 0


def test_a_place_chosen_before_anything_is_loaded_is_where_it_plays(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, "/pairs/")
    assert page.locator("audio").first.get_attribute("preload") == "none"
    slider = page.get_by_role("slider", name="Place in the clip").first
    slider.press("Shift+ArrowRight")
    slider.press("Shift+ArrowRight")
    assert slider.get_attribute("aria-valuetext") == "0:10 of 0:28"
    slider.press("Space")
    wait_for(page, f"{PLACES}[0] > 10.1")
    assert place(page) < 14
    other = page.get_by_role("slider", name="Place in the clip").nth(1)
    other.press("Space")
    other.press("Shift+ArrowRight")  # at once, while it is still loading
    wait_for(page, f"{PLACES}[1] > 5.1")


def test_clicks_and_drags_on_both_rolls_seek(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    small = page.get_by_role("slider").first
    box = small.bounding_box()
    small.click(position={"x": box["width"] / 4, "y": 20})
    assert place(page) == pytest.approx(LENGTH / 4, abs=0.1)
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 90, steps=4)
    page.mouse.up()
    page.mouse.move(box["x"] + 5, box["y"] + 20)
    assert place(page) == pytest.approx(LENGTH / 2, abs=0.1)
    drawn = piano_roll(NOTES, "clip")
    x = float(drawn["left"]) + 2.0 * float(drawn["second_width"])
    page.get_by_text("Piano roll:").click()
    page.locator(".roll svg").click(position={"x": x, "y": 60})
    assert place(page) == pytest.approx(2.0 - float(drawn["offset"]), abs=0.05)
    head = page.locator(".roll-playhead")
    assert float(head.get_attribute("x1")) == pytest.approx(x, abs=3)
    page.locator(".roll-scroll").press("ArrowRight")  # scrolls it
    assert place(page) == pytest.approx(2.0 - float(drawn["offset"]), abs=0.05)
    page.locator(".roll-scroll").press("m")
    assert page.locator("audio").first.evaluate("audio => audio.muted")


def touch(page: Any, *steps: tuple[str, float, float]) -> None:
    """Pointer events of a finger on the first slider; places are parts of its width and pixels below its top."""
    page.get_by_role("slider", name="Place in the clip").first.evaluate(
        """(slider, steps) => {
            slider.setPointerCapture = () => {}; // no real finger is there to be captured
            const box = slider.getBoundingClientRect();
            for (const [name, part, down] of steps) slider.dispatchEvent(new PointerEvent(name, {
                pointerType: "touch", button: 0, bubbles: true,
                clientX: box.left + part * box.width, clientY: box.top + down,
            }));
        }""",
        steps,
    )


def test_a_finger_that_scrolls_the_page_moves_no_place_and_drops_no_part(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    slider = page.get_by_role("slider", name="Place in the clip").first
    for key in ("ArrowRight", "i", "ArrowRight", "o"):
        slider.press(key)
    touch(page, ("pointerdown", 0.5, 20))
    assert place(page) == pytest.approx(1, abs=0.05)
    touch(page, ("pointermove", 0.5, 60), ("pointercancel", 0.5, 60))
    assert place(page) == pytest.approx(1, abs=0.05)
    touch(page, ("pointerdown", 0.5, 20), ("pointermove", 0.6, 20))  # sideways, and then the page takes it
    assert place(page) == pytest.approx(LENGTH * 0.6, abs=0.1)
    touch(page, ("pointercancel", 0.6, 20))
    assert place(page) == pytest.approx(1, abs=0.05)
    page.get_by_text("0:01 to 0:02 is repeated.").wait_for()
    touch(page, ("pointerdown", 0.5, 20), ("pointerup", 0.5, 20))
    assert place(page) == pytest.approx(LENGTH / 2, abs=0.1)


def test_screen_readers_are_told_the_place_and_not_every_second_while_they_are_at_it(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    slider = page.get_by_role("slider", name="Place in the clip").first
    page.get_by_role("button", name="Play this clip").click()
    page.get_by_role("button", name="Pause this clip").wait_for()
    wait_for(page, f"{PLACES}[0] > 1.2")
    assert slider.get_attribute("aria-valuetext") != "0:00 of 0:28"
    slider.focus()
    told, seconds = slider.get_attribute("aria-valuetext"), page.evaluate(f"{PLACES}[0]")
    wait_for(page, f"{PLACES}[0] > {seconds + 2}")
    assert slider.get_attribute("aria-valuetext") == told
    wait_for(page, f"{PLACES}[0] > {seconds + 6}")
    assert slider.get_attribute("aria-valuetext") != told
    assert page.locator(".player-said").first.evaluate("said => getComputedStyle(said).display") == "block"


def test_the_small_roll_and_the_sound_share_one_scale(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    """A note that is heard at second 2 is drawn where a click seeks to second 2."""
    enter(page, "/pairs/")
    drawn = page.locator(".player .small-roll path[class$=left]").first.get_attribute("d")
    second_bass = float(drawn.split("M")[2].split()[0])
    assert second_bass == pytest.approx(300 * 2.010 / LENGTH, abs=0.1)
    assert page.locator(".player .small-roll").count() == 3


def test_a_part_is_repeated_until_it_is_dropped(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    slider = page.get_by_role("slider", name="Place in the clip").first
    box = slider.bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] * 10 / LENGTH, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 10.8 / LENGTH, box["y"] + 20, steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    page.get_by_text("0:10 to 0:10 is repeated.").wait_for()
    assert page.locator(".roll-part").get_attribute("visibility") == "visible"
    slider.press("Space")
    places = []
    for _ in range(30):
        page.wait_for_timeout(60)
        places.append(place(page))
    assert min(places) > 9.8
    assert max(places) < 11.1
    assert any(later < earlier for earlier, later in pairwise(places))
    slider.press("l")
    wait_for(page, f"{PLACES}[0] > 11.2")
    assert page.locator(".roll-part").get_attribute("visibility") == "hidden"


def test_a_part_is_marked_by_keys_and_by_buttons(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    slider = page.get_by_role("slider", name="Place in the clip").first
    for key in ("ArrowRight", "i", "Shift+ArrowRight", "o"):
        slider.press(key)
    page.get_by_text("0:01 to 0:06 is repeated.").wait_for()
    assert place(page) == pytest.approx(1, abs=0.05)
    slider.press("End")  # a place outside of the part ends the repeating
    assert page.get_by_text("is repeated.").count() == 0
    slider.press("Home")
    page.get_by_role("button", name="Repeat from here").first.click()
    page.get_by_text("Repeated from 0:00; now mark where it ends.").wait_for()
    slider.press("Shift+ArrowRight")
    page.get_by_role("button", name="to here").first.click()
    page.get_by_text("0:00 to 0:05 is repeated.").wait_for()
    page.get_by_role("button", name="Repeat no part").first.click()
    assert page.get_by_text("is repeated.").count() == 0


def test_a_part_up_to_the_end_begins_again(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    slider = page.get_by_role("slider", name="Place in the clip").first
    for key in ("End", "ArrowLeft", "i", "End", "o", "Space"):
        slider.press(key)
    page.wait_for_timeout(2_500)
    assert not page.evaluate(PAUSED)[0]
    assert place(page) >= 26.9


def test_the_volume_is_remembered_on_every_page_but_those_of_participants(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, versions[0].get_absolute_url())
    page.get_by_role("slider", name="Volume").first.fill("0.3")
    volumes = "[...new Set([...document.querySelectorAll('audio')].map((audio) => audio.volume))]"
    assert page.evaluate(volumes) == [0.3]
    enter(page, "/pairs/")
    assert page.evaluate(volumes) == [0.3]
    assert page.get_by_role("slider", name="Volume").first.input_value() == "0.3"
    begin(page, make_study(**SHORT))
    assert page.evaluate(volumes) == [1]


def test_a_damaged_memory_is_no_hindrance(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    page.add_init_script('localStorage.setItem(\'player\', \'{"volume": "loud", "muted": 7, "next": true}\')')
    enter(page, "/pairs/")
    assert page.locator("audio").first.evaluate("audio => [audio.volume, audio.muted]") == [1, False]
    assert page.get_by_label("Play the next clip when one ends").is_checked()


def test_one_clip_plays_at_a_time(page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]) -> None:
    enter(page, "/pairs/")
    for number in (0, 2, 1):
        page.locator(".player-button").nth(number).click()
        wait_for(page, f"{PLACES}[{number}] > 0.1")
        assert page.evaluate(PAUSED) == [other != number for other in range(3)]
    assert page.locator(".player-button[data-state=pause]").count() == 1


def test_the_next_clip_begins_where_that_is_chosen_and_the_choice_is_remembered(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, "/pairs/")
    slider = page.get_by_role("slider", name="Place in the clip")

    def play_the_end(number: int) -> None:
        slider.nth(number).press("Space")
        wait_for(page, f"{PLACES}[{number}] > 0.05")
        slider.nth(number).press("End")
        wait_for(page, f"document.querySelectorAll('audio')[{number}].ended")
        page.wait_for_timeout(300)

    play_the_end(0)
    assert page.evaluate(PAUSED) == [True, True, True]
    page.get_by_label("Play the next clip when one ends").check()
    enter(page, "/pairs/")
    assert page.get_by_label("Play the next clip when one ends").is_checked()
    play_the_end(1)
    assert page.evaluate(PAUSED) == [True, True, False]
    play_the_end_of_last = "document.querySelectorAll('audio')[2].currentTime = 27.9"
    page.evaluate(play_the_end_of_last)
    wait_for(page, "document.querySelectorAll('audio')[2].ended")
    assert page.evaluate(PAUSED) == [True, True, True]


def test_while_scrolling_the_clip_in_the_middle_plays_only_where_that_is_chosen(
    open_page: Callable[..., Any], enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    phone = enter(open_page("phone"), "/pairs/")
    to_third = "document.querySelectorAll('.player')[2].scrollIntoView({ block: 'center' })"
    phone.evaluate(to_third)
    phone.wait_for_timeout(800)
    assert phone.evaluate(PAUSED) == [True, True, True]
    phone.evaluate("scrollTo(0, 0)")
    phone.get_by_label("While scrolling, play the clip in the middle of the screen").check()
    phone.evaluate(to_third)
    wait_for(phone, f"{PAUSED}.toString() === 'true,true,false'")
    phone.locator(".player-button").nth(2).click()
    phone.evaluate("scrollBy(0, 20)")
    phone.wait_for_timeout(800)
    assert phone.evaluate(PAUSED) == [True, True, True]  # who stops it has it stopped


@pytest.mark.parametrize("how", ["less motion", "little data"])
def test_who_wants_less_motion_or_little_data_is_not_offered_sound_while_scrolling(
    open_page: Callable[..., Any], enter: Callable[[Any, str], Any], versions: list[PairVersion], how: str
) -> None:
    phone = open_page("phone", **({"reduced_motion": "reduce"} if how == "less motion" else {}))
    phone.add_init_script("localStorage.setItem('player', '{\"scroll\": true}')")
    if how == "little data":
        phone.add_init_script(
            "Object.defineProperty(navigator, 'connection', { value: { saveData: true }, configurable: true })"
        )
    enter(phone, "/pairs/")
    phone.get_by_label("Play the next clip when one ends").wait_for()
    assert phone.get_by_label("While scrolling").count() == 0
    phone.evaluate("document.querySelectorAll('.player')[2].scrollIntoView({ block: 'center' })")
    phone.wait_for_timeout(800)
    assert phone.evaluate(PAUSED) == [True, True, True]


def test_a_clip_that_does_not_load_says_so_and_can_be_tried_again(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion], page_problems: list[str]
) -> None:
    page.route("**/media/clips/*", lambda route: route.abort())
    enter(page, "/pairs/")
    page.locator(".player-button").first.click()
    page.get_by_text("This clip cannot be played. Check your connection and try again.").wait_for()
    page.unroute("**/media/clips/*")
    page.get_by_role("button", name="Try again").click()
    wait_for(page, f"{PLACES}[0] > 0.1")
    assert page.get_by_text("This clip cannot be played.").count() == 0
    page_problems.clear()


def test_without_scripts_the_browser_plays_and_links_lead_to_the_other_versions(
    plain_page: Any, log_in: Callable[[Any, Any], None], versions: list[PairVersion]
) -> None:
    log_in(plain_page, make_researcher())
    plain_page.goto(versions[0].get_absolute_url())
    players = plain_page.locator("audio")
    assert [player.get_attribute("controls") for player in players.all()] == [""] * 4
    assert players.first.is_visible()
    assert plain_page.locator(".player-button, [data-compare-hint]:visible, .player-choices:visible").count() == 0
    region = plain_page.get_by_role("region", name="Compare with other versions")
    region.get_by_role("link", name="Version 1").click()
    assert plain_page.url.endswith(versions[2].get_absolute_url())


def test_lengths_are_written_alike_by_server_and_script(page: Any) -> None:
    page.goto("/")
    seconds = [0.0, 0.49, 0.5, 1.5, 2.5, 25.4999, 25.5, 25.6, 27.96, 28.0, 28.03, 59.4, 59.5, 60.0, 119.5, 3600.2]
    seconds += [number / 7 for number in range(600)]
    asked = """async (seconds) => {
        const { clock } = await import("/static/site/clock.js");
        return seconds.map(clock);
    }"""
    assert page.evaluate(asked, seconds) == [clock(one) for one in seconds]
    assert (clock(25.5), clock(59.5), clock(None)) == ("0:26", "1:00", "–")


@pytest.mark.parametrize(
    ("now", "length", "told"),
    [(0.0, 25.5, "0:00"), (25.49, 25.5, "0:25"), (25.5, 25.5, "0:25"), (28.03, 27.6, "0:28"), (30.0, 28.2, "0:28")],
)
def test_a_place_is_the_second_that_has_begun_and_never_beyond_the_length(
    page: Any, now: float, length: float, told: str
) -> None:
    page.goto("/")
    asked = """async ([now, length]) => (await import("/static/site/clock.js")).clockAt(now, length)"""
    assert page.evaluate(asked, [now, length]) == told


def test_participants_get_a_plain_player_that_shows_nothing_of_the_music(page: Any) -> None:
    begin(page, make_study(**SHORT))
    page.locator("[data-state=play]:not([aria-disabled])").wait_for()
    player = page.locator(".player")
    assert player.locator("svg, [role=slider], input").count() == 0
    assert page.locator("[data-roll], .small-roll, .player[data-clip]").count() == 0
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').map(({ name }) => name).filter((n) => n.includes('/site/'))"
    )
    assert {name.rpartition("/")[2] for name in loaded if name.endswith(".js")} == {"clock.js", "frame.js", "pad.js"}
    place_before = page.locator("audio").evaluate("audio => audio.currentTime")
    page.locator(".player-button").press("ArrowRight")
    assert page.locator("audio").evaluate("audio => audio.currentTime") == place_before


@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_nothing_in_the_gallery_moves_when_the_players_are_built(
    open_page: Callable[..., Any], enter: Callable[[Any, str], Any], versions: list[PairVersion], size: str
) -> None:
    page = open_page(size)
    page.add_init_script(SHIFTS)
    # The script comes after the page has been painted, as it does where the network is slow.
    page.route("**/site/player*.js", lambda route: (time.sleep(0.7), route.continue_()))
    enter(page, "/pairs/")
    page.wait_for_timeout(300)
    assert page.evaluate("window.shifts") == []


def test_each_button_of_the_gallery_has_a_name_of_its_own(
    page: Any, enter: Callable[[Any, str], Any], versions: list[PairVersion]
) -> None:
    enter(page, "/pairs/")
    names = page.locator(".player-button").evaluate_all("all => all.map((one) => one.getAttribute('aria-label'))")
    assert names == [f"Play Sadness, {one.composer}, version {one.number}" for one in versions]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_telephone_every_part_is_large_enough_and_accessible(
    open_page: Callable[..., Any],
    enter: Callable[[Any, str], Any],
    versions: list[PairVersion],
    accessibility_violations: Callable[[Any], list[str]],
    sideways_scroll: Callable[[Any], int],
    scheme: str,
) -> None:
    phone = open_page("phone", scheme=scheme)
    for address in (versions[0].get_absolute_url(), "/pairs/"):
        enter(phone, address)
        slider = phone.get_by_role("slider", name="Place in the clip").first
        for key in ("i", "Shift+ArrowRight", "o"):
            slider.press(key)
        assert (address, phone.evaluate(SMALL)) == (address, [])
        assert (address, sideways_scroll(phone), accessibility_violations(phone)) == (address, 0, [])
