"""`anlan source add NAME`: a token for somebody who posts readings over HTTP. It is shown once."""

from __future__ import annotations

import argparse

from anlan.project.cli import use_django


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="anlan source", description="Make a token for a source of readings."
    )
    parser.add_argument("action", choices=["add"])
    parser.add_argument("name")
    parser.add_argument(
        "--station", action="append", help="a station it may speak for (repeatable); default all"
    )
    options = parser.parse_args(arguments)
    use_django()
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.sensing.services import create_source

    at = clocks.now(clocks.default_exercise_id())
    token = create_source(options.name, stations=options.station or ["*"], by=system("cli"), at=at)
    print(token)
    return 0
