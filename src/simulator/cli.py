"""``python -m simulator county|storm|oracle|phones|night|smsc``."""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.world import WorldError, load_world

if TYPE_CHECKING:
    from simulator.storm.clock import SimClock
    from simulator.storm.play import Endpoint, Phones
    from simulator.storm.script import Script

Command = Callable[[argparse.Namespace], int]


class UsageError(Exception):
    """Options that do not fit together; the message says what to change."""


def _county(arguments: argparse.Namespace) -> int:
    from simulator.county.build import build_county
    from simulator.county.workbooks import write_county

    for path in write_county(build_county(arguments.seed), arguments.out):
        print(path)
    return 0


def _script(arguments: argparse.Namespace) -> "Script":
    from simulator.storm.script import write_script

    script = write_script(
        load_world(arguments.world),
        arguments.seed,
        arguments.clock_start,
        arguments.duration_min,
        arguments.preload_hours,
    )
    if not arguments.sensor_faults:
        return script
    from simulator.storm.sensors import inject

    return inject(script)


def _storm(arguments: argparse.Namespace) -> int:
    from simulator.storm.clock import AnyClock, FollowedClock, SimClock
    from simulator.storm.play import Stage, play

    if arguments.preload_hours and (arguments.http is None or not arguments.http_token):
        raise UsageError("the history needs --http HOST:PORT and --http-token; or pass --preload-hours 0")
    stage = Stage(
        gateway=arguments.gateway,
        ingest=arguments.http,
        ingest_token=arguments.http_token,
        phones=_phones_options(arguments) if arguments.phones is not None else None,
        report=arguments.report,
        stays=arguments.stay,
        played=None if arguments.follow is None else arguments.follow.with_suffix(".played"),
    )
    script = _script(arguments)

    async def run() -> None:
        clock: AnyClock
        if arguments.follow is not None:
            clock = FollowedClock(script.clock_start_s, arguments.follow)
        else:
            wall_start = arguments.wall_start if arguments.wall_start is not None else time.time()
            clock = SimClock(script.clock_start_s, wall_start, arguments.speed)
        await play(script, clock, stage)

    asyncio.run(run())
    return 0


def _oracle(arguments: argparse.Namespace) -> int:
    from simulator.oracle.expect import expect

    text = json.dumps(expect(_script(arguments)), ensure_ascii=False, indent=1) + "\n"
    if arguments.json is None:
        sys.stdout.write(text)
    else:
        arguments.json.write_text(text, encoding="utf-8")
    return 0


def _phones(arguments: argparse.Namespace) -> int:
    from simulator.phones.alone import run_alone
    from simulator.phones.shares import with_shares

    phones = _phones_options(arguments)
    world = load_world(arguments.world)
    if arguments.deaf_share or arguments.mute_share:
        world = with_shares(world, deaf=arguments.deaf_share, mute=arguments.mute_share, seed=arguments.seed)
    running = run_alone(
        world, phones, arguments.seed, arguments.report, clock=_clock(arguments), ledger=arguments.ledger
    )
    asyncio.run(running)
    return 0


def _mute(arguments: argparse.Namespace) -> int:
    from simulator.phones.shares import mute_villages

    found = mute_villages(load_world(arguments.world), mute=arguments.mute_share, seed=arguments.seed)
    print(json.dumps(found))
    return 0


def _night(arguments: argparse.Namespace) -> int:
    from simulator.night.play import Stage, play
    from simulator.night.script import villages, write_script

    calls = write_script(villages(arguments.places), arguments.seed)
    if arguments.tell:
        print(json.dumps([asdict(call) for call in calls], ensure_ascii=False))
        return 0
    if arguments.base is None or arguments.access is None:
        raise UsageError("a night needs --base and --access, or --tell")
    given = json.loads(arguments.access.read_text(encoding="utf-8"))
    accounts = {code: (name, password) for code, (name, password) in given["accounts"].items()}
    clock = _clock(arguments)
    if clock is None:
        raise UsageError("a night needs --clock-start")
    stage = Stage(arguments.base, given["tokens"], accounts, arguments.report)
    found = asyncio.run(play(calls, clock, stage))
    return 1 if found["failed"] else 0


