"""Starting runs and watching them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from generation.models import GenerationRun, PairVersion, SourceImage
from tests.generation.factories import make_picture, make_run
from tests.generation.finished import finish_version

pytestmark = pytest.mark.django_db


def label(picture: SourceImage, slug: str, *, sure: bool = True) -> SourceImage:
    SourceImage.objects.filter(pk=picture.pk).update(probabilities={slug: 1.0}, label_confident=sure)
    return picture


def fail(version: PairVersion, message: str) -> None:
    PairVersion.objects.filter(pk=version.pk).update(status="failed", error=message)


def test_the_form_fills_in_the_most_probable_emotion(researcher: Client) -> None:
    picture = label(make_picture(), "fear")
    form = researcher.get(reverse("run_new"), {"picture": str(picture.public_id)}).context["form"]
    assert form[form.emotion_name(picture)].value() == "fear"


def test_the_form_asks_a_person_where_the_network_is_unsure(researcher: Client) -> None:
    picture = label(make_picture(), "fear", sure=False)
    response = researcher.get(reverse("run_new"), {"picture": str(picture.public_id)})
    form = response.context["form"]
    assert form[form.emotion_name(picture)].value() == ""
    assert "The network is unsure" in response.content.decode()


def test_a_run_is_started_for_many_pictures_and_several_seeds(researcher: Client) -> None:
    pictures = [label(make_picture(1), "fear"), label(make_picture(2), "awe")]
    sent = {
        "picture": [str(picture.public_id) for picture in pictures],
        f"emotion-{pictures[0].pk}": "sadness",
        f"emotion-{pictures[1].pk}": "awe",
        "composer": "paper",
        "seeds_per_picture": "3",
        "seed": "7",
        "reason": "pilot",
        "start": "1",
    }
    response = researcher.post(reverse("run_new"), sent)
    run = GenerationRun.objects.get()
    assert response["Location"] == run.get_absolute_url()
    assert (run.seed, run.composer, run.reason, run.requested_by.username) == (7, "paper", "pilot", "rosa")
    made = run.versions.values_list("pair__image", "pair__emotion__slug")
    assert sorted(made) == sorted([(pictures[0].pk, "sadness")] * 3 + [(pictures[1].pk, "awe")] * 3)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("seeds_per_picture", "0", "greater than or equal to 1"),
        ("seeds_per_picture", "1000", "less than or equal to 50"),
        ("seed", "-1", "greater than or equal to 0"),
        ("seed", "99999999999999999999", "less than or equal to"),
        ("composer", "mozart", "not one of the available choices"),
        ("emotion", "joy", "not one of the available choices"),
        ("emotion", "", "Choose an emotion"),
        ("reason", "x" * 400, "at most 300 characters"),
    ],
)
def test_a_run_with_a_wrong_field_is_sent_back(researcher: Client, field: str, value: str, sentence: str) -> None:
    picture = label(make_picture(), "fear")
    good = {"picture": str(picture.public_id), "composer": "paper", "seeds_per_picture": "1", "start": "1"}
    wrong = {f"emotion-{picture.pk}" if field == "emotion" else field: value}
    response = researcher.post(reverse("run_new"), {**good, f"emotion-{picture.pk}": "awe", **wrong})
    assert (response.status_code, GenerationRun.objects.count()) == (400, 0)
    assert sentence in response.content.decode()


def test_a_run_without_pictures_leads_back_to_the_library(researcher: Client) -> None:
    response = researcher.post(reverse("run_new"), {"picture": "nonsense"}, follow=True)
    assert [str(message) for message in response.context["messages"]] == [
        "Choose the pictures first, then start a run for them."
    ]


def test_progress_tells_every_state_of_a_run(researcher: Client) -> None:
    run = make_run([make_picture()], seeds=3)
    versions = list(run.versions.order_by("pk"))
    finish_version(versions[0])
    fail(versions[1], "The clip is silent.")
    answer = researcher.get(reverse("run_progress", args=[run.public_id])).json()
    assert (answer["finished"], answer["total"], answer["is_finished"]) == (2, 3, False)
    assert answer["counts"] == {"queued": 1, "running": 0, "ready": 1, "failed": 1, "cancelled": 0}
    assert [(row["status"], row["error"]) for row in answer["rows"]] == [
        ("ready", ""),
        ("failed", "The clip is silent."),
        ("queued", ""),
    ]


def test_progress_is_never_cached(researcher: Client) -> None:
    run = make_run([make_picture()])
    response = researcher.get(reverse("run_progress", args=[run.public_id]))
    assert response["Cache-Control"] == "no-store"


def test_without_javascript_the_page_refreshes_itself_until_all_is_done(researcher: Client) -> None:
    run = make_run([make_picture()])
    assert '<noscript><meta http-equiv="refresh"' in researcher.get(run.get_absolute_url()).content.decode()
    finish_version(run.versions.get())
    assert 'http-equiv="refresh"' not in researcher.get(run.get_absolute_url()).content.decode()


def test_cancelling_stops_what_has_not_started(researcher: Client) -> None:
    run = make_run([make_picture()], seeds=2)
    finish_version(run.versions.first())
    response = researcher.post(reverse("run_cancel", args=[run.public_id]), follow=True)
    assert sorted(run.versions.values_list("status", flat=True)) == ["cancelled", "ready"]
    assert [str(message) for message in response.context["messages"]] == ["1 cancelled."]


def test_failed_pairs_are_queued_again(researcher: Client) -> None:
    run = make_run([make_picture()])
    fail(run.versions.get(), "No piano.")
    researcher.post(reverse("run_retry", args=[run.public_id]))
    assert run.versions.get().status == "queued"


def test_the_run_page_asks_the_database_as_often_for_three_pairs_as_for_one(researcher: Client) -> None:
    counts = []
    for seeds in (1, 3):
        run = make_run([make_picture(seeds)], seeds=seeds)
        for version in run.versions.all():
            finish_version(version)
        with CaptureQueriesContext(connection) as asked:
            researcher.get(run.get_absolute_url())
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_list_of_runs_asks_the_database_as_often_for_three_as_for_one(
    researcher: Client, django_assert_num_queries: Any
) -> None:
    make_run([make_picture()])
    with CaptureQueriesContext(connection) as first:
        researcher.get(reverse("runs"))
    make_run([make_picture(2)])
    make_run([make_picture(3)])
    with django_assert_num_queries(len(first)):
        page = researcher.get(reverse("runs"))
    assert [run.total for run in page.context["page"]] == [1, 1, 1]
