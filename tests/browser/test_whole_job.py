"""The whole job in one piece: real clips, a participation on a telephone, results, CSV, a regeneration.

Nothing stands in for anything: the seed networks compose, the piano renders, Chromium plays the real clip to
its end before the answer is taken.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from pytest_django import Settings

from generation import actions as generation_actions
from generation import production
from generation.emotions import get_emotion
from generation.images import demo
from generation.models import PairVersion
from survey.actions import create_study, publish, set_stimuli
from survey.analysis.wording import counted
from survey.models import Study
from tests.browser.taking_part import pass_test_sounds

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(600),
    pytest.mark.django_db(transaction=True),
]
EMOTIONS = ("excitement", "sadness")


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def admin() -> Any:
    return get_user_model().objects.create_superuser("ada", password="correct horse battery")


@pytest.fixture
def study(admin: Any) -> Study:
    """A published study of two real pairs, one clip for each participant."""
    pictures = {}
    for slug in EMOTIONS:
        picture, _ = generation_actions.add_picture(data=demo.paint(get_emotion(slug), 1), filename=slug, by=admin)
        pictures[picture.pk] = (picture, slug)
    run = generation_actions.request_run(
        pictures=[picture for picture, _ in pictures.values()],
        emotions={key: slug for key, (_, slug) in pictures.items()},
        composer="paper",
        seed=4,
        by=admin,
    )
    for version in run.versions.all():
        production.make_pair_version(version.pk)
    study = create_study(by=admin, title="Whole job", slug="whole", clips_per_participant=1)
    set_stimuli(study=study, versions=list(run.versions.order_by("pk")), by=admin)
    return publish(study=study, by=admin)


def meet_clip(phone: Any, study: Study) -> str:
    """From the consent to the first clip, by touch; the address of its sound."""
    phone.goto(f"/study/{study.slug}/")
    phone.get_by_role("button", name="I agree – start").tap()
    phone.get_by_role("heading", name="Check your sound").wait_for()
    pass_test_sounds(phone)
    phone.get_by_role("heading", name="Clip 1 of 1").wait_for(state="attached")
    return str(phone.locator("audio source").first.get_attribute("src"))


def take_part(phone: Any, study: Study) -> tuple[str, str]:
    """One participation by touch; the address of the clip that was played, and the answer given."""
    played = meet_clip(phone, study)
    phone.get_by_role("button", name="Play", exact=True).tap()
    phone.get_by_text("Heard. You may play it again or go on.").wait_for(timeout=90_000)
    chosen = phone.locator("input[name=chosen]").first.get_attribute("value")
    phone.locator(".answer").first.tap()
    phone.locator(".confidence-list label").nth(3).tap()
    phone.get_by_role("button", name="Next").tap()
    phone.get_by_role("button", name="Finish").tap()
    assert phone.locator("[data-completion-code]").inner_text() == study.code_complete
    return played, chosen


def test_from_pictures_to_findings_and_back_to_better_clips(
    study: Study, admin: Any, open_page: Callable[..., Any], log_in: Callable[[Any, Any], None]
) -> None:
    played, chosen = take_part(open_page("phone"), study)

    desk = open_page("desktop")
    log_in(desk, admin)
    desk.goto(f"/results/{study.slug}/")
    desk.get_by_role("button", name="Open the results of this running study").click()
    rows = list(csv.DictReader(io.StringIO(desk.request.get(f"/results/{study.slug}/responses.csv").text())))
    assert [row["chosen"] for row in rows] == [chosen]
    desk.goto(f"/results/{study.slug}/?open=emotions")
    desk.get_by_text("Interim").first.wait_for()
    hits = int(rows[0]["intended"] == chosen)
    assert f"{counted(hits, 'hit')} in 1 answer" in desk.content()

    heard = PairVersion.objects.get(audio=played.removeprefix("/media/"))
    desk.goto(f"/pairs/{heard.public_id}/")
    desk.get_by_role("button", name="Regenerate this pair").click()
    desk.wait_for_load_state()
    better = heard.pair.versions.get(number=2)
    production.make_pair_version(better.pk)
    better.refresh_from_db()
    assert better.audio_sha256 != heard.audio_sha256
    desk.goto(f"/pairs/{better.public_id}/")
    desk.get_by_role("heading", name="All versions").wait_for()

    # Three more people are enough to meet both clips: the least filled one comes first.
    others = {meet_clip(open_page("phone"), study) for _ in range(3)}
    old = set(study.stimuli.values_list("pair_version__audio", flat=True))
    assert {name.removeprefix("/media/") for name in others} == old
    assert better.audio not in old
