"""The front page and the login page, in a real browser."""

import pytest
from django.contrib.auth import get_user_model

from generation.models import IN_FRONT, GenerationRun
from tests.survey.factories import make_versions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HIGHEST_HEADER = 64  # pixels; before, a quarter of a phone's screen
# What moves inside a player that is the browser's own (sources without a node) is not the page's.
SHIFTS = """window.shifts = 0; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (entry.sources.some(source => source.node)) window.shifts += entry.value
}).observe({type: "layout-shift", buffered: true})"""
WIDTHS = """() => ["400", "700"].map(weight => {
  const line = document.body.appendChild(document.createElement("table")).insertRow().insertCell()
  const span = line.appendChild(document.createElement("span"))
  span.style.fontWeight = weight
  span.textContent = "1111111111"
  const narrow = span.getBoundingClientRect().width
  span.textContent = "0000000000"
  return Math.abs(span.getBoundingClientRect().width - narrow)
})"""


def test_login_page_is_reached_from_anywhere(page):
    page.goto("/accounts/login/")
    assert page.get_by_role("heading", level=1).count() == 1


def test_login_page_does_not_scroll_sideways_on_a_phone(phone, sideways_scroll):
    phone.goto("/accounts/login/")
    assert sideways_scroll(phone) == 0


def test_login_page_breaks_no_accessibility_rule(page, accessibility_violations):
    page.goto("/accounts/login/")
    assert accessibility_violations(page) == []


@pytest.fixture
def in_front():
    versions = make_versions(3, emotions=("amusement", "excitement", "sadness"), composer="muse-2")
    GenerationRun.objects.filter(versions__in=versions).update(options={IN_FRONT: True})


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_front_page_fits_breaks_no_rule_and_does_not_jump(
    open_page, in_front, sideways_scroll, accessibility_violations, size, scheme
):
    page = open_page(size, scheme=scheme)
    page.add_init_script(SHIFTS)
    page.goto("/")
    page.evaluate("document.fonts.ready")
    assert sideways_scroll(page) == 0
    assert accessibility_violations(page) == []
    assert page.evaluate("window.shifts") == 0


def test_a_visitor_hears_a_clip_with_one_click(page, in_front):
    page.goto("/")
    audio = page.locator("audio").first
    assert audio.evaluate("async audio => { await audio.play(); return audio.paused }") is False


def test_titles_and_text_have_the_typefaces_of_the_site(page, in_front):
    page.goto("/")
    page.reload()  # `optional`: from the second page on at the latest
    page.evaluate("document.fonts.ready")
    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family)")
    assert {name.strip('"') for name in loaded} >= {"Source Sans 3", "Source Serif 4"}


def test_figures_in_tables_are_as_wide_as_each_other(page, in_front):
    page.goto("/")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(WIDTHS) == [0, 0]


def test_the_header_of_a_phone_is_low_and_its_menu_opens_without_a_script(open_page, log_in):
    user = get_user_model().objects.create_superuser("boss", password="a long password")
    phone = open_page("phone", javascript=False)
    log_in(phone, user)
    phone.goto("/")
    assert phone.locator(".site-header").bounding_box()["height"] <= HIGHEST_HEADER
    assert phone.get_by_role("link", name="Studies", exact=True).is_hidden()
    phone.get_by_role("button", name="Menu").click()
    assert phone.get_by_role("button", name="Log out").is_visible()
    phone.get_by_role("link", name="Studies", exact=True).click()
    assert phone.get_by_role("heading", level=1).inner_text() == "Studies"


def test_the_menu_is_reached_and_left_by_keyboard(phone, log_in, accessibility_violations):
    log_in(phone, get_user_model().objects.create_superuser("boss", password="a long password"))
    phone.goto("/")
    phone.get_by_role("button", name="Menu").focus()
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    assert phone.evaluate("document.activeElement.textContent") == "Pictures"
    assert accessibility_violations(phone) == []
    phone.keyboard.press("Escape")
    assert phone.get_by_role("link", name="Pictures", exact=True).is_hidden()
    assert phone.evaluate("document.activeElement.textContent") == "Menu"


def test_a_wide_window_shows_the_menu_itself(page, log_in):
    log_in(page, get_user_model().objects.create_superuser("boss", password="a long password"))
    page.goto("/")
    assert page.get_by_role("button", name="Menu").is_hidden()
    assert page.get_by_role("link", name="Studies", exact=True).is_visible()
    assert page.locator(".site-header").bounding_box()["height"] <= HIGHEST_HEADER
