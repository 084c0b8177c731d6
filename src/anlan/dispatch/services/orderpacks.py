"""Giving a pack of orders, and keeping the county's own packs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from anlan.accounts.access import require
from anlan.dispatch.access import holds_any
from anlan.dispatch.models import Instruction, OrderPack, Origin
from anlan.dispatch.packs import MOST_ITEMS, Pack, PackItem, Targets, all_packs, check_posts, pack_named
from anlan.dispatch.refusals import BadPack, NoAddressee, NoAuthority, NothingChosen
from anlan.dispatch.services.issuing import issue_many
from anlan.dispatch.types import NewInstruction
from anlan.incidents.models import Incident
from anlan.incidents.refusals import Words
from anlan.kernel.actor import Actor
from anlan.places.models import Division
from anlan.vocab.posts import FACES, PostKind, Right

#: Codes of packs and of their orders; they stand in addresses and in the journal.
_CODE = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Picked:
    """One order of the pack as it is given: to whom, and with which limits and words where they differ from the pack's."""

    key: str
    to: tuple[Division, ...] | None = None
    words: str | None = None
    limit_min: int | None = None


def give_pack(
    incident: Incident, pack: Pack, items: Sequence[Picked], *, by: Actor, by_name: str, at: datetime
) -> list[Instruction]:
    """Give the chosen orders of a pack, all of them or none.

    Raises `NothingChosen`, `NoAddressee`, or `NoAuthority` where the giver holds none of the posts that an item names now.
    """
    known = {item.key: item for item in pack.items}
    chosen = [(known[one.key], one) for one in items if one.key in known]
    if not chosen:
        raise NothingChosen
    for item, _picked in chosen:
        check_authority(pack, item, incident, by=by, at=at)
    targets = Targets.of(incident)
    rows = [row for item, picked in chosen for row in _rows(pack, item, picked, targets)]
    return issue_many(rows, incident=incident, by=by, by_name=by_name, at=at)


def check_authority(pack: Pack, item: PackItem, incident: Incident, *, by: Actor, at: datetime) -> None:
    """Raise `NoAuthority` unless the giver holds, where the incident is or above, a post that may give it; `NotAllowed` without
    the right to command."""
    require(by, Right.COMMAND, incident.division.path)
    kinds = pack.authority_of(item)
    if kinds and not holds_any(by, kinds, incident.division, at):
        raise NoAuthority(order=item.title, who=posts_words(kinds))


def posts_words(kinds: Sequence[str]) -> Words:
    faces = [FACES[PostKind(kind)] for kind in kinds]
    return Words("、".join(face.zh for face in faces), ", ".join(face.en for face in faces))


def _rows(pack: Pack, item: PackItem, picked: Picked, targets: Targets) -> list[NewInstruction]:
    to = targets.meant(item) if picked.to is None else list(picked.to)
    if not to:
        raise NoAddressee
    limit = item.limit_min if picked.limit_min is None else picked.limit_min
    return [
        NewInstruction(
            title=item.title,
            words=item.words if picked.words is None else picked.words,
            addressee=place,
            post_kind=item.post,
            ack_limit_min=item.ack_min or None,
            limit_min=limit or None,
            origin=Origin.PACK,
            needs_proof=item.needs_proof,
            authority=",".join(pack.authority_of(item)),
            pack=pack.code,
        )
        for place in to
    ]


def add_pack(pack: Pack, *, division: Division, by: Actor, at: datetime) -> OrderPack:
    """A pack under a code that no other pack has. Raises `BadPack`."""
    if any(one.code == pack.code for one in all_packs()):
        raise BadPack(why=Words(f"编码“{pack.code}”已被使用", f"the code “{pack.code}” is taken"))
    return edit_pack(pack, division=division, by=by, at=at)


def edit_pack(pack: Pack, *, division: Division, by: Actor, at: datetime) -> OrderPack:
    """Keep the county's own wording of a pack, or a new pack. What was confirmed must be confirmed again. Raises `BadPack`."""
    require(by, Right.COMMAND, division.path)
    _check(pack)
    fields = {
        "name": pack.name.strip()[:120],
        "event_types": list(pack.event_types),
        "items": msgspec.to_builtins(pack.items),
        "authority": ",".join(pack.authority)[:60],
        "source": pack.source.strip()[:300],
        "confirmed_at": None,
        "confirmed_by": "",
    }
    row = OrderPack.objects.filter(code=pack.code).first()
    if row is not None:
        return row.change(by=by, at=at, kind="edited", retired_at=None, fields=fields)
    return OrderPack(code=pack.code[:40], division=division, made_at=at, **fields).record(
        by=by, at=at, kind="made"
    )


def confirm_pack(code: str, *, division: Division, by: Actor, at: datetime) -> OrderPack:
    """Say for the county that the pack is as it shall be. A shipped one becomes the county's own. Raises `UnknownPack`."""
    require(by, Right.APPROVE_PLANS, division.path)
    row = OrderPack.objects.filter(code=code, retired_at=None).first()
    if row is None:
        pack = pack_named(code)
        row = OrderPack(
            code=pack.code, name=pack.name, event_types=list(pack.event_types), items=msgspec.to_builtins(pack.items),
            authority=",".join(pack.authority), source=pack.source[:300], division=division, made_at=at,
        ).record(by=by, at=at, kind="made")  # fmt: skip
    return row.change(by=by, at=at, kind="confirmed", confirmed_at=at, confirmed_by=by.ref)


def _check(pack: Pack) -> None:
    if not pack.name.strip() or not pack.code.strip():
        raise BadPack(why=Words("没有名称", "it has no name"))
    if not pack.items or len(pack.items) > MOST_ITEMS:
        raise BadPack(why=Words(f"指令数须在1至{MOST_ITEMS}条之间", f"it needs 1 to {MOST_ITEMS} orders"))
    for code in (pack.code, *(item.key for item in pack.items)):
        if not _CODE.fullmatch(code):
            raise BadPack(
                why=Words(
                    f"编码“{code[:40]}”应为小写字母、数字或下划线，最长40位",
                    f"the code “{code[:40]}” is not of small letters, digits and underlines, at most 40",
                )
            )
    keys = [item.key for item in pack.items]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        raise BadPack(why=Words(f"编码“{twice}”用了两次", f"the code “{twice}” is used twice"))
    if any(not item.title.strip() for item in pack.items):
        raise BadPack(why=Words("有一条指令没有标题", "an order has no title"))
    check_posts([*pack.authority, *(kind for item in pack.items for kind in item.authority)])
