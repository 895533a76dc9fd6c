"""Made here or imported is written on each row, and told no longer by a list of composers' names."""

from django.db import migrations, models

ORIGIN = {"choices": [("made", "Made here"), ("imported", "Imported")], "default": "made", "editable": False}


def tell_imported(apps, schema_editor):
    """Until now a constraint kept it so: what was imported has no seed, and everything made here has one."""
    for name in ("GenerationRun", "PairVersion"):
        rows = apps.get_model("generation", name).objects.using(schema_editor.connection.alias)
        rows.filter(seed__isnull=True).update(origin="imported")


class Migration(migrations.Migration):
    dependencies = [("generation", "0009_one_length")]

    operations = [
        migrations.AddField("generationrun", "origin", models.CharField(max_length=10, **ORIGIN)),
        migrations.AddField("pairversion", "origin", models.CharField(max_length=10, **ORIGIN)),
        migrations.RunPython(tell_imported, migrations.RunPython.noop),
    ]
