"""The pad: as the form of an answer, and as what is rated while the clip plays."""

import json

import pytest

from survey.models import Course, Response
from tests.browser.taking_part import at_clip, begin, choose, listen, pass_test_sounds
from tests.survey.factories import make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
UNSET = "The square has no mark yet. Put one, or choose “Next” again to leave it out."
UNFOLLOWED = "Nothing was marked while the clip played."
PLAY = "[data-state=play]:not([aria-disabled])"


def go_on(page):
    page.get_by_role("button", name="Next").click()


def mark_of(page):
    return page.get_by_role("slider", name="Mark on the square")


def stored():
    return Response.objects.values_list("valence", "arousal").get()


def tap_on(page, across, up):
    """Tap the pad at a place from −1 to 1 each."""
    box = page.locator(".pad-ground").bounding_box()
    at = box["x"] + box["width"] * (across + 1) / 2, box["y"] + box["height"] * (1 - up) / 2
    page.touchscreen.tap(*at)


@pytest.fixture
def study(transactional_db):
    return make_study(ask_affect=True, affect_form="pad", clips_per_participant=2)


def heard(page, study):
    begin(page, study)
    listen(page)
    choose(page)


def test_a_pad_that_nobody_marked_is_asked_for_once_and_then_empty(page, study):
    heard(page, study)
    assert mark_of(page).get_attribute("aria-valuetext") == "not set yet"
    assert page.get_by_role("slider").count() == 1
    go_on(page)
    page.get_by_text(UNSET).wait_for()
    assert mark_of(page).evaluate("mark => mark === document.activeElement")
    assert Response.objects.count() == 0
    go_on(page)
    at_clip(page, 2)
    assert stored() == (None, None)


def test_a_mark_moved_by_keys_is_stored_and_said(page, study):
    heard(page, study)
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        mark_of(page).press(key)
    assert mark_of(page).get_attribute("aria-valuetext") == "Pleasant 10 %, Calm 25 %"
    go_on(page)
    at_clip(page, 2)
    assert stored() == (0.1, -0.25)


def test_the_middle_is_an_answer_too(page, study):
    heard(page, study)
    mark_of(page).press("Enter")
    assert mark_of(page).get_attribute("aria-valuetext") == "in the middle"
    go_on(page)
    at_clip(page, 2)
    assert stored() == (0.0, 0.0)


def test_on_a_phone_a_tap_marks_the_place_and_the_page_fits(phone, study):
    heard(phone, study)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
    phone.locator(".pad-ground").scroll_into_view_if_needed()
    tap_on(phone, -0.5, 0.8)
    go_on(phone)
    at_clip(phone, 2)
    valence, arousal = stored()
    assert valence == pytest.approx(-0.5, abs=0.02)
    assert arousal == pytest.approx(0.8, abs=0.02)


def test_the_pad_shows_no_emotion(page, study):
    heard(page, study)
    words = page.locator("[data-answer-pad] text").all_text_contents()
    assert words == ["Activated", "Calm", "Unpleasant", "Pleasant"]
    assert page.locator("[data-answer-pad] .pad-emotion").count() == 0


def test_without_javascript_both_are_steps(plain_page, study):
    begin(plain_page, study)
    choose(plain_page)
    assert plain_page.locator("[data-answer-pad]").is_hidden()
    plain_page.get_by_role("radio", name="9 – Activated").check()
    go_on(plain_page)
    at_clip(plain_page, 2)
    assert stored() == (None, 1.0)


@pytest.fixture
def followed(transactional_db):
    return make_study(continuous="plane", versions=make_versions(3, seconds=4.0), clips_per_participant=2)


def play(page):
    page.locator(PLAY).click()
    page.get_by_role("button", name="Pause").wait_for()


def until(page, seconds):
    page.wait_for_function("seconds => document.querySelector('audio').currentTime >= seconds", arg=seconds)


def to_the_end(page):
    page.get_by_role("button", name="Play again").wait_for()
    page.locator("[data-submit]:not(:disabled)").wait_for()


def test_the_mark_is_told_ten_times_a_second_of_the_clip(page, followed):
    begin(page, followed)
    mark = mark_of(page)
    page.locator(PLAY).wait_for()
    assert mark.get_attribute("aria-disabled") == "true"
    mark.press("ArrowRight")  # nothing plays yet
    assert mark.get_attribute("aria-valuetext") == "not set yet"
    play(page)
    until(page, 1.0)
    mark.press("Shift+ArrowRight")
    until(page, 2.0)
    mark.press("Shift+ArrowUp")
    page.get_by_role("button", name="Pause").click()
    page.wait_for_timeout(700)  # no time of the clip
    page.get_by_role("button", name="Play", exact=True).click()
    to_the_end(page)
    choose(page)
    go_on(page)
    at_clip(page, 2)
    course = Course.objects.get()
    assert (course.samples, course.is_whole) == (41, True)
    assert course.valence[:10] == course.arousal[:10] == [None] * 10
    assert course.valence[20:] == [250] * 21
    moved = course.arousal.index(250)
    assert 20 < moved < 30
    assert course.arousal[moved:] == [250] * (41 - moved)
    assert None not in course.valence[25:]
    assert 10 < course.valence.index(250) < 20


