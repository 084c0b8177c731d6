from django.apps import AppConfig


class DrillsConfig(AppConfig):
    name = "anlan.drills"
    label = "drills"
    verbose_name = "Drills"

    def ready(self) -> None:
        from anlan.drills import deadlines, practised  # noqa: F401  (they register themselves)
