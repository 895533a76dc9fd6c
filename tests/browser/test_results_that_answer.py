"""The results page answers: sections on demand, clips behind a cell, a list to sort and filter, a dialog, figures."""

from __future__ import annotations

import re

import pytest

from survey import actions
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]

LONGEST = 3000
"""Pixels from the top of the page to its last headline on a phone, with every section closed."""
MOST_BYTES = 300_000
"""Of the page with everything that it loads by itself, before any sound."""
OBSERVE = """() => new Promise((done) => {
  let shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  const sent = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
  setTimeout(() => done([shift, sent.reduce((sum, entry) => sum + entry.transferSize, 0)]), 300);
})"""


@pytest.fixture
def study(settings, tmp_path):
    """Forty clips by two composers; everybody takes awe for fear."""
    settings.MEDIA_ROOT = tmp_path
    versions = make_versions(20, composer="muse") + make_versions(20, composer="paper", first=40)
    owner = make_researcher("owner", is_superuser=True)  # who may have clips made
    study = make_study(by=owner, versions=versions, clips_per_participant=40)
    answer_study(study, people=6, choose=lambda _, s, __: "fear" if s.emotion == "awe" else None)
    actions.close(study=study, by=study.owner)
    return study


@pytest.fixture
def at_results(study, open_page, log_in):
    """A window of the study's owner at its results: ``at_results("phone", "?open=clips")``."""

    def open_one(size="desktop", query="", **options):
        page = open_page(size, **options)
        log_in(page, study.owner)
        page.goto(f"/results/{study.slug}/{query}")
        return page

    return open_one


def rows(page):
    return page.locator(".clips tbody tr")


def test_sections_open_without_a_reload_and_their_address_keeps_them(at_results, study):
    page = at_results()
    assert page.locator("[data-section] svg").count() == 0
    page.locator("#agreement summary").click()
    page.locator("#agreement svg.wide").wait_for()
    page.locator("#words summary").click()
    page.locator("#words [data-section-body] > p").first.wait_for()
    assert page.url.endswith("?open=words,agreement")
    page.reload()
    assert page.locator("details[data-section][open]").count() == 2
    assert page.locator("#agreement svg.wide").is_visible()
    page.locator("#words summary").press("Enter")  # closes by the keyboard
    page.locator("#words:not([open])").wait_for()
    assert page.url.endswith("?open=agreement")
    page.goto(f"/results/{study.slug}/#clips")
    page.locator("#clips .player-button").first.wait_for()


def test_everything_is_reached_without_a_script(at_results, study):
    page = at_results(javascript=False)
    page.locator("#emotions summary").click()
    page.get_by_role("link", name="Emotions on a page of its own").click()
    page.get_by_role("heading", level=1, name="Emotions").wait_for()
    page.locator("svg.wide a.mark[href*='intended=awe&chosen=fear']").click()
    page.get_by_role("heading", level=1, name="Clips").wait_for()
    assert rows(page).count() == 6
    page.get_by_label("Intended", exact=True).select_option("")
    page.get_by_label("Chosen by anybody").select_option("")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Page 2 →").click()
    assert "26–40 of 40 clips" in page.locator("[data-clip-count]").inner_text()
    page.get_by_role("link", name="Evenness").click()
    assert page.get_by_role("columnheader", name="Evenness").get_attribute("aria-sort") == "ascending"
    page.get_by_role("link", name="Regenerate all that nobody recognised").click()
    assert rows(page).count() == 6
    page.get_by_role("link", name="← Results of").click()
    assert page.locator("#clips[open] audio").count() == 25


def test_a_cell_of_the_matrix_plays_its_clips_beside_it_after_one_click(at_results):
    page = at_results(query="?open=emotions")
    cell = page.locator("#figure-confusion svg.wide a.mark[href*='intended=awe&chosen=fear']")
    cell.click()
    panel = page.locator("#figure-confusion [data-panel]")
    assert panel.get_by_role("heading").inner_text() == "awe → fear: 36 of 36 answers"
    assert panel.locator("audio").count() == 6
    assert panel.get_by_text("6 of 6 answers").first.is_visible()
    beside, matrix = panel.bounding_box(), cell.bounding_box()
    assert beside["y"] < matrix["y"] + matrix["height"]
    assert panel.locator("[data-cell-interval]").inner_text().startswith("100\xa0% of them; 95 % interval ")
    assert "intended=" not in page.url
    playing = "(audio) => audio.play().then(() => audio.duration)"
    assert panel.locator("audio").first.evaluate(playing) > 0.5
    page.keyboard.press("Escape")
    panel.wait_for(state="detached")
    assert page.evaluate("document.activeElement.getAttribute('href')").count("chosen=fear") == 1


