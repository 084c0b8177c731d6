from django.apps import AppConfig


class WarningConfig(AppConfig):
    name = "anlan.warning"
    label = "warning"
    verbose_name = "Warning"

    def ready(self) -> None:
        from anlan.warning import deadlines, publishing_reactions, reactions  # noqa: F401  (they register themselves)
        from anlan.warning.incoming import reactions as incoming_reactions  # noqa: F401
