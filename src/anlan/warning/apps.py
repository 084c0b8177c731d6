from django.apps import AppConfig


class WarningConfig(AppConfig):
    name = "anlan.warning"
    label = "warning"
    verbose_name = "Warning"
