"""The report of a large study is made by a worker: the page says how far it is, and is the results when it is there."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as site
from django.db import InterfaceError, transaction
from django.test import Client
from django.utils import timezone

from melodymuse_site import health, keeping
from melodymuse_site.jobs import heartbeat
from melodymuse_site.jobs.heartbeat import beating, seconds_between
from melodymuse_site.jobs.leases import claim, renew
from survey import actions
from survey.analysis.phases import PHASES
from survey.analysis.reported import as_plain
from survey.findings import Choice, report_jobs, reports
from survey.findings.reports import compute_report
from survey.models import KeptReport, ReportJob
from survey.tasks import make_report
from survey.views import waiting as waiting_page
from tests.generation.test_bulk import at_broker, waiting
from tests.racing import at_once
from tests.survey.answering import answer_study
from tests.survey.factories import make_researcher, make_study

__all__ = ["at_broker"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]

QUEUE = "exports"
EVERY_FILE = ("report.json", "report/", "report.pdf", "figures/confusion.svg", "figures/confusion.csv")
NO_CACHE = {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
AWAY = "the broker, which brings work to workers, does not answer"
MAKING_JS = Path(site.BASE_DIR) / "survey/static/survey/making.js"
FOLLOWED = """<!doctype html><meta charset="utf-8"><div data-making="/state" data-look="1"><p data-making-said></p>
<div data-making-out hidden></div></div><script type="module" src="/making.js"></script>"""


@pytest.fixture
def study(settings, tmp_path, monkeypatch):
    """A running study of twelve answers whose results are open, in a site where twelve are many."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DATA_DIR = tmp_path
    health.forget()
    monkeypatch.setattr(reports, "LARGE", 12)
    made = make_study(clips_per_participant=4)
    actions.open_results(study=made, by=made.owner)
    answer_study(made, people=3, each=4)
    return made


def visitor(user):
    client = Client(headers={"accept": "text/html"})
    client.force_login(user)
    return client


def look(study, rest="", **options):
    return visitor(study.owner).get(f"/results/{study.slug}/{rest}", **options)


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def press(study, query="", **sent):
    return visitor(study.owner).post(f"/results/{study.slug}/compute/{query}", sent)


def state(study, job):
    return look(study, f"making/{job.public_id}.json").json()


def earlier(job, **seconds):
    """As if what the row says had been so many seconds ago."""
    now = timezone.now()
    ReportJob.objects.filter(pk=job.pk).update(**{name: now - timedelta(seconds=n) for name, n in seconds.items()})


def test_from_four_thousand_answers_on_a_study_is_large(study, monkeypatch):
    monkeypatch.undo()
    assert (reports.LARGE, reports.count_answers(study), reports.is_large(study)) == (4000, 12, False)
    monkeypatch.setattr(reports, "LARGE", 12)
    assert reports.is_large(study)
    monkeypatch.setattr(reports, "LARGE", 13)
    assert not reports.is_large(study)


@pytest.mark.service
def test_a_small_study_is_computed_in_the_request_and_nobody_is_told(study, at_broker, monkeypatch):
    monkeypatch.setattr(reports, "LARGE", 13)
    assert "Results in short" in text_of(look(study))
    assert look(study, "report.json").json()["n"]["responses"] == 12
    assert (ReportJob.objects.count(), waiting(at_broker, QUEUE)) == (0, [])


@pytest.mark.service
def test_the_page_of_a_large_study_waits_for_its_worker_and_then_shows_the_same_results(study, at_broker, monkeypatch):
    page = look(study)
    assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
    assert "The report of 12 answers is being computed" in text_of(page)
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in page.content.decode()
    look(study)
    job = ReportJob.objects.get()
    assert waiting(at_broker, QUEUE) == [job.pk]
    assert f'data-making="/results/{study.slug}/making/{job.public_id}.json"' in page.content.decode()
    make_report(job.pk)
    assert (state(study, job)["status"], state(study, job)["said"]) == ("ready", "The report is there.")
    made, data = text_of(look(study)), look(study, "report.json").json()
    KeptReport.objects.all().delete()
    monkeypatch.setattr(reports, "LARGE", 13)
    assert (text_of(look(study)), look(study, "report.json").json()) == (made, data)
    assert as_plain(compute_report(study, Choice())).items() <= data.items()
    assert "Computed" not in made


