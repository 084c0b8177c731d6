from django.apps import AppConfig


class WarningConfig(AppConfig):
    name = "anlan.warning"
    label = "warning"
    verbose_name = "Warning"

    def ready(self) -> None:
        from anlan.warning import deadlines, reactions  # noqa: F401  (they register themselves)
