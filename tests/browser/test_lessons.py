"""Listeners teach the composer: from a closed study through the lens and a lesson to a next wave that tests it.

People who saw pictures alone teach the network that reads them.
"""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command

from generation.models import GenerationRun, ModelVersion
from generation.queries import default_model
from survey import actions
from survey.findings.lessons import run_lesson
from survey.models import Lesson
from tests.survey.answering import answer_study
from tests.survey.factories import make_study
from tests.survey.test_lessons import fresh_clips, learned, taught
from tests.survey.test_picture_lessons import shown

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def study(settings, tmp_path):
    """A closed study whose people went by loudness; its owner may have clips made."""
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("register_models", verbosity=0)
    study = taught()
    study.owner.user_permissions.add(*Permission.objects.filter(content_type__app_label="generation"))
    return study


def test_from_a_closed_study_to_a_next_wave(study, open_page, log_in, page_problems):
    page = open_page()
    log_in(page, study.owner)
    page.goto(f"/results/{study.slug}/")
    page.get_by_role("button", name="Let these answers teach the composer").click()  # 1
    page.get_by_text("It is being learned").wait_for()
    run_lesson(Lesson.objects.get().pk)
    page.get_by_role("heading", name="What moved").wait_for()  # the page looks by itself
    page.get_by_role("button", name="Compose the next wave").click()  # 2
    page.get_by_role("heading", name="Progress").wait_for()
    lesson = Lesson.objects.get()
    followed = [set(run.model_versions.filter(kind="attribute_targets")) for run in GenerationRun.objects.all()[:2]]
    assert followed == [{lesson.targets}, {lesson.base}]
    assert page_problems == []


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_a_lesson_can_be_read_by_everybody(
    study, open_page, log_in, sideways_scroll, accessibility_violations, size, scheme
):
    lesson = learned(study)
    old, new = fresh_clips(lesson)
    test = make_study(
        by=study.owner,
        title="Test of the first lesson",
        versions=[*old, *new],
        cells={"music_only": 1.0},
        clips_per_participant=16,
        ask_background=False,
    )
    answer_study(test, people=12, each=16, seed=2)
    actions.close(study=test, by=test.owner)
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    for address in (
        "/taught/",
        lesson.get_absolute_url(),
        f"/results/{study.slug}/sections/lens/",
        f"/results/{test.slug}/sections/taught/",
    ):
        page.goto(address)
        assert sideways_scroll(page) <= 0, address
        assert accessibility_violations(page) == [], address


def test_a_lesson_can_be_followed_without_a_script(study, plain_page, log_in):
    log_in(plain_page, study.owner)
    plain_page.goto(f"/taught/?study={study.slug}")
    assert plain_page.get_by_label("A study").is_checked()
    plain_page.get_by_role("button", name="Learn").click()
    plain_page.get_by_text("It is being learned").wait_for()
    run_lesson(Lesson.objects.get().pk)
    plain_page.reload()
    plain_page.get_by_role("heading", name="What moved").wait_for()


@pytest.mark.parametrize(("size", "scheme"), [("phone", "dark"), ("desktop", "light")])
def test_from_answers_to_pictures_to_what_they_correct_and_its_test(
    settings, tmp_path, open_page, log_in, page_problems, sideways_scroll, accessibility_violations, size, scheme
):
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("register_models", verbosity=0)
    network = default_model(ModelVersion.Kind.IMAGE_EMOTION)
    study = shown(network)
    page = open_page(size, scheme=scheme)
    log_in(page, study.owner)
    page.goto(f"/results/{study.slug}/")
    page.get_by_role("button", name="Let answers to pictures correct the network").click()
    page.get_by_text("It is being learned").wait_for()
    lesson = Lesson.objects.get()
    run_lesson(lesson.pk)
    page.get_by_role("heading", name="What changed").wait_for()  # the page looks by itself
    test = shown(network, first=100, people=12, by=study.owner, title="Other pictures")
    for address in (lesson.get_absolute_url(), f"/results/{test.slug}/sections/taught/"):
        page.goto(address)
        page.get_by_text("192 answers of 12 people to 40 pictures").wait_for()
        assert sideways_scroll(page) <= 0, address
        assert accessibility_violations(page) == [], address
    assert page_problems == []
