from django.apps import AppConfig


class PapersConfig(AppConfig):
    name = "anlan.papers"
    label = "papers"
    verbose_name = "Papers"

    def ready(self) -> None:
        from anlan.papers import casefile, deadlines

        _ = deadlines
        casefile.register()
