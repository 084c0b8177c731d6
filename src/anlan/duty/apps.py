from django.apps import AppConfig


class DutyConfig(AppConfig):
    name = "anlan.duty"
    label = "duty"
    verbose_name = "Duty"

    def ready(self) -> None:
        from anlan.duty import clocksteps, deadlines, forcealarms, openitems, reactions, responsealarms  # noqa: F401  (they register themselves)
