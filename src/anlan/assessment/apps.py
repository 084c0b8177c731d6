from django.apps import AppConfig


class AssessmentConfig(AppConfig):
    name = "anlan.assessment"
    label = "assessment"
    verbose_name = "Assessment"
