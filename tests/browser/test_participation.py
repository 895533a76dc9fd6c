"""A participation in a real browser: on a telephone, by keyboard alone, without JavaScript."""

import pytest

from survey import actions
from survey.models import Participant, Response, TrialEvent
from tests.browser.participant_pages import READY
from tests.browser.taking_part import HEARD, SHORT, answer, begin, check_sound, choose_tones, listen
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_a_whole_participation_on_a_telephone(phone, accessibility_violations, sideways_scroll):
    study = make_study(**SHORT)
    phone.goto(f"/study/{study.slug}/")
    assert (accessibility_violations(phone), sideways_scroll(phone)) == ([], 0)
    phone.get_by_role("button", name="I agree – start").tap()
    phone.get_by_role("heading", name="Check your sound").wait_for()
    assert (accessibility_violations(phone), sideways_scroll(phone)) == ([], 0)
    check_sound(phone)
    for number in (1, 2, 3):
        phone.get_by_role("heading", name=f"Clip {number} of 3").wait_for(state="attached")
        phone.locator("button:disabled", has_text="Next").wait_for()
        if number == 1:
            assert (accessibility_violations(phone), sideways_scroll(phone)) == ([], 0)
        listen(phone)
        answer(phone, number, 3)
    phone.get_by_role("heading", name="A few words about you").wait_for()
    phone.get_by_label("Your age").select_option("25-34")
    assert (accessibility_violations(phone), sideways_scroll(phone)) == ([], 0)
    phone.get_by_role("button", name="Finish").tap()
    assert phone.locator("[data-completion-code]").inner_text() == study.code_complete
    assert accessibility_violations(phone) == []
    answers = list(Response.objects.values_list("listening_measured", "confidence"))
    assert answers == [(True, 4)] * 3
    assert min(Response.objects.values_list("played_seconds", flat=True)) >= 0.5
    assert Participant.objects.get().background == {"age_band": "25-34"}
    assert {"play", "ended", "choose"} <= set(TrialEvent.objects.values_list("kind", flat=True))


def test_a_whole_participation_by_keyboard_alone(page):
    study = make_study(ask_affect=True, **SHORT)
    page.goto(f"/study/{study.slug}/")

    def press_until(name):
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.textContent.trim()") == name:
                return
        raise AssertionError(f"{name} is not reached by Tab.")

    press_until("I agree – start")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check your sound").wait_for()
    press_until("Play")
    page.keyboard.press("Enter")
    page.get_by_text(HEARD).wait_for()
    page.keyboard.press("Tab")
    choose_tones(page)
    press_until("I hear it well – go on")
    page.keyboard.press("Enter")
    for number in (1, 2, 3):
        page.get_by_role("heading", name=f"Clip {number} of 3").wait_for(state="attached")
        page.locator(READY).wait_for()
        press_until("Play")
        page.keyboard.press("Space")
        page.get_by_text("Heard. You may play it again or go on.").wait_for()
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "What the words mean"
        for key in ("Tab", "ArrowRight", "Tab", "End", "Tab", "Space"):
            page.keyboard.press(key)
        press_until("Next")
        page.keyboard.press("Enter")
        if number < 3:
            page.get_by_role("heading", name=f"Clip {number + 1} of 3").wait_for(state="attached")
    page.get_by_role("heading", name="A few words about you").wait_for()
    while page.evaluate("document.activeElement.name") != "age_band":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    press_until("Finish")
    page.keyboard.press("Enter")
    assert page.locator("[data-completion-code]").inner_text() == study.code_complete
    assert Participant.objects.get().background == {"age_band": "18-24"}
    assert list(Response.objects.values_list("arousal", "valence")) == [(0.01, 1.0)] * 3
    chosen = Response.objects.values_list("choice__slug", "trial__option_order", "confidence")
    assert [(slug == order[1], confidence) for slug, order, confidence in chosen] == [(True, 1)] * 3


def test_a_whole_participation_without_javascript(plain_page):
    study = make_study(**SHORT)
    begin(plain_page, study)
    for number in (1, 2, 3):
        assert plain_page.locator("audio").evaluate("audio => audio.controls")
        answer(plain_page, number, 3)
    plain_page.get_by_role("button", name="Finish").click()
    assert plain_page.locator("[data-completion-code]").inner_text() == study.code_complete
    assert list(Response.objects.values_list("listening_measured", flat=True)) == [False] * 3


def test_a_preview_says_so_and_does_not_count(page, log_in):
    study = make_study(publish=False, **SHORT)
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/")
    page.get_by_role("button", name="Preview as a participant").click()
    assert page.get_by_text("Preview: nothing you answer here counts.").is_visible()
    actions.publish(study=study, by=study.owner)
    assert not Participant.objects.exclude(kind="preview").exists()
