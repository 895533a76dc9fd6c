"""A report is computed once for all web processes: kept in the site's database, or in the Redis of CACHE_URL.

Whatever keeps it may be away, slow, locked or full: the page answers all the same.
"""

import contextlib
import os
import signal
import socket
import sqlite3
import subprocess
import time
import uuid

import pytest
import redis
from django.core.cache import caches
from django.db import connection
from django.test import Client

from melodymuse_site import keeping, tasks
from melodymuse_site.broker import find_server
from melodymuse_site.environment import Environment, WrongSetting
from melodymuse_site.keeping import InRedis
from survey import actions
from survey.findings import Choice, report_of, reports
from survey.models import KeptReport
from tests.databases import copy_file
from tests.site.sites import Site
from tests.survey.answering import answer_study
from tests.survey.factories import make_study

PREPARE = """
from survey import actions
from tests.survey.answering import answer_study
from tests.survey.factories import make_study
study = make_study(clips_per_participant=4)
answer_study(study, people=3, each=4)
"""
COUNTED = """
import os, signal, time
from pathlib import Path
from survey.findings import report_of, reports
from survey.models import Study
from tests.survey.answering import answer_study
study, computed, compute = Study.objects.get(), Path("{folder}/computed"), reports.compute_report
def counted(*given):
    with computed.open("a") as file:
        file.write("once\\n")
    {meanwhile}
    return compute(*given)
reports.compute_report = counted
reports.MAKING_SECONDS = {making}
"""
SHOW = "print(report_of(study).n.responses)\n"


