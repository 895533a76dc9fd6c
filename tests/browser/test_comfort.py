"""What makes answering easier: number keys, why "Next" waits, a code that is copied with one press."""

import pytest

from survey.models import Response
from tests.browser.taking_part import begin, listen
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
SHORT = {"clips_per_participant": 2, "ask_confidence": True, "ask_word": True}
FINE = "You can go on when the clip was heard to its end."


def chosen(page):
    return page.locator("input[name=chosen]:checked")


def test_number_keys_choose_an_answer_and_nothing_else_loses_its_digits(open_page):
    page = open_page("desktop")
    study = make_study(**SHORT)
    begin(page, study)
    numerals = page.locator(".answer-key")
    assert numerals.all_text_contents() == [str(number) for number in range(1, 10)]
    page.keyboard.press("3")
    third = page.locator("input[name=chosen]").nth(2)
    assert third.is_checked()
    assert third.get_attribute("aria-keyshortcuts") == "3"
    page.keyboard.press("1")
    assert page.locator("input[name=chosen]").nth(0).is_checked()
    # Ctrl+2 is the browser's own
    page.keyboard.press("Control+2")
    assert page.locator("input[name=chosen]").nth(0).is_checked()
    word = page.locator("[name=word]")
    word.focus()
    page.keyboard.type("2 moods")
    assert word.input_value() == "2 moods"
    assert page.locator("input[name=chosen]").nth(0).is_checked()
    # in the steps of another question digits choose no emotion
    page.locator("input[name=confidence]").nth(0).focus()
    page.keyboard.press("5")
    assert page.locator("input[name=chosen]").nth(0).is_checked()


def test_number_keys_are_measured_as_a_choice_and_can_be_turned_off_for_good(open_page):
    page = open_page("desktop")
    study = make_study(clips_per_participant=2, ask_confidence=False)
    begin(page, study)
    page.keyboard.press("2")
    listen(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="Clip 2 of").wait_for(state="attached")
    assert Response.objects.get().first_choice_seconds > 0
    page.get_by_label("Number keys choose an answer").uncheck()
    assert page.locator(".answer-key").first.is_hidden()
    page.get_by_role("heading", level=1).focus()
    page.keyboard.press("2")
    assert chosen(page).count() == 0
    page.reload()
    assert not page.get_by_label("Number keys choose an answer").is_checked()


def test_where_a_finger_is_all_there_is_no_numerals_are_shown(open_page):
    page = open_page("phone", is_mobile=True)
    begin(page, make_study(**SHORT))
    assert page.get_by_role("button", name="Next").is_visible()
    assert page.locator(".answer-key").count() == 0
    page.keyboard.press("2")
    assert chosen(page).count() == 0


def test_beside_next_stands_what_it_waits_for_until_it_waits_for_nothing(open_page, accessibility_violations):
    page = open_page("desktop")
    begin(page, make_study(clips_per_participant=2, ask_confidence=True))
    reason = page.locator("#next-reason")
    assert reason.get_attribute("aria-live") is None  # it would be spoken over the music
    assert page.locator("[data-submit]").get_attribute("aria-describedby") == "next-reason"
    assert reason.text_content() == FINE
    assert accessibility_violations(page) == []
    listen(page)
    assert reason.text_content() == "You can go on when an answer is chosen."
    page.keyboard.press("1")
    assert reason.text_content() == "You can go on when the questions above are answered."
    page.locator("input[name=confidence]").nth(1).check()
    assert reason.text_content() == ""


def test_what_a_word_means_is_read_by_pointing_by_focus_by_a_tap_and_in_a_list(open_page):
    page = open_page("desktop")
    begin(page, make_study(clips_per_participant=2, ask_confidence=False))
    line = page.locator("[data-gloss]")
    label = page.locator("label.answer", has_text="Awe")
    label.hover()
    assert line.text_content() == "Awe – Feeling small before something vast or wonderful."
    page.mouse.move(2, 2)
    assert line.text_content() == ""
    page.locator("input[value=fear]").focus()
    assert line.text_content().startswith("Fear – ")
    described = page.locator("input[value=fear]").get_attribute("aria-describedby")
    assert page.locator(f"#{described}").text_content() == "Feeling that something bad or dangerous may happen."
    height = page.locator("#trial-form").bounding_box()["height"]
    page.get_by_text("Sadness", exact=True).first.click()
    page.mouse.move(2, 2)
    assert line.text_content().startswith("Sadness – ")
    assert page.locator("#trial-form").bounding_box()["height"] == height
    page.get_by_text("What the words mean").click()
    assert page.locator(".glosses dd").count() == 9
    assert page.locator(".glosses dd").last.is_visible()


def test_without_a_script_the_list_of_words_opens_all_the_same(open_page):
    page = open_page("phone", javascript=False)
    study = make_study(cells={"picture_only": 1.0}, clips_per_participant=1)
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_text("What the words mean").click()
    assert page.locator(".glosses dd").first.is_visible()
    assert page.locator("[data-gloss]").is_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_clip_page_stays_readable_for_everybody(open_page, accessibility_violations, sideways_scroll, size, scheme):
    page = open_page(size, scheme=scheme)
    begin(page, make_study(**SHORT))
    page.get_by_text("What the words mean").click()
    assert accessibility_violations(page) == []
    assert sideways_scroll(page) <= 0


def test_the_code_of_the_last_page_is_copied_with_one_press(open_page, accessibility_violations):
    study = make_study(cells={"picture_only": 1.0}, clips_per_participant=1, ask_background=False, ask_confidence=False)
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.locator(".answer-key").first.wait_for()
    page.keyboard.press("1")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Copy the code").click()
    page.get_by_text("The code is copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == study.code_complete
    assert accessibility_violations(page) == []
