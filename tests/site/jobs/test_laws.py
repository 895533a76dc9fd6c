"""The laws of claim, lease, heartbeat and sweep, kept by every kind of job alike."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from melodymuse_site.jobs import heartbeat, sweeping
from melodymuse_site.jobs.heartbeat import Heartbeat, connection_beside
from melodymuse_site.jobs.leases import (
    Lease,
    LeaseLost,
    cancel,
    claim,
    end,
    fail,
    finish,
    give_back,
    held_by,
    renew,
    requeue,
    retry,
)
from melodymuse_site.jobs.model import Job
from melodymuse_site.jobs.sweeping import SweepOutcome, sweep
from survey.exports.snapshot import one_snapshot
from tests.racing import at_once
from tests.site.jobs.kinds import KINDS, every_kind, expire

pytestmark = [pytest.mark.database, pytest.mark.django_db]
THREADS = 8


@pytest.fixture(params=every_kind(), ids=lambda kind: kind.__name__)
def kind(request: pytest.FixtureRequest) -> type[Job]:
    assert request.param in KINDS, f"tests/site/jobs/kinds.py does not say how a test asks for {request.param}."
    return request.param


@pytest.fixture
def job(kind: type[Job]) -> Any:
    return KINDS[kind].ask()


def take(job: Job) -> Lease:
    lease = claim(type(job), job.pk)
    assert lease
    job.refresh_from_db()
    return lease


def row(job: Any) -> dict[str, Any]:
    return type(job)._default_manager.filter(pk=job.pk).values().get()


def after(job: Job, time: timedelta) -> Any:
    """What a sweep finds when so much time has gone by since the row was written."""
    return sweep(type(job), now=timezone.now() + time)


def test_every_kind_states_its_terms_and_knows_the_machines_words(kind: Any) -> None:
    assert {"queued", "running", "ready", "failed"} <= set(kind.Status.values)
    assert kind.terms.lease() > timedelta(seconds=1)
    assert 1 < kind.terms.most_attempts < 10
    assert kind._meta.get_field("status").default == "queued"


def test_a_claim_says_who_holds_the_job_since_when_and_until_when(job: Any) -> None:
    before = timezone.now()
    lease = take(job)
    assert (job.status, job.attempts, job.claim) == ("running", 1, lease.claim)
    assert before <= job.started_at <= timezone.now()
    assert job.lease_expires_at - job.started_at == type(job).terms.lease()
    assert job.is_open


def test_a_job_that_is_held_cannot_be_claimed_once_more(job: Any) -> None:
    take(job)
    before = row(job)
    assert claim(type(job), job.pk) is None
    assert row(job) == before


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_at_once_one_gets_the_claim(job: Any) -> None:
    claims = at_once(THREADS, lambda _: claim(type(job), job.pk))
    won = [lease for lease in claims if lease]
    job.refresh_from_db()
    assert ([lease.claim for lease in won], job.attempts) == ([job.claim], 1)


@pytest.mark.django_db(transaction=True)
def test_of_many_jobs_asked_for_at_once_as_many_are_held_as_the_kind_allows(kind: type[Job]) -> None:
    jobs = [KINDS[kind].ask() for _ in range(4)]
    claims = at_once(THREADS, lambda number: claim(kind, jobs[number % 4].pk))
    held = 1 if kind.terms.one_at_a_time else 4
    assert sum(lease is not None for lease in claims) == held
    assert kind._default_manager.filter(status="running").count() == held


@pytest.mark.parametrize("over", ["finished", "failed", "cancelled"])
def test_a_job_that_has_ended_is_not_claimed_again(job: Any, over: str) -> None:
    if over == "cancelled" and "cancelled" not in type(job).Status.values:
        pytest.skip("Nobody can call off jobs of this kind.")
    lease = take(job)
    {
        "finished": lambda: finish(lease, **KINDS[type(job)].brings),
        "failed": lambda: fail(lease, "why"),
        "cancelled": lambda: cancel(type(job)._default_manager.filter(pk=job.pk)),
    }[over]()
    before = row(job)
    assert claim(type(job), job.pk) is None
    assert after(job, timedelta(days=1)).to_send == ()
    assert row(job) == before
    assert (before["claim"], before["lease_expires_at"], before["finished_at"] is None) == (None, None, False)


def test_a_heartbeat_holds_the_job_and_says_how_far_it_is(job: Any) -> None:
    lease = take(job)
    expire(job)
    renew(lease, **KINDS[type(job)].progress)
    found = row(job)
    assert {name: found[name] for name in KINDS[type(job)].progress} == KINDS[type(job)].progress
    assert sweep(type(job)) == SweepOutcome((), (), ())
    assert row(job) == found


def test_a_heartbeat_writes_when_it_is_due_and_when_it_must(job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(heartbeat.time, "monotonic", lambda: now[0])
    beat, progress = Heartbeat(take(job)), KINDS[type(job)].progress

    def beats(seconds: float, **how: Any) -> bool:
        now[0] += seconds
        expire(job)
        expired = row(job)["lease_expires_at"]
        beat(**how, **progress)
        return row(job)["lease_expires_at"] != expired

    assert [beats(0.25), beats(0.25), beats(0.25), beats(0.25)] == [False, True, False, True]
    assert (beats(0.0), beats(0.0, at_once=True)) == (False, True)


@pytest.mark.django_db(transaction=True)
def test_a_heartbeat_is_written_beside_a_snapshot_which_does_not_see_it(job: Any) -> None:
    lease, before = take(job), row(job)
    with connection_beside() as alias:
        with one_snapshot():
            assert row(job) == before
            renew(lease, using=alias, **KINDS[type(job)].progress)
            assert row(job) == before
        assert row(job)["lease_expires_at"] > before["lease_expires_at"]
    assert alias not in connections.settings


LATE = {
    "renew": lambda lease, brings: renew(lease),
    "finish": lambda lease, brings: finish(lease, **brings),
}
LATE_AND_QUIET = {
    "fail": lambda lease, brings: fail(lease, "too late"),
    "end": lambda lease, brings: end(lease, "ready", **brings),
    "retry": lambda lease, brings: retry(lease, TimeoutError("too late")),
    "give back": lambda lease, brings: give_back(lease),
}


@pytest.mark.parametrize("what", [*LATE, *LATE_AND_QUIET])
@pytest.mark.parametrize("taken_over", [False, True], ids=["nobody has it", "another has it"])
def test_a_worker_whose_lease_was_taken_back_changes_nothing(job: Any, what: str, taken_over: bool) -> None:
    late = take(job)
    expire(job)
    sweep(type(job))
    if taken_over:
        take(job)
    before, brings = row(job), KINDS[type(job)].brings
    if what in LATE:
        with pytest.raises(LeaseLost):
            LATE[what](late, brings)
    else:
        assert not LATE_AND_QUIET[what](late, brings)
    assert row(job) == before
    assert not held_by(late).exists()


def test_a_job_that_is_called_off_is_lost_to_its_worker(job: Any) -> None:
    if "cancelled" not in type(job).Status.values:
        pytest.skip("Nobody can call off jobs of this kind.")
    lease, jobs = take(job), type(job)._default_manager.filter(pk=job.pk)
    assert (cancel(jobs), cancel(jobs)) == (1, 0)
    with pytest.raises(LeaseLost):
        renew(lease)
    assert row(job)["status"] == "cancelled"


def test_the_sweep_leaves_a_lease_that_is_good_alone_and_takes_back_one_that_expired(job: Any) -> None:
    lease = take(job)
    renew(lease, **KINDS[type(job)].progress)
    before = row(job)
    assert after(job, type(job).terms.lease() - timedelta(seconds=5)).taken_back == ()
    assert row(job) == before
    swept = after(job, type(job).terms.lease() + timedelta(seconds=5))
    assert (swept.taken_back, swept.to_send, swept.failed) == ((job.pk,), (job.pk,), ())
    found = row(job)
    progress = {**KINDS[type(job)].progress, **KINDS[type(job)].again}
    assert {name: found[name] for name in progress} == progress
    assert (found["status"], found["attempts"]) == ("queued", 1)
    assert {found[name] for name in ("claim", "lease_expires_at", "started_at")} == {None}


def test_the_sweep_takes_back_first_what_was_asked_for_first(kind: type[Job]) -> None:
    jobs = [KINDS[kind].ask() for _ in range(3)]
    for job in reversed(jobs):
        take(job)
        expire(job)
    assert sweep(kind).taken_back == tuple(job.pk for job in jobs)


def test_two_sweeps_take_a_job_back_once(job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second found it expired as well, and comes to write after the first."""
    take(job)
    expire(job)
    found, first = sweeping._expired, []

    def find(kind: type[Job], now: Any) -> Any:
        rows = found(kind, now)
        if not first:
            first.append(None)
            late = list(rows)
            first.append(sweep(kind))
            take(job)
            expire(job)  # and it is another worker's by now, dead as well
            return late
        return rows

    monkeypatch.setattr(sweeping, "_expired", find)
    assert sweep(type(job)).taken_back == ()
    assert first[1].taken_back == (job.pk,)
    assert (row(job)["status"], row(job)["attempts"]) == ("running", 2)


