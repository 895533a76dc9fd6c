"""Count, for studies that are running, what is answered and on screens now."""

from collections import Counter

from django.db import migrations


def count_places(apps, _schema_editor):
    fills, loads = apps.get_model("survey", "Fill").objects, apps.get_model("survey", "Load")
    trials = apps.get_model("survey", "Trial").objects
    counted = Counter()
    for stimulus, kind, answers in fills.order_by().values_list("stimulus_id", "kind", "answers"):
        counted[stimulus, kind] += answers
    # Leases that ran out are among them: the next draw gives them back as it does later ones.
    waiting = trials.filter(answered_at__isnull=True, participant__outcome="").exclude(kind="repeat")
    counted.update(waiting.order_by().values_list("stimulus_id", "participant__kind"))
    loads.objects.bulk_create(
        (loads(stimulus_id=stimulus, kind=kind, load=load) for (stimulus, kind), load in counted.items()),
        batch_size=500,
    )
    waiting.update(holds_place=True)


def forget_places(apps, _schema_editor):
    """Back to what 0026 leaves, so that going forward again counts anew."""
    apps.get_model("survey", "Load").objects.all().delete()
    apps.get_model("survey", "Trial").objects.filter(holds_place=True).update(holds_place=False)


class Migration(migrations.Migration):

    dependencies = [
        ("survey", "0026_places_on_screens"),
    ]

    operations = [
        migrations.RunPython(count_places, forget_places),
    ]
