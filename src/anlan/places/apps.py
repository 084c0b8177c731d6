from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "anlan.places"
    label = "places"
    verbose_name = "Places"

    def ready(self) -> None:
        from anlan.places import departments, enterprises, imports  # noqa: F401  (they register themselves)
