"""Researchers are told once each: enough people, nobody for days, the end of the retention."""

import smtplib
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from survey import actions
from survey.actions import reminding
from survey.actions.reminding import STALE, note_due, remind_due
from survey.models import Participant, Reminder, Study
from survey.queries.reminding import LATEST, NEARLY, QUIET, RETENTION, due_about, reminded_studies, wanted
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def with_mail(settings):
    settings.EMAIL_HOST = "mail.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


def running(**fields):
    owner = make_researcher(f"owner{Study.objects.count()}x", email="ada@example.org")
    return make_study(by=owner, versions=make_versions(2), **fields)


def complete(study, number):
    now = timezone.now()
    for _ in range(number):
        person = actions.join(study=study, token=f"{Participant.objects.count():040x}", language="en")
        Participant.objects.filter(pk=person.pk).update(
            outcome="complete", finished_at=now, completion_code="CODE", last_seen_at=now
        )


def kinds(study, now=None):
    return [due.kind for due in due_about(study, now)]


def test_the_limits_are_as_documented():
    assert (NEARLY, QUIET.days, RETENTION.days, STALE.days) == (0.8, 7, 14, 2)


@pytest.mark.parametrize(("done", "found"), [(7, []), (8, ["nearly"]), (9, ["nearly"]), (10, ["reached"])])
def test_four_fifths_and_all_of_the_people_wanted(done, found):
    study = running(quota=10)
    complete(study, done)
    assert kinds(study) == found


def test_wanted_is_what_is_reached_first():
    assert wanted(running(quota=10, analysis_plan={"planned_n": 20})) == 10
    assert wanted(running(quota=30, analysis_plan={"planned_n": 20})) == 20
    assert wanted(running()) is None


@pytest.mark.parametrize(("days", "found"), [(6.9, []), (7, ["quiet"])])
def test_nobody_for_a_week_since_publication_or_the_last_one_seen(days, found):
    study = running()
    later = timezone.now() + timedelta(days=days)
    assert kinds(study, later) == found
    complete(study, 1)
    Participant.objects.update(last_seen_at=later - timedelta(days=1))
    assert kinds(study, later) == []


@pytest.mark.parametrize(("days", "found"), [(15, []), (14, ["retention"]), (1, ["retention"]), (0, [])])
def test_two_weeks_before_the_retention_ends(days, found):
    study = running(retention_until=timezone.localdate() + timedelta(days=30))
    actions.close(study=study, by=study.owner)
    assert kinds(study, timezone.now() + timedelta(days=30 - days)) == found


def test_of_drafts_and_closed_studies_nothing_is_said():
    study = running(quota=1)
    complete(study, 1)
    actions.close(study=study, by=study.owner)
    assert kinds(study) == []
    draft = running(publish=False, quota=1)
    assert remind_due() == 0
    assert not Reminder.objects.filter(study=draft).exists()


def test_the_owner_is_mailed_once_of_each_and_nothing_tells_a_result(with_mail):
    study = running(quota=5)
    complete(study, 4)
    assert remind_due() == 1
    assert remind_due() == 0
    [letter] = mail.outbox
    assert letter.to == ["ada@example.org"]
    assert "4 of 5 people wanted are complete." in letter.body
    assert f"/studies/{study.slug}/monitor/" in letter.body
    complete(study, 1)
    assert remind_due() == 1
    assert "5 of 5 people wanted" in mail.outbox[1].body
    assert remind_due() == 0
    assert Reminder.objects.filter(mailed_at__isnull=False).count() == 2


