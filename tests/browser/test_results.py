"""The results page in a real browser: nothing blocked, nothing wider than the screen, readable by assistive tools."""

from __future__ import annotations

import pytest

from survey import actions
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    study = make_study(versions=make_versions(16), cells={"matched": 1.0, "mismatched": 1.0}, clips_per_participant=16)
    answer_study(study, people=8)
    actions.close(study=study, by=study.owner)
    return study


@pytest.fixture
def researcher_page(study, open_page, log_in):
    """A window of the study's owner; opening it fails the test on any complaint of the console."""

    def open_one(size, scheme="light"):
        page = open_page(size, scheme=scheme)
        log_in(page, study.owner)
        return page

    return open_one


def test_results_report_and_planning_are_clean_at_phone_width(study, researcher_page):
    from axe_playwright_python.sync_playwright import Axe

    page = researcher_page("phone")
    for path in (f"/results/{study.slug}/", f"/results/{study.slug}/report/", "/planning/?value=0.08&clips=32"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        found = Axe().run(page).response["violations"]
        serious = [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")]
        assert serious == [], path


def test_sorting_a_column_keeps_the_choice_of_answers_and_a_figure_can_be_saved(study, researcher_page):
    page = researcher_page("desktop", "dark")
    page.goto(f"/results/{study.slug}/?people=included&open=emotions,clips")
    page.get_by_role("link", name="Evenness").click()
    page.locator('th[aria-sort="ascending"]', has_text="Evenness").wait_for()
    assert "people=included" in page.url
    with page.expect_download() as download:
        page.locator("#figure-confusion").get_by_role("link", name="SVG").click()
    assert download.value.suggested_filename == f"{study.slug}-confusion.svg"
