"""Sound check and headphone test in a real browser: nobody passes with Tab and Enter, everybody who listens does."""

import pytest

from survey.actions.hearing import targets_of
from survey.models import Participant
from tests.browser.taking_part import HEARD, SHORT, at_clip, check_sound, choose_tones, hear, pass_test_sounds
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]
TO_THE_END = "Play the sound to its end first."


@pytest.fixture
def refusals_are_meant(open_page, page_problems):
    yield
    page_problems[:] = [line for line in page_problems if "the server responded with a status of 400" not in line]


def press_until(page, name):
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"{name} is not reached by Tab.")


def at_sound(page, **fields):
    study = make_study(**SHORT, **fields)
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    page.wait_for_load_state()  # who is quicker than the scripts takes part as without scripts
    return study


def at_headphones(page, **fields):
    study = at_sound(page, headphones="record", **fields)
    pass_test_sounds(page)
    page.get_by_role("heading", name="Headphone test").wait_for()
    page.wait_for_load_state()
    return study


def choose_parts(page, tap=False):
    for number, target in enumerate(targets_of(Participant.objects.get()), start=1):
        part = page.locator(f"label:has(input[name=part_{number}][value='{target + 1}'])")
        part.tap() if tap else part.click()


def test_tab_and_enter_do_not_pass_the_sound_check(page):
    at_sound(page)
    press_until(page, "I hear it well – go on")
    page.keyboard.press("Enter")
    page.locator("input[name=tones]").first.focus()
    page.keyboard.press("Space")
    press_until(page, "I hear it well – go on")
    page.keyboard.press("Enter")
    page.get_by_text(TO_THE_END).wait_for()
    assert page.evaluate("document.activeElement.textContent") == "Play"
    assert page.url.endswith("/sound/")
    person = Participant.objects.get()
    assert (person.sound_checked_at, person.sound_wrong) == (None, 0)


def test_jumping_to_the_end_of_the_sound_is_not_hearing_it(page):
    at_sound(page)
    page.locator("audio").evaluate("async audio => { await audio.play(); audio.currentTime = audio.duration - 0.1; }")
    page.wait_for_function("() => document.querySelector('audio').ended")
    choose_tones(page)
    page.locator("main .button-wide").click()
    page.get_by_text(TO_THE_END).wait_for()
    assert page.url.endswith("/sound/")


def test_by_keyboard_the_sound_is_played_counted_and_measured(page):
    at_sound(page)
    press_until(page, "Play")
    page.keyboard.press("Enter")
    page.get_by_text(HEARD).wait_for()
    choose_tones(page)
    press_until(page, "I hear it well – go on")
    page.keyboard.press("Enter")
    at_clip(page, 1)
    assert Participant.objects.get().sound_measured is True


def test_a_wrong_number_brings_another_sound(page, refusals_are_meant):
    at_sound(page)
    hear(page, 0)
    choose_tones(page, wrong=True)
    page.locator("main .button-wide").click()
    page.get_by_role("alert").get_by_text("There were more or fewer tones.").wait_for()
    assert page.locator("input[name=tones]:checked").count() == 0
    check_sound(page)
    at_clip(page, 1)
    person = Participant.objects.get()
    assert (person.sound_wrong, person.sound_measured) == (1, True)


def test_a_sound_that_does_not_load_says_so_and_can_be_tried_again(page, page_problems):
    at_sound(page)
    page.route("**/sound/1.wav", lambda route: route.abort())
    page.locator(".player-button").click()
    page.get_by_text("The sound cannot be played. Check your connection and try again.").wait_for()
    page.unroute("**/sound/1.wav")
    page.get_by_role("button", name="Try again").click()
    page.get_by_text(HEARD).wait_for()
    page_problems.clear()


def test_tab_and_enter_do_not_pass_the_headphone_test(page):
    at_headphones(page)
    for number in range(1, 7):
        page.locator(f"input[name=part_{number}]").first.focus()
        page.keyboard.press("Space")
    press_until(page, "Go on")
    page.keyboard.press("Enter")
    page.get_by_text("Play sound 1 to its end first.").wait_for()
    page.keyboard.press("Enter")  # the focus is on the player of the sound that is asked for
    page.locator("[data-sound=played_1][data-heard]").wait_for()
    press_until(page, "Go on")
    page.keyboard.press("Enter")
    page.get_by_text("Play sound 2 to its end first.").wait_for()
    assert page.url.endswith("/headphones/")
    assert Participant.objects.get().headphones == {}


def test_by_touch_on_a_telephone_both_tests_are_passed_and_measured(phone, sideways_scroll, accessibility_violations):
    at_sound(phone, headphones="gate")
    phone.locator(".player-button").tap()
    phone.get_by_text(HEARD).wait_for()
    assert (accessibility_violations(phone), sideways_scroll(phone)) == ([], 0)
    choose_tones(phone)
    phone.get_by_role("button", name="I hear it well – go on").tap()
    phone.get_by_role("heading", name="Headphone test").wait_for()
    choose_parts(phone, tap=True)
    for number in range(6):
        phone.locator(".player-button").nth(number).tap()
        phone.locator(f"[data-sound=played_{number + 1}][data-heard]").wait_for()
    assert (accessibility_violations(phone), sideways_scroll(phone)) == ([], 0)
    phone.get_by_role("button", name="Go on").tap()
    at_clip(phone, 1)
    person = Participant.objects.get()
    assert (person.headphones["right"], person.headphones["measured"]) == (6, True)
    assert all(3.5 <= seconds <= 5 for seconds in person.headphones["played"])


def test_one_sound_plays_at_a_time(page):
    at_headphones(page)
    for number in (0, 1):
        page.locator(".player-button").nth(number).click()
        page.wait_for_function("([n]) => document.querySelectorAll('audio')[n].currentTime > 0.2", arg=[number])
    assert page.evaluate("[...document.querySelectorAll('audio')].map(audio => audio.paused)")[:2] == [True, False]


def test_without_javascript_the_sounds_are_played_by_the_browser_and_the_tests_marked(plain_page, refusals_are_meant):
    at_sound(plain_page, headphones="record", unheard="refuse")
    plain_page.locator("input[name=tones]").first.check()
    plain_page.locator("main .button-wide").click()
    plain_page.get_by_role("alert").get_by_text(TO_THE_END).wait_for()
    check_sound(plain_page, scripts=False)
    plain_page.get_by_role("heading", name="Headphone test").wait_for()
    choose_parts(plain_page)
    plain_page.get_by_role("button", name="Go on").click()
    plain_page.get_by_role("alert").get_by_text("Play sound 1 to its end first.").wait_for()
    for number in range(6):
        hear(plain_page, number, scripts=False)
    plain_page.get_by_role("button", name="Go on").click()
    at_clip(plain_page, 1)
    person = Participant.objects.get()
    assert (person.sound_measured, person.headphones["measured"], person.headphones["right"]) == (False, False, 6)
