"""A file imported at another length may be imported again; an import says how many clips it faded out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0008_image_backbone")]

    operations = [
        migrations.RemoveConstraint(model_name="pairversion", name="one_file_is_imported_once"),
        migrations.AddConstraint(
            model_name="pairversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source_sha256", ""), _negated=True),
                fields=("source_sha256", "duration_seconds"),
                name="one_file_is_imported_once_per_length",
            ),
        ),
        migrations.AddField(
            model_name="clipimport",
            name="faded",
            field=models.PositiveIntegerField(
                default=0, help_text="Clips that went on beyond the common length and were faded out."
            ),
        ),
    ]