@pytest.mark.parametrize("why", ["switched off", "no address", "no mail server", "gone"])
def test_no_mail_is_sent_and_the_pages_say_it_all_the_same(why, with_mail, settings, client):
    study = running(quota=1)
    complete(study, 1)
    if why == "switched off":
        assert actions.switch_reminders(study=study, by=study.owner, on=False)
    elif why == "no address":
        type(study.owner).objects.update(email="")
    elif why == "gone":
        type(study.owner).objects.update(is_active=False)
    else:
        settings.EMAIL_HOST = ""
    assert remind_due() == 0
    assert mail.outbox == []
    assert Reminder.objects.get().said.startswith("1 of 1 people wanted")
    client.force_login(make_researcher("root", is_superuser=True))
    assert "1 of 1 people wanted" in client.get("/studies/").content.decode()
    assert "1 of 1 people wanted" in client.get(f"/studies/{study.slug}/monitor/").content.decode()


def test_a_study_that_is_gone_keeps_nothing_from_being_noticed_of_the_others(with_mail, monkeypatch, caplog):
    studies = [running(quota=1) for _ in range(3)]
    for study in studies:
        complete(study, 1)
    gone, look = studies[1], reminding.due_of

    def look_while_it_is_deleted(study, now):
        found = look(study, now)
        if study.pk == gone.pk:
            study.pk = 10**6  # the number of no study: what its row's deletion leaves behind
        return found

    monkeypatch.setattr(reminding, "due_of", look_while_it_is_deleted)
    assert remind_due() == 2
    assert {reminder.study_id for reminder in Reminder.objects.all()} == {studies[0].pk, studies[2].pk}
    assert f"What is due about {gone.slug} is looked for again: Gone" in caplog.text


def test_a_server_that_refuses_is_asked_again(with_mail, monkeypatch):
    study = running(quota=1)
    complete(study, 1)

    def refuse(*_, **__):
        raise smtplib.SMTPServerDisconnected

    with monkeypatch.context() as patched:
        patched.setattr(reminding, "send_mail", refuse)
        assert remind_due() == 0
    assert Reminder.objects.get().taken_at is None
    assert remind_due() == 1


def test_a_process_that_was_killed_while_it_sent_sends_nothing_twice(with_mail):
    study = running(quota=1)
    complete(study, 1)
    note_due(study=study, now=timezone.now())
    Reminder.objects.update(taken_at=timezone.now())
    assert remind_due() == 0
    assert mail.outbox == []


def test_old_news_are_not_mailed(with_mail):
    study = running(quota=1)
    complete(study, 1)
    note_due(study=study, now=timezone.now() - STALE)
    assert remind_due() == 0


def test_the_switch_stands_on_the_monitor_of_those_who_may_change_the_study(client, with_mail):
    study = running()
    client.force_login(study.owner)
    assert "Send no mails about it" in client.get(f"/studies/{study.slug}/monitor/").content.decode()
    client.post(f"/studies/{study.slug}/monitor/reminders/", {"on": "0"})
    study.refresh_from_db()
    assert study.reminders is False
    assert "Send mails about it" in client.get(f"/studies/{study.slug}/monitor/").content.decode()
    viewer = make_researcher("viewer")
    actions.share(study=study, user=viewer, role="viewer", by=study.owner)
    client.force_login(viewer)
    assert client.post(f"/studies/{study.slug}/monitor/reminders/", {"on": "1"}).status_code in (403, 404)
    assert "mails about it" not in client.get(f"/studies/{study.slug}/monitor/").content.decode()


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("draft", False),
        ("published", True),
        ("published, retention over", True),
        ("closed", False),
        ("closed, to be forgotten", True),
        ("closed, forgotten", False),
    ],
)
def test_the_switch_stands_wherever_a_mail_may_still_come(state, found, client, with_mail):
    study = running(publish=state != "draft", retention_until=timezone.localdate() + timedelta(days=30))
    if state == "closed":
        Study.objects.filter(pk=study.pk).update(retention_until=None)
    if state.startswith("closed"):
        actions.close(study=study, by=study.owner)
    if state.endswith("over"):
        Study.objects.filter(pk=study.pk).update(retention_until=timezone.localdate())
    if state.endswith(", forgotten"):
        Study.objects.filter(pk=study.pk).update(anonymised_at=timezone.now())
    study.refresh_from_db()
    assert study.is_reminded_of is reminded_studies().filter(pk=study.pk).exists() is found
    client.force_login(study.owner)
    page = client.get(f"/studies/{study.slug}/monitor/").content.decode()
    assert ("Send no mails about it" in page) is found
    assert ("when nobody came for a week" in page) is (state == "published")


