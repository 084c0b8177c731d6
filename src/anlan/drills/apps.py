from django.apps import AppConfig


class DrillsConfig(AppConfig):
    name = "anlan.drills"
    label = "drills"
    verbose_name = "Drills"
