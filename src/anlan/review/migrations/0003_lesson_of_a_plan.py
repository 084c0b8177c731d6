"""A lesson names the plan that has to be revised."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        ("review", "0002_large_case_files"),
    ]

    operations = [
        migrations.AddField(
            model_name="lesson",
            name="plan",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="lessons", to="plans.plan"
            ),
        ),
    ]
