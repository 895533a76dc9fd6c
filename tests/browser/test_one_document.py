"""From clip to clip the browser stays in one document: the reply to an answer brings the next page."""

import json
from itertools import pairwise

import pytest

from survey.models import Participant, Response, Trial, TrialEvent
from tests.browser.participant_pages import press_main_button
from tests.browser.taking_part import SHORT, answer, at_clip, begin, choose, listen, pass_test_sounds
from tests.survey.factories import make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
ABOUT = "A few words about you"
NEXT = "**/study/*/clip/"


def watch(page):
    """Mark the document, and note what is asked for from now on: (method, whether a page of its own, address)."""
    page.evaluate("window.isFirst = true")
    asked = []
    page.on("request", lambda one: asked.append((one.method, one.is_navigation_request(), one.url)))
    return asked


def is_first(page):
    return page.evaluate("window.isFirst === true")


def of_clips(asked):
    return [(method, whole) for method, whole, url in asked if url.endswith("/clip/")]


def test_a_whole_study_in_one_document_with_every_measure_at_its_own_trial(page):
    study = make_study(versions=make_versions(5), clips_per_participant=5)
    begin(page, study)
    asked = watch(page)
    for number in range(1, 6):
        listen(page)
        if number == 3:
            page.get_by_role("button", name="Play again").click()
            # It says so until the sound really runs.
            page.get_by_role("button", name="Play again").wait_for(state="detached")
            page.get_by_role("button", name="Play again").wait_for()
        answer(page, number, 5)
        assert number == 5 or is_first(page)
    page.get_by_role("heading", name=ABOUT).wait_for()
    assert of_clips(asked) == [("POST", False)] * 5
    told = list(Response.objects.order_by("trial__position"))
    assert [response.plays for response in told] == [1, 1, 2, 1, 1]
    assert all(0.9 <= response.played_seconds / response.plays < 1.3 for response in told)
    assert all(0 < response.first_choice_seconds < response.seconds for response in told)
    for trial in Trial.objects.all():
        events = TrialEvent.objects.filter(trial=trial).order_by("sequence")
        kinds = [event.kind for event in events]
        assert [event.sequence for event in events] == list(range(len(kinds)))
        assert kinds[0] == "loaded"
        assert kinds.count("loaded") == 1
        assert kinds.count("play") == kinds.count("ended") == trial.response.plays
        assert kinds.count("choose") == 2
        assert all(before.milliseconds <= after.milliseconds for before, after in pairwise(events))
        assert events.last().milliseconds < 1000 * trial.response.seconds + 500


def test_events_of_the_old_trial_that_did_not_arrive_are_sent_once_more(page, page_problems):
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    page.route("**/events/", lambda route: route.abort(), times=1)
    with page.expect_response("**/events/"):
        answer(page, 1, 3)
    first = Trial.objects.get(position=1)
    assert {"play", "ended", "choose"} <= set(first.events.values_list("kind", flat=True))
    page_problems.clear()


def test_a_reload_in_the_middle_brings_the_same_clip_and_the_next_is_swapped_in_again(page):
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    answer(page, 1, 3)
    token = page.locator("#trial-form").get_attribute("data-trial")
    page.reload()
    at_clip(page, 2)
    assert page.locator("#trial-form").get_attribute("data-trial") == token
    watch(page)
    listen(page)
    answer(page, 2, 3)
    assert is_first(page)
    assert (Response.objects.count(), Trial.objects.count()) == (2, 3)


def test_back_after_pages_that_were_swapped_in_leads_to_the_open_clip(page):
    study = make_study(**SHORT)
    begin(page, study)
    for number in (1, 2):
        listen(page)
        answer(page, number, 3)
    page.go_back()
    at_clip(page, 3)
    listen(page)
    answer(page, 3, 3)
    page.get_by_role("heading", name=ABOUT).wait_for()
    assert Response.objects.count() == Trial.objects.count() == 3


def test_a_line_that_breaks_in_the_middle_costs_nothing_and_no_load(page, page_problems):
    study = make_study(**SHORT)
    begin(page, study)
    watch(page)
    listen(page)
    answer(page, 1, 3)
    listen(page)
    page.context.set_offline(True)
    choose(page)
    page.get_by_role("button", name="Next").click()
    page.get_by_text("No connection. Your answer is kept").wait_for()
    page.context.set_offline(False)
    at_clip(page, 3)
    assert is_first(page)
    assert Response.objects.count() == 2
    assert page.evaluate("localStorage.getItem('answer:' + document.forms[0].dataset.study)") is None
    page_problems.clear()


