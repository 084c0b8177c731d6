from django.apps import AppConfig


class CommandConfig(AppConfig):
    name = "anlan.command"
    label = "command"
    verbose_name = "Command"
