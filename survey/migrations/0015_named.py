"""How often each emotion was named about a stimulus is kept in counters; they begin with the answers that there are."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

BATCH = 1000
KINDS = [("person", "Person"), ("preview", "Preview"), ("bot", "Bot")]


def count_what_was_named(apps: Any, schema_editor: Any) -> None:
    """Answered trials, repeats apart: what was counted anew with every trial until now."""
    answered = apps.get_model("survey", "Trial").objects.filter(answered_at__isnull=False).exclude(kind="repeat")
    counts = (
        answered.exclude(asked_emotion="")
        .order_by()
        .values_list("stimulus_id", "participant__kind", "asked_emotion")
        .annotate(trials=models.Count("pk"))
    )
    named = apps.get_model("survey", "Named")
    named.objects.bulk_create(
        [
            named(stimulus_id=stimulus, kind=kind, emotion=emotion, trials=trials)
            for stimulus, kind, emotion, trials in counts
        ],
        batch_size=BATCH,
    )


class Migration(migrations.Migration):
    dependencies = [("survey", "0014_lures")]

    operations = [
        migrations.CreateModel(
            name="Named",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=KINDS, default="person", max_length=10)),
                (
                    "emotion",
                    models.SlugField(
                        db_index=False, help_text="Named to people: the intended one (a target) or another (a lure)."
                    ),
                ),
                ("trials", models.PositiveIntegerField(default=0)),
                (
                    "stimulus",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="named", to="survey.stimulus"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "named",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("stimulus", "kind", "emotion"), name="emotion_counted_once_per_kind"
                    ),
                    models.CheckConstraint(condition=models.Q(("trials__gte", 0)), name="named_is_not_negative"),
                ],
            },
        ),
        migrations.RunPython(count_what_was_named, migrations.RunPython.noop),
    ]
