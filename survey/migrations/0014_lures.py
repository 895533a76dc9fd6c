"""Yes/no studies may name other emotions. Those that exist go on naming the intended one, whatever their state."""

from django.db import migrations, models

CHOICES = [
    ("half", "Half of the trials name another emotion than the intended one"),
    ("none", "Every trial names the intended emotion (the seed study's form: a replication)"),
]


class Migration(migrations.Migration):
    dependencies = [("survey", "0013_declined_ids")]

    operations = [
        migrations.AddField("study", "lures", models.CharField(choices=CHOICES, default="none", max_length=10)),
        migrations.AlterField("study", "lures", models.CharField(choices=CHOICES, default="half", max_length=10)),
    ]
