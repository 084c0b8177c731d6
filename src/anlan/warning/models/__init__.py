"""The rows of the warning floor, one module an area."""

from anlan.warning.models.warnings import (
    HazardWarning,
    PreAuthorisation,
    WarningKind,
    WarningState,
    WarningVillage,
)

__all__ = [
    "HazardWarning",
    "PreAuthorisation",
    "WarningKind",
    "WarningState",
    "WarningVillage",
]
