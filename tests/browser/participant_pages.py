"""Every page a participant can meet, one after the other, in whatever window the caller opened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from survey.models import Participant
from tests.browser.taking_part import pass_test_sounds
from tests.survey.factories import make_study, make_versions

READY = "[data-state=play]:not([aria-disabled])"
OUTCOMES = ("screened_out", "no_consent", "quota_full")


def press_main_button(page: Any) -> None:
    """The page's first large button; back when the next page is there."""
    with page.expect_navigation():
        page.locator("main .button-wide").first.click()


def show_pages(page: Any, language: str = "en") -> Iterator[str]:
    """Name each page once it is on the screen: a whole participation, then the other clip pages and ends."""
    practice, *versions = make_versions(4)
    study = make_study(
        slug="pages",
        language=language,
        versions=versions,
        practice=[practice],
        practice_trials=1,
        clips_per_participant=1,
        ask_affect=True,
        ask_word=True,
        headphones="record",
        contact="study@example.org",
        return_url="https://example.org/",
    )
    page.goto(f"/study/{study.slug}/")
    yield "start"
    press_main_button(page)
    yield "sound"
    page.locator("summary").click()
    yield "sound with the personal link"
    pass_test_sounds(page, wrong=True)
    yield "sound: wrong number"
    pass_test_sounds(page)
    yield "headphones"
    for number in range(1, 7):
        page.locator(f"input[name=part_{number}]").first.check()
    page.locator("main .button-wide").click()
    yield "headphones: not heard"
    pass_test_sounds(page)
    yield from _show_clips(page)
    yield "about"
    press_main_button(page)
    yield "end: complete"
    page.goto(page.locator("a[href*=withdraw]").get_attribute("href"))
    yield "withdraw"
    press_main_button(page)
    yield "withdrawn"
    yield from _show_other_ends(page, study)
    yield from _show_other_clips(page, language)


def _show_clips(page: Any) -> Iterator[str]:
    page.locator(READY).wait_for()
    yield "clip: practice"
    for name in ("clip: first", ""):
        page.locator(".player-button").click()
        page.locator("[data-submit]:not(:disabled)").wait_for()
        page.locator(".answer").first.click()
        page.locator(".confidence-list label").first.click()
        for slider in page.locator(".affective-slider").all():
            slider.press("PageUp")
        if not name:
            yield "clip: answered"
        with page.expect_navigation():
            page.locator("[data-submit]").click()
        if name:
            page.locator(READY).wait_for()
            yield name


def _show_other_ends(page: Any, study: Any) -> Iterator[str]:
    people = Participant.objects.filter(study=study)
    for outcome in OUTCOMES:
        people.update(outcome=outcome, finished_at=timezone.now(), withdrawn_at=None, completion_code="CODE2345")
        page.goto(f"/study/{study.slug}/end/")
        yield f"end: {outcome}"
    people.update(outcome="withdrawn", withdrawn_at=timezone.now(), completion_code="")
    page.goto(f"/study/{study.slug}/end/")
    yield "end: withdrawn"


def _show_other_clips(page: Any, language: str) -> Iterator[str]:
    """Yes or no, a picture alone, and the pages of people who cannot take part."""
    kinds = {
        "yes": {"mode": "yes_no", "require_listening": False},
        "picture": {"cells": {"picture_only": 1.0}, "ask_confidence": False},
        "closed": {},
        "outside": {"recruiter": "prolific"},
    }
    for slug, fields in kinds.items():
        study = make_study(slug=slug, language=language, versions=make_versions(2), **fields)
        if slug == "closed":
            type(study).objects.filter(pk=study.pk).update(status="closed", closed_at=timezone.now())
        page.goto(f"/study/{slug}/")
        if slug in {"yes", "picture"}:
            while not page.url.endswith("/clip/"):
                pass_test_sounds(page) if page.url.endswith("/sound/") else press_main_button(page)
            page.locator(READY if slug == "yes" else "[data-submit]").wait_for()
        yield slug
    page.goto("/study/nothing/")
    yield "no such study"