@pytest.mark.service
def test_of_many_who_look_at_once_one_sends_a_task(study, at_broker):
    pages = at_once(6, lambda _: look(study).status_code)
    assert (pages, waiting(at_broker, QUEUE)) == ([200] * 6, [ReportJob.objects.get().pk])


@pytest.mark.service
def test_every_choice_of_answers_has_a_report_of_its_own(study, at_broker):
    look(study)
    assert "is being computed" in text_of(look(study, "?people=included"))
    assert waiting(at_broker, QUEUE) == list(ReportJob.objects.order_by("pk").values_list("pk", flat=True))
    for job in ReportJob.objects.all():
        make_report(job.pk)
    assert "Results in short" in text_of(look(study, "?people=included"))


@pytest.mark.service
@pytest.mark.parametrize("rest", EVERY_FILE)
def test_a_download_waits_for_browsers_and_says_when_to_ask_again_to_programs(study, at_broker, rest):
    assert "The report of 12 answers is being computed" in text_of(look(study, rest))
    refused = look(study, rest, headers={"accept": "*/*"})
    assert (refused.status_code, refused["Retry-After"]) == (503, "10")
    said = refused.json()["error"] if rest.endswith(".json") else refused.content.decode()
    assert said.strip() == "The report of 12 answers is not there yet. It waits for a worker."
    make_report(ReportJob.objects.get().pk)
    there = look(study, rest, headers={"accept": "*/*"})
    assert (there.status_code, "Retry-After" in there) == (200, False)


@pytest.mark.service
def test_a_section_waits_as_the_page_does_and_its_fragment_says_when_to_ask_again(study, at_broker):
    page = look(study, "sections/agreement/", headers={"Accept": "text/html"})
    job = ReportJob.objects.get()
    assert "The report of 12 answers is being computed" in text_of(page)
    assert f'data-making="/results/{study.slug}/making/{job.public_id}.json"' in page.content.decode()
    part = look(study, "sections/agreement/?part=1", headers={"Accept": "text/plain, */*"})
    assert (part.status_code, part["Retry-After"], part["Content-Type"][:10]) == (503, "10", "text/plain")
    make_report(job.pk)
    part = look(study, "sections/agreement/?part=1", headers={"Accept": "text/plain, */*"})
    assert (part.status_code, 'id="figure-agreement"' in part.content.decode()) == (200, True)
    assert waiting(at_broker, QUEUE) == [job.pk]  # nobody was asked a second time


def test_where_no_broker_answers_the_page_computes_it_as_a_worker_would(study):
    assert "Results in short" in text_of(look(study))
    job = ReportJob.objects.get()
    assert (job.status, job.made_of, job.phase) == ("ready", 12, "")


@pytest.mark.service
def test_without_a_worker_the_page_says_so_and_a_press_computes_it(study, at_broker):
    look(study)
    job = ReportJob.objects.get()
    assert state(study, job)["is_stuck"] is False
    earlier(job, queued_at=12)
    page = text_of(look(study))
    assert re.search(r"for 1\d seconds: no worker runs that makes reports \(melodymuse\.exports\)\.", page)
    assert "Compute it here now" in page
    assert state(study, job)["is_stuck"] is True
    assert press(study, here="1")["Location"] == f"/results/{study.slug}/"
    assert "Results in short" in text_of(look(study))


@pytest.mark.service
def test_busy_workers_and_a_broker_that_went_are_told_from_none(study, at_broker):
    look(study)
    job = ReportJob.objects.get()
    earlier(job, queued_at=12)
    health.note_worker("long@here", ["melodymuse.exports"], 2)
    assert "the workers are busy with other reports, packs or imports" in state(study, job)["said"]
    at_broker.shutdown(nosave=True)
    health.forget()
    assert AWAY in state(study, job)["said"]


