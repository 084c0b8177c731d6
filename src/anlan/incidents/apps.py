from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "anlan.incidents"
    label = "incidents"
    verbose_name = "Incidents"

    def ready(self) -> None:
        from anlan.incidents import deadlines, imports, openitems  # noqa: F401  (they register themselves)