@pytest.mark.parametrize("title", ["Two\nlines", "Two\r\nlines", "Two\u2028lines"])
def test_a_title_of_two_lines_stands_on_one_and_stops_no_mail(title, with_mail):
    other, study = running(quota=1), running(quota=1, publish=False)
    Study.objects.filter(pk=study.pk).update(title=title)  # of an earlier release
    study = actions.publish(study=study, by=study.owner)
    complete(study, 1)
    complete(other, 1)
    assert remind_due() == 2
    assert {letter.subject.partition(":")[0] for letter in mail.outbox} == {other.title, "Two lines"}


def test_an_address_that_no_header_takes_stops_nobody_elses_mail(with_mail):
    other, study = running(quota=1), running(quota=1)
    type(study.owner).objects.filter(pk=study.owner_id).update(email="ada@example.org\nBcc: x@example.org")
    complete(study, 1)
    complete(other, 1)
    assert remind_due() == 1
    assert len(mail.outbox) == 1
    assert Reminder.objects.get(study=study).taken_at is None


def test_every_text_of_one_line_is_put_on_one_by_whoever_writes_it():
    study = actions.create_study(by=make_researcher(), title="Two\r\nlines", contact="Ada\n ada@example.org")
    assert (study.title, study.slug, study.contact) == ("Two lines", "two-lines", "Ada ada@example.org")
    study = actions.edit_study(
        study=study,
        by=study.owner,
        title="\nThree\n\nmore\nlines\n",
        introduction="Kept\nas it is",
        code_complete="A\nB",
        translations={"de": {"title": "Zwei\nZeilen", "introduction": "So\ngelassen"}},
    )
    study.refresh_from_db()
    assert (study.title, study.introduction, study.code_complete) == ("Three more lines", "Kept\nas it is", "A B")
    assert study.translations["de"]["title"] == "Zwei Zeilen"
    assert study.translations["de"]["introduction"] == "So\ngelassen"


def test_more_studies_need_no_more_queries(client):
    client.force_login(running().owner)

    def queries(ask):
        with CaptureQueriesContext(connection) as captured:
            ask()
        return len(captured)

    owner = Study.objects.get().owner
    asks = (lambda: client.get("/studies/"), remind_due)
    few = [queries(ask) for ask in asks]
    for _ in range(3):
        complete(make_study(by=owner, versions=make_versions(1), quota=9), 2)
    assert [queries(ask) for ask in asks] == few


def test_the_last_one_seen_is_looked_for_among_the_latest_alone():
    assert LATEST == 100
    study = running()
    complete(study, 3)
    first, *_ = Participant.objects.order_by("pk")
    now = timezone.now() + timedelta(days=8)
    Participant.objects.filter(pk=first.pk).update(last_seen_at=now)
    assert kinds(study, now) == []
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("survey.queries.reminding.LATEST", 2)
        assert kinds(study, now) == ["quiet"]
    Participant.objects.filter(pk=first.pk).update(kind="bot")
    assert kinds(study, now) == ["quiet"]


def test_simulated_people_who_came_last_hide_nobody_who_came_before():
    study = running()
    complete(study, 3)
    _, *later = Participant.objects.order_by("pk")
    now = timezone.now() + timedelta(days=8)
    Participant.objects.update(last_seen_at=now)
    Participant.objects.filter(pk__in=[one.pk for one in later]).update(kind="bot")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("survey.queries.reminding.LATEST", 2)
        assert kinds(study, now) == []


def test_the_sweep_looks_once_an_hour(settings):
    assert settings.CELERY_BEAT_SCHEDULE["remind"]["schedule"] == 3600
