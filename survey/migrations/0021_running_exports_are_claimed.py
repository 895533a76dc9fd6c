"""The database keeps for export packs what it keeps for pairs: running means claimed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("survey", "0020_exports_have_a_lease"),
    ]

    operations = [
        migrations.RemoveField(model_name="exportjob", name="alive_at"),
        migrations.RemoveField(model_name="exportjob", name="interrupted"),
        migrations.AddConstraint(
            model_name="exportjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("claim__isnull", False), ("lease_expires_at__isnull", False), ("status", "running")
                )
                | (
                    ~models.Q(("status", "running"))
                    & models.Q(("claim__isnull", True))
                    & models.Q(("lease_expires_at__isnull", True))
                ),
                name="running_export_is_claimed",
            ),
        ),
    ]
