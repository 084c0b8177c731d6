"""What of a filing is there and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from anlan.attachments.models import Attachment
from anlan.incidents.refusals import Words
from anlan.plans.filingrules import PARTS, parts_for
from anlan.plans.models import PlanFiling, PlanStudy


@dataclass(frozen=True, slots=True)
class PartState:
    """One part of what must be handed in: its files, the studies that stand for it, and whether it is there."""

    code: str
    words: tuple[str, str]
    is_there: bool
    files: tuple[Attachment, ...] = ()
    studies: tuple[PlanStudy, ...] = ()


def subject_of(filing: PlanFiling, part: str) -> str:
    """What the files of a part hang on."""
    return f"plan_filing:{filing.pk}/{part}"


def part_states(filing: PlanFiling, *, explanation: str | None = None) -> list[PartState]:
    """Every part that a plan of this kind needs, in order. `explanation` is what somebody is about to hand in. Two statements."""
    words = filing.explanation if explanation is None else explanation
    codes = parts_for(filing.plan.kind)
    subjects = {subject_of(filing, code): code for code in codes}
    files = list(Attachment.objects.filter(subject__in=subjects).order_by("received_at", "pk"))
    studies = list(PlanStudy.objects.filter(plan=filing.plan, ended_at=None).order_by("made_at", "pk"))
    found = []
    for code in codes:
        part = PARTS[code]
        kept = tuple(row for row in files if subjects[row.subject] == code)
        made = tuple(row for row in studies if part.study and row.kind == part.study)
        is_there = bool(kept or made) or (code == "explanation" and bool(words.strip()))
        found.append(PartState(code, (part.zh, part.en), is_there, kept, made))
    return found


def missing_parts(filing: PlanFiling, *, explanation: str) -> list[str]:
    """Codes of `filingrules.PARTS` that are not there."""
    return [one.code for one in part_states(filing, explanation=explanation) if not one.is_there]


def said_parts(codes: Iterable[str]) -> Words:
    """Parts by name, in the language of whoever reads it."""
    parts = [PARTS[code] for code in codes if code in PARTS]
    return Words("、".join(one.zh for one in parts), ", ".join(one.en for one in parts))
