from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "anlan.review"
    label = "review"
    verbose_name = "Review"

    def ready(self) -> None:
        from anlan.review import caseimports, deadlines, openitems  # noqa: F401  (they register themselves)
        from anlan.review.casefile import own  # noqa: F401  (the parts register themselves)
