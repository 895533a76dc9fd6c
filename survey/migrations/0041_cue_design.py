from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('survey', '0040_lessons_about_pictures'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='cue_design',
            field=models.CharField(choices=[('none', 'No cue experiment'), ('crossed', 'Full factorial: everybody hears a piece in several variants'), ('square', 'Latin square: everybody hears each piece in one variant')], default='none', max_length=10),
        ),
    ]
