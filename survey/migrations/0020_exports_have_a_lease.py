"""Export packs are held as pairs are: by a claim and a lease, where the time of their start was the claim."""

import uuid
from datetime import timedelta

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F

SILENCE = timedelta(minutes=2)
"""How long a worker might be silent, unless the site said otherwise."""
DONE = ("ready", "outdated")


def give_leases(apps, schema_editor):
    jobs = apps.get_model("survey", "ExportJob").objects.using(schema_editor.connection.alias)
    jobs.update(nudged_at=F("queued_at"), attempts=F("interrupted"))
    # Workers that died were counted; now those are that began.
    jobs.filter(status__in=("running", *DONE)).update(attempts=F("interrupted") + 1)
    for job in jobs.filter(status="running"):
        heard = job.alive_at or job.started_at or job.queued_at
        jobs.filter(pk=job.pk).update(claim=uuid.uuid4(), lease_expires_at=heard + SILENCE)


def take_leases(apps, schema_editor):
    jobs = apps.get_model("survey", "ExportJob").objects.using(schema_editor.connection.alias)
    jobs.update(interrupted=F("attempts"))
    jobs.filter(status__in=("running", *DONE), attempts__gt=0).update(interrupted=F("attempts") - 1)
    for job in jobs.filter(status="running"):
        jobs.filter(pk=job.pk).update(alive_at=job.lease_expires_at - SILENCE)


class Migration(migrations.Migration):

    dependencies = [
        ("survey", "0016_questions"),
    ]

    operations = [
        migrations.RenameField(model_name="exportjob", old_name="requested_at", new_name="queued_at"),
        migrations.AlterField(
            model_name="exportjob",
            name="queued_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterModelOptions(name="exportjob", options={"ordering": ["-queued_at", "-pk"]}),
        migrations.AddField(
            model_name="exportjob",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="exportjob",
            name="claim",
            field=models.UUIDField(blank=True, help_text="Names the worker's hold; renewed with the lease.", null=True),
        ),
        migrations.AddField(
            model_name="exportjob",
            name="lease_expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="exportjob",
            name="nudged_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="When a message was last sent for this row."
            ),
        ),
        migrations.RunPython(give_leases, take_leases),
    ]
