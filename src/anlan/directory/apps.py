from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "anlan.directory"
    label = "directory"
    verbose_name = "Directory"
