
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0015_listening'),
    ]

    operations = [
        migrations.AlterField(
            model_name='pairversion',
            name='status',
            field=models.CharField(choices=[('queued', 'Queued'), ('running', 'Running'), ('ready', 'Ready'), ('failed', 'Failed'), ('cancelled', 'Cancelled'), ('parked', 'Parked')], db_index=True, default='queued', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='pairversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'parked'), _negated=True), models.Q(models.Q(('error', ''), _negated=True), ('attempts__gt', 0), ('finished_at__isnull', False)), _connector='OR'), name='parked_means_message_and_tries'),
        ),
    ]
