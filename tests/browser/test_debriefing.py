"""The last page in a browser: code first, then what it was about and one's own answers; a draft tried by a button."""

import os

import pytest

from survey import actions
from survey.findings.pilots import run_pilot
from survey.models import Participant, Study
from tests.survey.comparing import comparing
from tests.survey.factories import make_study, make_versions
from tests.survey.participating import Listener

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
ALWAYS = Study.Disclosure.ALWAYS


def finished(page, study, choice="awe"):
    """Somebody's last page, reached by their personal link."""
    Listener(study.slug).take_part(lambda _: choice)
    person = Participant.objects.order_by("-pk").first()
    page.goto(f"/study/{study.slug}/resume/{person.token}/")
    return person


def debriefed(**fields):
    fields = {"debrief_own": True, "debrief_intended": ALWAYS, "debrief_others": ALWAYS, **fields}
    return make_study(versions=make_versions(2), require_listening=False, ask_background=False, **fields)


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_the_last_page_tells_what_it_was_about_and_shows_own_answers(open_page, accessibility_violations, size, scheme):
    page = open_page(size, scheme=scheme)
    study = debriefed()
    for _ in range(5):
        Listener(study.slug).take_part(lambda _: "fear")
    finished(page, study)
    code = page.locator("[data-completion-code]")
    assert code.bounding_box()["y"] < page.get_by_role("heading", name="What this study was about").bounding_box()["y"]
    assert page.get_by_role("heading", name="Your answers").is_visible()
    answers = page.locator(".own-answer")
    assert answers.count() == 2
    assert answers.first.locator("audio").get_attribute("preload") == "none"
    assert answers.first.get_by_text("You chose").is_visible()
    assert answers.first.get_by_text("How 5 others answered").is_visible()
    assert answers.first.locator(".own-others tr").count() == 2
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert accessibility_violations(page) == []


def test_clips_of_ones_own_are_played_again_one_at_a_time_by_the_sites_player(open_page):
    page = open_page("desktop")
    finished(page, debriefed())
    assert page.locator(".own-answer audio[controls]").count() == 0
    one = page.get_by_role("button", name="Play: Clip 1", exact=True)
    other = page.get_by_role("button", name="Play: Clip 2", exact=True)
    one.click()
    page.wait_for_function("() => document.querySelectorAll('.own-answer audio')[0].currentTime > 0")
    other.click()
    page.wait_for_function("() => document.querySelectorAll('.own-answer audio')[1].currentTime > 0")
    assert page.locator(".own-answer audio").first.evaluate("audio => audio.paused")
    page.get_by_role("button", name="Play again: Clip 2", exact=True).wait_for()


def test_a_clip_of_ones_own_that_does_not_load_says_so_and_can_be_tried_again(open_page, page_problems):
    page = open_page("phone")
    page.route("**/*.mp3", lambda route: route.abort())
    finished(page, debriefed())
    page.get_by_role("button", name="Play: Clip 1", exact=True).click()
    page.get_by_text("The clip cannot be played.").first.wait_for()
    page.unroute("**/*.mp3")
    page.get_by_role("button", name="Try again: Clip 1", exact=True).click()
    page.wait_for_function("() => document.querySelector('.own-answer audio').currentTime > 0")
    page_problems.clear()  # the request that was made to fail


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_own_comparisons_have_both_players(open_page, accessibility_violations, size, scheme):
    page = open_page(size, scheme=scheme)
    study = comparing(count=2, require_listening=False, ask_background=False, debrief_own=True)
    finished(page, study, "first")
    page.get_by_role("button", name="Play: Pair 1, The first clip", exact=True).wait_for()
    page.get_by_role("button", name="Play: Pair 2, The second clip", exact=True).wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert accessibility_violations(page) == []
    if kept := os.environ.get("SCREENSHOTS"):
        page.screenshot(path=f"{kept}/own-{size}.png", full_page=True)


def test_a_draft_is_tried_by_a_button_and_the_page_follows(open_page, accessibility_violations, log_in):
    page = open_page("desktop")
    study = make_study(versions=make_versions(4), clips_per_participant=2, ask_background=False, publish=False)
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/")
    page.get_by_role("link", name="Try it with simulated people").click()
    page.get_by_label("Simulated people").fill("10")
    page.get_by_role("button", name="Let them try it").click()
    page.get_by_role("heading", name="They are at it").wait_for()
    assert accessibility_violations(page) == []
    run_pilot(study.pilots.get().pk)
    page.get_by_role("heading", name="What came out").wait_for(timeout=20_000)
    assert accessibility_violations(page) == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("button", name="Remove the simulated people").click()
    page.get_by_text("and what they showed are removed.").wait_for()
    assert not actions.remove_pilot(study=study, by=study.owner)
