"""Call-outs, their seats, each attempt to reach somebody, and what came back.

Sent, delivered, read, answered, acting and done are different facts; lost contact is a seventh state of its own.
"""

from anlan.dissemination.models.answers import Acknowledgement, InboundEvent
from anlan.dissemination.models.callouts import Callout, CalloutSeat, CalloutState, SeatState
from anlan.dissemination.models.deliveries import Delivery, DeliveryPurpose, DeliveryState
from anlan.dissemination.models.outlets import HandReceipt, Outlet

__all__ = [
    "Acknowledgement",
    "Callout",
    "CalloutSeat",
    "CalloutState",
    "Delivery",
    "DeliveryPurpose",
    "DeliveryState",
    "HandReceipt",
    "InboundEvent",
    "Outlet",
    "SeatState",
]
