"""Rows of sensing, one module for each thing."""

from anlan.sensing.models.arrivals import ArrivalDay
from anlan.sensing.models.cameras import Camera, CameraState
from anlan.sensing.models.commands import ON_THE_WAY, StationCommand
from anlan.sensing.models.connectors import Connector, Receiver
from anlan.sensing.models.enterprise import OPEN_ALARM, EnterpriseAlarm
from anlan.sensing.models.fire import FireDevice
from anlan.sensing.models.forecasts import ForecastIssue
from anlan.sensing.models.happenings import StationHappening
from anlan.sensing.models.history import HistorySegment, SegmentState
from anlan.sensing.models.manual import ManualReading
from anlan.sensing.models.quality import Amendment, MaintenanceWindow
from anlan.sensing.models.readtokens import ReadToken
from anlan.sensing.models.rivers import RiverReach
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
    "ON_THE_WAY",
    "OPEN_ALARM",
    "Amendment",
    "ArrivalDay",
    "BindingState",
    "Camera",
    "CameraState",
    "Connector",
    "Crossing",
    "EnterpriseAlarm",
    "FireDevice",
    "ForecastIssue",
    "HistorySegment",
    "IngestSource",
    "MaintenanceWindow",
    "ManualReading",
    "ReadToken",
    "Receiver",
    "RiverReach",
    "RuleDefinition",
    "RuleState",
    "RuleWork",
    "SegmentState",
    "Station",
    "StationCommand",
    "StationHappening",
    "StationLink",
    "StationState",
]