@pytest.mark.parametrize("reply", ["lost", "cut off"])
def test_an_answer_whose_reply_does_not_arrive_is_sent_again_and_brings_the_page(page, page_problems, reply):
    study = make_study(**SHORT)
    begin(page, study)
    watch(page)
    listen(page)

    def lose(route):
        told = route.fetch()
        if reply == "lost":
            route.abort()
        else:
            route.fulfill(status=200, headers=told.headers, body=told.text()[:500])

    page.route(NEXT, lose, times=1)
    answer(page, 1, 3)
    assert is_first(page)
    assert (Response.objects.count(), Trial.objects.count()) == (1, 2)
    page_problems.clear()


def test_the_page_begins_at_its_top_with_its_heading_for_whoever_hears_it(page, accessibility_violations):
    study = make_study(ask_affect=True, ask_word=True, **SHORT)
    page.set_viewport_size({"width": 360, "height": 500})
    begin(page, study)
    listen(page)
    choose(page)
    for slider in page.locator(".affective-slider").all():
        slider.press("PageUp")
    assert page.evaluate("window.scrollY") > 100
    page.get_by_role("button", name="Next").press("Enter")
    at_clip(page, 2)
    assert page.evaluate("[document.activeElement.tagName, window.scrollY]") == ["H1", 0]
    assert accessibility_violations(page) == []
    page.locator("[data-state=play]:not([aria-disabled])").wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Play"


def test_two_tabs_of_one_person_store_each_answer_once(page):
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    second = page.context.new_page()
    second.goto(f"/study/{study.slug}/clip/")
    second.get_by_role("button", name="Play again").wait_for()  # what was heard in the one tab is known in the other
    answer(page, 1, 3)
    # The other tab still shows the first clip; its answer brings the clip that is open.
    answer(second, 1, 3)
    token, others = (tab.locator("#trial-form").get_attribute("data-trial") for tab in (page, second))
    assert token == others
    for tab in (page, second):
        listen(tab)
        answer(tab, 2, 3)
    assert Response.objects.count() == 2
    assert Trial.objects.count() == 3


def test_what_two_tabs_tell_of_one_clip_is_all_stored(page):
    study = make_study(**SHORT)
    begin(page, study)
    told = []
    page.context.on("response", lambda one: told.append(one.status) if one.url.endswith("/events/") else None)
    listen(page)
    second = page.context.new_page()
    second.goto(f"/study/{study.slug}/clip/")
    second.get_by_role("button", name="Play again").click()
    second.get_by_role("button", name="Play again").wait_for(state="detached")
    second.get_by_role("button", name="Play again").wait_for()
    for tab in (second, page):
        with tab.expect_response("**/events/"):
            answer(tab, 1, 3)
    kinds = list(Trial.objects.get(position=1).events.values_list("kind", flat=True))
    assert [kinds.count(kind) for kind in ("loaded", "play", "ended", "choose")] == [2, 2, 2, 4]
    assert set(told) == {200}


def change_reply(page, change):
    def fulfil(route):
        told = route.fetch()
        body = change(told.json())
        route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    page.route(NEXT, lambda route: fulfil(route) if route.request.method == "POST" else route.continue_())


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda told: {"stored": True, "next": told["next"]}, id="of an older server"),
        pytest.param(lambda told: {**told, "page": told["page"].replace("trial.js", "trial.js?2")}, id="other script"),
        pytest.param(lambda told: {**told, "page": told["page"].replace("base.css", "base.css?2")}, id="other style"),
        pytest.param(lambda told: {**told, "page": "<main><h1>Something else</h1></main>"}, id="no clip"),
    ],
)
def test_a_reply_whose_page_cannot_be_swapped_in_is_followed_by_a_load(page, change):
    study = make_study(**SHORT)
    begin(page, study)
    asked = watch(page)
    listen(page)
    change_reply(page, change)
    answer(page, 1, 3)
    assert not is_first(page)
    assert of_clips(asked) == [("POST", False), ("GET", True)]
    assert Response.objects.count() == 1


