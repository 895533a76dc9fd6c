"""The last page in a browser: code first, then what it was about and one's own answers; a draft tried by a button."""

import pytest

from survey import actions
from survey.findings.pilots import run_pilot
from survey.models import Participant, Study
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


def test_a_clip_of_ones_own_can_be_played_again(open_page):
    page = open_page("desktop")
    finished(page, debriefed())
    audio = page.locator(".own-answer audio").first
    audio.evaluate("element => element.play()")
    page.wait_for_function("() => document.querySelector('.own-answer audio').currentTime > 0")


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
