from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "anlan.response"
    label = "response"
    verbose_name = "Response"

    def ready(self) -> None:
        from anlan.response import deadlines, openitems, reactions  # noqa: F401  (they register themselves)
