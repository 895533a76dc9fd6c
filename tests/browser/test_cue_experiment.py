"""The way of a cue experiment: from two pictures to variants, a study that plays them, and what the cues do."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission

from generation.models import GenerationRun
from survey import actions
from survey.models import Study
from tests.browser.test_ten_clicks import compose
from tests.survey.answering import answer_study
from tests.survey.factories import make_picture, make_researcher

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def researcher():
    user = make_researcher()
    user.user_permissions.add(*Permission.objects.filter(content_type__app_label="generation"))
    return user


def test_two_pictures_become_variants_a_study_and_effects(page, log_in, researcher, accessibility_violations):
    for number, emotion in enumerate(("sadness", "excitement")):
        picture = make_picture(number)
        picture.probabilities, picture.label_confident = {emotion: 0.9}, True
        picture.in_library, picture.title = True, f"Place {number + 1}"
        picture.save()
    log_in(page, researcher)
    page.goto("/pictures/")
    page.get_by_role("button", name="Select all on this page").click()
    page.get_by_role("button", name="Make music for the selected pictures").click()
    page.get_by_text("For a cue experiment: the same piece in variants").click()
    page.get_by_label("slow tempo").check()
    page.get_by_text("Tempo needs two levels at least").wait_for()
    for level in ("fast tempo", "minor mode", "major mode"):
        page.get_by_label(level).check()
    page.get_by_text("Every clip is made in 4 variants. 8 clips").wait_for()
    assert accessibility_violations(page) == []
    page.get_by_role("button", name="Start the run").click()
    page.get_by_role("heading", name="Progress").wait_for()
    assert page.get_by_text("slow tempo, minor mode").count() == 2
    run = GenerationRun.objects.get()
    compose(run)
    page.get_by_text("8 of 8 finished").wait_for()
    assert accessibility_violations(page) == []
    page.get_by_role("link", name="Make a study of these").click()
    page.get_by_role("button", name="Take “Cue experiment”").click()
    page.get_by_label("Title:", exact=True).fill("What tempo does")
    page.get_by_label("Contact:", exact=True).fill("Ada Lovelace, ada@example.org")
    page.get_by_role("button", name="Save and choose clips").click()
    assert page.locator("input[name=main]:checked").count() == 8
    page.get_by_role("button", name="Save and look it over").click()
    page.get_by_role("button", name="Publish and freeze").click()
    page.get_by_text("The study is published.").wait_for()

    study = Study.objects.get()
    answer_study(study, people=8, each=8, hit=0.6, seed=2)
    actions.close(study=study, by=researcher)
    page.goto(f"/results/{study.slug}/?open=cues")
    table = page.locator("table", has_text="tempo: slow → fast").first
    table.wait_for()
    assert table.get_by_text("mode: minor → major").count() == 9  # eight emotions, and none of these
    assert accessibility_violations(page) == []
