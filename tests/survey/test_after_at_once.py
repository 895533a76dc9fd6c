"""Reminders and runs of simulated people, asked for by many at once on a real database."""

import random

import pytest
from django.core import mail
from django.utils import timezone

from melodymuse_site.jobs.leases import claim
from survey import actions
from survey.actions.piloting import let_in
from survey.models import Participant, PilotJob, Reminder, Study
from tests.racing import at_once, race
from tests.survey.factories import make_researcher, make_study, make_versions

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def test_of_ten_sweeps_at_once_one_notices_and_one_mails(settings):
    settings.EMAIL_HOST = "mail.example"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    owner = make_researcher("owner", email="ada@example.org")
    study = make_study(by=owner, versions=make_versions(2), quota=1)
    person = actions.join(study=study, token="1" * 40, language="en")
    Participant.objects.filter(pk=person.pk).update(
        outcome="complete", finished_at=timezone.now(), completion_code="CODE"
    )
    sent = at_once(10, lambda _: actions.remind_due())
    assert sum(sent) == 1
    assert Reminder.objects.count() == 1
    assert len(mail.outbox) == 1


def test_of_ten_who_press_the_button_one_run_comes():
    study = make_study(versions=make_versions(2), publish=False)
    jobs = at_once(10, lambda i: actions.request_pilot(study=study, by=study.owner, people=10 + i))
    assert len({job.pk for job in jobs}) == 1
    assert PilotJob.objects.count() == 1
    leases = at_once(10, lambda _: claim(PilotJob, jobs[0].pk))
    assert sum(lease is not None for lease in leases) == 1


@pytest.mark.parametrize("number", range(3))
def test_publishing_while_simulated_people_come_in_leaves_none_of_them(number):
    study = make_study(versions=make_versions(2), publish=False)
    job = actions.request_pilot(study=study, by=study.owner, people=10)
    lease = claim(PilotJob, job.pk)
    ended = race(
        lambda _, i: let_in(job=job, lease=lease, rng=random.Random(i)),
        lambda _, i: actions.publish(study=study, by=study.owner),
        None,
    )
    assert Study.objects.get(pk=study.pk).status == "published"
    assert not Participant.objects.filter(study=study).exists()
    assert not PilotJob.objects.exists()
    assert set(ended) <= {"done", "refused"}
