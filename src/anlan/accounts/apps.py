from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "anlan.accounts"
    label = "accounts"
    verbose_name = "Accounts"
