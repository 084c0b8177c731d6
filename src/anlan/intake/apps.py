from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "anlan.intake"
    label = "intake"
    verbose_name = "Intake"

    def ready(self) -> None:
        from anlan.intake import deadlines, imports, openitems, reactions, restricted  # noqa: F401  (they register themselves)