@pytest.fixture
def server(tmp_path):
    """A Redis of its own on a free port: its address and its process."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [find_server(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    with redis.Redis(port=port) as client:
        for _ in range(200):
            with contextlib.suppress(redis.ConnectionError):
                client.ping()
                break
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0", process
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()


@pytest.fixture(params=["database", "redis"])
def site(request, tmp_path, migrated_file):
    """A site with a study of twelve answers, whose processes are real."""
    folder = tmp_path / "site"
    folder.mkdir()
    copy_file(migrated_file, folder / "db.sqlite3")
    made = Site(folder, extra={"CELERY_QUEUE": f"test-{uuid.uuid4().hex[:8]}"})
    if request.param == "redis":
        made.extra["CACHE_URL"] = request.getfixturevalue("server")[0]
    made.shell(PREPARE)
    return made


def counted(site, meanwhile="pass", making=15):
    return COUNTED.format(folder=site.folder, meanwhile=meanwhile, making=making)


def computed(site):
    file = site.folder / "computed"
    return file.read_text().count("once") if file.exists() else 0


def wait_for_computing(site):
    until = time.monotonic() + 120
    while not computed(site) and time.monotonic() < until:
        time.sleep(0.05)


@pytest.mark.service
def test_two_processes_share_a_report_until_the_answers_change(site):
    assert site.shell(counted(site) + SHOW) == "12"
    again = site.shell(counted(site) + SHOW + "answer_study(study, people=1, each=4, seed=9)\n" + SHOW)
    assert (again.split(), computed(site)) == (["12", "16"], 2)


@pytest.mark.service
def test_of_two_processes_at_once_one_computes(site):
    first = site.begin_shell(counted(site, "time.sleep(4)") + SHOW)
    wait_for_computing(site)
    assert site.shell(counted(site) + SHOW) == "12"
    assert (first.communicate()[0].strip(), computed(site)) == ("12", 1)


@pytest.mark.service
def test_a_process_killed_while_it_computes_holds_up_nobody_for_good(site):
    killed = site.begin_shell(counted(site, "os.kill(os.getpid(), signal.SIGKILL)", making=3) + SHOW)
    assert killed.wait() == -signal.SIGKILL
    assert (site.shell(counted(site, making=3) + SHOW), computed(site)) == ("12", 2)


@pytest.fixture
def study(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    made = make_study(clips_per_participant=4)
    actions.open_results(study=made, by=made.owner)
    answer_study(made, people=3, each=4)
    return made


@pytest.fixture
def in_redis(server, settings, monkeypatch):
    """The process of this test keeps reports in Redis."""
    monkeypatch.setattr(InRedis, "_away_until", 0.0)
    settings.CACHES = Environment({"CACHE_URL": server[0]}).caches("a-site.reports")
    return server


def status_of_page(study):
    client = Client()
    client.force_login(study.owner)
    return client.get(f"/results/{study.slug}/").status_code


@pytest.mark.django_db
def test_redis_holds_the_text_of_the_report_under_the_name_of_the_site(study, in_redis):
    report_of(study)
    with redis.Redis.from_url(in_redis[0]) as client:
        [key] = client.keys()
        assert key.startswith(b"a-site.reports:")
        assert client.get(key).startswith(b"{")
        assert 0 < client.ttl(key) <= reports.KEPT_SECONDS == 86_400


@pytest.mark.django_db
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_the_page_answers_while_redis_is_away_or_hangs_and_asks_it_once(study, in_redis, how, monkeypatch, caplog):
    in_redis[1].send_signal(how)
    monkeypatch.setattr(keeping, "AWAY_SECONDS", 3600.0)
    assert [status_of_page(study), status_of_page(study)] == [200, 200]
    assert [record.name for record in caplog.records if "CACHE_URL" in record.message] == ["melodymuse_site.keeping"]


@pytest.mark.django_db
def test_redis_is_asked_again_after_a_while(study, in_redis, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(keeping.time, "monotonic", lambda: now)
    monkeypatch.setattr(InRedis, "_away_until", now + keeping.AWAY_SECONDS)
    caches["reports"].set("a", b"1")
    assert caches["reports"].get("a") is None
    now += 9.9
    assert not caches["reports"].add("a", b"1")
    now += 0.2
    caches["reports"].set("a", b"1")
    assert caches["reports"].get("a") == b"1"


def test_the_patience_with_redis_is_a_quarter_of_a_second_and_nothing_is_tried_again():
    options = Environment({"CACHE_URL": "redis://127.0.0.1:1/0"}).caches("a")["reports"]["OPTIONS"]
    assert (options["socket_timeout"], options["socket_connect_timeout"]) == (0.25, 0.25)
    assert options["retry"].get_retries() == 0


def test_another_address_than_redis_is_refused():
    with pytest.raises(WrongSetting, match=r"CACHE_URL starts with 'memcached'; use redis://host:6379/1\."):
        Environment({"CACHE_URL": "memcached://a"}).caches("a")


@pytest.mark.database
@pytest.mark.django_db
def test_the_database_holds_the_text_of_the_report(study):
    report_of(study)
    [kept] = KeptReport.objects.all()
    assert kept.value.startswith("{")
    assert 86_000 < kept.expires - time.time() <= reports.KEPT_SECONDS


@pytest.mark.database
@pytest.mark.django_db
def test_what_has_outlived_its_time_is_not_there_and_goes(study, monkeypatch):
    caches["reports"].set("a", b"1", 60)
    late = time.time() + 61
    assert caches["reports"].get("a") == b"1"
    monkeypatch.setattr(keeping.time, "time", lambda: late)
    assert caches["reports"].get("a") is None
    tasks.forget_reports()
    assert not KeptReport.objects.exists()


def test_what_has_outlived_its_time_goes_within_the_hour(settings):
    entry = settings.CELERY_BEAT_SCHEDULE["forget-reports"]
    assert (entry["task"], entry["schedule"]) == (tasks.forget_reports.name, 3600)


@pytest.mark.database
@pytest.mark.django_db
def test_storing_deletes_what_is_over(monkeypatch):
    caches["reports"].set("a", b"1", 60)
    late = time.time() + 61
    monkeypatch.setattr(keeping.time, "time", lambda: late)
    caches["reports"].set("b", b"1", 60)
    assert [row.key for row in KeptReport.objects.all()] == [":1:b"]


@pytest.mark.database
@pytest.mark.django_db
def test_of_two_hundred_and_one_reports_the_oldest_goes():
    KeptReport.objects.bulk_create(
        KeptReport(key=f"{number:03}", value="{}", expires=time.time() + 60 + number) for number in range(200)
    )
    assert caches["reports"].add("mark", b"1", 15)
    caches["reports"].set("new", b"{}", 3600)
    assert KeptReport.objects.filter(claimed=False).count() == 200
    assert caches["reports"].get("mark") == b"1"  # short as it is, and beside the two hundred
    assert not KeptReport.objects.filter(key="000").exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kept", ["database", "redis"])
def test_a_value_of_more_than_sixteen_megabytes_is_not_kept(kept, request):
    if kept == "redis":
        request.getfixturevalue("in_redis")
    caches["reports"].set("a", b" " * 16_000_000)
    caches["reports"].set("b", b" " * 16_000_001)
    assert (caches["reports"].get("a") is None, caches["reports"].get("b")) == (False, None)


@pytest.mark.database
@pytest.mark.django_db
def test_a_key_is_claimed_once_and_again_when_its_time_is_over(monkeypatch):
    cache = caches["reports"]
    assert [cache.add("a", b"1", 60), cache.add("a", b"2", 60)] == [True, False]
    late = time.time() + 61
    monkeypatch.setattr(keeping.time, "time", lambda: late)
    assert [cache.add("a", b"3", 60), cache.add("a", b"4", 60), cache.get("a")] == [True, False, b"3"]
    cache.delete("a")
    assert cache.add("a", b"5", 60)


@pytest.mark.database
@pytest.mark.django_db
def test_nobody_waits_longer_than_fifteen_seconds_for_another_process(study, monkeypatch):
    slept = []
    monkeypatch.setattr(reports.time, "sleep", slept.append)
    monkeypatch.setattr(reports.time, "monotonic", lambda: sum(slept))
    caches["reports"].add(f"{reports.key_of(study, Choice())}:making", b"1", 3600)
    assert report_of(study).n.responses == 12
    assert 15 <= sum(slept) < 15.2
    assert set(slept) == {0.1}


@pytest.mark.database
@pytest.mark.django_db
def test_who_waits_has_the_report_as_soon_as_it_is_there_though_the_mark_stayed(study, monkeypatch):
    made, key = report_of(study), reports.key_of(study, Choice())
    text = caches["reports"].get(key)
    caches["reports"].delete(key)
    caches["reports"].add(f"{key}:making", b"1", 3600)
    slept = []

    def sleep(seconds):
        slept.append(seconds)
        if len(slept) == 3:
            caches["reports"].set(key, text, 60)

    monkeypatch.setattr(reports.time, "sleep", sleep)
    monkeypatch.setattr(reports, "compute_report", None)
    assert (report_of(study) == made, len(slept)) == (True, 3)


@pytest.mark.database
@pytest.mark.django_db
def test_a_mark_lasts_fifteen_seconds_and_that_of_another_is_left_alone(study, monkeypatch):
    compute, mark = reports.compute_report, f"{reports.key_of(study, Choice())}:making"

    def slow(*given):
        [row] = KeptReport.objects.all()
        assert 14 < row.expires - time.time() <= 15
        row.delete()  # its time is over, and another claims it
        assert caches["reports"].add(mark, b"another's", 15)
        return compute(*given)

    monkeypatch.setattr(reports, "compute_report", slow)
    report_of(study)
    assert caches["reports"].get(mark) == b"another's"


@pytest.mark.database
@pytest.mark.django_db
def test_a_report_that_cannot_be_computed_leaves_no_mark(study, monkeypatch):
    def fail(*_given):
        raise ValueError("no")

    with monkeypatch.context() as patch:
        patch.setattr(reports, "compute_report", fail)
        with pytest.raises(ValueError, match="no"):
            report_of(study)
    assert not KeptReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_does_not_wait_for_those_who_write(study):
    if connection.vendor != "sqlite":
        pytest.skip("SQLite alone has one writer.")
    waited = []

    def watch(execute, sql, params, many, context):
        if sql.startswith("BEGIN"):
            with connection.cursor() as cursor:
                waited.append(cursor.execute("PRAGMA busy_timeout").fetchone()[0])
        return execute(sql, params, many, context)

    with contextlib.closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        other.execute("BEGIN IMMEDIATE")
        with connection.execute_wrapper(watch):
            assert report_of(study).n.responses == 12
        other.rollback()
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone()[0] == 20_000
    assert waited == [250, 250]
    assert not KeptReport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_page_answers_where_the_table_is_not_yet_there(study):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE survey_keptreport RENAME TO elsewhere")
    try:
        assert status_of_page(study) == 200
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO survey_keptreport")


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_who_holds_a_report_on_postgresql_is_waited_for_a_quarter_of_a_second():
    if connection.vendor != "postgresql":
        pytest.skip("PostgreSQL alone locks rows.")
    with keeping._impatient(), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("250ms",)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


def test_where_nothing_is_named_the_database_keeps_reports():
    assert Environment({}).caches("a")["reports"]["BACKEND"] == "melodymuse_site.keeping.InDatabase"
    assert "CACHE_URL" not in os.environ