def test_practice_pictures_and_their_language_come_the_same_way(page):
    practice, *versions = make_versions(5)
    study = make_study(
        language="tr",
        versions=versions,
        practice=[practice],
        practice_trials=1,
        clips_per_participant=4,
        cells={"matched": 1.0, "picture_only": 1.0},
    )
    page.goto(f"/study/{study.slug}/")
    press_main_button(page)
    pass_test_sounds(page)
    watch(page)
    sorts = []
    for _ in range(5):
        page.locator("[data-state=play]:not([aria-disabled])").or_(
            page.locator("#trial-form:not(:has(audio))")
        ).first.wait_for()
        has_audio = page.locator("audio").count() == 1
        sorts.append(has_audio)
        token = page.locator("#trial-form").get_attribute("data-trial")
        if has_audio:
            page.locator(".player-button").click()
        page.locator("[data-submit]:not(:disabled)").wait_for()
        choose(page)
        page.locator("[data-submit]").click()
        page.locator(f"#trial-form[data-trial='{token}']").wait_for(state="detached")
        if len(sorts) < 5:
            assert is_first(page)
            assert page.evaluate("document.documentElement.lang") == "tr"
            pictures = page.locator(".trial-picture img")
            pictures.first.evaluate("async picture => { await picture.decode(); }") if pictures.count() else None
    assert set(sorts) == {True, False}
    assert Response.objects.count() == 5
    measured = Response.objects.values_list("trial__stimulus__audio_sha256", "played_seconds")
    assert all((seconds is not None) == bool(sound) for sound, seconds in measured)


def test_a_clip_that_does_not_play_from_memory_plays_from_its_address_later_on_too(page, page_problems):
    page.add_init_script("URL.createObjectURL = () => 'blob:nothing'")
    study = make_study(**SHORT)
    begin(page, study)
    watch(page)
    for number in (1, 2):
        page.wait_for_function("() => document.querySelector('audio').currentSrc.includes('/media/clips/')")
        listen(page)
        answer(page, number, 3)
    assert is_first(page)
    assert min(Response.objects.values_list("played_seconds", flat=True)) >= 0.9
    page.close()  # the next clip meets the same: after this, no complaint about it can come late
    assert [problem for problem in page_problems if "blob:nothing" not in problem] == []
    page_problems.clear()


def test_a_second_click_of_a_double_click_chooses_nothing_on_the_next_page(page):
    """Whichever page it meets: it comes when the new one is there, before anybody can have read it."""
    study = make_study(**SHORT)
    begin(page, study)
    listen(page)
    choose(page)
    page.evaluate("""() => new MutationObserver(() => {
        const field = document.querySelector("#trial-form [name=chosen]");
        const like = { bubbles: true, cancelable: true };
        const click = (detail) => field.dispatchEvent(new MouseEvent("click", { ...like, detail }));
        click(2);
        window.chosen = [field.checked];
        click(1);
        window.chosen.push(field.checked);
    }).observe(document.querySelector("main"), { childList: true })""")
    page.get_by_role("button", name="Next").click()
    at_clip(page, 2)
    assert page.evaluate("window.chosen") == [False, True]


def test_nothing_grows_from_trial_to_trial(page):
    """Listeners, nodes, documents, sounds in memory: after eight trials as after three."""
    page.add_init_script("""
        const watch = (owner, make, end, open) => {
            const [makes, ends] = [owner[make], owner[end]];
            owner[make] = (...what) => { const made = makes(...what); open.add(made); return made; };
            owner[end] = (made) => { ends(made); open.delete(made); };
        };
        window.kept = new Set();
        window.ticking = new Set();
        watch(URL, "createObjectURL", "revokeObjectURL", window.kept);
        watch(window, "setInterval", "clearInterval", window.ticking);
    """)
    study = make_study(versions=make_versions(9), clips_per_participant=9)
    begin(page, study)
    watch(page)
    inside = page.context.new_cdp_session(page)

    def count():
        inside.send("HeapProfiler.collectGarbage")
        return inside.send("Memory.getDOMCounters")

    counted = []
    for number in range(1, 9):
        listen(page)
        answer(page, number, 9)
        page.locator("[data-state=play]:not([aria-disabled])").wait_for()
        page.wait_for_load_state("networkidle")
        counted.append(count())
        numbers = "JSON.parse(localStorage.getItem('events:' + document.forms[0].dataset.study))"
        assert page.evaluate(f"Object.keys({numbers}).length") == min(number + 1, 3)
        assert page.evaluate("[window.kept.size, window.ticking.size]") == [1, 1]
    assert is_first(page)
    third, last = counted[2], counted[-1]
    assert last["documents"] <= third["documents"]
    assert last["jsEventListeners"] <= third["jsEventListeners"]
    assert last["nodes"] <= third["nodes"] + 20
    assert Participant.objects.count() == 1
