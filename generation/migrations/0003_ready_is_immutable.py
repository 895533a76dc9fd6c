"""A ready pair version cannot be changed, whoever asks: the database refuses."""

from django.db import migrations

from generation.migrations._immutable import create, drop


class Migration(migrations.Migration):
    dependencies = [("generation", "0002_seed_emotions")]
    operations = [migrations.RunPython(create, drop)]
