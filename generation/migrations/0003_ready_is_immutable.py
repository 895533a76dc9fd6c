"""A ready pair version cannot be changed. The database's rule is made after every migrate."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("generation", "0002_seed_emotions")]
    operations = []