@pytest.mark.service
def test_a_broker_that_went_after_it_took_the_report_is_told_by_each_look_and_the_page_computes_it(study, at_broker):
    look(study)
    job = ReportJob.objects.get()
    earlier(job, nudged_at=30)
    at_broker.shutdown(nosave=True)
    health.forget()
    for _ in range(2):  # the first poll finds that a message is due, the second that none is
        told = state(study, job)
        assert (told["status"], told["is_stuck"], AWAY in told["said"]) == ("queued", True, True)
    assert "Results in short" in text_of(look(study))


@pytest.mark.service
def test_what_a_dead_worker_held_is_given_to_others_by_the_next_look(study, at_broker, settings):
    look(study)
    job = ReportJob.objects.get()
    at_broker.delete("melodymuse.exports")
    lease = claim(ReportJob, job.pk)
    renew(lease, phase="measures mixed_model")
    assert re.match(r"Phase 4 of 6 \(mixed model\), \d+ s after", state(study, job)["said"])
    earlier(job, lease_expires_at=-(settings.EXPORT_LEASE_SECONDS - 30.5))
    assert re.search(r"Its worker has not been heard of for 3\d seconds\.", state(study, job)["said"])
    earlier(job, lease_expires_at=1)
    assert state(study, job)["status"] == "queued"
    job.refresh_from_db()
    assert (waiting(at_broker, QUEUE), job.attempts, job.phase) == ([job.pk], 1, "")
    make_report(job.pk)
    assert "Results in short" in text_of(look(study))


@pytest.mark.service
def test_a_report_that_failed_says_why_and_waits_for_a_press(study, at_broker, monkeypatch):
    def fail(*_):
        raise MemoryError("too many answers")

    look(study)
    job = ReportJob.objects.get()
    monkeypatch.setattr(reports, "read_ratings", fail)
    make_report(job.pk)
    at_broker.delete("melodymuse.exports")
    page = text_of(look(study))
    assert "The report of 12 answers could not be computed" in page
    assert "The report could not be made: MemoryError: too many answers" in page
    assert look(study, "report.json", headers={"accept": "application/json"})["Retry-After"] == "600"
    assert waiting(at_broker, QUEUE) == []
    monkeypatch.undo()
    monkeypatch.setattr(reports, "LARGE", 12)
    press(study)
    assert waiting(at_broker, QUEUE) == [job.pk]
    make_report(job.pk)
    assert "Results in short" in text_of(look(study))


@pytest.mark.service
def test_after_three_dead_workers_the_page_says_so(study, at_broker):
    look(study)
    job = ReportJob.objects.get()
    for _ in range(3):
        claim(ReportJob, job.pk)
        earlier(job, lease_expires_at=1)
        look(study)
    assert "3 workers in turn ended in the middle of this report" in text_of(look(study))


@pytest.mark.service
def test_what_nothing_keeps_is_said_and_shown_once_to_who_presses(study, at_broker, monkeypatch):
    monkeypatch.setattr(keeping, "MOST_BYTES", 1000)
    look(study)
    job = ReportJob.objects.get()
    make_report(job.pk)
    at_broker.delete("melodymuse.exports")
    for _ in range(2):
        assert "The report was computed and could not be kept." in text_of(look(study))
        shown = press(study, here="1")
        assert (shown.status_code, "Results in short" in text_of(shown)) == (200, True)
        assert {rest: look(study, rest).status_code for rest in EVERY_FILE} == dict.fromkeys(EVERY_FILE, 200)
    assert look(study, "report.json").json()["n"]["responses"] == 12
    assert waiting(at_broker, QUEUE) == []  # no worker takes what was to be computed here


@pytest.mark.parametrize("why", ["nothing keeps", "too large"])
def test_without_a_broker_what_nothing_keeps_is_computed_at_each_look(study, monkeypatch, settings, why):
    if why == "too large":
        monkeypatch.setattr(keeping, "MOST_BYTES", 1000)
    else:
        settings.CACHES = {**settings.CACHES, "reports": NO_CACHE}
        monkeypatch.setattr(report_jobs, "HERE_SECONDS", 0.1)
    for _ in range(2):
        assert "Results in short" in text_of(look(study))
        assert {rest: look(study, rest).status_code for rest in EVERY_FILE} == dict.fromkeys(EVERY_FILE, 200)
    monkeypatch.undo()
    monkeypatch.setattr(reports, "LARGE", 12)
    settings.CACHES = {**settings.CACHES, "reports": keeping.in_database("survey.KeptReport")}
    assert "Results in short" in text_of(look(study))
    assert KeptReport.objects.filter(claimed=False).count() == 1


