"""The plain ids of people who declined go: their keyed hash is enough. A participation's time is given, not stamped."""

from typing import Any

import django.utils.timezone
from django.db import migrations, models


def forget_ids_of_who_declined(apps: Any, schema_editor: Any) -> None:
    apps.get_model("survey", "OutsideId").objects.filter(participant__outcome="no_consent").delete()


class Migration(migrations.Migration):
    dependencies = [("survey", "0012_ids_of_people")]

    operations = [
        migrations.AlterField(
            model_name="participant",
            name="created_at",
            field=models.DateTimeField(default=django.utils.timezone.now, editable=False),
        ),
        migrations.RunPython(forget_ids_of_who_declined, migrations.RunPython.noop),
    ]
