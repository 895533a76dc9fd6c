"""Reports of large studies are made by workers: one row for each study and choice of its answers."""

import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("survey", "0030_kept_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportJob",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "claim",
                    models.UUIDField(
                        blank=True, help_text="Names the worker's hold; renewed with the lease.", null=True
                    ),
                ),
                ("lease_expires_at", models.DateTimeField(blank=True, null=True)),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "nudged_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="When a message was last sent for this row."
                    ),
                ),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
                ("error", models.TextField(blank=True)),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("cell", models.CharField(blank=True, max_length=60)),
                ("composer", models.SlugField(blank=True, db_index=False)),
                ("included_only", models.BooleanField(default=False)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("ready", "Ready"),
                            ("failed", "Failed"),
                        ],
                        default="queued",
                        max_length=10,
                    ),
                ),
                ("phase", models.CharField(blank=True, help_text="What the worker computes now.", max_length=100)),
                (
                    "kept_key",
                    models.CharField(
                        blank=True, help_text="Where the last report that was made is kept.", max_length=100
                    ),
                ),
                (
                    "grounds",
                    models.CharField(
                        blank=True,
                        help_text="While they are the same, that report may be shown, if older.",
                        max_length=64,
                    ),
                ),
                (
                    "made_at",
                    models.DateTimeField(blank=True, help_text="When the making of that report began.", null=True),
                ),
                ("made_of", models.PositiveIntegerField(default=0, help_text="Answers of the study at that time.")),
                (
                    "study",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report_jobs",
                        to="survey.study",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("claim__isnull", False), ("lease_expires_at__isnull", False), ("status", "running")
                            ),
                            models.Q(
                                models.Q(("status", "running"), _negated=True),
                                ("claim__isnull", True),
                                ("lease_expires_at__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="running_report_is_claimed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "failed"), _negated=True),
                            models.Q(("error", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="failed_report_says_why",
                    ),
                    models.UniqueConstraint(
                        fields=("study", "cell", "composer", "included_only"), name="one_report_job_per_choice"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "ready"), _negated=True),
                            models.Q(models.Q(("kept_key", ""), _negated=True), ("made_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="ready_report_is_kept",
                    ),
                ],
            },
        ),
    ]
