"""The eight emotions of `generation/emotions.py` become rows."""

from django.db import migrations

from generation.apps import write_emotions


def seed(apps, schema_editor):
    write_emotions(apps.get_model("generation", "Emotion"))


class Migration(migrations.Migration):
    dependencies = [("generation", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
