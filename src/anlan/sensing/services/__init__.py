"""Writes of sensing: stations, their villages, sources, and the facts that the gateway's signals become."""

from anlan.sensing.services.cameras import change_camera, register_camera, take_catalogue
from anlan.sensing.services.commands import ask_command, release_command, withdraw_command
from anlan.sensing.services.rivers import load_network
from anlan.sensing.services.rules import (
    approve_rule,
    ask_retirement,
    draft_rule,
    prepare_rule,
    propose_rule,
    retire_rule,
    return_rule,
    submit_rule,
)
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
    "approve_rule",
    "ask_command",
    "ask_retirement",
    "change_camera",
    "change_station",
    "create_source",
    "draft_rule",
    "link_station",
    "load_network",
    "prepare_rule",
    "propose_rule",
    "register_camera",
    "register_station",
    "release_command",
    "renew_source_token",
    "retire_rule",
    "retire_station",
    "return_rule",
    "revoke_source",
    "submit_rule",
    "take_catalogue",
    "take_signals",
    "unlink_station",
    "withdraw_command",
]
