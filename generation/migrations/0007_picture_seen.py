from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('generation', '0006_unpictured'),
    ]

    operations = [
        migrations.AddField(
            model_name='sourceimage',
            name='seen',
            field=models.JSONField(blank=True, default=dict, editable=False, help_text='Why: things, words and a map of what speaks for the label.'),
        ),
    ]