@pytest.mark.service
def test_a_report_outlasts_a_redis_that_was_away_when_it_was_computed(study, at_broker, settings, monkeypatch):
    address = settings.CELERY_BROKER_URL.replace("redis+socket://", "unix://")
    settings.CACHES = {**settings.CACHES, "reports": keeping.in_redis(address, "kept")}
    compute = reports.compute_report

    def lose(*given):
        made = compute(*given)
        monkeypatch.setattr(keeping.InRedis, "_away_until", time.monotonic() + keeping.AWAY_SECONDS + 1)
        return made

    monkeypatch.setattr(reports, "compute_report", lose)
    look(study)
    job = ReportJob.objects.get()
    make_report(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error, job.attempts) == ("ready", "", 1)
    assert "Results in short" in text_of(look(study))


@pytest.mark.service
def test_what_is_not_taken_is_made_again_as_often_as_other_passing_errors(study, at_broker, settings, monkeypatch):
    monkeypatch.setattr(report_jobs, "WORKER_SECONDS", 0.1)
    look(study)
    job = ReportJob.objects.get()
    settings.CACHES = {**settings.CACHES, "reports": NO_CACHE}
    seen = []
    for _ in range(3):
        make_report(job.pk)
        job.refresh_from_db()
        seen.append(job.status)
    assert seen == ["queued", "queued", "failed"]
    assert job.error.startswith("Tried 3 times; last: The report was computed and could not be kept.")
    assert "Results in short" in text_of(press(study, here="1"))


@pytest.mark.service
def test_a_report_that_is_being_kept_says_so(study, at_broker):
    look(study)
    job = ReportJob.objects.get()
    renew(claim(ReportJob, job.pk), phase=report_jobs.KEEPING)
    told = state(study, job)
    assert (told["said"], told["share"]) == ("It is computed, and is being kept.", 100)
    assert {phase["state"] for phase in told["phases"]} == {"done"}


def made_and_grown(study, at_broker):
    """A report of twelve answers, made two minutes ago, and four answers since."""
    look(study)
    job = ReportJob.objects.get()
    make_report(job.pk)
    at_broker.delete("melodymuse.exports")
    earlier(job, made_at=120)
    answer_study(study, people=1, each=4, seed=9)
    return job


@pytest.mark.service
def test_while_people_answer_the_last_report_is_shown_with_its_age_and_made_anew(study, at_broker):
    job = made_and_grown(study, at_broker)
    page = text_of(look(study))
    assert "Computed 2 minutes ago of 12 answers. 4 answers came since." in page.replace("\xa0", " ")
    assert "A newer report: It waits for a worker." in page
    assert "Answers counted 12" in page
    assert waiting(at_broker, QUEUE) == [job.pk]
    told = f"Computed on {ReportJob.objects.get().made_at:%Y-%m-%d at %H:%M} UTC of 12 answers"
    data = look(study, "report.json").json()
    assert (data["notes"][0], data["n"]["responses"]) == (f"{told}; answers that came later are not in it.", 12)
    assert f"{told}; answers that came later are not in it." in text_of(look(study, "report/"))
    assert f"{told}." in look(study, "figures/confusion.svg").content.decode()
    make_report(job.pk)
    page = text_of(look(study))
    assert ("Answers counted 16" in page, "Computed" in page) == (True, False)
    assert told not in look(study, "report.json").content.decode()


