"""The eight emotions become rows, as they were then; what changed since is written after every migrate."""

from django.db import migrations

EMOTIONS = [
    ("amusement", "Amusement", 0.8, 0.35, 0.6),
    ("awe", "Awe", 0.45, 0.0, -0.4),
    ("contentment", "Contentment", 0.65, -0.45, 0.55),
    ("excitement", "Excitement", 0.75, 0.7, 0.45),
    ("anger", "Anger", -0.65, 0.75, 0.3),
    ("disgust", "Disgust", -0.65, 0.35, -0.35),
    ("fear", "Fear", -0.7, 0.6, -0.4),
    ("sadness", "Sadness", -0.7, -0.55, -0.65),
]


def seed(apps, schema_editor):
    Emotion = apps.get_model("generation", "Emotion")
    for position, (slug, label, valence, arousal, dominance) in enumerate(EMOTIONS):
        Emotion.objects.using(schema_editor.connection.alias).update_or_create(
            slug=slug,
            defaults={
                "label": label,
                "valence": valence,
                "arousal": arousal,
                "dominance": dominance,
                "position": position,
            },
        )


class Migration(migrations.Migration):
    dependencies = [("generation", "0001_initial")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
