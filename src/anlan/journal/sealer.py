"""The sealer gives entries their gapless (origin, seq) and the chained hash, in batches, after they were committed.

Readers (live pages, relay, replay) see sealed entries only. An unsealed `id > last` reader loses entries on PostgreSQL,
since a transaction may commit after a younger one; a chain inside the transaction would make writers wait for each other.
"""

from __future__ import annotations

from django.conf import settings
from django.db import connection, transaction

from anlan.journal.models import ChainHead, Entry
from anlan.journal.turns import write_turn
from anlan.kernel import canonical

BATCH = 2_000


def seal(*, limit: int = BATCH) -> int:
    """Seal what is committed and not sealed yet. Returns how many; 0 also when another sealer was faster."""
    origin = settings.ANLAN_NODE
    waiting = Entry.objects.filter(seq__isnull=True, origin=origin)
    if not waiting.exists():
        return 0
    with write_turn():
        head, _ = ChainHead.objects.get_or_create(origin=origin)
        entries = list(waiting.order_by("id").values_list("pk", "digest")[:limit])
        rows, seq, link = [], head.seq, head.hash
        for pk, digest in entries:
            seq += 1
            link = canonical.chain(link, digest)
            rows.append((seq, link, Entry._meta.pk.get_db_prep_value(pk, connection)))
        moved = ChainHead.objects.filter(origin=origin, seq=head.seq, hash=head.hash).update(
            seq=seq, hash=link
        )
        if moved != 1:
            transaction.set_rollback(True)
            return 0
        with connection.cursor() as cursor:
            cursor.executemany("UPDATE journal_entry SET seq = %s, chain_hash = %s WHERE id = %s", rows)
    return len(rows)


def seal_everything() -> int:
    """Seal until nothing is left; for commands and tests."""
    total = 0
    while sealed := seal():
        total += sealed
    return total
