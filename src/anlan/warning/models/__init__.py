"""The rows of the warning floor, one module an area."""

from anlan.warning.models.areas import SavedArea
from anlan.warning.models.authority import IssuingRight
from anlan.warning.models.capping import CapMessage
from anlan.warning.models.followup import (
    MissedWarning,
    ReturnDecision,
    ReturnState,
    VerdictKind,
    WarningVerdict,
)
from anlan.warning.models.incoming import (
    BackReport,
    BackWay,
    FeedSource,
    IncomingMessage,
    IncomingSource,
    IncomingState,
    IncomingWarning,
    WarningSender,
)
from anlan.warning.models.notices import NoticeState, RectificationReport, RiskNotice
from anlan.warning.models.texts import ActionText, TextForm, TextState, WarningText
from anlan.warning.models.warnings import (
    HazardWarning,
    PreAuthorisation,
    WarningKind,
    WarningState,
    WarningVillage,
)

__all__ = [
    "ActionText",
    "BackReport",
    "BackWay",
    "CapMessage",
    "FeedSource",
    "HazardWarning",
    "IncomingMessage",
    "IncomingSource",
    "IncomingState",
    "IncomingWarning",
    "IssuingRight",
    "MissedWarning",
    "NoticeState",
    "PreAuthorisation",
    "RectificationReport",
    "ReturnDecision",
    "ReturnState",
    "RiskNotice",
    "SavedArea",
    "TextForm",
    "TextState",
    "VerdictKind",
    "WarningKind",
    "WarningSender",
    "WarningState",
    "WarningText",
    "WarningVerdict",
    "WarningVillage",
]
