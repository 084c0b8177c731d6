from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "anlan.portal"
    label = "portal"
    verbose_name = "Portal"
