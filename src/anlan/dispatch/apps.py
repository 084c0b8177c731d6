from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "anlan.dispatch"
    label = "dispatch"
    verbose_name = "Dispatch"
