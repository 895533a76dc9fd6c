"""Where computed reports are kept for all web processes, if no Redis is named for them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("survey", "0029_reading_one_study"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeptReport",
            fields=[
                ("key", models.CharField(max_length=255, primary_key=True, serialize=False)),
                ("value", models.TextField()),
                ("expires", models.FloatField(db_index=True, help_text="Seconds since 1970.")),
                (
                    "claimed",
                    models.BooleanField(
                        default=False, help_text="A mark that somebody computes the value of another key."
                    ),
                ),
            ],
        ),
    ]
