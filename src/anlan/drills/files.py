"""Photos and papers of a drill, above all of one that was held without this system. They are read through the drill's own door."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count

from anlan.attachments import services as attachments
from anlan.attachments.models import Attachment
from anlan.drills.models import Drill
from anlan.drills.refusals import TooManyDrillFiles
from anlan.kernel.actor import Actor

#: Engineering choice.
MOST = 40


def subject_of(drill_id: uuid.UUID) -> str:
    return f"drill:{drill_id}"


def files_of(drill: Drill) -> list[Attachment]:
    return attachments.attachments_of(subject_of(drill.pk))


def counts(drills: Iterable[Drill]) -> Counter[uuid.UUID]:
    """How many files each of these drills has; one query."""
    keys = {subject_of(row.pk): row.pk for row in drills}
    rows = Attachment.objects.filter(subject__in=keys).values_list("subject").annotate(n=Count("id"))
    return Counter({keys[subject]: n for subject, n in rows.order_by()})


def keep_file(
    drill: Drill, chunks: Iterable[bytes], *, name: str = "", by: Actor, at: datetime
) -> Attachment:
    """Keep one. Without a division, so that only the drill's door leads to it: nobody learns of a blind drill by its photos."""
    if len(files_of(drill)) >= MOST:
        raise TooManyDrillFiles(most=MOST)
    subject = subject_of(drill.pk)
    return attachments.keep(chunks, subject=subject, division=None, name=name, sender=by.name, by=by, at=at)
