"""Rows of sensing, one module for each thing."""

from anlan.sensing.models.stations import (
    BindingState,
    Crossing,
    IngestSource,
    Station,
    StationLink,
    StationState,
)

__all__ = ["BindingState", "Crossing", "IngestSource", "Station", "StationLink", "StationState"]