def _clock(arguments: argparse.Namespace) -> "SimClock | None":
    """A faster clock where one is named."""
    from simulator.storm.clock import SimClock

    if arguments.clock_start is None:
        return None
    wall_start = arguments.wall_start if arguments.wall_start is not None else time.time()
    return SimClock(arguments.clock_start.timestamp(), wall_start, arguments.speed)


def _smsc(arguments: argparse.Namespace) -> int:
    from simulator.smsc.centre import Moods
    from simulator.smsc.serve import opener, run_alone

    moods = Moods(reply=arguments.reply)
    for mood in arguments.mood:
        name, _, value = mood.partition("=")
        if not hasattr(moods, name) or name == "reply":
            known = ", ".join(sorted(Moods.__slots__))
            raise UsageError(f"{name!r} is no mood; choose from {known}")
        setattr(moods, name, type(getattr(moods, name))(float(value or 1)))
    talk = opener(arguments.protocol, user=arguments.user, secret=arguments.secret, version=arguments.version)
    run_alone(talk, moods, arguments.port, arguments.report)
    return 0


def _phones_options(arguments: argparse.Namespace) -> "Phones":
    from simulator.storm.play import Phones

    missing = [name for name in ("phone_token", "callback", "callback_token") if not getattr(arguments, name)]
    if missing:
        options = ", ".join("--" + name.replace("_", "-") for name in missing)
        raise UsageError(f"the phones also need {options}")
    return Phones(
        listen=arguments.phones,
        token=arguments.phone_token,
        callback_url=arguments.callback,
        callback_token=arguments.callback_token,
        queryable=QUERIES["none" if arguments.no_query else arguments.query],
        drop_rate=arguments.phone_drop_rate,
        ledger=arguments.ledger,
    )


QUERIES = {"none": frozenset[str](), "sms": frozenset({"sms"}), "all": frozenset({"sms", "voice"})}


def _endpoint(text: str) -> "Endpoint":
    from simulator.storm.play import Endpoint

    host, _, port = text.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:6510")
    return Endpoint(host, int(port))


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a time such as 2026-07-01T00:00:00Z") from error
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} has no time zone; write 2026-07-01T00:00:00Z")
    return moment


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} must be above 0")
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} must lie between 0 and 1")
    return value


def _add_script_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--world", type=Path, required=True, help="the county's world.json")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock-start", type=_moment, required=True, metavar="ISO")
    parser.add_argument(
        "--duration-min", type=float, default=40.0, help="simulated minutes of the run (default 40)"
    )
    parser.add_argument(
        "--preload-hours", type=int, default=24, help="hours of history, 0 to 24 (default 24)"
    )

    parser.add_argument(
        "--sensor-faults", action="store_true", help="some sensors, clocks and memories are faulty"
    )


