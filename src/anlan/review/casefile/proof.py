"""The journal of the incident and the proof that it is unchanged: entries as JSON lines, and the chain from the first of them to the head.

An entry's hash follows from the hash before it and its own digest. The digests of all entries between lie in the file as well;
they are digests only and tell nothing of what other incidents hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

from anlan.journal.models import Entry
from anlan.kernel import canonical
from anlan.review.casefile.parts import Part, whole
from anlan.review.casefile.state import CaseState, Head
from anlan.review.casefile.tables import without_doors

#: The program that checks the archive; it needs Python and nothing else.
CHECK = Path(__file__).with_name("check.py")
_FIELDS = ("id", "origin", "seq", "kind", "subject_type", "subject_id", "division_path", "exercise_id", "actor", "cause", "at",
           "payload_digest", "digest", "chain_hash", "payload")  # fmt: skip


def journal_parts(state: CaseState) -> Iterator[Part]:
    yield Part(
        "journal/entries.jsonl",
        f"留痕条目（{len(state.lines)}条，每行一条）",
        "journal",
        lambda: _entries(state),
    )
    heads = []
    for number, head in enumerate(state.heads, start=1):
        first = min((one.seq for one in state.lines if one.origin == head.origin), default=head.seq)
        path = f"journal/chain-{number}.txt"
        heads.append(
            {"origin": head.origin, "file": path, "first_seq": first, "before": _before(head.origin, first), "head_seq": head.seq, "head_hash": head.hash}
        )  # fmt: skip
        yield Part(
            path, f"哈希链（节点{head.origin}，第{first}条至第{head.seq}条）", "journal", _chain(head, first)
        )
    yield whole("journal/heads.json", "链首", "journal", orjson.dumps(heads, option=orjson.OPT_INDENT_2))


def _entries(state: CaseState) -> Iterable[bytes]:
    for entry in state.entries():
        fields = {name: getattr(entry, name) for name in _FIELDS}
        if without_doors(entry.payload) != entry.payload:
            fields["payload"] = (
                ""  # a link in it still opens an order without a log-in; the chain holds without the words
            )
        yield canonical.dumps(fields) + b"\n"


def _before(origin: str, first: int) -> str:
    """The hash that the first entry was chained to."""
    return (
        Entry.objects.filter(origin=origin, seq=first - 1).values_list("chain_hash", flat=True).first() or ""
    )


def _chain(head: Head, first: int):  # type: ignore[no-untyped-def]  # a reader as `Part.chunks` takes it
    def read() -> Iterable[bytes]:
        rows = Entry.objects.filter(origin=head.origin, seq__gte=first, seq__lte=head.seq).order_by("seq")
        for seq, digest in rows.values_list("seq", "digest").iterator(5_000):
            yield f"{seq} {digest}\n".encode()

    return read
