from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "anlan.directory"
    label = "directory"
    verbose_name = "Directory"

    def ready(self) -> None:
        from anlan.directory import imports, roster_list  # noqa: F401  (they register themselves)
