"""From ten pictures of the library to a published study on Prolific: at most ten clicks, and one page of typing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from generation.models import GenerationRun, PairVersion
from survey.models import Study
from tests.survey.factories import SECONDS, make_mp3, make_picture, make_researcher, make_versions, store

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]
MOST_CLICKS = 10
EMOTIONS = ("fear", "awe", "sadness", "anger", "amusement")


class Counted:
    """A page whose clicks are counted, choices in a list among them; and the pages on which something was typed."""

    def __init__(self, page):
        self.page, self.clicks, self.typed_on = page, 0, set()

    def click(self, role, name):
        self.page.get_by_role(role, name=name, exact=True).first.click()
        self.clicks += 1

    def type(self, label, text):
        self.page.get_by_label(f"{label}:", exact=True).fill(text)
        self.typed_on.add(self.page.url)

    def choose(self, label, option):
        self.page.get_by_label(f"{label}:", exact=True).select_option(label=option)
        self.clicks += 1
        self.typed_on.add(self.page.url)


@pytest.fixture
def researcher():
    user = make_researcher()
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="generation"))
    return user


@pytest.fixture
def ten_pictures():
    """Ten labelled pictures of the library; the network is sure of them."""
    pictures = [make_picture(number) for number in range(10)]
    for number, picture in enumerate(pictures):
        picture.probabilities = {EMOTIONS[number % 5]: 0.9}
        picture.label_confident = True
        picture.in_library = True
        picture.title = f"Place {number + 1}"
        picture.save()
    return pictures


def compose(run):
    """In place of the worker, which needs half a minute for each: every pair of the run has its files."""
    for number, version in enumerate(run.versions.order_by("pk")):
        version.audio, version.audio_sha256 = store("clips", make_mp3(number), ".mp3")
        version.audio_alternative, version.audio_alternative_sha256 = version.audio, version.audio_sha256
        version.midi, version.midi_sha256 = store("clips", b"MThd" + str(number).encode(), ".mid")
        version.duration_seconds, version.loudness_lufs, version.true_peak_dbtp = SECONDS, -23.0, -6.0
        version.started_at = version.finished_at = timezone.now()
        version.status = PairVersion.Status.READY
        version.save()


def test_ten_pictures_become_a_published_study_on_prolific(
    page, log_in, researcher, ten_pictures, accessibility_violations
):
    log_in(page, researcher)
    page.goto("/pictures/")
    counted = Counted(page)
    counted.click("button", "Select all on this page")
    counted.click("button", "Make music for the selected pictures")
    counted.click("button", "Start the run")
    page.get_by_role("heading", name="Progress").wait_for()
    compose(GenerationRun.objects.get(reason=""))
    page.get_by_text("10 of 10 finished").wait_for()
    counted.click("link", "Make a study of these")
    assert page.get_by_text("10 clips of a run are chosen").is_visible()
    assert accessibility_violations(page) == []
    counted.click("button", "Take “Choose the emotion”")
    assert accessibility_violations(page) == []
    counted.type("Title", "Moods of places")
    counted.type("Contact", "Ada Lovelace, ada@example.org")
    counted.choose("Recruiter", "Prolific")
    counted.type("Quota", "80")
    counted.click("button", "Save and choose clips")
    assert page.get_by_text("The pictures with their music; everyone gets it.").is_visible()
    assert page.locator("input[name=main]:checked").count() == 10
    assert accessibility_violations(page) == []
    counted.click("button", "Save and look it over")
    counted.click("button", "Publish and freeze")
    page.get_by_text("The study is published.").wait_for()

    study = Study.objects.get()
    assert (study.status, study.recruiter, study.quota) == ("published", "prolific", 80)
    assert study.stimuli.count() == 10
    assert set(study.stimuli.values_list("picture", flat=True)) == {picture.pk for picture in ten_pictures}
    assert counted.clicks <= MOST_CLICKS, counted.clicks
    assert len(counted.typed_on) == 1


def two_composers():
    return [*make_versions(8), *make_versions(8, composer="paper")]


@pytest.fixture
def draft():
    from survey import actions

    two_composers()
    return actions.create_study(by=make_researcher("drafting"), title="Live")


def test_what_a_design_means_follows_every_change(page, log_in, draft, accessibility_violations):
    log_in(page, draft.owner)
    page.goto(f"/studies/{draft.slug}/clips/")
    assert not page.get_by_role("button", name="Reckon with this choice").is_visible()
    assert page.get_by_text("Choose at least one clip.").is_visible()
    page.get_by_role("button", name="Choose all shown").click()
    plan = page.locator("[data-plan]")
    plan.get_by_text("Matching pair").wait_for()
    page.get_by_label("muse", exact=True).check()
    plan.get_by_text("Mend what is marked").wait_for()
    page.get_by_label("their music, whoever made it").uncheck()
    page.get_by_label("paper", exact=True).check()
    page.get_by_label("silence (the picture alone)").check()
    plan.get_by_text("The same pictures with muse, with paper and in silence; everyone gets all three.").wait_for()
    page.get_by_label("each person gets one cell").check()
    plan.get_by_text("each person gets one of the three.").wait_for()
    assert "24 stimuli, 8 trials" in page.locator("[data-plan-bar]").inner_text()
    page.get_by_label("Clips for each person").fill("9")
    page.get_by_label("Clips for each person").press("Tab")
    plan.get_by_text("One person would hear 9 clips, but only 8").wait_for()
    assert accessibility_violations(page) == []
    assert draft.stimuli.count() == 0


def test_enter_in_a_field_saves_the_clips(page, log_in, draft):
    log_in(page, draft.owner)
    page.goto(f"/studies/{draft.slug}/clips/")
    page.get_by_role("button", name="Choose all shown").click()
    each = page.get_by_label("Clips for each person")
    each.fill("6")
    with page.expect_navigation():
        each.press("Enter")
    page.get_by_text("stimuli are chosen.").wait_for()
    draft.refresh_from_db()
    assert (draft.clips_per_participant, draft.stimuli.count()) == (6, 16)


def test_where_the_site_does_not_answer_the_numbers_are_said_to_be_old(page, log_in, draft, page_problems):
    log_in(page, draft.owner)
    page.goto(f"/studies/{draft.slug}/clips/")
    page.route("**/clips/", lambda route: route.abort())
    page.get_by_label("silence (the picture alone)").check()
    page.get_by_text("the site does not answer").wait_for()
    page.unroute("**/clips/")
    page.get_by_label("silence (the picture alone)").uncheck()
    page.get_by_text("the site does not answer").wait_for(state="hidden")
    page_problems.clear()


def test_the_journey_needs_no_script(plain_page, log_in, draft):
    page = plain_page
    log_in(page, draft.owner)
    page.goto("/studies/new/")
    page.get_by_role("button", name="Take “Composers compared”").click()
    page.get_by_label("Title:", exact=True).fill("Without a script")
    page.locator("summary").filter(has=page.get_by_role("heading", name="Trials")).click()
    page.get_by_label("Clips per participant").fill("6")
    page.get_by_role("button", name="Save and choose clips").click()
    assert page.get_by_text("The same pictures with muse and with paper; everyone gets both.").is_visible()
    page.get_by_label("silence (the picture alone)").check()
    page.get_by_role("button", name="Reckon with this choice").click()
    assert page.get_by_text("and in silence; everyone gets all three.").is_visible()
    page.get_by_role("button", name="Save and look it over").click()
    page.get_by_role("button", name="Publish and freeze").click()
    assert Study.objects.get(title="Without a script").status == "published"


def test_a_selection_of_the_gallery_becomes_a_study(page, log_in, researcher):
    make_versions(6)
    log_in(page, researcher)
    page.goto("/pairs/")
    for box in page.get_by_role("checkbox", name="Select").all()[:3]:
        box.check()
    page.get_by_role("button", name="Make a study of the selected").click()
    assert page.get_by_text("3 clips are chosen").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_pages_of_making_a_study_fit_and_are_clean(
    open_page, log_in, draft, accessibility_violations, sideways_scroll, size, scheme
):
    page = open_page(size, scheme=scheme)
    log_in(page, draft.owner)
    found = {}
    for address in (
        "/studies/new/",
        "/studies/new/?template=seed",
        "/studies/new/?template=composers",
        f"/studies/{draft.slug}/clips/",
        f"/studies/{draft.slug}/",
    ):
        page.goto(address)
        page.evaluate("for (const part of document.querySelectorAll('main details')) part.open = true")
        found[address] = accessibility_violations(page), sideways_scroll(page)
    assert found == dict.fromkeys(found, ([], 0))
