"""Builds a small county in the data folder and database that the environment names; prints what a sender must know as JSON.

Run as a program: settings are read once a process. The one argument is the port of an MQTT broker.
"""

from __future__ import annotations

import json
import sys

from anlan.project.cli import use_django

RAIN, RIVER, POND = "00999A0001", "0099020001", "WKK01"


def main(broker: int) -> int:
    use_django()
    from django.db import transaction

    from anlan.drivers.jsonmap.examples import example
    from anlan.project.migrating import migrate
    from anlan.sensing import services
    from anlan.sensing.catalogue import write_catalogue
    from anlan.sensing.services.connectors import ConnectorDetails, create_connector
    from anlan.sensing.tests.world import BY, T0, build_world

    migrate()
    settings = {"host": "127.0.0.1", "port": broker, "tls": False, "topics": ["pond/+/up"]}
    with transaction.atomic():
        county = build_world()
        services.register_station(
            code=POND, name="柳河尾矿库", kind="tailings_pond", division=county.upper_willow,
            lon=99.01, lat=25.01, by=BY, at=T0,
        )  # fmt: skip
        details = ConnectorDetails("pond", "mqtt", json.dumps(settings), example("tailings_pond"))
        create_connector(details, by=BY, at=T0)
        token = services.create_source("water-bureau", by=BY, at=T0)
    write_catalogue()
    print(json.dumps({"token": token}))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(int(sys.argv[1])))
