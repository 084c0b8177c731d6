from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "anlan.plans"
    label = "plans"
    verbose_name = "Plans"

    def ready(self) -> None:
        from anlan.plans import deadlines, imports, openitems, reactions  # noqa: F401  (they register themselves)
