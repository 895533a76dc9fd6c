import django.db.models.functions.text
from django.db import migrations, models


def forget_ids_of_tests(apps, schema_editor):
    """Pilots and previews were given ids, which then stood in the way of the people who have them."""
    participants = apps.get_model("survey", "Participant").objects.exclude(kind="person")
    apps.get_model("survey", "OutsideId").objects.exclude(participant__kind="person").delete()
    participants.exclude(external_id_hash="").update(external_id_hash="")


class Migration(migrations.Migration):

    dependencies = [
        ("survey", "0011_bounds"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="outsideid",
            index=models.Index(
                models.F("study"),
                django.db.models.functions.text.Lower("value"),
                name="kept_outside_id_in_any_case",
            ),
        ),
        migrations.RunPython(forget_ids_of_tests, migrations.RunPython.noop),
    ]
