"""Who may sign in. Rights and jurisdiction come from the posts that the person holds now, never from the account."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """An account of one person; without a person it can do nothing."""

    person = models.ForeignKey(
        "directory.Person", null=True, on_delete=models.PROTECT, related_name="accounts"
    )
    language = models.CharField(max_length=10, blank=True, default="")
    #: Must choose a new password before anything else (accounts made by an administrator).
    must_change_password = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], name="one_account_a_person", condition=models.Q(person__isnull=False)
            )
        ]
