"""What was played of the test sounds and of clips, and since when a clip could be heard."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("survey", "0007_who_is_who")]

    operations = [
        migrations.AddField(
            "participant",
            "sound_measured",
            models.BooleanField(
                help_text="Whether a script saw the sound check played; empty: not checked.", null=True
            ),
        ),
        migrations.AddField(
            "participant",
            "sound_wrong",
            models.PositiveSmallIntegerField(default=0, help_text="How often the sound check was answered wrong."),
        ),
        migrations.AddField(
            "participant",
            "sounds_sent",
            models.JSONField(
                blank=True, default=dict, help_text="Sounds of open tests, and when each was first sent."
            ),
        ),
        migrations.AddField(
            "trial",
            "first_shown_at",
            models.DateTimeField(
                blank=True,
                help_text="When it was first on a screen, where a long pause made it be shown anew.",
                null=True,
            ),
        ),
        migrations.AddField(
            "response",
            "listening_doubtful",
            models.BooleanField(
                default=False, help_text="More seconds were told than had passed by the server's clock."
            ),
        ),
        migrations.AddField(
            "study",
            "unheard",
            models.CharField(
                choices=[
                    ("mark", "Where no script measures, take it and mark it as not measured"),
                    ("refuse", "Refuse it: the sounds must have been fetched, and their tones counted"),
                ],
                default="mark",
                max_length=10,
            ),
        ),
    ]
