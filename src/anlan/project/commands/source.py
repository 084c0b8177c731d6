"""`anlan source add|list|renew|revoke`: tokens of those who post readings over HTTP. A token is shown once."""

from __future__ import annotations

import argparse

from anlan.project.cli import use_django


def run(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    use_django()
    from anlan.journal import clocks
    from anlan.kernel.actor import system
    from anlan.project import sources

    by, at = system("cli"), clocks.now(clocks.default_exercise_id())
    if options.action == "list":
        print("\n".join(sources.lines()) or "Nobody posts readings over HTTP.")
    elif options.action == "renew":
        print(sources.renew(options.name, by=by, at=at))
    elif options.action == "revoke":
        sources.revoke(options.name, by=by, at=at)
        print(f"{options.name} may post nothing any more")
    else:
        print(sources.add(options.name, options.station or ["*"], by=by, at=at))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="anlan source", description="Sources of readings and their tokens.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a token, printed once")
    add.add_argument("name")
    add.add_argument(
        "--station", action="append", help="a station it may speak for (repeatable); default all"
    )
    actions.add_parser("list", help="show the sources and their stations")
    renew = actions.add_parser("renew", help="make a new token, printed once; the former one stops working")
    renew.add_argument("name")
    actions.add_parser("revoke", help="the source may post nothing any more").add_argument("name")
    return parser
