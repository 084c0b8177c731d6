"""What a row of the journal is about in a few words: its number, title and place, for the timeline and the situation report."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import F

from anlan.journal.models import Entry, Journaled, journaled_models
from anlan.places.models import Division
from anlan.resources.models import Team

Fields = Mapping[str, Any]


def texts_of(entries: Iterable[Entry]) -> dict[Any, Fields]:
    """What each row said at its entry: its latest words, filled up from the rows themselves where the interval begins later."""
    listed = list(entries)
    said: dict[tuple[str, str], dict[str, Any]] = {}
    wanted: dict[str, set[str]] = {}
    for one in listed:
        wanted.setdefault(one.subject_type, set()).add(one.subject_id)
    for kind, keys in wanted.items():
        said.update(rows_of(kind, keys))
    names = names_of(said.values())
    found: dict[Any, Fields] = {}
    for one in listed:
        payload = json.loads(one.payload) if one.payload else {}
        fields = {**said.get((one.subject_type, one.subject_id), {}), **payload.get("set", {})}
        found[one.pk] = {
            **fields,
            "place": names.get(str(_place(fields)), ""),
            "team_name": names.get(str(fields.get("team")), ""),
        }
    return found


_WORDS = ("number", "name", "title", "headline", "task", "question", "words", "why", "advice", "conclusions", "result",
          "closed_why", "situation", "answer", "answered_by_name", "code", "value", "source", "level", "to_level",
          "addressee_id", "division_id", "team_id", "made_by_name", "leader", "role")  # fmt: skip


#: What a step of something is a step of, for it has no name of its own.
_OF = {
    "instruction_step": {
        "number": F("instruction__number"),
        "of": F("instruction__title"),
        "addressee": F("instruction__addressee_id"),
    },
}


def rows_of(kind: str, keys: set[str]) -> dict[tuple[str, str], dict[str, Any]]:
    """The words of the rows as they are now, by one query a kind."""
    model = _models().get(kind)
    if model is None:
        return {}
    own = {one.attname for one in model._meta.concrete_fields}
    names = [name for name in _WORDS if name in own]
    rows = model._default_manager.filter(pk__in=keys).values("pk", *names, **_OF.get(kind, {}))
    return {
        (kind, str(row.pop("pk"))): {name.removesuffix("_id"): value for name, value in row.items()}
        for row in rows
    }


@functools.lru_cache(maxsize=1)
def _models() -> dict[str, type[Journaled]]:
    return {model.journal_type: model for model in journaled_models()}


def _place(fields: Fields) -> Any:
    return fields.get("addressee") or fields.get("division")


def names_of(rows: Iterable[Fields]) -> dict[str, str]:
    """Names of places and teams, two queries."""
    listed = list(rows)
    codes = {str(code) for row in listed if (code := _place(row))}
    teams = {row["team"] for row in listed if row.get("team")}
    found = dict(Division.objects.filter(code__in=codes).values_list("code", "name"))
    found |= {str(key): name for key, name in Team.objects.filter(pk__in=teams).values_list("pk", "name")}
    return found