@pytest.mark.service
@pytest.mark.parametrize("grown", [False, True])
def test_a_worker_that_ends_while_somebody_looks_takes_its_date_to_no_older_report(
    study, at_broker, monkeypatch, grown
):
    job = made_and_grown(study, at_broker)
    look(study)
    sweep = waiting_page.sweep_reports

    def finish():
        if grown:
            at_once(1, lambda _: answer_study(study, people=1, each=4, seed=11))
        make_report(job.pk)
        return sweep()

    monkeypatch.setattr(waiting_page, "sweep_reports", finish)
    data = look(study, "report.json").json()
    made = ReportJob.objects.get()
    said = f"Computed on {made.made_at:%Y-%m-%d at %H:%M} UTC of 20 answers; answers that came later are not in it."
    assert (data["n"]["responses"], made.made_of) == ((20, 20) if grown else (16, 16))
    assert (said in data["notes"][:1], any("Computed on" in note for note in data["notes"])) == (grown, grown)


@pytest.mark.service
def test_a_report_of_a_moment_ago_is_made_anew_only_when_somebody_presses(study, at_broker):
    job = made_and_grown(study, at_broker)
    earlier(job, made_at=10)
    page = text_of(look(study))
    assert "Computed less than a minute ago of 12 answers." in page
    assert "Compute anew" in page
    assert waiting(at_broker, QUEUE) == []
    press(study)
    assert waiting(at_broker, QUEUE) == [job.pk]


@pytest.mark.service
@pytest.mark.parametrize("what", ["withdrawal", "verdict", "close", "code"])
def test_an_older_report_is_not_shown_where_more_happened_than_answers(study, at_broker, what, monkeypatch):
    person, *_ = answer_study(study, people=1, each=4, seed=5)
    made_and_grown(study, at_broker)
    if what == "withdrawal":
        actions.withdraw(participant=person, by=study.owner)
    elif what == "verdict":
        actions.set_aside(participant=person, reason="Talked", by=study.owner)
    elif what == "close":
        actions.close(study=study, by=study.owner)
    else:
        monkeypatch.setattr(reports, "CODE_VERSION", "other code")
    assert re.search(r"The report of \d+ answers is being computed", text_of(look(study)))


def test_only_who_may_see_the_results_may_ask_and_follow(study):
    job = ReportJob.objects.create(study=study)
    other = make_researcher("max")
    addresses = (f"/results/{study.slug}/compute/", f"/results/{study.slug}/making/{job.public_id}.json")
    assert visitor(other).post(addresses[0]).status_code == 404
    assert visitor(other).get(addresses[1]).status_code == 404
    hidden = make_study(clips_per_participant=4, by=study.owner, title="Hidden")
    job = ReportJob.objects.create(study=hidden)
    assert visitor(study.owner).post(f"/results/{hidden.slug}/compute/").status_code == 403
    assert visitor(study.owner).get(f"/results/{hidden.slug}/making/{job.public_id}.json").status_code == 403
    assert look(study, f"making/{job.public_id}.json").status_code == 404


def test_the_phases_are_told_in_their_order_and_their_shares_are_the_whole(study):
    told = []
    compute_report(study, Choice(), told.append)
    order = list(dict.fromkeys(phase.partition(" ")[0] for phase in told))
    assert order == [phase.key for phase in PHASES]
    assert "measures mixed_model" in told
    assert sum(phase.share for phase in PHASES) == 100


def test_a_lease_is_renewed_beside_work_that_says_nothing(study, monkeypatch):
    failed = []

    def fail_once(lease):
        if not failed:
            failed.append(lease)
            raise InterfaceError("connection already closed")
        renew(lease)

    monkeypatch.setattr(heartbeat, "renew", fail_once)
    monkeypatch.setattr(heartbeat, "MOST_SILENT_SECONDS", 0.05)
    job = ReportJob.objects.create(study=study)
    lease = claim(ReportJob, job.pk)
    earlier(job, lease_expires_at=-1)
    soon = timezone.now() + timedelta(seconds=60)
    with beating(lease):
        until = time.monotonic() + 30
        while time.monotonic() < until and not ReportJob.objects.filter(pk=job.pk, lease_expires_at__gt=soon).exists():
            time.sleep(0.05)
    job.refresh_from_db()
    assert (job.lease_expires_at > soon, job.claim, failed) == (True, lease.claim, [lease])


