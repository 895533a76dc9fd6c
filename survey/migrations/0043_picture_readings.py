"""What a network said of the pictures that a study shows without music is kept with the study, not with the picture."""

from django.db import migrations, models


def _reading_of(picture):
    """What the label of a picture says, by the network as it was trained; None where it has no label."""
    if picture.labelled_by is None or not picture.probabilities:
        return None
    things = {}
    for thing in picture.seen.get("things", ()):
        things[thing["name"]] = min(things.get(thing["name"], 0.0) + float(thing["probability"]), 1.0)
    return {
        "network": picture.labelled_by.manifest.get("base", {}).get("sha256", "") or picture.labelled_by.sha256,
        "probabilities": picture.seen.get("before", picture.probabilities),
        "things": things,
    }


def keep_present_labels(apps, schema_editor):
    """Give published studies what labels their pictures now. Triggers that freeze them stand aside meanwhile."""
    stimuli = apps.get_model("survey", "Stimulus").objects.using(schema_editor.connection.alias)
    alone = stimuli.filter(condition__presentation="picture_only", picture__isnull=False, role="main")
    shown = alone.exclude(study__status="draft")
    pictures = apps.get_model("generation", "SourceImage").objects.using(schema_editor.connection.alias)
    labelled = pictures.filter(pk__in=shown.values("picture")).select_related("labelled_by").defer("features")
    for picture in labelled.iterator(chunk_size=200):
        shown.filter(picture=picture).update(picture_reading=_reading_of(picture))


class Migration(migrations.Migration):
    dependencies = [
        ("survey", "0042_sides"),
        ("generation", "0018_cues"),
    ]

    operations = [
        migrations.AddField(
            model_name="stimulus",
            name="picture_reading",
            field=models.JSONField(
                blank=True,
                editable=False,
                help_text="What the network that had labelled the picture said of it, where it is shown without music;"
                " publication writes it down. A picture can be labelled anew.",
                null=True,
            ),
        ),
        migrations.RunPython(keep_present_labels, migrations.RunPython.noop),
    ]
