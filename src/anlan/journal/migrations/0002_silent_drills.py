from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="exerciserun",
            name="is_silent",
            field=models.BooleanField(default=False),
        ),
    ]
