from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "anlan.review"
    label = "review"
    verbose_name = "Review"
