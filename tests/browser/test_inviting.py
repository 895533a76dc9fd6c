"""The page with all that is handed out to find people: readable for everybody, and copied with one press."""

import pytest

from survey import actions
from survey.first_words import default_wording
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def make_invited(**fields):
    study = make_study(translations={"de": {**default_wording("de", "choose"), "title": "Musik"}}, **fields)
    actions.set_invitation(study=study, word="hear-me", paid="6 €", by=study.owner)
    return study


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_page_is_readable_for_everybody(open_page, log_in, accessibility_violations, sideways_scroll, size, scheme):
    study = make_invited(recruiter="prolific", contact="Ada, ada@music.example")
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/invite/")
    while (closed := page.locator("main details:not([open]) > summary")).count():
        closed.first.click()
    assert page.get_by_role("button", name="Copy what to give to Prolific").is_visible()
    assert accessibility_violations(page) == []
    assert sideways_scroll(page) <= 0


def test_a_press_copies_what_stands_beside_the_button_and_says_so(open_page, log_in):
    study = make_invited()
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/invite/")
    page.get_by_role("button", name="Copy the short address").press("Enter")
    page.get_by_role("status").filter(has_text="Copied.").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/s/hear-me")
    page.get_by_text("Prolific", exact=True).click()
    page.get_by_role("button", name="Copy what to give to Prolific").click()
    page.get_by_role("status").filter(has_text="Copied.").nth(1).wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("SESSION_ID={{%SESSION_ID%}}")


def test_where_the_browser_has_no_clipboard_the_older_way_copies(open_page, log_in):
    study = make_invited()
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script("Object.defineProperty(navigator.clipboard, 'writeText', { value: undefined })")
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/invite/")
    page.get_by_role("button", name="Copy the message in English").click()
    page.get_by_role("status").filter(has_text="Copied.").wait_for()
    assert "For taking part you get: 6 €" in page.evaluate("navigator.clipboard.readText()")


def test_without_a_script_everything_stands_there_to_be_selected(open_page, log_in):
    study = make_invited()
    page = open_page(javascript=False)
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/invite/")
    assert page.get_by_role("img", name="QR code of").locator("svg").is_visible()
    assert page.get_by_label("Message in English").is_visible()
    assert page.get_by_role("button", name="Copy").count() == 0
