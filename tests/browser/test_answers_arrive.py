"""No answer is lost or doubled on its way from a real browser: impatient fingers, Back, cut lines, closed windows."""

import pytest

from survey.models import Response, Trial
from tests.browser.taking_part import SHORT, answer, at_clip, begin, choose, listen
from tests.survey.factories import make_study

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_a_double_click_stores_one_answer(page):
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    choose(page)
    page.get_by_role("button", name="Next").dblclick()
    at_clip(page, 2)
    assert Response.objects.count() == 1


def test_back_and_reload_lead_to_the_first_unanswered_clip(page):
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    answer(page, 1, 3)
    page.go_back()
    at_clip(page, 2)
    page.reload()
    at_clip(page, 2)
    assert Trial.objects.count() == 2


def test_a_cut_network_keeps_the_answer_and_sends_it_by_itself(page, page_problems):
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    page.context.set_offline(True)
    choose(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_text("No connection. Your answer is kept").wait_for()
    assert Response.objects.count() == 0
    page.context.set_offline(False)
    at_clip(page, 2)
    assert Response.objects.count() == 1
    page_problems.clear()


def test_a_browser_closed_before_the_answer_arrived_sends_it_when_it_is_back(page, page_problems):
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    page.context.set_offline(True)
    choose(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_text("No connection. Your answer is kept").wait_for()
    context = page.context
    page.close()
    context.set_offline(False)
    again = context.new_page()
    again.goto(f"/study/{study.slug}/")
    at_clip(again, 2)
    assert Response.objects.count() == 1
    page_problems.clear()


def test_a_reply_that_leads_elsewhere_for_good_shows_what_is_there_and_keeps_the_answer(page):
    """A login that ended in the middle of a preview, or a network that shows its own page first."""
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    page.route("**/clip/", lambda route: route.fulfill(status=302, headers={"Location": "/accounts/login/"}))
    choose(page)
    with page.expect_navigation(url="**/accounts/login/"):
        page.get_by_role("button", name="Next").click()
    assert Response.objects.count() == 0
    page.unroute_all()
    page.goto(f"/study/{study.slug}/")
    at_clip(page, 2)
    assert Response.objects.count() == 1


def test_a_reply_that_leads_elsewhere_once_is_asked_for_again(page):
    study = make_study(**SHORT)
    begin(page, study)
    page.evaluate("window.isFirst = true")
    listen(page)
    elsewhere = {"status": 302, "headers": {"Location": "/accounts/login/"}}
    page.route("**/clip/", lambda route: route.fulfill(**elsewhere), times=2)
    answer(page, 1, 3)
    assert page.evaluate("window.isFirst === true")
    assert Response.objects.count() == 1
