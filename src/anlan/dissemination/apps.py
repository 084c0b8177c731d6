from django.apps import AppConfig


class DisseminationConfig(AppConfig):
    name = "anlan.dissemination"
    label = "dissemination"
    verbose_name = "Dissemination"
