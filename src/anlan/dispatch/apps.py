from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "anlan.dispatch"
    label = "dispatch"
    verbose_name = "Dispatch"

    def ready(self) -> None:
        from anlan.dispatch import (  # noqa: F401  (they register themselves)
            deadlines,
            deadlines_teams,
            openitems,
            openitems_teams,
            reactions,
        )
