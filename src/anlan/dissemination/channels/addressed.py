"""Channels whose address is the name of a route: one robot, one partner, one platform. No other route may take the message."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from anlan.dissemination.channels import (
    Asked,
    ChannelRefused,
    ChannelUncertain,
    Handed,
    Manifest,
    Message,
    Trace,
)
from anlan.dissemination.channels.routing import Closing, Listening, Route, open_routed

if TYPE_CHECKING:
    import httpx


class AddressedChannel:
    """`indoors` names where a message "goes" whose address is no route: our own page, a list of tasks, a printed sheet.

    Without it an address that is no route is refused: nobody else's group may read it.
    """

    def __init__(self, manifest: Manifest, routes: Mapping[str, Route], *, indoors: str = "") -> None:
        self.manifest = manifest
        self.routes = dict(routes)
        self._indoors = indoors

    def send(self, message: Message) -> Handed:
        route = self.routes.get(message.address)
        if route is None:
            if self._indoors:
                return Handed(message.occasion.number or message.send_key, time.time(), route=self._indoors)
            raise ChannelRefused("no_such_route")
        try:
            return replace(route.send(message), route=message.address)
        except ChannelUncertain as error:
            raise ChannelUncertain(str(error), route=message.address) from error

    def ask(self, send_key: str, *, route: str = "") -> Asked:
        known = self.routes.get(route)
        return known.ask(send_key) if known is not None else Asked(Trace.CANNOT_TELL)

    def listening(self) -> dict[str, Listening]:
        return {name: route for name, route in self.routes.items() if isinstance(route, Listening)}

    def close(self) -> None:
        for route in self.routes.values():
            if isinstance(route, Closing):
                route.close()


def open_addressed(manifest: Manifest, http: httpx.Client, *, indoors: str = "") -> AddressedChannel:
    """Over the entries of `routes.json` for this channel; a kind that cannot carry it stops the start."""
    return AddressedChannel(manifest, open_routed(manifest, http).routes, indoors=indoors)
