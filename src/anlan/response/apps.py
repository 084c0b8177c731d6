from django.apps import AppConfig


class ResponseConfig(AppConfig):
    name = "anlan.response"
    label = "response"
    verbose_name = "Response"