def test_the_sweep_sends_once_more_what_waited_too_long_and_only_then(job: Any) -> None:
    wait = type(job).terms.resend_after
    second = timedelta(seconds=1)
    assert after(job, wait - 2 * second).to_send == ()
    assert after(job, wait + second).to_send == (job.pk,)
    assert after(job, 2 * wait).to_send == ()
    assert after(job, 2 * wait + 2 * second).to_send == (job.pk,)
    assert (row(job)["status"], row(job)["attempts"]) == ("queued", 0)


def test_the_sweep_sends_the_oldest_first_and_not_all_at_once(
    kind: type[Job], job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    second, third = (KINDS[kind].ask() for _ in range(2))
    monkeypatch.setattr(kind, "terms", dataclasses.replace(kind.terms, resend_at_once=2))
    long_ago = timezone.now() - timedelta(days=1)
    for late, one in enumerate((third, job, second)):
        kind._default_manager.filter(pk=one.pk).update(nudged_at=long_ago + timedelta(minutes=late))
    assert [sweep(kind).to_send for _ in range(3)] == [(third.pk, job.pk), (second.pk,), ()]


def test_what_ends_its_workers_again_and_again_fails_in_the_end_with_a_message(job: Any) -> None:
    most = type(job).terms.most_attempts
    for attempt in range(1, most + 1):
        take(job)
        assert job.attempts == attempt
        expire(job)
        swept = sweep(type(job))
        assert (swept.failed, swept.to_send) == (((job.pk,), ()) if attempt == most else ((), (job.pk,)))
    found = row(job)
    terms = type(job).terms
    assert (found["status"], found["error"]) == (terms.given_up_as, terms.given_up(job))
    assert str(most) in found["error"]
    assert (found["claim"], found["lease_expires_at"], found["finished_at"] is None) == (None, None, False)


def test_a_transient_error_is_tried_again_but_not_for_ever(job: Any) -> None:
    most, error = type(job).terms.most_attempts, TimeoutError("the renderer took too long")
    assert [retry(take(job), error) for _ in range(most)] == [True] * (most - 1) + [False]
    found = row(job)
    assert (found["status"], found["error"]) == (
        type(job).terms.given_up_as,
        f"Tried {most} times; last: TimeoutError: the renderer took too long",
    )


def test_a_worker_that_makes_room_for_others_has_failed_at_nothing(job: Any) -> None:
    for _ in range(type(job).terms.most_attempts + 1):
        assert give_back(take(job))
    assert (row(job)["status"], row(job)["attempts"]) == ("queued", 0)


def test_a_finished_job_is_ready_with_all_that_it_brought(job: Any) -> None:
    brings = KINDS[type(job)].brings
    finish(take(job), **brings)
    found = row(job)
    assert {name: found[name] for name in brings} == brings
    assert (found["status"], found["error"], found["claim"]) == ("ready", "", None)
    assert found["started_at"] <= found["finished_at"]
    job.refresh_from_db()
    assert not job.is_open


def test_a_failure_always_says_something(job: Any) -> None:
    assert fail(take(job), "")
    assert (row(job)["status"], row(job)["error"]) == ("failed", "Unknown error")


def test_a_failure_is_stored_whatever_its_message_holds(job: Any) -> None:
    assert fail(take(job), "bro\0ken \ud800file")
    assert row(job)["error"] == "broken file"


def test_a_job_that_is_to_be_begun_anew_is_lost_to_its_worker(job: Any) -> None:
    lease = take(job)
    assert requeue(type(job)._default_manager.filter(pk=job.pk)) == 1
    with pytest.raises(LeaseLost):
        finish(lease, **KINDS[type(job)].brings)
    assert take(job).claim != lease.claim


CONTRADICTIONS = {
    "running unclaimed": {"status": "running"},
    "running without a lease": {"status": "running", "claim": "3b241101-e2bb-4255-8caf-4136c566a962"},
    "waiting yet claimed": {"claim": "3b241101-e2bb-4255-8caf-4136c566a962"},
    "waiting with a lease": {"lease_expires_at": timezone.now()},
    "failed without a word": {"status": "failed", "finished_at": timezone.now()},
}


@pytest.mark.parametrize("wrong", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_the_database_refuses_a_row_that_contradicts_itself(job: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        type(job)._default_manager.filter(pk=job.pk).update(**wrong)
