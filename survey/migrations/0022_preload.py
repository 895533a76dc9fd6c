from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("survey", "0015_named")]

    operations = [migrations.RenameField("trial", "ahead", "preload")]
