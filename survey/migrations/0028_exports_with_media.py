"""A pack may carry the files of the study's stimuli: which, and how many are written."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("survey", "0027_count_places"),
    ]

    operations = [
        migrations.AddField(
            model_name="exportjob",
            name="files_done",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="exportjob",
            name="files_total",
            field=models.PositiveIntegerField(default=0, help_text="Files of the stimuli."),
        ),
        migrations.AddField(
            model_name="exportjob",
            name="media",
            field=models.CharField(
                blank=True, help_text="Which files of the stimuli go along, between spaces; empty: none.", max_length=60
            ),
        ),
    ]
