"""Large runs: asked for at once, sent at once, and behind whatever a person waits for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generation import actions, queries, tasks
from generation.actions import runs
from generation.models import ActionRecord, GenerationRun, Pair, PairVersion, SourceImage
from melodymuse_site import nudges, queues
from melodymuse_site.celery import app
from tests.generation.brokers import own_broker
from tests.generation.factories import make_run

pytestmark = pytest.mark.django_db


def make_rows(number: int) -> list[SourceImage]:
    """Pictures as rows alone: what a run asks of them is their key, hash and label."""
    first = SourceImage.objects.count()
    rows = [
        SourceImage(
            file=f"pictures/{first + turn}.png",
            sha256=f"{first + turn:064x}",
            width=8,
            height=8,
            bytes=8,
            probabilities={"awe": 1.0},
        )
        for turn in range(number)
    ]
    return SourceImage.objects.bulk_create(rows)


def statements_of(pictures: list[SourceImage], seeds: int = 1) -> int:
    """But for the INSERTs of versions, of which SQLite takes 26 rows at a time and PostgreSQL 500."""
    with CaptureQueriesContext(connection) as asked:
        make_run(pictures, seeds=seeds)
    inserts = [one for one in asked if one["sql"].startswith('INSERT INTO "generation_pairversion"')]
    assert len(inserts) <= 1 + len(pictures) * seeds // 26
    return len(asked) - len(inserts)


@pytest.mark.database
def test_a_run_of_400_takes_as_many_statements_as_one_of_2() -> None:
    assert statements_of(make_rows(2)) == 14
    assert statements_of(make_rows(20), seeds=20) <= 15
    assert PairVersion.objects.count() == 402


@pytest.mark.database
def test_a_run_of_several_composers_asks_once_which_systems_were_imported() -> None:
    pictures = make_rows(2)
    with CaptureQueriesContext(connection) as asked:
        actions.request_run(pictures=pictures, composer=("paper", "unpictured"), by=None)
    named = [one["sql"] for one in asked if one["sql"].startswith('SELECT DISTINCT "generation_generationrun"')]
    assert len(named) == 1


@pytest.mark.database
def test_versions_are_numbered_on_from_what_each_pair_has() -> None:
    old, new = make_rows(2)
    make_run([old], seeds=2)
    run = make_run([new, old], seeds=3)
    numbers = list(run.versions.order_by("pk").values_list("pair__image", "number"))
    assert numbers == [(new.pk, 1), (new.pk, 2), (new.pk, 3), (old.pk, 3), (old.pk, 4), (old.pk, 5)]
    assert Pair.objects.count() == 2
    assert ActionRecord.objects.filter(action="request_run").latest("pk").detail["pairs"] == 6


def test_the_seeds_of_a_run_are_those_of_always() -> None:
    (picture,) = make_rows(1)
    run = make_run([picture], slug="fear", seeds=2, seed=7)
    assert list(run.versions.order_by("pk").values_list("seed", flat=True)) == [1554693882, 821982662]


def test_what_a_run_may_ask_for_is_2000() -> None:
    with pytest.raises(actions.RunRefused, match="2001 pairs are more than the 2000 one run may make"):
        make_run(make_rows(3), seeds=667)
    assert not GenerationRun.objects.exists()


@pytest.fixture
def at_broker(tmp_path: Path, settings: Any) -> Iterator[redis.Redis]:
    with own_broker(tmp_path, settings) as client:
        yield client


def waiting(client: redis.Redis, queue: str) -> list[int]:
    """The keys that a queue's messages name, first sent first."""
    import base64

    sent = client.lrange(f"melodymuse.{queue}", 0, -1)[::-1]
    return [json.loads(base64.b64decode(json.loads(one)["body"]))[0][0] for one in sent]


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_2000_pairs_are_sent_one_message_each_in_four_pipelines(at_broker: redis.Redis) -> None:
    pictures = make_rows(250)
    make_run(pictures[:1])
    before = calls(at_broker)
    run = make_run(pictures, seeds=8)
    assert run.versions.count() == 2000
    assert waiting(at_broker, "bulk") == list(run.versions.order_by("pk").values_list("pk", flat=True))
    assert len(waiting(at_broker, "music")) == 1
    assert calls(at_broker) - before == 2000  # one message each …
    assert nudges.TOGETHER == 500  # … in four pipelines
    assert runs.BATCH == 500  # … and rows in as many statements, where the database takes so many


