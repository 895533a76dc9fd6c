"""A researcher makes a study in a real browser, from the empty form to its first participant."""

import pytest

from survey import actions
from survey.first_words import default_wording
from survey.models import Participant, Study
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


def test_a_study_is_made_previewed_and_published(page, log_in, accessibility_violations):
    make_versions(4, emotions=("fear", "awe", "sadness", "anger"))
    log_in(page, make_researcher())
    page.goto("/studies/")
    page.get_by_role("link", name="New study").click()
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Take “Choose the emotion”").click()
    page.get_by_label("Title").fill("Moods of places")
    page.locator("summary").filter(has=page.get_by_role("heading", name="Trials")).click()
    page.get_by_label("Clips per participant").fill("4")
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Save and choose clips").click()
    page.get_by_role("button", name="Choose all shown").click()
    assert page.get_by_text("4 main clips chosen").is_visible()
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Save the clips").click()
    page.get_by_role("button", name="Preview as a participant").click()
    assert page.get_by_text("Preview: nothing you answer here counts.").is_visible()
    assert page.get_by_role("button", name="I agree – start").is_visible()
    page.goto("/studies/moods-of-places/")
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="Look over and publish").click()
    page.get_by_role("button", name="Publish and freeze").click()
    page.get_by_text("The study is published.").wait_for()
    assert Study.objects.get().status == "published"
    page.get_by_role("link", name="Monitor").click()
    page.get_by_role("heading", name="Monitor").wait_for()
    assert accessibility_violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_the_page_before_publishing_is_readable_for_everybody(
    open_page, log_in, accessibility_violations, sideways_scroll, size, scheme
):
    cells = dict.fromkeys(("matched", "mismatched", "music_only", "picture_only"), 1.0)
    versions = make_versions(8) + make_versions(4, composer="paper", first=100)
    study = make_study(
        publish=False,
        versions=versions,
        cells=cells,
        translations={"de": default_wording("de", "choose")},
        quota=40,
        analysis_plan={"hypotheses": "Matching pairs are recognised more often."},
        exclusion_rules={"longest_run": 6},
    )
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/publish/")
    page.get_by_role("heading", name="What is frozen").wait_for()
    assert accessibility_violations(page) == []
    assert sideways_scroll(page) <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_watching_a_study_is_readable_for_everybody(
    open_page, log_in, accessibility_violations, sideways_scroll, size, scheme
):
    study = make_study(headphones="gate", quota=5)
    one, _ = answer_study(study, people=2)
    actions.set_aside(participant=one, reason="wrote that the sound was off", by=study.owner)
    Participant.objects.filter(pk=one.pk).update(headphones={"finished": True})
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    found = {}
    for address in ("monitor/", "people/", "log/"):
        page.goto(f"/studies/{study.slug}/{address}")
        found[address] = accessibility_violations(page), sideways_scroll(page)
    page.goto(f"/results/{study.slug}/")
    found["results"] = accessibility_violations(page), sideways_scroll(page)
    assert found == dict.fromkeys(found, ([], 0))


def test_a_person_is_set_aside_and_taken_back_with_the_keyboard(page, log_in):
    study = make_study()
    answer_study(study, people=1)
    log_in(page, study.owner)
    page.goto(f"/studies/{study.slug}/people/")
    page.locator("summary", has_text="Set aside").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("wrote that the sound was off")
    page.keyboard.press("Enter")
    page.get_by_text("by hand: wrote that the sound was off").wait_for()
    page.get_by_role("button", name="Take back").press("Enter")
    page.get_by_text("is judged by the rules alone again").wait_for()
    assert page.get_by_text("by hand: wrote").count() == 0


def test_the_monitor_refreshes_itself_and_stays_where_it_is_read(page, log_in, page_problems):
    study = make_study(versions=make_versions(24), clips_per_participant=4)
    log_in(page, study.owner)
    page.clock.install()
    page.goto(f"/studies/{study.slug}/monitor/")
    region = page.get_by_role("region", name="Fill per stimulus")
    region.evaluate("element => { element.scrollTop = 120; }")
    region.focus()
    answer_study(study, people=3, each=4)
    page.clock.run_for(11_000)
    page.locator("dd", has_text="12").first.wait_for()
    assert region.evaluate("element => [element.scrollTop, document.activeElement === element]") == [120, True]
    page.context.clear_cookies()
    page.clock.run_for(11_000)
    page.get_by_text("These numbers cannot be refreshed now.").wait_for()


def test_the_pages_fit_a_telephone(phone, log_in, sideways_scroll):
    study = make_study(publish=False)
    log_in(phone, study.owner)
    widths = {}
    for address in (
        "/studies/",
        "/studies/new/",
        "/studies/new/?template=empty",
        f"/studies/{study.slug}/",
        f"/studies/{study.slug}/clips/",
        f"/studies/{study.slug}/monitor/",
    ):
        phone.goto(address)
        widths[address] = sideways_scroll(phone)
    assert set(widths.values()) == {0}, widths


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["phone", "desktop"])
def test_what_a_yes_no_study_names_is_asked_where_people_say_yes_or_no(
    open_page, log_in, accessibility_violations, sideways_scroll, size, scheme
):
    page = open_page(size, scheme=scheme)
    log_in(page, make_researcher())
    page.goto("/studies/new/?template=empty")
    page.locator("summary").filter(has=page.get_by_role("heading", name="Answers")).click()
    named = page.get_by_label("Yes/no: emotion named")
    assert not named.is_visible()
    page.get_by_label("Mode").select_option("yes_no")
    assert named.is_visible()
    assert named.input_value() == "half"
    assert sideways_scroll(page) == 0
    assert accessibility_violations(page) == []


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_a_kind_of_study_is_taken_by_pressing_anywhere_on_its_card(open_page, log_in, size, scheme):
    page = open_page(size, scheme=scheme)
    log_in(page, make_researcher())
    page.goto("/studies/new/")
    take = page.get_by_role("button", name="Take “Yes or no, as in the first project”")
    take.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    card = page.get_by_role("listitem").filter(has=take)
    assert card.evaluate("card => getComputedStyle(card).outlineStyle") == "solid"
    card.click(position={"x": 12, "y": 12})
    page.get_by_role("heading", name="New study: Yes or no, as in the first project").wait_for()
