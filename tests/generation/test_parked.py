"""What failed three times is parked: with its reason, apart from what is retried with its run, for an administrator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from generation import actions, production, queries
from generation.models import ActionRecord, ClipImport, GenerationRun, PairVersion
from melodymuse_site.jobs import leases
from survey.models import ExportJob
from tests.generation.factories import make_picture, make_researcher, make_run, only_version

Status = PairVersion.Status
pytestmark = [pytest.mark.database, pytest.mark.django_db]


@pytest.fixture
def run() -> GenerationRun:
    """A run of one pair that fails whenever it is made."""
    found = make_run([make_picture()])
    production.label_picture(only_version(found).pair.image_id)
    found.versions.update(target={"valence": 7.0})
    return found


def park(run: GenerationRun) -> PairVersion:
    for _ in range(3):
        production.make_pair_version(only_version(run).pk)
        actions.retry_failed(run=run, by=None)
    return only_version(run)


def test_the_third_failure_parks_a_pair_with_its_reason(run: GenerationRun) -> None:
    said = []
    for _ in range(3):
        production.make_pair_version(only_version(run).pk)
        said.append((only_version(run).status, only_version(run).attempts))
        actions.retry_failed(run=run, by=None)
    assert said == [("failed", 1), ("failed", 2), ("parked", 3)]
    assert only_version(run).status == "parked"  # the last retry left it alone
    assert only_version(run).error == "ValueError: Valence must lie between -1 and 1, not 7.0."


def test_three_is_written_in_one_place_and_nothing_else_is_parked() -> None:
    assert PairVersion.terms.most_attempts == 3
    assert [kind.terms.given_up_as for kind in (PairVersion, ClipImport, ExportJob)] == ["parked", "failed", "failed"]


def test_passing_errors_of_three_workers_park_as_well(run: GenerationRun) -> None:
    version = only_version(run)
    for _ in range(3):
        lease = leases.claim(PairVersion, version.pk)
        assert lease
        leases.retry(lease, TimeoutError("the renderer took too long"))
    version.refresh_from_db()
    assert (version.status, version.error) == (
        "parked",
        "Tried 3 times; last: TimeoutError: the renderer took too long",
    )


def test_an_administrator_has_it_tried_again_from_the_beginning(run: GenerationRun) -> None:
    park(run)
    assert actions.retry_parked(run=run, by=None) == 1
    version = only_version(run)
    assert (version.status, version.attempts, version.error) == ("queued", 0, "")
    assert ActionRecord.objects.latest("pk").action == "retry_parked"
    run.versions.update(target=None)
    production.make_pair_version(version.pk)
    assert only_version(run).status == "ready"


def test_the_database_keeps_no_parked_pair_without_a_reason(run: GenerationRun) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        run.versions.update(status="parked", attempts=3, finished_at=timezone.now(), error="")


def test_the_button_is_the_administrators(run: GenerationRun, client: Client) -> None:
    park(run)
    address = f"/runs/{run.public_id}/"
    client.force_login(make_researcher())
    page = client.get(address).content.decode()
    assert "Valence must lie between" in page
    assert "Try the parked again" not in page
    assert client.post(f"{address}retry-parked/").status_code == 403
    client.force_login(get_user_model().objects.create_superuser("ada"))
    assert "Try the parked again" in client.get(address).content.decode()
    assert f"{address}retry-parked/" in client.get("/status/").content.decode()
    told = client.post(f"{address}retry-parked/", follow=True)
    assert "1 queued again." in told.content.decode()


def test_a_run_counts_its_parked_pairs_among_the_failed(run: GenerationRun) -> None:
    park(run)
    assert queries.runs_with_counts().get().failed == 1
    assert queries.run_progress(run).is_finished


def finish(versions: list[PairVersion], *, minutes_ago: list[float], status: str = "failed") -> None:
    for version, ago in zip(versions, minutes_ago, strict=True):
        ended = timezone.now() - timedelta(minutes=ago)
        PairVersion.objects.filter(pk=version.pk).update(
            status=status, error="No", started_at=ended - timedelta(minutes=1), finished_at=ended, attempts=1
        )


def test_the_pace_is_that_of_the_last_ten_minutes() -> None:
    run = make_run([make_picture()], seeds=30)
    versions = list(run.versions.order_by("pk"))
    finish(versions[:12], minutes_ago=[30, 25, *[9, 8, 7, 6, 5, 4, 3, 2, 1, 0.5]])
    now = timezone.now()
    found = queries.run_pace(run, now)
    assert found.pairs_per_minute == 1.0
    assert found.expected_end == now + timedelta(minutes=18)
    assert (found.counts["queued"], found.counts["failed"], sum(found.counts.values())) == (18, 12, 30)


def test_the_pace_of_a_young_run_counts_from_its_first_pair() -> None:
    run = make_run([make_picture()], seeds=10)
    finish(list(run.versions.order_by("pk"))[:4], minutes_ago=[1, 0.75, 0.5, 0.25])
    found = queries.run_pace(run, timezone.now())
    assert found.pairs_per_minute == pytest.approx(2.0, abs=0.05)


def test_before_anything_ended_nobody_knows_the_pace_and_a_finished_run_has_no_end_to_come() -> None:
    run = make_run([make_picture()], seeds=2)
    young = queries.run_pace(run, timezone.now())
    assert (young.pairs_per_minute, young.expected_end) == (None, None)
    finish(list(run.versions.order_by("pk")), minutes_ago=[60, 59])
    over = queries.run_pace(run, timezone.now())
    assert (over.pairs_per_minute, over.expected_end) == (1.0, None)


def test_the_pace_comes_as_json_to_whoever_may_start_runs(client: Client) -> None:
    run = make_run([make_picture()], seeds=3)
    address = f"/runs/{run.public_id}/pace.json"
    assert client.get(address).status_code == 302
    client.force_login(make_researcher())
    answer = client.get(address)
    assert answer["Cache-Control"] == "no-store"
    assert answer.json() == {
        "queued": 3,
        "running": 0,
        "ready": 0,
        "failed": 0,
        "cancelled": 0,
        "parked": 0,
        "pairs_per_minute": None,
        "expected_end": None,
    }
