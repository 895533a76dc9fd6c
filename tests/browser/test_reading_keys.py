"""The pages of tokens and links, and the results as a link shows them: accessible, and no wider than the screen."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from survey import actions
from survey.models.reading import ApiToken
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT, settings.DATA_DIR = tmp_path / "media", tmp_path
    made = make_study(versions=make_versions(4), clips_per_participant=4, by=make_researcher("rosa"))
    answer_study(made, people=6)
    return actions.close(study=made, by=made.owner)


def check(page):
    problems = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in problems] == []
    assert page.evaluate(WIDTH) <= 0


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_a_researcher_makes_a_token_and_revokes_it(size, scheme, study, open_page, log_in):
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    page.goto("/accounts/tokens/")
    check(page)
    page.get_by_label("Name").fill("analysis on my laptop")
    page.get_by_label("Study").select_option(study.slug)
    page.get_by_role("button", name="Make a token").click()
    secret = page.get_by_label("Token", exact=True).input_value()
    assert re.fullmatch("muse_[0-9a-f]{64}", secret)
    check(page)
    page.get_by_role("button", name="Revoke analysis on my laptop").click()
    page.get_by_text("it opens nothing any more").wait_for()
    check(page)
    assert ApiToken.objects.get().revoked_at is not None


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_a_co_author_follows_the_link_that_a_researcher_made(size, scheme, study, open_page, log_in):
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    page.goto(f"/results/{study.slug}/")
    page.get_by_role("link", name="links to these results").click()
    check(page)
    page.get_by_label("Whom it is for").fill("Anna")
    page.get_by_role("button", name="Make a link").click()
    address = page.get_by_label("Link", exact=True).input_value()
    check(page)
    other = open_page(size, scheme=scheme)
    other.goto(address)
    other.get_by_role("heading", name="Results", exact=True).wait_for()
    check(other)
    assert other.get_by_role("button", name="Regenerate").count() == 0
    other.locator("#agreement summary").click()  # is fetched below the link as it is for members
    with other.expect_download() as saved:
        other.get_by_role("link", name="SVG").first.click()
    assert saved.value.suggested_filename.endswith(".svg")
    page.goto(f"/studies/{study.slug}/links/")
    page.get_by_text("link “Anna”").first.wait_for()
    check(page)


def test_a_link_that_opens_nothing_is_a_page_for_people(study, open_page, page_problems):
    page = open_page("phone")
    page.goto(f"/shared/{'0' * 64}/")
    page.get_by_text("Ask whoever sent it to you.").wait_for()
    check(page)
    page_problems.clear()  # the browser tells of the 404
