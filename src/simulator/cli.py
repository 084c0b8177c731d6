"""``python -m simulator county|storm|oracle|phones``."""

import argparse
import sys
from pathlib import Path

from simulator.world import WorldError


def _county(arguments: argparse.Namespace) -> int:
    from simulator.county.build import build_county
    from simulator.county.workbooks import write_county

    for path in write_county(build_county(arguments.seed), arguments.out):
        print(path)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description="The outside world of a fictional county.")
    commands = parser.add_subparsers(dest="command", required=True)
    county = commands.add_parser("county", help="write the fictional county 云岭县 as workbooks and GeoJSON")
    county.add_argument("--seed", type=int, default=1)
    county.add_argument("--out", type=Path, required=True, metavar="DIR")
    county.set_defaults(run=_county)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; a refusal is one sentence on standard error and exit code 2."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except (WorldError, OSError, ValueError) as error:
        print(f"simulator {arguments.command}: {error}", file=sys.stderr)
        return 2
