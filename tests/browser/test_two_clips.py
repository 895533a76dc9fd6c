"""Two clips in a real browser: one sounds at a time, both are heard before the answer, keys choose."""

import re

import pytest

from survey.models import Response, TrialEvent
from tests.browser.taking_part import pass_test_sounds
from tests.survey.comparing import FITTING, comparing
from tests.survey.factories import make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def begin(page, study):
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    pass_test_sounds(page)
    at_pair(page, 1)


def begin_in(page, study):
    """The same, whatever language the study speaks."""
    page.goto(f"/study/{study.slug}/")
    page.locator("button[name=consent][value=yes], form button").first.click()
    page.locator("[data-hearing]").wait_for()
    pass_test_sounds(page)
    page.locator("#trial-form").wait_for()


def at_pair(page, number):
    page.get_by_role("heading", name=re.compile(f"Pair {number} of")).wait_for(state="attached")


NAMES = ("The first clip", "The second clip")


def clip(page, number):
    return page.get_by_role("region", name=NAMES[number - 1], exact=True)


def button(page, number, word="Play"):
    return page.get_by_role("button", name=f"{word}: {NAMES[number - 1]}", exact=True)


def listen(page, number):
    button(page, number).click()
    button(page, number, "Play again").wait_for()


def test_a_participation_in_which_both_clips_are_heard(page):
    study = comparing(count=2)
    begin(page, study)
    for number in (1, 2):
        waits = page.get_by_text("You can go on when both clips were heard to their ends.")
        waits.wait_for()
        listen(page, 1)
        assert page.get_by_role("button", name="Next").is_disabled()
        listen(page, 2)
        page.keyboard.press("2")
        assert page.get_by_role("radio", name="The second clip").is_checked()
        page.locator(".confidence-list input").nth(2).check()
        page.get_by_role("button", name="Next").click()
        if number == 1:
            at_pair(page, 2)
    page.wait_for_url(re.compile("/(about|end)/"))
    answers = Response.objects.filter(trial__participant__study=study)
    assert [answer.choice.slug for answer in answers] == ["second", "second"]
    for answer in answers:
        assert answer.listening_measured
        assert min(answer.played_seconds, answer.second_played_seconds) >= 0.9
        assert (answer.plays, answer.second_plays) == (1, 1)
    told = TrialEvent.objects.filter(trial=answers[0].trial, kind="play").order_by("sequence")
    assert [event.detail.get("clip", 1) for event in told] == [1, 2]


def test_starting_one_clip_stops_the_other(page):
    versions = [
        *make_versions(2, composer="muse", seconds=4.0),
        *make_versions(2, composer="paper", seconds=4.0, tones=100),
    ]
    begin(page, make_study(versions=versions, mode="fits", cells=FITTING, clips_per_participant=2))
    button(page, 1).click()
    page.wait_for_function("() => document.querySelectorAll('audio')[0].currentTime > 0.5")
    button(page, 2).click()
    page.wait_for_function("() => document.querySelectorAll('audio')[1].currentTime > 0.2")
    assert page.evaluate("() => [...document.querySelectorAll('audio')].map(audio => audio.paused)") == [True, False]


@pytest.mark.parametrize(
    ("language", "play", "first", "second"),
    [
        ("en", "Play", "The first clip:", "The second clip:"),
        ("fr", "Écouter", "Le premier extrait\N{NO-BREAK SPACE}:", "Le second extrait\N{NO-BREAK SPACE}:"),
    ],
)
def test_the_two_players_are_told_apart_by_ear(page, language, play, first, second):
    begin_in(page, comparing(count=2, language=language))
    buttons, states, bars = (page.locator(where) for where in (".player-button", ".player-status", ".player-bar"))
    page.locator("[data-state=play]:not([aria-disabled])").nth(1).wait_for()
    assert [one.inner_text() for one in buttons.all()] == [play] * 2
    spoken = [one.get_attribute("aria-label") for one in buttons.all()]
    assert all(words.startswith(play) for words in spoken)
    assert [words.removeprefix(play).lstrip("\N{NO-BREAK SPACE}: ") for words in spoken] == [
        first.rstrip("\N{NO-BREAK SPACE}:"), second.rstrip("\N{NO-BREAK SPACE}:"),
    ]  # fmt: skip
    assert [one.text_content().startswith(name) for one, name in zip(states.all(), (first, second), strict=True)] == [
        True
    ] * 2
    assert len({one.get_attribute("aria-label") for one in bars.all()}) == 2


def test_what_was_heard_of_either_clip_is_known_after_a_reload(page):
    begin(page, comparing(count=2))
    listen(page, 2)
    page.reload()
    clip(page, 2).get_by_text("Heard.").wait_for()
    clip(page, 1).get_by_text("Listen to the clip to the end").wait_for()
    listen(page, 1)
    page.get_by_role("radio", name="The first clip").check()
    page.locator(".confidence-list input").nth(2).check()
    page.get_by_role("button", name="Next").click()
    at_pair(page, 2)


def test_the_page_is_accessible_and_no_wider_than_a_phone(open_page, accessibility_violations, sideways_scroll):
    study = comparing(count=2)
    for width, scheme in ((360, "light"), (360, "dark"), (1280, "light")):
        page = open_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        begin(page, study)
        button(page, 1).wait_for()
        assert accessibility_violations(page) == []
        assert sideways_scroll(page) == 0