def _add_phone_options(parser: argparse.ArgumentParser, *, required: bool) -> None:
    parser.add_argument(
        "--phones", type=_endpoint, required=required, metavar="HOST:PORT", help="listen here"
    )
    parser.add_argument("--phone-token", default="", help="token the platform must present")
    parser.add_argument("--callback", default="", metavar="URL", help="where events are posted")
    parser.add_argument("--callback-token", default="")
    parser.add_argument(
        "--query", choices=sorted(QUERIES), default="sms", help="kinds whose state may be asked"
    )
    parser.add_argument("--no-query", action="store_true", help="same as --query none")
    parser.add_argument(
        "--phone-drop-rate",
        type=_share,
        default=0.0,
        help="share of accepted messages whose response is lost (default 0)",
    )
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the run's report here")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="simulator", description="The outside world of a fictional county.")
    commands = parser.add_subparsers(dest="command", required=True)
    county = _add(commands, "county", _county, "write the fictional county 云岭县 as workbooks and GeoJSON")
    county.add_argument("--seed", type=int, default=1)
    county.add_argument("--out", type=Path, required=True, metavar="DIR")
    storm = _add(
        commands, "storm", _storm, "play a day of history, a storm and the phones against a platform"
    )
    _add_script_options(storm)
    storm.add_argument(
        "--gateway", type=_endpoint, required=True, metavar="HOST:PORT", help="SL 651 over TCP"
    )
    storm.add_argument("--http", type=_endpoint, metavar="HOST:PORT", help="HTTP ingest for the history")
    storm.add_argument("--http-token", default="")
    storm.add_argument(
        "--wall-start", type=float, metavar="UNIX", help="wall time of the clock start (default now)"
    )
    storm.add_argument("--speed", type=_positive, default=60.0, help="simulated seconds in a wall second")
    storm.add_argument(
        "--stay", action="store_true", help="keep stations alive and phones open until SIGTERM"
    )
    storm.add_argument(
        "--follow", type=Path, metavar="FILE", help="stand still until this file steps the clock, to the end"
    )
    storm.add_argument("--ledger", type=Path, metavar="FILE", help="a line for each message, at once")
    _add_phone_options(storm, required=False)
    oracle = _add(
        commands, "oracle", _oracle, "say what a correct platform must conclude from the same script"
    )
    _add_script_options(oracle)
    oracle.add_argument("--json", type=Path, metavar="FILE", help="write here instead of standard output")
    phones = _add(
        commands, "phones", _phones, "only the SMS and voice provider, on the real clock, until SIGTERM"
    )
    phones.add_argument("--world", type=Path, required=True)
    phones.add_argument("--seed", type=int, default=1)
    _add_phone_options(phones, required=True)
    phones.add_argument("--clock-start", type=_moment, metavar="ISO", help="a clock of its own from here on")
    phones.add_argument("--wall-start", type=float, metavar="UNIX")
    phones.add_argument("--speed", type=_positive, default=1.0)
    phones.add_argument("--deaf-share", type=_share, default=0.0, help="share who answer no call")
    phones.add_argument("--mute-share", type=_share, default=0.0, help="share who answer nothing")
    phones.add_argument("--ledger", type=Path, metavar="FILE", help="a line for each message, at once")
    mute = _add(commands, "mute", _mute, "the villages that answer nothing under the same share and seed")
    mute.add_argument("--world", type=Path, required=True)
    mute.add_argument("--seed", type=int, default=1)
    mute.add_argument("--mute-share", type=_share, required=True)
    _add_night(commands)
    _add_smsc(commands)
    return parser


def _add_night(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    night = _add(commands, "night", _night, "120 calls in 40 minutes to the duty desk of a platform")
    night.add_argument("--places", type=Path, required=True, metavar="CSV", help="the county's divisions.csv")
    night.add_argument("--tell", action="store_true", help="only print the script")
    night.add_argument("--base", metavar="URL", help="the platform's pages")
    night.add_argument("--access", type=Path, metavar="JSON", help="tokens and accounts")
    night.add_argument("--seed", type=int, default=1)
    night.add_argument("--clock-start", type=_moment, metavar="ISO")
    night.add_argument("--wall-start", type=float, metavar="UNIX")
    night.add_argument("--speed", type=_positive, default=20.0)
    night.add_argument("--report", type=Path, metavar="FILE", help="what was sent and answered")


def _add_smsc(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    smsc = _add(commands, "smsc", _smsc, "a carrier's SMS gateway that speaks CMPP or SMPP, until SIGTERM")
    smsc.add_argument("--protocol", choices=("cmpp", "smpp"), required=True)
    smsc.add_argument("--version", choices=("2.0", "3.0"), default="2.0", help="of CMPP (default 2.0)")
    smsc.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one (default)")
    smsc.add_argument("--user", default="901234")
    smsc.add_argument("--secret", default="secret")
    smsc.add_argument("--reply", default="", help="what every phone answers")
    smsc.add_argument(
        "--mood",
        action="append",
        default=[],
        metavar="NAME[=NUMBER]",
        help="how it misbehaves; may be repeated",
    )
    smsc.add_argument("--report", type=Path, metavar="FILE", help="what was taken, written at the end")


def _add(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, run: Command, summary: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=summary, description=summary)
    parser.set_defaults(run=run)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; a refusal is one sentence on standard error and exit code 2."""
    arguments = _parser().parse_args(argv)
    command: Command = arguments.run
    try:
        return command(arguments)
    except (WorldError, UsageError, OSError, ValueError) as error:
        print(f"simulator {arguments.command}: {error}", file=sys.stderr)
        return 2
