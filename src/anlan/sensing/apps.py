from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "anlan.sensing"
    label = "sensing"
    verbose_name = "Sensing"

    def ready(self) -> None:
        from anlan.sensing import imports  # noqa: F401  (it registers itself)
