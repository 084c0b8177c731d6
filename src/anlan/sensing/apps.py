from django.apps import AppConfig


class SensingConfig(AppConfig):
    name = "anlan.sensing"
    label = "sensing"
    verbose_name = "Sensing"

    def ready(self) -> None:
        from anlan.sensing import deadlines, imports, passing, reactions  # noqa: F401  (they register themselves)
        from anlan.sensing.queries import forecast_series  # noqa: F401
        from anlan.sensing.sheets import cameras, fire, forecasts  # noqa: F401
