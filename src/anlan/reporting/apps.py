from django.apps import AppConfig


class ReportingConfig(AppConfig):
    name = "anlan.reporting"
    label = "reporting"
    verbose_name = "Reporting upward"

    def ready(self) -> None:
        from anlan.reporting import deadlines, openitems, reactions  # noqa: F401  (they register themselves)
