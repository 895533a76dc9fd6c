"""What participants read of a picture is kept with the study, not with the picture."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def copy_from_pictures(apps, schema_editor):
    """Give every stimulus what its picture says now. Studies are frozen by triggers, which stand aside meanwhile."""
    stimuli = apps.get_model("survey", "Stimulus").objects.using(schema_editor.connection.alias)
    pictures = apps.get_model("generation", "SourceImage").objects.filter(pk=OuterRef("picture_id"))
    stimuli.filter(picture__isnull=False).update(
        picture_description=Subquery(pictures.values("alt_text")[:1]),
        picture_width=Subquery(pictures.values("width")[:1]),
        picture_height=Subquery(pictures.values("height")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("survey", "0008_listening"),
        ("generation", "0008_image_backbone"),
    ]

    operations = [
        migrations.AddField(
            model_name="stimulus",
            name="picture_description",
            field=models.CharField(
                blank=True,
                help_text="What people who cannot see the picture are told; it names no emotion.",
                max_length=300,
            ),
        ),
        migrations.AddField(
            model_name="stimulus",
            name="picture_width",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="stimulus",
            name="picture_height",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="stimulus",
            name="asked_labels",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Language → the emotion's word, where people are asked for it (yes or no).",
            ),
        ),
        migrations.RunPython(copy_from_pictures, migrations.RunPython.noop),
    ]
