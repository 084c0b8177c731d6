"""The `anlan` command. Every error is one sentence with the next step and exit code 2."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from anlan.kernel.refusals import Refusal

#: Verb → (module under anlan.project.commands, one line of help). Modules are imported when used, so start-up stays short.
VERBS: dict[str, tuple[str, str]] = {
    "init": ("init", "set up the data folder for a county by its six-digit code"),
    "import": (
        "importing",
        "import a workbook (places, contacts, stations, links, zones, households), boundaries or rivers",
    ),
    "account": ("account", "make, list, reset, close and reopen the accounts of people"),
    "source": ("source", "make, list, renew and revoke the tokens of those who post readings over HTTP"),
    "serve": ("serve", "run web, gateway and worker"),
    "demo": ("demo", "build the demo county and play a storm on it"),
    "drill": ("drill", "run a scenario on a clock of its own and check what came of it"),
    "exercise": ("exercise", "give this data folder a clock of its own, to rehearse with recorded data"),
    "decode": ("decode", "decode messages of a station protocol"),
    "cap": ("cap", "check or show CAP messages, feeds, envelopes and national warning JSON"),
    "verify": ("verify", "check the journal's chain and fold it back into the present state"),
    "casefile": (
        "casefile",
        "make the case file of an incident: one archive that is read without the program",
    ),
    "bench": ("bench", "measure the budgets beside their limits"),
    "doctor": ("doctor", "say what is missing or unhealthy on this machine"),
    "manage": ("manage", "run a maintenance command of the web framework"),
}


def parser() -> argparse.ArgumentParser:
    """The whole command line, without importing anything heavy."""
    top = argparse.ArgumentParser(prog="anlan", description="Anlan 安澜: a county's emergency platform")
    top.add_argument(
        "verb", choices=VERBS, metavar="VERB", help="; ".join(f"{v}: {t[1]}" for v, t in VERBS.items())
    )
    top.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return top


def use_django() -> None:
    """Load settings and apps; commands that need neither skip it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anlan.project.settings")
    import django

    django.setup()


def main(arguments: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in {"-h", "--help"}:
        print(usage())
        return 0 if given else 2
    verb = given[0]
    if verb not in VERBS:
        return fail(f"There is no command “{verb}”. Run `anlan --help` for the list.")
    module = importlib.import_module(f"anlan.project.commands.{VERBS[verb][0]}")
    run: Callable[[list[str]], int] = module.run
    try:
        return run(given[1:])
    except Refusal as refusal:
        return fail(str(refusal))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except OSError as error:
        return fail(
            f"{error.strerror or error}: {error.filename or ''}. Check the path, the disk and the ports."
        )


def usage() -> str:
    lines = ["anlan VERB [options]   (anlan VERB --help tells the options)", ""]
    lines += [f"  {verb:<9} {help_line}" for verb, (_, help_line) in VERBS.items()]
    return "\n".join(lines)


def fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


if __name__ == "__main__":
    raise SystemExit(main())
