from django.apps import AppConfig


class PlansConfig(AppConfig):
    name = "anlan.plans"
    label = "plans"
    verbose_name = "Plans"
