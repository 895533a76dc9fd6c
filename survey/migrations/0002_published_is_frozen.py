"""A published study and a stored answer cannot be changed, whoever asks: the database refuses."""

from django.db import migrations

from survey.migrations._frozen import create, drop


class Migration(migrations.Migration):
    dependencies = [("survey", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