def test_the_open_cell_stands_in_the_address_and_a_link_opens_it(at_results, study):
    page = at_results(query="?open=emotions")
    panel, before = page.locator("#figure-confusion [data-panel]"), page.evaluate("history.length")
    page.locator("#figure-confusion svg.wide a.mark[href*='intended=awe&chosen=fear']").click()
    panel.wait_for()
    page.wait_for_function("() => location.search === '?open=emotions&confusion=awe.fear'")
    page.reload()
    assert panel.get_by_role("heading").inner_text() == "awe → fear: 36 of 36 answers"
    assert page.locator("#figure-confusion [aria-current]").get_attribute("href").count("intended=awe&chosen=fear") == 1
    assert page.evaluate("history.length") == before
    panel.get_by_role("button", name="Close").click()
    page.wait_for_function("() => location.search === '?open=emotions'")
    page.goto(f"/results/{study.slug}/?confusion=awe.fear")  # opened with its section
    page.locator("#emotions summary").first.click()
    panel.wait_for()


def test_going_back_to_a_place_of_the_page_keeps_the_open_cell_in_the_address(at_results):
    page = at_results(query="?open=emotions")
    page.evaluate("location.hash = 'clips'")  # as a link to another section does
    page.locator("#figure-confusion svg.wide a.mark[href*='intended=awe&chosen=fear']").click()
    page.locator("#figure-confusion [data-panel]").wait_for()
    page.wait_for_function("() => location.search.endsWith('&confusion=awe.fear')")
    page.go_back()  # to an address from before the cell was opened, which stays open
    page.wait_for_function("() => location.search.endsWith('&confusion=awe.fear')")
    assert page.locator("#figure-confusion [data-panel]").count() == 1


def test_an_open_cell_leaves_the_cell_of_the_design_in_the_address(at_results):
    page = at_results(query="?open=emotions&cell=Matching+pair")
    page.locator("#figure-confusion svg.wide a.mark[href*='intended=awe&chosen=fear']").click()
    page.locator("#figure-confusion [data-panel]").wait_for()
    page.wait_for_function("() => location.search === '?open=emotions&cell=Matching+pair&confusion=awe.fear'")
    page.reload()
    page.locator("#figure-confusion [data-panel]").wait_for()
    assert page.get_by_label("Cell", exact=True).count() == 0  # there is but one
    assert "cell=Matching+pair" in page.url


@pytest.mark.parametrize("cell", ["awe.joy", "fear.awe", "awe", ".", "%3Cscript%3E", "awe.fear.awe"])
def test_a_cell_that_is_not_there_opens_nothing(at_results, cell):
    page = at_results(query=f"?open=emotions&confusion={cell}")
    page.locator("#figure-confusion svg.wide .mark").first.focus()
    page.keyboard.press("ArrowRight")  # the scripts have run
    page.wait_for_load_state("networkidle")
    assert page.locator("#figure-confusion [data-panel]").count() == 0


def test_a_shared_link_to_a_cell_opens_it_for_whoever_has_the_link(study, open_page):
    _, secret = actions.make_results_link(study=study, by=study.owner, name="Anna", expires_at=None)
    page = open_page("desktop")
    page.goto(f"/shared/{secret}/?open=emotions&confusion=awe.fear")
    panel = page.locator("#figure-confusion [data-panel]")
    assert panel.get_by_role("heading").inner_text() == "awe → fear: 36 of 36 answers"


def test_no_line_ends_within_an_interval(at_results):
    """On a phone, in every sentence, table and label of the page."""
    page = at_results("phone", "?open=all")
    broken = (
        """() => [...document.querySelectorAll('.unbroken')].filter((one) => one.getClientRects().length > 1).length"""
    )
    assert page.locator(".unbroken").count() > 100
    assert page.evaluate(broken) == 0
    loose = """() => {
      const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT), found = [];
      while (walker.nextNode()) {
        const [node, range] = [walker.currentNode, document.createRange()];
        if (node.parentElement.closest('svg, title')) continue;
        for (const match of node.data.matchAll(/\\d–\\d[\\d.]* %/g)) {
          range.setStart(node, match.index);
          range.setEnd(node, match.index + match[0].length);
          if (range.getClientRects().length > 1) found.push(node.data);
        }
      }
      return found;
    }"""
    assert page.evaluate(loose) == []


def test_arrow_keys_walk_a_figure_and_every_mark_says_its_count(at_results):
    page = at_results(query="?open=emotions")
    marks = page.locator("#figure-confusion svg.wide .mark")
    assert [marks.nth(place).get_attribute("tabindex") for place in (0, 1)] == ["0", "-1"]
    marks.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    focused = page.locator(":focus")
    assert re.match(r"\w+ → \w+: ", focused.get_attribute("aria-label"))
    tip = page.locator(".mark-tip")
    assert tip.inner_text() == focused.get_attribute("aria-label")
    page.keyboard.press("Escape")
    assert tip.is_hidden()
    page.locator("#figure-emotions svg.wide .mark").nth(2).hover()
    assert re.search(r": \d+ %, 95 % interval \d+ % to \d+ %; .*\d+ answers", tip.inner_text())
    page.locator("#figure-confusion summary").click()
    page.locator("#figure-confusion [data-cell][aria-label*='awe → fear']").press("Enter")
    page.locator("#figure-confusion [data-panel] .player-button").nth(5).wait_for()