def test_a_reload_in_the_middle_costs_nothing(page, followed):
    begin(page, followed)
    play(page)
    until(page, 0.8)
    mark_of(page).press("ArrowLeft")
    until(page, 1.8)
    page.reload()
    page.locator(PLAY).wait_for()
    assert mark_of(page).get_attribute("aria-valuetext") == "Unpleasant 5 %"
    play(page)
    mark_of(page).press("ArrowLeft")
    to_the_end(page)
    choose(page)
    go_on(page)
    at_clip(page, 2)
    course = Course.objects.get()
    assert (course.samples, course.is_whole) == (41, True)
    assert course.valence[:7] == [None] * 7
    assert course.valence[14:17] == [-50] * 3
    assert course.valence[-1] == -100
    assert None not in course.valence[14:]


def test_a_jump_ends_what_counts_and_the_next_whole_playing_does(page, followed):
    begin(page, followed)
    play(page)
    mark_of(page).press("ArrowLeft")
    page.locator("audio").evaluate("audio => { audio.currentTime = 3.0; }")
    page.get_by_role("button", name="Play again").wait_for()
    page.get_by_role("button", name="Play again").click()
    until(page, 0.5)
    mark_of(page).press("ArrowRight")
    to_the_end(page)
    choose(page)
    go_on(page)
    at_clip(page, 2)
    course = Course.objects.get()
    assert course.is_whole
    assert {sample for sample in course.valence if sample is not None} == {50}


def test_a_playing_without_a_mark_does_not_replace_the_one_with(page, followed):
    begin(page, followed)
    play(page)
    mark_of(page).press("ArrowRight")
    to_the_end(page)
    page.get_by_role("button", name="Play again").click()
    page.get_by_role("button", name="Pause").wait_for()
    assert mark_of(page).get_attribute("aria-valuetext") == "not set yet"
    to_the_end(page)
    choose(page)
    go_on(page)
    at_clip(page, 2)
    assert Course.objects.get().valence[-1] == 50


def test_nothing_marked_is_said_once_and_then_taken(page, followed):
    begin(page, followed)
    play(page)
    to_the_end(page)
    choose(page)
    go_on(page)
    page.get_by_text(UNFOLLOWED).wait_for()
    assert Response.objects.count() == 0
    go_on(page)
    at_clip(page, 2)
    assert Course.objects.count() == 0


def test_an_answer_without_connection_keeps_its_course(page, page_problems, followed):
    begin(page, followed)
    play(page)
    mark_of(page).press("ArrowRight")
    to_the_end(page)
    choose(page)
    page.route("**/clip/", lambda route: route.abort())
    go_on(page)
    page.get_by_text("No connection.").wait_for()
    page.unroute("**/clip/")
    page.reload()
    at_clip(page, 2)
    assert Course.objects.get().valence[-1] == 50
    page_problems.clear()


def test_one_dimension_is_rated_on_a_slider(phone, transactional_db):
    study = make_study(continuous="arousal", versions=make_versions(3, seconds=2.0), clips_per_participant=2)
    phone.goto(f"/study/{study.slug}/")
    phone.locator("button.button-wide").first.tap()
    phone.locator("[data-sound]").wait_for()
    pass_test_sounds(phone)
    play(phone)
    slider = phone.get_by_role("slider", name="Calm – activated")
    box = slider.bounding_box()
    phone.touchscreen.tap(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    to_the_end(phone)
    choose(phone)
    phone.locator("[data-submit]").tap()
    phone.wait_for_function("() => document.querySelector('.trial-progress progress')?.value === 1")
    course = Course.objects.get()
    assert (course.dimensions, course.valence, course.arousal[-1]) == ("arousal", [], 1000)


def test_without_javascript_the_start_and_the_clip_say_so_and_the_answer_is_taken(plain_page, followed):
    plain_page.goto(f"/study/{followed.slug}/")
    # Switched off from outside, Chromium shows no <noscript>, as it does where its owner switched scripts off.
    assert "please turn it on before you begin" in plain_page.locator("noscript").inner_html()
    begin(plain_page, followed)
    plain_page.get_by_text("Without JavaScript this cannot be answered.").wait_for()
    choose(plain_page)
    go_on(plain_page)
    at_clip(plain_page, 2)
    assert Response.objects.count() == 1
    assert Course.objects.count() == 0


def test_neither_has_faults_that_axe_finds(page, accessibility_violations, transactional_db):
    study = make_study(continuous="plane", ask_affect=True, affect_form="pad", clips_per_participant=2)
    begin(page, study)
    page.locator(PLAY).wait_for()
    assert accessibility_violations(page) == []


def test_what_is_sent_tells_nothing_of_the_intention(page, followed):
    sent = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None)
    begin(page, followed)
    play(page)
    mark_of(page).press("ArrowRight")
    to_the_end(page)
    assert not any("course=" in body for body in sent)
    kept = page.evaluate("() => Object.entries(localStorage).filter(([name]) => name.startsWith('course:'))")
    assert set(json.loads(kept[0][1])) == {"trial", "course"}


def test_on_a_phone_the_pad_is_on_the_screen_with_the_button_while_the_clip_plays(phone, followed):
    begin(phone, followed)
    phone.set_viewport_size({"width": 360, "height": 640})
    play(phone)
    pad, button = (phone.locator(one).bounding_box() for one in (".course .pad-ground", ".player-button"))
    assert 0 <= button["y"] < pad["y"]
    assert pad["y"] + pad["height"] <= 640
    headings = phone.get_by_role("heading", level=2).all_text_contents()
    assert headings == ["While it plays", "Afterwards"]


def test_next_looks_ready_once_nothing_is_missing(page, study):
    begin(page, study)
    listen(page)
    button = page.get_by_role("button", name="Next")
    assert "button-quiet" in button.get_attribute("class")
    choose(page)
    assert "button-quiet" not in button.get_attribute("class")
