"""Rows of sensing, one module for each thing."""

from anlan.sensing.models.arrivals import ArrivalDay
from anlan.sensing.models.cameras import Camera, CameraState
from anlan.sensing.models.fire import FireDevice
from anlan.sensing.models.history import HistorySegment, SegmentState
from anlan.sensing.models.rules import RuleDefinition, RuleState, RuleWork
from anlan.sensing.models.stations import (
    BindingState,
    Crossing,
    IngestSource,
    Station,
    StationLink,
    StationState,
)

__all__ = [
    "ArrivalDay",
    "BindingState",
    "Camera",
    "CameraState",
    "Crossing",
    "FireDevice",
    "HistorySegment",
    "IngestSource",
    "RuleDefinition",
    "RuleState",
    "RuleWork",
    "SegmentState",
    "Station",
    "StationLink",
    "StationState",
]
