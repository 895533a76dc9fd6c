"""Imports are held as pairs are: by a claim and a lease, where the time of the last word from their worker was both."""

import uuid
from datetime import timedelta

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Coalesce

SILENCE = timedelta(minutes=5)
"""How long a worker might be silent, unless the site said otherwise."""


def give_leases(apps, schema_editor):
    jobs = apps.get_model("generation", "ClipImport").objects.using(schema_editor.connection.alias)
    jobs.update(nudged_at=Coalesce("alive_at", "queued_at"))
    for job in jobs.filter(status="running"):
        heard = job.alive_at or job.queued_at
        jobs.filter(pk=job.pk).update(claim=uuid.uuid4(), lease_expires_at=heard + SILENCE, started_at=heard)


def take_leases(apps, schema_editor):
    jobs = apps.get_model("generation", "ClipImport").objects.using(schema_editor.connection.alias)
    jobs.filter(status="queued").update(alive_at=F("nudged_at"))
    for job in jobs.filter(status="running"):
        jobs.filter(pk=job.pk).update(alive_at=job.lease_expires_at - SILENCE)


class Migration(migrations.Migration):

    dependencies = [
        ("generation", "0012_action_records"),
    ]

    operations = [
        migrations.RenameField(model_name="clipimport", old_name="requested_at", new_name="queued_at"),
        migrations.AlterField(
            model_name="clipimport",
            name="queued_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterModelOptions(name="clipimport", options={"ordering": ["-queued_at", "-pk"]}),
        migrations.AddField(
            model_name="clipimport",
            name="claim",
            field=models.UUIDField(blank=True, help_text="Names the worker's hold; renewed with the lease.", null=True),
        ),
        migrations.AddField(
            model_name="clipimport",
            name="lease_expires_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="clipimport",
            name="nudged_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="When a message was last sent for this row."
            ),
        ),
        migrations.AddField(
            model_name="clipimport",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="pairversion",
            name="nudged_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="When a message was last sent for this row."
            ),
        ),
        migrations.AlterField(
            model_name="pairversion",
            name="queued_at",
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.RunPython(give_leases, take_leases),
    ]
