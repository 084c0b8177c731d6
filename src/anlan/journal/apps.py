from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "anlan.journal"
    label = "journal"
    verbose_name = "Journal"
