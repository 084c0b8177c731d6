from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "anlan.field"
    label = "field"
    verbose_name = "Field"