def calls(client: redis.Redis) -> int:
    return int(client.info("commandstats").get("cmdstat_lpush", {"calls": 0})["calls"])


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("pairs", "queue"), [(queries.MOST_AWAITED, "music"), (queries.MOST_AWAITED + 1, "bulk")])
def test_a_run_larger_than_anybody_waits_for_stands_apart(at_broker: redis.Redis, pairs: int, queue: str) -> None:
    make_run(make_rows(pairs))
    assert {name: len(waiting(at_broker, name)) for name in ("music", "bulk")} == {"music": 0, "bulk": 0} | {
        queue: pairs
    }


def test_a_large_run_has_25_pairs() -> None:
    assert queries.MOST_AWAITED == 24


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_one_regeneration_is_sent_apart_from_the_large_run_it_belongs_to(at_broker: redis.Redis) -> None:
    run = make_run(make_rows(30))
    again = actions.regenerate(versions=run.versions.all()[:1], reason="Again", by=None)
    assert waiting(at_broker, "music") == [again.versions.get().pk]
    assert len(waiting(at_broker, "bulk")) == 30


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_the_sweep_sends_no_message_twice_that_still_waits(at_broker: redis.Redis) -> None:
    run = make_run(make_rows(40))
    long_ago = timezone.now() - 10 * PairVersion.terms.resend_after
    PairVersion.objects.update(nudged_at=long_ago)
    tasks.sweep()
    assert len(waiting(at_broker, "bulk")) == 40
    at_broker.ltrim("melodymuse.bulk", 3, -1)  # a broker that lost the last three
    tasks.sweep()
    assert len(waiting(at_broker, "bulk")) == 40
    at_broker.delete("melodymuse.bulk")
    PairVersion.objects.update(nudged_at=long_ago)
    tasks.sweep()
    assert sorted(waiting(at_broker, "bulk")) == list(run.versions.order_by("pk").values_list("pk", flat=True))


@pytest.mark.service
@pytest.mark.django_db(transaction=True)
def test_a_large_run_hides_no_lost_message_of_a_single_clip(at_broker: redis.Redis) -> None:
    make_run(make_rows(40))
    single = make_run(make_rows(1)).versions.get().pk
    at_broker.delete("melodymuse.music")
    PairVersion.objects.update(nudged_at=timezone.now() - 10 * PairVersion.terms.resend_after)
    tasks.sweep()
    assert waiting(at_broker, "music") == [single]
    assert len(waiting(at_broker, "bulk")) == 40


def test_without_a_broker_nobody_knows_what_was_lost() -> None:
    make_run(make_rows(30))
    assert tasks._messages_missing(Q(run__in=queries.large_runs_that_wait())) is None
    tasks.sweep()


def test_a_sweep_asks_once_which_runs_are_large() -> None:
    run = make_run(make_rows(30))
    make_run(make_rows(1))
    long_ago = timezone.now() - 10 * PairVersion.terms.resend_after
    PairVersion.objects.update(nudged_at=long_ago)
    with CaptureQueriesContext(connection) as asked:
        tasks.sweep()
    # And once which of the clips to be sent belong to one.
    assert len([query for query in asked if "HAVING" in query["sql"]]) == 2
    assert not run.versions.filter(nudged_at=long_ago).exists()


@pytest.mark.service
def test_a_worker_takes_labels_before_music_and_music_before_large_runs(at_broker: redis.Redis) -> None:
    """The transport itself, asked for one message after the other."""
    tasks.send(tasks.make_pair_version, [1], queue="melodymuse.bulk")
    tasks.send(tasks.make_pair_version, [2])
    tasks.send(tasks.label_picture, [3])
    tasks.send(tasks.make_pair_version, [4], queue="melodymuse.bulk")
    tasks.send(tasks.sweep, [5])
    taken: list[int] = []
    with app.connection_for_read() as connection_:
        names = queues.quick_queues("melodymuse")
        channel = connection_.default_channel
        consumer = app.amqp.TaskConsumer(channel, queues=[app.amqp.queues[name] for name in names])
        consumer.on_message = lambda message: (taken.append(message.decode()[0][0]), message.ack())
        with consumer:
            for _ in range(5):
                connection_.drain_events(timeout=5)
    assert taken == [5, 3, 2, 1, 4]
