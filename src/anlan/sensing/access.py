"""The door to stations: those that stand in the jurisdiction, and those that speak for one of its villages."""

from __future__ import annotations

import uuid

from django.db.models import Q, QuerySet

from anlan.accounts.access import require, require_somewhere, within
from anlan.kernel.actor import Actor
from anlan.kernel.refusals import NotAllowed, NotFound
from anlan.sensing import rights
from anlan.sensing.models import (
    Camera,
    Connector,
    Crossing,
    EnterpriseAlarm,
    ForecastIssue,
    IngestSource,
    ReadToken,
    Receiver,
    RuleDefinition,
    Station,
    StationCommand,
    StationLink,
)
from anlan.vocab.posts import Right


def visible_stations(actor: Actor) -> QuerySet[Station]:
    """Stations in use that the actor may see, in order of code, each with its division."""
    return (
        Station.objects.filter(_seen_by(actor), is_active=True)
        .select_related("division")
        .defer("division__geometry")
    )


def access_station(actor: Actor, code: str, *, need: Right = rights.SEE_STATIONS) -> Station:
    """One station by its code, also one that was taken down: unseen it does not exist, without the right it is refused."""
    station = Station.objects.filter(_seen_by(actor), code=code).select_related("division").first()
    if station is None:
        raise NotFound
    if need is not rights.SEE_STATIONS:
        require(actor, need, station.division.path)
    return station


def access_crossing(actor: Actor, crossing_id: uuid.UUID, *, need: Right = rights.SEE_STATIONS) -> Crossing:
    """One crossing of a station that the actor may see."""
    crossing = Crossing.objects.filter(pk=crossing_id).select_related("station__division").first()
    if crossing is None:
        raise NotFound
    access_station(actor, crossing.station.code, need=need)
    return crossing


def visible_cameras(actor: Actor) -> QuerySet[Camera]:
    """Cameras in use in the jurisdiction, in order of code, each with its division."""
    found = Camera.objects.filter(within(actor, "division__path"), is_active=True)
    return found.select_related("division").defer("division__geometry")


def access_camera(actor: Actor, code: str, *, need: Right = rights.SEE_STATIONS) -> Camera:
    """One camera by its id: unseen it does not exist, without the right it is refused."""
    camera = (
        Camera.objects.filter(within(actor, "division__path"), code=code).select_related("division").first()
    )
    if camera is None:
        raise NotFound
    if need is not rights.SEE_STATIONS:
        require(actor, need, camera.division.path)
    return camera


def access_command(
    actor: Actor, command_id: uuid.UUID, *, need: Right = rights.SEE_STATIONS
) -> StationCommand:
    """One command to a station that the actor may see."""
    rows = StationCommand.objects.filter(pk=command_id).select_related("station__division")
    found = rows.first()
    if found is None:
        raise NotFound
    access_station(actor, found.station.code, need=need)
    return found


def _seen_by(actor: Actor) -> Q:
    links = StationLink.objects.filter(within(actor, "division__path"), is_active=True)
    return within(actor, "division__path") | Q(pk__in=links.values("station_id"))


def visible_rules(actor: Actor) -> QuerySet[RuleDefinition]:
    """The county's rules that hold in the actor's divisions."""
    return RuleDefinition.objects.filter(within(actor, "division__path")).select_related(
        "division", "replaces"
    )


def access_rule(actor: Actor, rule_id: uuid.UUID, *, need: Right = rights.SEE_STATIONS) -> RuleDefinition:
    """One version of a rule."""
    row = visible_rules(actor).filter(pk=rule_id).first()
    if row is None:
        raise NotFound
    if need is not rights.SEE_STATIONS:
        require(actor, need, row.division.path)
    return row


def access_connector(actor: Actor, name: str) -> Connector:
    """Connectors belong to the node, not to a place: without the right to administer nobody learns which there are."""
    require_somewhere(actor, rights.MANAGE_STATIONS)
    row = Connector.objects.filter(name=name).first()
    if row is None:
        raise NotFound
    return row


def access_receiver(actor: Actor, name: str) -> Receiver:
    """The same for receivers."""
    require_somewhere(actor, rights.MANAGE_STATIONS)
    row = Receiver.objects.filter(name=name).first()
    if row is None:
        raise NotFound
    return row


def access_source(actor: Actor, source_id: uuid.UUID) -> IngestSource:
    """The same for those who post readings over HTTP."""
    require_somewhere(actor, rights.MANAGE_STATIONS)
    row = IngestSource.objects.filter(pk=source_id).first()
    if row is None:
        raise NotFound
    return row


def access_enterprise_alarm(
    actor: Actor, alarm_id: uuid.UUID, *, need: Right = rights.SEE_STATIONS
) -> EnterpriseAlarm:
    """One alarm of an enterprise: outside the jurisdiction it does not exist, without the right it is refused."""
    rows = EnterpriseAlarm.objects.filter(within(actor, "division__path"), pk=alarm_id)
    row = rows.select_related("station__division", "division").first()
    if row is None:
        raise NotFound
    if need is not rights.SEE_STATIONS:
        require(actor, need, row.division.path)
    return row


def recordable_stations(actor: Actor) -> QuerySet[Station]:
    """Stations for which the actor may enter what a person read: those that stand where the right holds or speak for a place there."""
    links = StationLink.objects.filter(
        within(actor, "division__path", rights.RECORD_READINGS), is_active=True
    ).values("station_id")
    may = within(actor, "division__path", rights.RECORD_READINGS) | Q(pk__in=links)
    return visible_stations(actor).filter(may)


def access_recordable(actor: Actor, code: str) -> Station:
    """One station that the actor may enter readings for."""
    station = access_station(actor, code)
    if not recordable_stations(actor).filter(pk=station.pk).exists():
        raise NotAllowed
    return station


def visible_forecasts(actor: Actor) -> QuerySet[ForecastIssue]:
    """Forecasts for stations that the actor may see, and for divisions of the jurisdiction."""
    seen = Station.objects.filter(_seen_by(actor)).values("pk")
    rows = ForecastIssue.objects.filter(within(actor, "division__path") | Q(station__in=seen))
    return rows.select_related("station__division", "division").defer("division__geometry")


def access_forecast(actor: Actor, forecast_id: uuid.UUID) -> ForecastIssue:
    row = visible_forecasts(actor).filter(pk=forecast_id).first()
    if row is None:
        raise NotFound
    return row


def access_read_token(actor: Actor, token_id: uuid.UUID) -> ReadToken:
    """One read token: outside what one sees it does not exist, without the right to administer there it is refused."""
    found = ReadToken.objects.filter(within(actor, "division__path"), pk=token_id).select_related("division")
    row = found.first()
    if row is None:
        raise NotFound
    require(actor, rights.MANAGE_STATIONS, row.division.path)
    return row
