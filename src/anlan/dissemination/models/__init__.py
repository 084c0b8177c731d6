"""Call-outs, their seats, each attempt to reach somebody, and what came back.

Sent, delivered, read, answered, acting and done are different facts; lost contact is a seventh state of its own.
"""

from anlan.dissemination.models.android import AndroidDevice, AndroidMessage, AndroidMessageState
from anlan.dissemination.models.answers import Acknowledgement, InboundEvent
from anlan.dissemination.models.broadcasts import Broadcast, NumberRun, OutletSign
from anlan.dissemination.models.callouts import Callout, CalloutSeat, CalloutState, SeatState
from anlan.dissemination.models.contact_tests import (
    ContactTest,
    ContactTestItem,
    ContactTestItemState,
    ContactTestState,
)
from anlan.dissemination.models.deliveries import Delivery, DeliveryPurpose, DeliveryState, RouteDoubt
from anlan.dissemination.models.filings import FilingStatus, SmsSignature, SmsTemplate
from anlan.dissemination.models.ladders import LadderAssignment, LadderVersion, SeatingBatch
from anlan.dissemination.models.outlets import HandReceipt, Outlet
from anlan.dissemination.models.tasks import CalloutTask, TaskKind, TaskState

__all__ = [
    "Acknowledgement",
    "AndroidDevice",
    "AndroidMessage",
    "AndroidMessageState",
    "Broadcast",
    "Callout",
    "CalloutSeat",
    "CalloutState",
    "CalloutTask",
    "ContactTest",
    "ContactTestItem",
    "ContactTestItemState",
    "ContactTestState",
    "Delivery",
    "DeliveryPurpose",
    "DeliveryState",
    "FilingStatus",
    "HandReceipt",
    "InboundEvent",
    "LadderAssignment",
    "LadderVersion",
    "NumberRun",
    "Outlet",
    "OutletSign",
    "RouteDoubt",
    "SeatState",
    "SeatingBatch",
    "SmsSignature",
    "SmsTemplate",
    "TaskKind",
    "TaskState",
]
