from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    name = "anlan.attachments"
    label = "attachments"
    verbose_name = "Attachments"
