"""Reading sensing. What a person sees is narrowed to the jurisdiction; stations that speak for its villages count in."""

from anlan.sensing.boards.arrival import arrival_lines, count_arrivals, station_arrivals
from anlan.sensing.boards.connection import connection_matrix, mandatory_lines
from anlan.sensing.boards.coverage import blind_spots, density, unseen, view_of
from anlan.sensing.queries.chart import ChartData, chart
from anlan.sensing.queries.crossings import crossing, station
from anlan.sensing.queries.detail import station_page
from anlan.sensing.queries.links import linked_villages, villages_of_binding
from anlan.sensing.queries.overview import digest_of, hot_reader, latest_for, station_line, stations_for
from anlan.sensing.rivers import downstream_of
from anlan.sensing.rules.book import hazard_of, mandatory_fields, rule_pack, rules_at, rules_now

__all__ = [
    "ChartData",
    "arrival_lines",
    "blind_spots",
    "chart",
    "connection_matrix",
    "count_arrivals",
    "crossing",
    "density",
    "digest_of",
    "downstream_of",
    "hazard_of",
    "hot_reader",
    "latest_for",
    "linked_villages",
    "mandatory_fields",
    "mandatory_lines",
    "rule_pack",
    "rules_at",
    "rules_now",
    "station",
    "station_arrivals",
    "station_line",
    "station_page",
    "stations_for",
    "unseen",
    "view_of",
    "villages_of_binding",
]
