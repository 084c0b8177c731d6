from django.apps import AppConfig


class DatacallsConfig(AppConfig):
    name = "anlan.datacalls"
    label = "datacalls"
    verbose_name = "Data calls"

    def ready(self) -> None:
        from anlan.datacalls import deadlines, openitems  # noqa: F401  (they register themselves)
