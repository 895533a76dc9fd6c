"""A run of several composers: made, cancelled, tried again and made anew like any other."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from generation import actions, production, queries
from generation.models import GenerationRun, ModelVersion, PairVersion, SourceImage
from melodymuse_site.jobs import leases, sweeping
from tests.generation.factories import make_picture, make_run
from tests.generation.finished import finish_version

pytestmark = pytest.mark.django_db
BOTH = ("paper", "unpictured")


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def ask(pictures: list[SourceImage], composers: Any = BOTH, **more: Any) -> GenerationRun:
    emotions = dict.fromkeys([picture.pk for picture in pictures], "sadness")
    return actions.request_run(pictures=pictures, emotions=emotions, composer=composers, seed=7, by=None, **more)


def composers_of(run: GenerationRun) -> list[str]:
    return list(run.versions.order_by("pk").values_list("composer", flat=True))


@pytest.mark.database
def test_each_composer_makes_its_own_clips_of_every_picture() -> None:
    run = ask([make_picture(1), make_picture(2)], seeds_per_picture=2)
    run.refresh_from_db()
    assert (run.composer, run.composers) == ("paper", list(BOTH))
    assert composers_of(run) == ["paper", "paper", "unpictured", "unpictured"] * 2
    assert list(run.versions.order_by("pk").values_list("number", flat=True)) == [1, 2, 3, 4] * 2
    assert len(run.composer_descriptions) == 2


def test_the_clips_are_those_that_a_run_of_each_composer_alone_would_give() -> None:
    picture = make_picture()
    together = ask([picture], seeds_per_picture=3).versions.order_by("pk")
    for name in BOTH:
        alone = ask([picture], name, seeds_per_picture=3).versions.order_by("pk")
        seeds = list(together.filter(composer=name).values_list("seed", flat=True))
        assert seeds == list(alone.values_list("seed", flat=True))


def test_a_run_of_one_composer_is_as_it_was() -> None:
    for composers in ("paper", ("paper",), ("paper", "paper")):
        run = ask([make_picture()], composers)
        assert (run.composer, run.options, run.composers) == ("paper", {}, ["paper"])


def test_the_networks_of_all_composers_stand_in_the_provenance_of_the_run() -> None:
    for kind in ("mfcc_emotion", "composer", "image_backbone"):
        ModelVersion.objects.create(kind=kind, name=kind, version="1", artifact="x", sha256="0" * 64, is_default=True)
    kinds = {model.kind for model in ask([make_picture()]).model_versions.all()}
    assert kinds == {"mfcc_emotion", "composer"}


@pytest.mark.parametrize(
    ("composers", "more", "message"),
    [
        ((), {}, "Choose at least one composer"),
        (("paper", "bach"), {}, "There is no composer 'bach'"),
        (BOTH, {"seeds_per_picture": 1001}, "2002 pairs are more than the 2000"),
    ],
)
def test_what_cannot_be_made_is_refused_whole(composers: tuple[str, ...], more: Any, message: str) -> None:
    with pytest.raises(actions.RunRefused, match=message):
        ask([make_picture()], composers, **more)
    assert not GenerationRun.objects.exists()


def test_every_clip_is_made_by_its_own_composer() -> None:
    run = ask([make_picture()], ("paper", "neutral"))
    for version in run.versions.all():
        production.make_pair_version(version.pk)
    paper, neutral = run.versions.order_by("pk")
    assert (paper.status, neutral.status) == ("ready", "ready")
    assert "mfcc_emotion" in paper.provenance["models"]
    assert "control" not in paper.provenance["models"]
    assert neutral.provenance["models"]["control"] == "neutral"
    assert queries.run_progress(run).is_finished
    ready = queries.ready_pair_versions()
    assert [ready.filter(composer=name).count() for name in ("paper", "neutral")] == [1, 1]  # cells choose by composer


@pytest.mark.database
def test_a_worker_that_died_leaves_its_clip_to_another_and_the_others_alone() -> None:
    run = ask([make_picture()])
    first, second = run.versions.order_by("pk")
    assert leases.claim(PairVersion, first.pk)
    PairVersion.objects.filter(pk=first.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    sweeping.sweep(PairVersion)
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.status, first.composer, second.status, second.composer) == ("queued", "paper", "queued", "unpictured")


@pytest.mark.database
def test_cancelling_and_trying_again_keeps_who_makes_what() -> None:
    run = ask([make_picture()])
    finish_version(run.versions.order_by("pk")[0])
    assert actions.cancel_run(run=run, by=None) == 1
    assert actions.retry_failed(run=run, by=None) == 1
    assert list(run.versions.order_by("pk").values_list("composer", "status")) == [
        ("paper", "ready"),
        ("unpictured", "queued"),
    ]


@pytest.mark.database
def test_made_anew_each_clip_is_made_by_who_made_it_before() -> None:
    run = ask([make_picture(1), make_picture(2)])
    versions = list(run.versions.select_related("pair__image", "pair__emotion"))
    again = actions.regenerate(versions=versions, reason="", by=None)
    assert (sorted(composers_of(again)), again.composers) == (sorted(composers_of(run)), list(again.composers))
    assert set(again.composers) == set(BOTH)
    one = actions.regenerate(versions=versions, reason="", by=None, composer="paper")
    assert (composers_of(one), one.composers) == (["paper", "paper"], ["paper"])


def test_a_composer_that_is_gone_is_known_by_any_run_that_names_it() -> None:
    run = make_run([make_picture()])
    GenerationRun.objects.filter(pk=run.pk).update(options={"composers": ["paper", "gone"]})
    assert queries.uninstalled_composers() == ["gone"]
    assert "gone" in queries.taken_names()
    run.refresh_from_db()
    assert run.composer_descriptions[1] == "gone: not installed here"
