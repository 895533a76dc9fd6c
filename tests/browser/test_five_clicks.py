"""From a closed study's results to a next wave that tests what listeners taught: five clicks, and no typing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command

from generation import production
from generation.emotions import SLUGS
from generation.models import GenerationRun, PairVersion
from survey import actions
from survey.findings.lessons import run_lesson
from survey.models import Lesson, LessonStudy, Study
from tests.survey import factories
from tests.survey.answering import answer_study
from tests.survey.factories import make_study, make_versions
from tests.survey.test_lessons import by_dynamics

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]
MOST_CLICKS = 5
PICTURES = 2
EMOTIONS = ("anger", "amusement", *(slug for slug in SLUGS if slug not in {"anger", "amusement"}))


class Counted:
    """A page whose clicks are counted."""

    def __init__(self, page):
        self.page, self.clicks = page, 0

    def click(self, role, name):
        self.page.get_by_role(role, name=name, exact=True).first.click()
        self.clicks += 1


@pytest.fixture
def study(settings, tmp_path, monkeypatch):
    """A closed study of 48 clips of two pictures, whose people went by loudness; its owner may have clips made."""
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("register_models", verbosity=0)
    make_picture = factories.make_picture
    monkeypatch.setattr(factories, "make_picture", lambda number: make_picture(number % PICTURES))
    study = make_study(
        title="Moods of places",
        contact="Ada Lovelace, ada@example.org",
        recruiter="prolific",
        quota=80,
        versions=make_versions(48, emotions=EMOTIONS),
        cells={"music_only": 1.0},
        clips_per_participant=16,
        ask_background=False,
    )
    answer_study(study, people=24, each=16, seed=4, choose=by_dynamics)
    study.owner.user_permissions.add(*Permission.objects.filter(content_type__app_label="generation"))
    return actions.close(study=study, by=study.owner)


def test_a_next_wave_runs_after_five_clicks(study, page, log_in, page_problems, accessibility_violations):
    log_in(page, study.owner)
    page.goto(f"/results/{study.slug}/")
    counted = Counted(page)
    counted.click("button", "Let these answers teach the composer")
    page.get_by_text("It is being learned").wait_for()
    run_lesson(Lesson.objects.get().pk)
    page.get_by_role("heading", name="What moved").wait_for()
    counted.click("button", "Compose the next wave")
    page.get_by_role("heading", name="Progress").wait_for()
    made = [
        version.pk for run in GenerationRun.objects.exclude(reason="").order_by("pk") for version in run.versions.all()
    ]
    assert len(made) == 2 * PICTURES
    for key in made:
        production.make_pair_version(key)  # the real worker: composed, rendered, measured
    assert set(PairVersion.objects.filter(pk__in=made).values_list("status", flat=True)) == {"ready"}
    page.get_by_text(f"{PICTURES} of {PICTURES} finished").wait_for()
    counted.click("link", "Make a study of these")
    assert accessibility_violations(page) == []
    counted.click("button", "Make the draft and look it over")
    page.get_by_role("button", name="Publish and freeze").wait_for()
    assert "Difference: Clips for new targets − clips for old targets" in page.content()
    assert accessibility_violations(page) == []
    counted.click("button", "Publish and freeze")
    page.get_by_text("The study is published.").wait_for()
    assert page_problems == []

    wave = Study.objects.exclude(pk=study.pk).get()
    assert (wave.status, wave.recruiter, wave.quota, wave.contact) == ("published", "prolific", 80, study.contact)
    assert wave.analysis_plan["primary_cell"] == "new_targets"
    # Anger moved; what does not move sounds alike for both targets, and is heard once.
    assert {("anger", "new"), ("anger", "old")} <= set(wave.stimuli.values_list("emotion", "side"))
    assert Lesson.objects.get().roles.get(study=wave).role == LessonStudy.Role.TESTS
    assert actions.join(study=wave, token="a" * 32, language="en", external_id="one").study == wave  # it takes people
    assert counted.clicks <= MOST_CLICKS, counted.clicks


def test_the_lessons_page_leads_there_too_and_fits(study, open_page, log_in, accessibility_violations, sideways_scroll):
    lesson = factories.lesson_with_a_wave(study.owner, study)
    Lesson.objects.filter(pk=lesson.pk).update(result=_result())
    for size, scheme in (("phone", "light"), ("phone", "dark"), ("desktop", "light"), ("desktop", "dark")):
        page = open_page(size, scheme=scheme)
        log_in(page, study.owner)
        for address in (lesson.get_absolute_url(), "/studies/new/?template=targets", "/planning/?target=new_targets"):
            page.goto(address)
            assert sideways_scroll(page) <= 0, (address, size)
            assert accessibility_violations(page) == [], (address, size, scheme)
    page.goto(lesson.get_absolute_url())
    page.get_by_role("link", name="How many people would it take to show that?").click()
    page.get_by_text("finding a difference of 8 points between clips for new and for old targets").first.wait_for()
    page.goto(lesson.get_absolute_url())
    page.get_by_role("button", name="Make the study that tests it").click()
    page.get_by_role("button", name="Publish and freeze").wait_for()


def _result():
    """What a lesson keeps: a gain of eight points that is expected, and no emotion told."""
    numbers = {"answers": 384, "people": 24, "clips": 48, "presented": "music_only", "dropped": 0, "not_varied": []}
    return {**numbers, "overall_gain": {"mean": 0.08, "low": 0.03, "high": 0.13}, "emotions": []}
