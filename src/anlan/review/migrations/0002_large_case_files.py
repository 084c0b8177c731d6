"""A case file with many films is larger than two gigabytes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("review", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="casefile",
            name="bytes",
            field=models.PositiveBigIntegerField(default=0),
        ),
    ]
