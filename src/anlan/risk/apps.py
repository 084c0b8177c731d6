from django.apps import AppConfig


class RiskConfig(AppConfig):
    name = "anlan.risk"
    label = "risk"
    verbose_name = "Risk"

    def ready(self) -> None:
        from anlan.risk import imports  # noqa: F401  (it registers itself)