def test_a_rectangle_on_the_map_or_its_sides_in_numbers_give_its_clips(at_results):
    page = at_results(query="?open=emotions")
    figure = page.locator("#figure-map")
    svg = figure.locator("svg.wide")
    assert svg.locator(".clip-places circle").count() == 40
    svg.scroll_into_view_if_needed()
    box = svg.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.06)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.4, steps=4)
    page.mouse.up()
    panel = figure.locator("[data-panel]")
    panel.get_by_role("heading", name="Clips in this part of the plane").wait_for()
    assert -1 <= float(figure.get_by_label("Valence from").input_value()) < -0.2
    several = panel.locator("audio").count()
    assert several > 6  # those of awe, taken for fear, among them
    for label, value in (("Valence from", "0.99"), ("Arousal from", "0.99")):
        figure.get_by_label(label).fill(value)
    for side in ("valence", "arousal"):
        figure.locator(f"#map-{side}-to").fill("1")
    figure.get_by_role("button", name="Show the clips").press("Enter")
    panel.get_by_text("No clip lies here.").wait_for()


def test_the_list_sorts_filters_and_turns_its_pages_without_a_reload(at_results):
    page = at_results(query="?open=clips")
    page.evaluate("document.body.dataset.same = 'yes'")
    page.get_by_role("link", name="Page 2 →").click()
    page.get_by_text("26–40 of 40 clips").first.wait_for()
    assert rows(page).count() == 15
    page.get_by_role("link", name="Evenness").click()
    head = page.locator('th[aria-sort="ascending"]:has-text("Evenness")')
    head.wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Evenness"
    page.get_by_label("Intended", exact=True).select_option("awe")
    page.get_by_text("1–6 of 6 clips").first.wait_for()
    assert page.evaluate("document.activeElement.id") == "clips-intended"
    page.get_by_label("Picture’s title").fill("nothing of the kind")
    page.keyboard.press("Enter")
    page.get_by_text("No clip is like that").first.wait_for()
    kept = page.url
    assert "open=clips" in kept
    assert "intended=awe" in kept
    page.go_back()
    page.get_by_text("1–6 of 6 clips").first.wait_for()
    assert page.evaluate("document.body.dataset.same") == "yes"
    page.goto(kept)
    assert page.get_by_label("Picture’s title").input_value() == "nothing of the kind"
    assert page.get_by_label("Intended", exact=True).input_value() == "awe"


def test_what_nobody_recognised_is_named_and_made_anew_without_leaving_the_page(at_results):
    from generation.models import GenerationRun

    page = at_results(query="?open=clips")
    before = GenerationRun.objects.count()
    opener = page.get_by_role("link", name="Regenerate all that nobody recognised")
    opener.press("Enter")
    dialog = page.get_by_role("dialog", name="Make these anew?")
    assert dialog.get_by_role("listitem").filter(has_text="awe").count() == 6
    page.keyboard.press("Escape")
    assert dialog.is_hidden()
    assert GenerationRun.objects.count() == before
    opener.click()
    dialog.get_by_role("button", name="Regenerate these 3 by muse").click()
    dialog.get_by_role("link", name="Watch the run").wait_for()
    assert "New versions are being made" in dialog.get_by_role("status").inner_text()
    assert page.url.endswith("?open=clips")
    run = GenerationRun.objects.latest("pk")
    assert (GenerationRun.objects.count(), run.composer, run.versions.count()) == (before + 1, "muse", 3)


def test_a_part_that_does_not_come_says_so_and_can_be_asked_for_again(at_results, page_problems):
    page = at_results()
    page.route("**/sections/words/**", lambda route: route.abort())
    page.locator("#words summary").click()
    page.get_by_role("alert").wait_for()
    assert "does not answer" in page.get_by_role("alert").inner_text()
    page.unroute("**/sections/words/**")
    page.get_by_role("button", name="Try again").click()
    page.locator("#words [data-section-body] > p").nth(1).wait_for()
    page_problems.clear()


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_open_sections_are_clean_for_assistive_tools(
    at_results, accessibility_violations, sideways_scroll, size, scheme
):
    page = at_results(size, "?open=all", scheme=scheme)
    page.locator(f"svg.{'narrow' if size == 'phone' else 'wide'} a.mark").first.click()
    page.locator("[data-panel]").wait_for()
    assert accessibility_violations(page) == []
    assert sideways_scroll(page) == 0


def test_the_closed_page_is_short_light_and_still(at_results):
    page = at_results("phone")
    tops = "[...document.querySelectorAll('h1, h2, h3')].map((one) => one.getBoundingClientRect().top + scrollY)"
    assert max(page.evaluate(tops)) <= LONGEST
    shift, sent = page.evaluate(OBSERVE)
    assert shift == 0
    assert 20_000 < sent < MOST_BYTES
    page.goto(f"{page.url}?open=emotions,clips")
    shift, sent = page.evaluate(OBSERVE)
    assert shift == 0
    assert sent < MOST_BYTES


def test_what_is_open_is_printed_and_what_is_closed_is_not(at_results):
    page = at_results(query="?open=agreement")
    page.emulate_media(media="print")
    assert page.locator("#figure-agreement").is_visible()
    assert page.locator("#words [data-section-body]").is_hidden()
    assert page.get_by_role("link", name="Open all sections").is_hidden()
