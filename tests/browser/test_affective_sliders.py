"""The two affective sliders: by pointer, by keyboard, without JavaScript; a slider nobody moved is no answer."""

import pytest

from survey.models import Response
from tests.browser.taking_part import at_clip, begin, choose, listen, pass_test_sounds
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
REMINDER = "A scale has no mark yet. Move its marker, or choose “Next” again to leave it out."


@pytest.fixture
def study(transactional_db):
    return make_study(ask_affect=True, clips_per_participant=2)


def start(page, study):
    begin(page, study)
    listen(page)
    choose(page)
    return page.get_by_role("slider", name="Calm – activated"), page.get_by_role("slider", name="Unpleasant – pleasant")


def go_on(page):
    page.get_by_role("button", name="Next").click()


def stored():
    return Response.objects.values_list("arousal", "valence").get()


def test_sliders_that_nobody_moved_are_asked_for_once_and_then_empty(page, study):
    arousal, valence = start(page, study)
    assert [slider.get_attribute("aria-valuetext") for slider in (arousal, valence)] == ["not set yet"] * 2
    go_on(page)
    page.get_by_text(REMINDER).wait_for()
    assert arousal.evaluate("slider => slider === document.activeElement")
    assert Response.objects.count() == 0
    go_on(page)
    at_clip(page, 2)
    assert stored() == (None, None)


def test_a_slider_moved_by_keys_is_stored_and_said(page, study):
    arousal, valence = start(page, study)
    arousal.press("Home")
    valence.press("ArrowRight")
    valence.press("ArrowRight")
    assert arousal.get_attribute("aria-valuetext") == "Calm 100 %"
    assert valence.get_attribute("aria-valuetext") == "Pleasant 2 %"
    go_on(page)
    at_clip(page, 2)
    assert stored() == (-1.0, 0.02)


def test_the_middle_is_an_answer_too_by_a_tap_or_a_key(phone, study):
    arousal, valence = start(phone, study)
    arousal.tap()
    valence.press("Enter")
    assert [slider.get_attribute("aria-valuetext") for slider in (arousal, valence)] == ["in the middle"] * 2
    go_on(phone)
    at_clip(phone, 2)
    assert stored() == (0.0, 0.0)


def test_a_tap_beside_the_marker_moves_it_there(phone, study):
    arousal, valence = start(phone, study)
    box = arousal.bounding_box()
    assert box["height"] >= 44
    phone.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    valence.press("ArrowLeft")
    go_on(phone)
    at_clip(phone, 2)
    assert stored() == (1.0, -0.01)


def test_a_marker_looks_different_once_it_is_set(page, study):
    arousal, _ = start(page, study)
    page.mouse.move(1, 1)
    before = arousal.screenshot()
    arousal.press("Enter")
    arousal.evaluate("slider => slider.blur()")
    assert arousal.screenshot() != before


def test_without_javascript_there_are_nine_steps_and_none_is_chosen(plain_page, study):
    begin(plain_page, study)
    choose(plain_page)
    steps = plain_page.get_by_role("group", name="Calm – activated").get_by_role("radio")
    assert [step.is_checked() for step in steps.all()] == [False] * 9
    plain_page.get_by_role("radio", name="9 – Activated").check()
    go_on(plain_page)
    at_clip(plain_page, 2)
    assert stored() == (1.0, None)


def test_in_a_right_to_left_language_the_pleasant_end_is_on_the_left(phone, transactional_db, right_to_left):
    study = make_study(ask_affect=True, language=right_to_left, clips_per_participant=2)
    phone.goto(f"/study/{study.slug}/")
    phone.locator("button.button-wide").first.tap()
    phone.locator("[data-sound]").wait_for()
    pass_test_sounds(phone)
    phone.locator("[data-state=play]:not([aria-disabled])").tap()
    phone.locator("[data-submit]:not(:disabled)").wait_for()
    choose(phone)
    valence = phone.locator("[data-affective=valence] input[type=range]")
    box = valence.bounding_box()
    phone.touchscreen.tap(box["x"] + 2, box["y"] + box["height"] / 2)
    phone.locator("[data-affective=arousal] input[type=range]").press("ArrowLeft")
    phone.locator("[data-submit]").tap()
    phone.wait_for_function("() => document.querySelector('.trial-progress progress')?.value === 1")
    assert stored() == (0.01, 1.0)
