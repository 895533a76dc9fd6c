from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("survey", "0021_running_exports_are_claimed")]

    operations = [migrations.RenameField("trial", "ahead", "preload")]
