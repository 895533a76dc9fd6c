"""Clips that come next are in the browser's cache before they are needed: on the real server, with its headers."""

from collections import Counter
from itertools import pairwise

import pytest

from survey import actions
from survey.models import Participant, Trial
from tests.browser.taking_part import SHORT, answer, at_clip, listen, pass_test_sounds
from tests.survey.factories import make_study, make_versions
from tests.survey.serving import Server

pytestmark = [
    pytest.mark.browser,
    pytest.mark.service,
    pytest.mark.django_db(transaction=True),
]
HIDE = """hidden => {
    Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def server(tmp_path):
    server = Server(log=tmp_path / "access.log")
    server.start()
    yield server
    server.kill()


def clips_fetched(server):
    return Counter(line.removeprefix("GET /media/") for line in server.requests() if "/media/clips/" in line)


def begin_with_all_others_preloaded(page, study):
    """Open the first clip, which names the study's other clips as those that come next; (its own, the others)."""
    page.goto(f"/study/{study.slug}/")
    page.get_by_role("button", name="I agree – start").click()
    page.get_by_role("button", name="I hear it well – go on").wait_for()
    trial = actions.give_trial(participant=Participant.objects.get())
    others = list(study.stimuli.exclude(pk=trial.stimulus_id).values_list("audio", flat=True))
    Trial.objects.filter(pk=trial.pk).update(preload=others)
    pass_test_sounds(page)
    at_clip(page, 1)
    return trial.stimulus.audio, others


def wait_for_clips(page, server, count):
    for _ in range(200):
        if len(clips_fetched(server)) >= count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"Only {clips_fetched(server)} were fetched.")


def test_every_clip_of_a_participation_is_fetched_once(open_page, server):
    study = make_study(versions=make_versions(3), **SHORT)
    page = open_page("phone", base_url=server.url)
    own, others = begin_with_all_others_preloaded(page, study)
    wait_for_clips(page, server, 3)
    assert clips_fetched(server) == Counter([own, *others])
    for number in (1, 2, 3):
        listen(page)
        answer(page, number, 3)
    page.get_by_role("heading", name="A few words about you").wait_for()
    assert clips_fetched(server) == Counter([own, *others])


def test_nothing_is_preloaded_before_the_current_clip_is_there(open_page, server):
    study = make_study(versions=make_versions(3, seconds=4.0), **SHORT)
    page = open_page("phone", base_url=server.url)
    asked = []
    page.on("request", lambda request: asked.append(request) if "/media/clips/" in request.url else None)
    own, others = begin_with_all_others_preloaded(page, study)
    wait_for_clips(page, server, 3)
    page.wait_for_timeout(500)
    assert [request.url.rpartition("/media/")[2] for request in asked] == [own, *others]
    # The browser's own clock, in milliseconds: events reach the test in no certain order when the machine is busy.
    times = [request.timing for request in asked]
    assert all(time["responseEnd"] > 0 for time in times)
    for one, following in pairwise(times):
        assert one["startTime"] + one["responseEnd"] <= following["startTime"] + 2.0


def test_a_browser_that_saves_data_preloads_nothing(open_page, server):
    study = make_study(versions=make_versions(3), **SHORT)
    page = open_page("phone", base_url=server.url)
    page.add_init_script("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    own, _ = begin_with_all_others_preloaded(page, study)
    listen(page)
    assert clips_fetched(server) == Counter([own])


def test_a_hidden_page_preloads_nothing_until_it_is_seen_again(open_page, server):
    study = make_study(versions=make_versions(3), **SHORT)
    page = open_page("phone", base_url=server.url)
    page.add_init_script("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    own, others = begin_with_all_others_preloaded(page, study)
    listen(page)
    assert clips_fetched(server) == Counter([own])
    page.evaluate(HIDE, False)
    wait_for_clips(page, server, 3)
    assert clips_fetched(server) == Counter([own, *others])


def test_a_preload_that_fails_is_tried_again_and_harms_nothing(open_page, server, page_problems):
    study = make_study(versions=make_versions(3), **SHORT)
    page = open_page("phone", base_url=server.url)
    tries = Counter()
    own = None

    def fail_all_but_the_first(route):
        nonlocal own
        name = route.request.url.rpartition("/media/")[2]
        own = own or name
        tries[name] += 1
        if name == own:
            route.continue_()
        else:
            route.abort()

    page.route("**/media/clips/*", fail_all_but_the_first)
    own, others = begin_with_all_others_preloaded(page, study)
    for _ in range(200):
        if tries[others[1]]:
            break
        page.wait_for_timeout(50)
    assert (tries[own], tries[others[0]], tries[others[1]]) == (1, 4, 1)
    page.unroute("**/media/clips/*")
    listen(page)
    answer(page, 1, 3)
    listen(page)
    page_problems.clear()
