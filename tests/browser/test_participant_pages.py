"""Every participant's page for everyone: WCAG 2.2 AA, small windows, large text, right to left, fewer colours."""

import pytest

from tests.browser.participant_pages import READY, press_main_button, show_pages
from tests.browser.taking_part import pass_test_sounds
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]
LEAST_PAGES = 20

# Links in running text may be as small as the text (WCAG 2.5.8); everything else is at least 24 pixels each way.
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, select, summary, audio")]
    .map(element => element.closest("label") || element)
    .filter(element => element.checkVisibility({ visibilityProperty: true }) && !element.matches("p a, .skip"))
    .filter(element => element.type !== "hidden" && !element.hidden)
    .map(element => [element.outerHTML.slice(0, 90), element.getBoundingClientRect()])
    .filter(([, box]) => box.width < 24 || box.height < 24)
    .map(([html, box]) => `${html} ${box.width} × ${box.height}`)"""

# What is cut off: boxes that reach beyond the window's edges, left or right.
OUTSIDE = """() => [...document.querySelectorAll("main *")]
    .filter(element => element.checkVisibility() && !element.closest(".visually-hidden"))
    .map(element => [element.outerHTML.slice(0, 90), element.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.left < -0.5 || box.right > document.documentElement.clientWidth + 0.5))
    .map(([html, box]) => `${html} ${box.left} … ${box.right}`)"""

MOVING = """() => {
    const seconds = text => Math.max(...text.split(",").map(parseFloat));
    const slow = [...document.querySelectorAll("*")].filter(element => {
        const style = getComputedStyle(element);
        return Math.max(seconds(style.transitionDuration), seconds(style.animationDuration)) > 0.01;
    });
    const running = document.getAnimations().filter(animation => animation.effect.getTiming().duration > 10);
    return slow.length + running.length;
}"""

# The others differ from these by size or by colour alone; `make test-long` looks at them too.
USUAL = ("telephone", "desktop, dark", "system colours")
WINDOWS = {
    "telephone": {"size": "phone"},
    "dark": {"size": "phone", "scheme": "dark"},
    "desktop": {"size": "desktop"},
    "desktop, dark": {"size": "desktop", "scheme": "dark"},
    "system colours": {"size": "phone", "forced_colors": "active"},
}
TIGHT = {
    "320 pixels": {"size": "narrow"},
    "zoomed to 200 %": {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
    "zoomed to 400 %": {"viewport": {"width": 320, "height": 225}, "device_scale_factor": 4},
}
LARGE_TEXT = "document.addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '200%' })"


@pytest.fixture(autouse=True)
def refusals_are_meant(open_page, page_problems):
    """A wrong number of tones and the last pages answer 400 and 404, which the console mentions."""
    yield
    meant = ("/sound/", "/outside/", "/nothing/")
    page_problems[:] = [line for line in page_problems if not any(part in line for part in meant)]


@pytest.mark.parametrize(
    "window", [pytest.param(name, marks=() if name in USUAL else pytest.mark.long) for name in WINDOWS]
)
def test_no_page_violates_wcag(open_page, accessibility_violations, window):
    page = open_page(**WINDOWS[window])
    found = {name: accessibility_violations(page) for name in show_pages(page)}
    assert {name: violations for name, violations in found.items() if violations} == {}
    assert len(found) >= LEAST_PAGES


@pytest.mark.parametrize("window", TIGHT)
def test_no_page_scrolls_sideways_or_has_small_targets(open_page, sideways_scroll, window):
    page = open_page(**TIGHT[window])
    found = {
        name: (sideways_scroll(page), page.evaluate(OUTSIDE), page.evaluate(SMALL_TARGETS)) for name in show_pages(page)
    }
    assert {name: faults for name, faults in found.items() if faults != (0, [], [])} == {}
    assert len(found) >= LEAST_PAGES


@pytest.mark.parametrize("size", ["phone", "narrow"])
def test_text_of_twice_the_size_fits(open_page, sideways_scroll, size):
    page = open_page(size)
    page.add_init_script(LARGE_TEXT)
    found = {name: (sideways_scroll(page), page.evaluate(OUTSIDE)) for name in show_pages(page)}
    assert {name: faults for name, faults in found.items() if faults != (0, [])} == {}


def test_right_to_left_nothing_reaches_outside(open_page, sideways_scroll, accessibility_violations, right_to_left):
    page = open_page("narrow")
    found = {}
    for name in show_pages(page, language=right_to_left):
        direction = page.evaluate("() => getComputedStyle(document.body).direction")
        found[name] = (direction, sideways_scroll(page), page.evaluate(OUTSIDE), accessibility_violations(page))
    # A study that does not exist has no language of its own.
    assert found.pop("no such study")[0] == "ltr"
    assert {name: faults for name, faults in found.items() if faults != ("rtl", 0, [], [])} == {}


def test_right_to_left_the_player_and_the_progress_run_from_the_right(open_page, right_to_left):
    page = open_page("phone")
    for name in show_pages(page, language=right_to_left):
        if name == "clip: answered":
            break
    centre = """selector => {
        const box = document.querySelector(selector).getBoundingClientRect();
        return (box.left + box.right) / 2;
    }"""
    player = [page.evaluate(centre, selector) for selector in (".player-button", ".player-bar")]
    assert player == sorted(player, reverse=True)
    faces = [box["x"] for face in page.locator("[data-affective=valence] .face").all() if (box := face.bounding_box())]
    assert faces == sorted(faces, reverse=True)


def test_with_reduced_motion_nothing_moves(open_page):
    page = open_page("phone", reduced_motion="reduce")
    found = {name: page.evaluate(MOVING) for name in show_pages(page)}
    assert {name: count for name, count in found.items() if count} == {}


def test_every_stop_of_the_keyboard_is_seen(open_page):
    """Each element that Tab reaches, or the label around it, has an outline of at least two pixels."""
    page = open_page("desktop")
    unseen, stops = [], 0
    for name in show_pages(page):
        page.evaluate("() => document.activeElement.blur()")
        for _ in range(60):
            page.keyboard.press("Tab")
            seen = page.evaluate(
                """() => {
                    const element = document.activeElement;
                    if (element === document.body) return null;
                    const outlined = [element, element.closest("label")].filter(Boolean).map(getComputedStyle)
                        .some(style => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2);
                    return outlined || element.tagName === "AUDIO" ? "" : element.outerHTML.slice(0, 120);
                }"""
            )
            if seen is None:
                break
            stops += 1
            unseen += [f"{name}: {seen}"] if seen else []
    assert unseen == []
    assert stops > 80


def test_a_screen_reader_hears_what_every_control_is(open_page):
    page = open_page("desktop")
    for name in show_pages(page):
        if name == "clip: first":
            break
    spoken = page.locator("main").aria_snapshot()
    for line in (
        'heading "Clip 1 of 1" [level=1]',
        'progressbar "Progress"',
        'img "A plain area"',
        'button "Play"',
        'progressbar "The clip"',
        'group "Which emotion does this music express?"',
        'radio "Contentment"',
        'slider "Calm – activated"',
        'slider "Unpleasant – pleasant"',
        'textbox "A word of your own (optional)"',
        'radio "1 – not at all"',
        'radio "5 – completely"',
        'button "Next" [disabled]',
    ):
        assert line in spoken


def test_with_the_systems_own_colours_a_choice_is_still_seen(open_page):
    study = make_study(clips_per_participant=1)
    page = open_page("phone", forced_colors="active")
    page.goto(f"/study/{study.slug}/")
    press_main_button(page)
    pass_test_sounds(page)
    page.locator(READY).wait_for()
    outline = "label => getComputedStyle(label).outlineStyle"
    first = page.locator(".answer").first
    assert first.evaluate(outline) == "none"
    first.click()
    assert first.evaluate(outline) == "solid"
