"""A researcher makes a study in a real browser, from the empty form to its first participant."""

import pytest

from survey.models import Study
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_a_study_is_made_previewed_and_published(page, log_in, accessibility_violations):
    make_versions(4, emotions=("fear", "awe", "sadness", "anger"))
    log_in(page, make_researcher())
    page.goto("/studies/")
    page.get_by_role("link", name="New study").click()
    page.get_by_label("Title").fill("Moods of places")
    page.get_by_label("Clips per participant").fill("4")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Save and choose clips").click()
    page.get_by_role("button", name="Choose all shown").click()
    assert page.get_by_text("4 main clips chosen").is_visible()
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Save the clips").click()
    page.get_by_role("button", name="Preview as a participant").click()
    assert page.get_by_text("Preview: nothing you answer here counts.").is_visible()
    page.goto("/studies/moods-of-places/")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Publish").click()
    page.get_by_text("The study is published.").wait_for()
    assert Study.objects.get().status == "published"
    page.get_by_role("link", name="Monitor").click()
    page.get_by_role("heading", name="Monitor").wait_for()
    assert accessibility_violations(page) == []


def test_the_pages_fit_a_telephone(phone, log_in, sideways_scroll):
    study = make_study(publish=False)
    log_in(phone, study.owner)
    widths = {}
    for address in (
        "/studies/",
        "/studies/new/",
        f"/studies/{study.slug}/",
        f"/studies/{study.slug}/clips/",
        f"/studies/{study.slug}/monitor/",
    ):
        phone.goto(address)
        widths[address] = sideways_scroll(phone)
    assert set(widths.values()) == {0}, widths
