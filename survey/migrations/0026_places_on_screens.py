"""The balance goes by one number per stimulus: answers, and trials on screens that hold a place."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("survey", "0024_loudness"),
    ]

    operations = [
        migrations.CreateModel(
            name="Load",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("person", "Person"), ("preview", "Preview"), ("bot", "Bot")],
                        default="person",
                        max_length=10,
                    ),
                ),
                ("load", models.PositiveIntegerField(default=0)),
                (
                    "stimulus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="loads", to="survey.stimulus"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("stimulus", "kind"), name="one_load_per_kind"),
                ],
            },
        ),
        migrations.AddField(
            model_name="trial",
            name="holds_place",
            field=models.BooleanField(
                default=False, help_text="Whether the balance counts this trial on a screen as if it were answered."
            ),
        ),
        migrations.RemoveIndex(model_name="trial", name="open_trial_leases"),
        migrations.AddIndex(
            model_name="trial",
            index=models.Index(
                condition=models.Q(("holds_place", True)), fields=["lease_expires_at"], name="places_by_lease"
            ),
        ),
        migrations.AddIndex(
            model_name="trial",
            index=models.Index(
                condition=models.Q(("holds_place", True)), fields=["stimulus"], name="places_by_stimulus"
            ),
        ),
    ]
