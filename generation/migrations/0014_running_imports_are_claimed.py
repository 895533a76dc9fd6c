"""The database keeps for imports what it keeps for pairs: running means claimed."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("generation", "0013_imports_have_a_lease"),
    ]

    operations = [
        migrations.RemoveField(model_name="clipimport", name="alive_at"),
        migrations.AddConstraint(
            model_name="clipimport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("claim__isnull", False), ("lease_expires_at__isnull", False), ("status", "running")
                )
                | (
                    ~models.Q(("status", "running"))
                    & models.Q(("claim__isnull", True))
                    & models.Q(("lease_expires_at__isnull", True))
                ),
                name="running_import_is_claimed",
            ),
        ),
    ]
