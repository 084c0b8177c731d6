from django.apps import AppConfig


class DutyConfig(AppConfig):
    name = "anlan.duty"
    label = "duty"
    verbose_name = "Duty"

    def ready(self) -> None:
        from anlan.duty import (  # noqa: F401  (they register themselves)
            clocksteps,
            deadlines,
            forcealarms,
            lessonalarms,
            openitems,
            planalarms,
            reactions,
            responsealarms,
        )
