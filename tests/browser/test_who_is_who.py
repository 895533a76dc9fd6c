"""Two journeys: three people at a laboratory computer; Prolific with a wrong, a repeated and a withdrawn id."""

from __future__ import annotations

from typing import Any

import pytest

from survey.models import Participant, Response
from tests.browser.taking_part import answer, begin, listen
from tests.survey.factories import make_study

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TWO = {"clips_per_participant": 2, "ask_background": False}


def take_part(page: Any, study: Any, address: str = "") -> None:
    begin(page, study, address)
    for number in (1, 2):
        listen(page)
        answer(page, number, 2)
    page.get_by_role("heading", name="Thank you!").wait_for()


def test_three_people_in_a_row_at_a_laboratory_computer(page, accessibility_violations, sideways_scroll):
    study = make_study(next_person="laboratory", **TWO)
    take_part(page, study)
    assert page.locator("[data-completion-code]").inner_text() == study.code_complete
    assert (accessibility_violations(page), sideways_scroll(page)) == ([], 0)
    page.get_by_role("button", name="Next person").click()
    page.get_by_role("button", name="I agree – start").wait_for()
    take_part(page, study)
    # The second one walks away; the third opens the link anew and is shown nothing of them.
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("heading", name="Who is taking part now?").wait_for()
    assert study.code_complete not in page.content()
    assert (accessibility_violations(page), sideways_scroll(page)) == ([], 0)
    page.get_by_role("button", name="I am another person – begin").click()
    page.get_by_role("button", name="I agree – start").wait_for()
    take_part(page, study)
    assert Participant.objects.filter(outcome="complete").count() == 3
    assert Response.objects.count() == 6


def test_prolific_with_a_wrong_a_repeated_and_a_withdrawn_id(
    page, phone, log_in, page_problems, accessibility_violations, sideways_scroll
):
    study = make_study(recruiter="prolific", id_storage="kept", **TWO)

    def link(value: str) -> str:
        return f"/study/{study.slug}/?PROLIFIC_PID={value}&STUDY_ID=s&SESSION_ID=x"

    page.goto(link("%7B%7B%25PROLIFIC_PID%25%7D%7D"))
    page.get_by_role("heading", name="Something is missing in the link").wait_for()
    take_part(page, study, link("aaa111"))
    back = page.get_by_role("link", name="Back to where you came from").get_attribute("href")
    assert back.endswith(f"cc={study.code_complete}")
    withdraw = page.locator("a[href*='/withdraw/']").get_attribute("href")

    # The same id on another device: neither code nor personal link.
    phone.goto(link("aaa111"))
    phone.get_by_role("heading", name="This link has been used before").wait_for()
    assert study.code_complete not in phone.content()
    assert "/withdraw/" not in phone.content()
    assert (accessibility_violations(phone), sideways_scroll(phone)) == ([], 0)

    # Another id in the browser of the first: a person of their own.
    take_part(page, study, link("bbb222"))

    page.goto(withdraw)
    page.get_by_role("button", name="Delete my answers").click()
    page.get_by_role("heading", name="You have withdrawn").wait_for()
    page.goto(link("aaa111"))
    page.get_by_role("heading", name="This link has been used before").wait_for()
    refused = [problem for problem in page_problems if "status of 400" in problem or "status of 409" in problem]
    assert len(refused) == len(page_problems) == 3
    page_problems.clear()
    outcomes = dict(Participant.objects.values_list("outside_id__value", "outcome"))
    assert outcomes == {"aaa111": "withdrawn", "bbb222": "complete"}
    assert Response.objects.count() == 2

    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/recruiting/")
    assert (accessibility_violations(page), sideways_scroll(page)) == ([], 0)
    with page.expect_download() as started:
        page.get_by_role("button", name="Download the table").click()
    with open(started.value.path(), encoding="utf-8") as table:
        rows = [line.split(",")[:3] for line in table.read().splitlines()]
    code = study.code_complete
    assert rows == [["id", "code", "status"], ["aaa111", code, "withdrawn"], ["bbb222", code, "complete"]]
