"""A published study and a stored answer cannot be changed. The database's rules are made after every migrate."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("survey", "0001_initial")]
    operations = []