def test_inside_a_transaction_no_thread_waits_for_its_end(study):
    """On SQLite every trial run of a test that is rolled back took twenty seconds more."""
    lease = claim(ReportJob, ReportJob.objects.create(study=study).pk)
    with transaction.atomic():
        threads = threading.active_count()
        with beating(lease):
            assert threading.active_count() == threads


@pytest.mark.parametrize(("lasts", "pause"), [(5, 5 / 3), (12, 4.0), (15, 5.0), (120, 5.0)])
def test_a_lease_lasts_for_three_beats_however_short_it_is(study, settings, lasts, pause):
    settings.EXPORT_LEASE_SECONDS = lasts
    lease = claim(ReportJob, ReportJob.objects.create(study=study).pk)
    assert seconds_between(lease) == pytest.approx(pause)


def test_a_worker_that_lost_its_report_stops_at_its_next_phase(study, monkeypatch):
    job = ReportJob.objects.create(study=study)
    read, heard = reports.read_ratings, []

    def lose(*given):
        ReportJob.objects.filter(pk=job.pk).update(claim="0" * 32)
        return read(*given)

    monkeypatch.setattr(reports, "read_ratings", lose)
    analyse = reports.analyse
    monkeypatch.setattr(reports, "analyse", lambda *given, **named: heard.append(1) or analyse(*given, **named))
    assert report_jobs.run_report(job.pk) is None
    job.refresh_from_db()
    assert (heard, job.status, KeptReport.objects.count()) == ([1], "running", 0)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("status", "said"), [("ready", "The report is there."), ("failed", "The report could not be made: Out of memory")]
)
def test_the_script_says_what_became_of_the_report_while_it_loads_the_page_anew(chromium, status, said):
    asked = []
    state = {"status": status, "said": said, "share": 0, "phases": [], "is_stuck": status == "failed"}

    def answer(route):
        asked.append(path := route.request.url.removeprefix("http://site.test"))
        if path == "/state":
            route.fulfill(json=state)
        elif path == "/making.js":
            route.fulfill(body=MAKING_JS.read_text(), content_type="text/javascript")
        elif asked.count("/") == 1:
            route.fulfill(body=FOLLOWED, content_type="text/html")
        else:
            route.fulfill(status=204)  # as after a download, the page stays

    page = chromium.new_page()
    try:
        page.route("http://site.test/**", answer)
        with page.expect_event("requestfinished", lambda sent: sent.url.endswith("/state")):
            page.goto("http://site.test/")
        until = time.monotonic() + 60
        while asked.count("/") < 2 and time.monotonic() < until:
            page.wait_for_timeout(50)
        assert (asked.count("/"), page.text_content("[data-making-said]")) == (2, said)
    finally:
        page.close()


def test_a_worker_offers_a_report_for_longer_than_redis_is_let_be_and_a_page_for_a_second():
    assert (report_jobs.WORKER_SECONDS, report_jobs.HERE_SECONDS) == (30, 1)


@pytest.mark.parametrize(("seconds", "stuck"), [(7, False), (9, True)])
def test_after_eight_seconds_in_which_nobody_took_it_there_is_a_way_out(study, seconds, stuck):
    job = ReportJob(study=study, queued_at=timezone.now() - timedelta(seconds=seconds))
    told = waiting_page.state_of(job, is_told=True)
    assert (told["is_stuck"], told["said"] == "It waits for a worker.") == (stuck, not stuck)


@pytest.mark.parametrize(("seconds", "silent"), [(19, False), (22, True)])
def test_after_twenty_seconds_a_worker_is_called_silent(study, settings, seconds, silent):
    left = settings.EXPORT_LEASE_SECONDS - seconds
    now = timezone.now()
    job = ReportJob(
        study=study, status="running", started_at=now, queued_at=now, lease_expires_at=now + timedelta(seconds=left)
    )
    assert ("has not been heard of" in waiting_page.state_of(job, is_told=True)["said"]) is silent


@pytest.mark.parametrize(("seconds", "due"), [(59, False), (61, True)])
def test_an_older_report_is_made_anew_after_a_minute(study, seconds, due):
    job = ReportJob(study=study, status="ready", made_at=timezone.now() - timedelta(seconds=seconds))
    assert waiting_page._is_due(job, old=object()) is due
