"""Writes of sensing: stations, their villages, sources, and the facts that the gateway's signals become."""

from anlan.sensing.services.signals import take_signals
from anlan.sensing.services.sources import create_source, renew_source_token, revoke_source
from anlan.sensing.services.stations import (
    change_station,
    link_station,
    register_station,
    retire_station,
    unlink_station,
)

__all__ = [
    "change_station",
    "create_source",
    "link_station",
    "register_station",
    "renew_source_token",
    "retire_station",
    "revoke_source",
    "take_signals",
    "unlink_station",
]
