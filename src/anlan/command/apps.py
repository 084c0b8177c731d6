from django.apps import AppConfig


class CommandConfig(AppConfig):
    name = "anlan.command"
    label = "command"
    verbose_name = "Command"

    def ready(self) -> None:
        from anlan.command import deadlines, openitems, reactions, teamladder  # noqa: F401  (they register themselves)
