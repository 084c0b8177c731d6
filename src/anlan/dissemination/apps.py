from django.apps import AppConfig


class DisseminationConfig(AppConfig):
    name = "anlan.dissemination"
    label = "dissemination"
    verbose_name = "Dissemination"

    def ready(self) -> None:
        from anlan.dissemination import deadlines  # noqa: F401
        from anlan.dissemination.channels import phone, sms_voice, smtp  # noqa: F401
        from anlan.dissemination.ladders import presets

        presets()  # a ladder that cannot be used stops the start
