from django.apps import AppConfig


class LossesConfig(AppConfig):
    name = "anlan.losses"
    label = "losses"
    verbose_name = "Disaster statistics"

    def ready(self) -> None:
        from anlan.losses import deadlines, imports, openitems  # noqa: F401  (they register themselves)
