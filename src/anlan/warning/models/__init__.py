"""The rows of the warning floor, one module an area."""

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
from anlan.warning.models.warnings import (
    HazardWarning,
    PreAuthorisation,
    WarningKind,
    WarningState,
    WarningVillage,
)

__all__ = [
    "BackReport",
    "BackWay",
    "FeedSource",
    "HazardWarning",
    "IncomingMessage",
    "IncomingSource",
    "IncomingState",
    "IncomingWarning",
    "PreAuthorisation",
    "WarningKind",
    "WarningSender",
    "WarningState",
    "WarningVillage",
]
