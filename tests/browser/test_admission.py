"""The three ways of being let in, or of attending, on a phone and by keyboard alone."""

import re

import pytest

from survey import actions
from survey.models import Participant, QuestionAnswer, Response, Trial
from tests.browser.taking_part import listen, pass_test_sounds
from tests.survey.factories import make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1"
DESKTOP = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


def screening():
    study = make_study(versions=make_versions(3), clips_per_participant=2, publish=False)
    for key in ("adult", "age_to_enter"):
        actions.add_question(study=study, key=key, by=study.owner)
    return actions.publish(study=study, by=study.owner)


def fits_the_screen(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def press_until(page, selector):
    """Tab until the element has the focus."""
    for _ in range(40):
        if page.locator(selector).first.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


def answer_by_keyboard(page, adult, age):
    press_until(page, "[name=q_adult]")
    page.keyboard.press("Space" if adult else "ArrowDown")
    press_until(page, "[name=q_age_to_enter]")
    page.keyboard.type(str(age))
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_who_does_not_fit_reads_a_friendly_page_and_comes_in_by_no_way_back(
    open_page, accessibility_violations, scheme, tmp_path
):
    study = screening()
    page = open_page("phone", scheme=scheme)
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").press("Enter")
    page.get_by_role("heading", name="Before you begin").wait_for()
    group = page.get_by_role("group", name="Are you 18 or older?")
    options = group.locator(".answer")
    assert [option.text_content().strip() for option in options.all()] == ["Yes", "No"]
    assert group.get_by_role("radio", checked=True).count() == 0
    for option in options.all():  # a whole tile is pressed, as with the answers to a clip
        assert option.bounding_box()["height"] >= 48
    assert accessibility_violations(page) == []
    assert fits_the_screen(page)
    page.screenshot(path=f"/tmp/screening-{scheme}.png", full_page=True)
    answer_by_keyboard(page, adult=False, age=17)
    page.get_by_role("heading", name="Thank you for your interest").wait_for()
    assert page.locator("#code").text_content() == study.code_screened_out
    assert accessibility_violations(page) == []
    assert fits_the_screen(page)
    page.screenshot(path=f"/tmp/screened-out-{scheme}.png", full_page=True)
    page.go_back()
    page.wait_for_load_state()
    assert page.get_by_role("group", name="Are you 18 or older?").count() == 0
    page.goto(f"/study/{study.slug}/sound/")
    page.get_by_role("heading", name="Thank you for your interest").wait_for()
    person = Participant.objects.get()
    assert (person.outcome, person.screened_by, QuestionAnswer.objects.count()) == ("screened_out", "adult", 0)


def test_who_fits_goes_on_to_the_sound_check_without_a_script_too(open_page):
    study = screening()
    page = open_page("phone", javascript=False)
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    answer_by_keyboard(page, adult=True, age=18)
    page.get_by_role("heading", name="Check your sound").wait_for()
    assert Participant.objects.get().said.count() == 2


def test_another_device_is_asked_for_before_consent_and_the_link_opens_there(open_page, accessibility_violations):
    study = make_study(
        versions=make_versions(3), clips_per_participant=2, devices=["tablet", "computer"], recruiter="prolific"
    )
    entry = f"/study/{study.slug}/?PROLIFIC_PID=somebody-with-a-long-name-1234567890"
    phone = open_page("phone", user_agent=IPHONE)
    phone.goto(entry)
    phone.get_by_role("heading", name="Please use another device").wait_for()
    assert phone.get_by_role("listitem").all_text_contents() == ["a tablet", "a computer"]
    assert phone.get_by_role("button", name="I agree – start").count() == 0
    assert accessibility_violations(phone) == []
    assert fits_the_screen(phone)
    phone.screenshot(path="/tmp/device.png", full_page=True)
    press_until(phone, "[data-copy=link]")
    phone.keyboard.press("Enter")
    phone.get_by_text(re.compile("The link is (copied|marked)")).wait_for()
    assert Participant.objects.count() == 0
    computer = open_page("desktop", user_agent=DESKTOP)
    computer.goto(phone.locator("#link").get_attribute("href"))
    computer.get_by_role("button", name="I agree – start").click()
    computer.get_by_role("heading", name="Check your sound").wait_for()
    assert Participant.objects.get().device == "computer"


def test_an_attention_trial_is_read_with_the_question_and_answered_with_number_keys(
    open_page, accessibility_violations
):
    study = make_study(
        versions=make_versions(3), clips_per_participant=1, attention_trials=1, ask_confidence=False,
        ask_background=False,
    )  # fmt: skip
    page = open_page("narrow")
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    pass_test_sounds(page)
    page.get_by_role("heading", name="Clip 1 of 2").wait_for(state="attached")
    assert page.locator(".instructed").count() == 0
    listen(page)
    page.keyboard.press("1")
    page.get_by_role("button", name="Next").press("Enter")
    page.get_by_role("heading", name="Clip 2 of 2").wait_for(state="attached")
    trial = Trial.objects.get(kind="attention")
    label = study.choices.get(slug=trial.instructed).label
    group = page.get_by_role("group", name=re.compile(f"This time please choose “{label}”, whatever you hear"))
    assert group.get_by_role("radio").count() == 9
    assert accessibility_violations(page) == []
    assert fits_the_screen(page)
    page.screenshot(path="/tmp/attention.png", full_page=True)
    listen(page)
    place = trial.option_order.index(trial.instructed) + 1
    page.keyboard.press(str(place))
    with page.expect_navigation():
        page.get_by_role("button", name="Next").press("Enter")
    assert Response.objects.get(trial=trial).choice.slug == trial.instructed
    assert Participant.objects.get().outcome == "complete"
