from django.apps import AppConfig


class ResourcesConfig(AppConfig):
    name = "anlan.resources"
    label = "resources"
    verbose_name = "Resources"

    def ready(self) -> None:
        from anlan.resources import imports  # noqa: F401  (the workbooks register themselves)
