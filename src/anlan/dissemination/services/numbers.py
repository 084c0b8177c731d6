"""Numbers that are never given twice, whatever crashes: a conditional update takes them."""

from __future__ import annotations

from django.db import transaction

from anlan.dissemination.models import NumberRun

#: How often a taker reads again when another one was faster (PostgreSQL only).
_TRIES = 50


class NumbersTaken(RuntimeError):
    """Others were faster every time; the caller's transaction fails and is tried again."""


def next_numbers(name: str, count: int) -> range:
    """`count` numbers of the run `name`, from 1 on. A number taken by a transaction that fails is free again: nobody saw it."""
    with transaction.atomic(savepoint=False):
        NumberRun.objects.get_or_create(name=name)
        for _ in range(_TRIES):
            last = NumberRun.objects.values_list("last", flat=True).get(pk=name)
            if NumberRun.objects.filter(pk=name, last=last).update(last=last + count) == 1:
                return range(last + 1, last + count + 1)
    raise NumbersTaken(name)
