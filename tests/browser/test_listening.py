"""The player in a real browser: what counts as listening, how often a clip may be played, clips that do not load."""

import re

import pytest

from survey.design.listening import heard_enough
from survey.models import Response, TrialEvent
from tests.browser.taking_part import HEARD, SHORT, answer, at_clip, begin, choose, listen, pass_test_sounds
from tests.survey.factories import make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
CLIPS = "**/media/clips/*"
BROKEN = "The clip cannot be played."


def test_seeking_to_the_end_does_not_unlock_the_answer(page):
    begin(page, make_study(**SHORT))
    page.locator("[data-state=play]:not([aria-disabled])").wait_for()
    page.locator("audio").evaluate(
        "async audio => { await audio.play(); audio.currentTime = audio.duration - 0.05; }",
    )
    page.get_by_role("button", name="Play again").wait_for()
    assert page.locator("audio").evaluate("audio => audio.ended")
    assert page.get_by_role("button", name="Next").is_disabled()


def test_what_was_heard_before_a_reload_still_counts(page):
    begin(page, make_study(**SHORT))
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_role("button", name="Play again").wait_for()
    page.reload()
    page.get_by_text(HEARD).wait_for()
    answer(page, 1, 3)
    assert Response.objects.get().played_seconds >= 0.9


def test_a_clip_that_may_be_heard_once_is_played_once(page):
    begin(page, make_study(replay_cap=1, **SHORT))
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("Heard as often as this study allows. Please go on.").wait_for()
    again = page.get_by_role("button", name="Play again")
    assert again.is_disabled()
    again.click(force=True)
    page.reload()
    page.get_by_text("Heard as often as this study allows. Please go on.").wait_for()
    again.click(force=True)
    assert page.locator("audio").evaluate("audio => audio.paused && audio.currentTime === 0")
    answer(page, 1, 3)
    response = Response.objects.get()
    starts = TrialEvent.objects.filter(trial=response.trial, kind="play", detail__seconds__lt=0.2)
    assert (response.plays, starts.count()) == (1, 1)
    assert response.played_seconds < 1.5


def test_a_pause_is_not_a_second_play_even_with_a_reload_between(page):
    begin(page, make_study(replay_cap=1, versions=make_versions(3, seconds=4.0), **SHORT))
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => document.querySelector('audio').currentTime > 1")
    page.get_by_role("button", name="Pause").click()
    page.reload()
    page.get_by_role("button", name="Play", exact=True).click()
    page.get_by_text("Heard as often as this study allows. Please go on.").wait_for()
    answer(page, 1, 3)
    response = Response.objects.get()
    assert (response.plays, response.played_seconds < 5.0) == (1, True)


@pytest.mark.parametrize("gated", [True, False])
def test_a_clip_that_does_not_load_is_tried_again_then_said_and_cannot_be_answered(page, page_problems, gated):
    study = make_study(require_listening=gated, **SHORT)
    tries = []
    page.on("request", lambda request: tries.append(request.url) if "/media/clips/" in request.url else None)
    page.route(CLIPS, lambda route: route.abort())
    begin(page, study)
    page.get_by_text("The clip does not load. Trying again …").wait_for()
    page.get_by_text(BROKEN).wait_for()
    assert len(tries) == 4
    choose(page)
    assert page.get_by_role("button", name="Next").is_disabled()
    page.locator(".confidence-list input").nth(3).press("Enter")
    assert page.get_by_text(BROKEN).is_visible()
    assert Response.objects.count() == 0
    page.unroute(CLIPS)
    page.get_by_role("button", name="Try again").click()
    listen(page)
    answer(page, 1, 3)
    page.goto("about:blank")  # the next clip complains as well
    page_problems.clear()


def test_a_clip_that_the_server_could_not_give_at_once_is_fetched_again(page, page_problems):
    study = make_study(**SHORT)
    asked = []

    def refuse_once(route):
        asked.append(route.request.url)
        if len(asked) > 1:
            route.continue_()
        else:
            route.fulfill(status=503, body="Busy")

    page.route(CLIPS, refuse_once)
    begin(page, study)
    listen(page)
    assert asked.count(asked[0]) == 2
    assert {"error", "retry", "loaded"} <= set(page_kinds(page))
    page_problems.clear()


def page_kinds(page):
    """The events that the page told the server, after it was made to send them."""
    with page.expect_response("**/events/"):
        page.evaluate("""() => {
            Object.defineProperty(document, "hidden", { value: true, configurable: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }""")
    return TrialEvent.objects.values_list("kind", flat=True)


def test_a_browser_that_cannot_play_from_memory_plays_from_the_address(page, page_problems):
    page.add_init_script("URL.createObjectURL = () => 'blob:nothing'")
    study = make_study(**SHORT)
    begin(page, study)
    page.wait_for_function("() => document.querySelector('audio').currentSrc.includes('/media/clips/')")
    listen(page)
    answer(page, 1, 3)
    page.close()  # the next clip meets the same: after this, no complaint about it can come late
    assert [problem for problem in page_problems if "blob:nothing" not in problem] == []
    page_problems.clear()


def test_on_a_slow_line_the_page_says_how_much_of_the_clip_is_there(page):
    study = make_study(versions=make_versions(3, seconds=4.0), **SHORT)
    line = page.context.new_cdp_session(page)
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("heading", name="Check your sound").wait_for()
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 20, "downloadThroughput": 12_000, "uploadThroughput": 12_000},
    )
    pass_test_sounds(page)
    at_clip(page, 1)
    page.get_by_text("Loading the clip …").wait_for()
    bar = page.get_by_role("progressbar", name="Loading the clip …")
    page.wait_for_function("() => document.querySelector('.player-bar').value > 0.2")
    share = bar.evaluate("bar => bar.value")
    assert 0.2 < share < 1
    assert re.fullmatch(r"\d+ %", page.locator(".player-time").inner_text())
    assert page.get_by_role("button", name="Play", exact=True).is_disabled()
    page.get_by_text("Listen to the clip to the end, then go on.").wait_for()
    listen(page)
    answer(page, 1, 3)


@pytest.mark.parametrize(("length", "needed"), [(4.0, 3.7), (20.0, 19.4), (28.0, 27.16)])
def test_the_page_unlocks_an_answer_where_the_server_would_take_it_and_no_sooner(page, length, needed):
    """The script is stricter than the server, whose 95 % are measured by another clock."""
    page.goto("/")
    asked = """async ([length, times]) => {
        const { covers } = await import("/static/survey/playing.js");
        return times.map((seconds) => covers(seconds, length));
    }"""
    times = [0.0, length / 2, needed - 0.01, needed + 0.01, length]
    assert page.evaluate(asked, [length, times]) == [False, False, False, True, True]
    assert heard_enough(length, needed)
    assert page.evaluate(asked, [0, [0.0, 5.0]]) == [False, False]


def test_a_clip_opened_in_a_tab_that_nobody_sees_counts_that_time(page):
    page.add_init_script("""
        let isHidden = location.pathname.endsWith("/clip/");
        Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true });
        window.show = () => { isHidden = false; document.dispatchEvent(new Event("visibilitychange")); };
    """)
    study = make_study(**SHORT)
    begin(page, study)
    page.wait_for_timeout(1_000)
    page.evaluate("window.show()")
    listen(page)
    answer(page, 1, 3)
    assert 1 <= Response.objects.get().hidden_seconds < Response.objects.get().seconds
    kinds = list(TrialEvent.objects.filter(trial__position=1).order_by("sequence").values_list("kind", flat=True))
    assert kinds.index("hidden") < kinds.index("visible") < kinds.index("play")
