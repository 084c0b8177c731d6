"""What entries of the journal are called in the situation report. The report is a Chinese paper; pages have their own words."""

from __future__ import annotations

from anlan.command.journal_kinds import JOURNAL_KINDS as COMMAND
from anlan.datacalls.journal_kinds import JOURNAL_KINDS as DATA_CALLS
from anlan.dispatch.journal_kinds import JOURNAL_KINDS as DISPATCH
from anlan.dissemination.journal_kinds import JOURNAL_KINDS as DISSEMINATION
from anlan.duty.journal_kinds import JOURNAL_KINDS as DUTY
from anlan.incidents.journal_kinds import JOURNAL_KINDS as INCIDENTS
from anlan.intake.journal_kinds import JOURNAL_KINDS as INTAKE
from anlan.losses.journal_kinds import JOURNAL_KINDS as LOSSES
from anlan.reporting.journal_kinds import JOURNAL_KINDS as REPORTING
from anlan.response.journal_kinds import JOURNAL_KINDS as RESPONSE
from anlan.warning.journal_kinds import JOURNAL_KINDS as WARNING

_KINDS = {
    kind: zh
    for kinds in (
        DISSEMINATION, DUTY, WARNING, INCIDENTS, INTAKE, REPORTING, LOSSES, DATA_CALLS, DISPATCH, RESPONSE, COMMAND,
    )
    for kind, (zh, _en) in kinds.items()
}  # fmt: skip


def kind_zh(kind: str) -> str:
    """The kind in Chinese; "" for one that nobody named, which a report leaves out."""
    return _KINDS.get(kind, "")
