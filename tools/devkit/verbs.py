"""The verbs of `./dev`."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from devkit.assets import ensure_divisions, ensure_divisions_list, ensure_islands, ensure_translations
from devkit.base import ROOT, SetupFailed, one_at_a_time, venv_environment, venv_program
from devkit.bundle import run_bundle
from devkit.checks import SETTINGS, run_checks
from devkit.pythons import PackageSet, compile_locks, ensure_packages
from devkit.suite import run_suite
from devkit.wheel import run_wheel

#: Commands of `anlan` that answer browsers and therefore need the islands.
SERVING = {"demo", "serve", "drill", "bench"}


@dataclass(frozen=True, slots=True)
class Verb:
    help: str
    run: Callable[[list[str]], int]


def run_verb(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    verb = VERBS.get(arguments[0])
    if verb is None:
        print(f"There is no verb {arguments[0]}.\n{usage()}", file=sys.stderr)
        return 2
    try:
        return verb.run(arguments[1:])
    except SetupFailed as failure:
        print(failure, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def usage() -> str:
    width = max(map(len, VERBS))
    return "\n".join(
        ["usage: ./dev VERB …", *(f"  {name:<{width}}  {verb.help}" for name, verb in VERBS.items())]
    )


def prepare(packages: PackageSet, *, islands: bool) -> None:
    """Python's half and the browser's half wait for the network side by side."""
    with one_at_a_time(), ThreadPoolExecutor(max_workers=1) as aside:
        building = aside.submit(ensure_islands) if islands else None
        ensure_packages(packages)
        ensure_translations()
        if building:
            building.result()


def become(*command: str) -> int:
    """Hand this process over, so that signals and the exit code are the command's own."""
    sys.stdout.flush()
    os.execve(command[0], list(command), venv_environment())


def anlan(arguments: list[str]) -> int:
    prepare(PackageSet.RUN, islands=bool(SERVING.intersection(arguments[:1])))
    if is_init_from_the_national_list(arguments):
        with one_at_a_time():
            ensure_divisions_list()
    return become(str(venv_program("anlan")), *arguments)


def asks_for_help(arguments: list[str]) -> bool:
    return not {"-h", "--help"}.isdisjoint(arguments)


def is_init_from_the_national_list(arguments: list[str]) -> bool:
    own_list = any(argument.startswith("--divisions") for argument in arguments)
    return arguments[:1] == ["init"] and not own_list and not asks_for_help(arguments)


def demo(arguments: list[str]) -> int:
    return anlan(["demo", *arguments])


def bench(arguments: list[str]) -> int:
    return anlan(["bench", *arguments])


def test(arguments: list[str]) -> int:
    prepare(PackageSet.DEV, islands=True)
    with one_at_a_time():
        ensure_divisions()
    return run_suite(arguments)


def check(arguments: list[str]) -> int:
    prepare(PackageSet.DEV, islands=False)
    return run_checks(arguments)


def assets(arguments: list[str]) -> int:
    prepare(PackageSet.RUN, islands=True)
    with one_at_a_time():
        ensure_divisions_list()
    return 0


def wheel(arguments: list[str]) -> int:
    if not asks_for_help(arguments):
        assets([])
    return run_wheel(arguments)


def bundle(arguments: list[str]) -> int:
    if not asks_for_help(arguments):
        assets([])
    return run_bundle(arguments)


def shell(arguments: list[str]) -> int:
    prepare(PackageSet.RUN, islands=False)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    return become(str(venv_program("python")), "-m", "django", "shell", *arguments)


def messages(arguments: list[str]) -> int:
    prepare(PackageSet.DEV, islands=False)
    command = [str(venv_program("python")), "-m", "checks.translations", "--update", *arguments]
    env = venv_environment({"PYTHONPATH": str(ROOT / "tools")})
    return subprocess.run(command, env=env, cwd=ROOT, check=False).returncode


VERBS: dict[str, Verb] = {
    "demo": Verb("the fictional county with a storm running, in a browser", demo),
    "test": Verb(
        "all tests; --quick leaves browser and drills out, --postgres uses that database only", test
    ),
    "check": Verb("format, lint, words, imports, migrations, translations, scripts, types", check),
    "bench": Verb("measure the product, with the limit or peer beside each figure", bench),
    "anlan": Verb("run the installed command: ./dev anlan --help", anlan),
    "assets": Verb("make what git does not hold: islands, translations, the list of divisions", assets),
    "wheel": Verb("build the wheel with all of that in it; --out FOLDER (dist)", wheel),
    "bundle": Verb("one file that installs Anlan on a network without internet; --help tells more", bundle),
    "shell": Verb("a Python shell with the county's data", shell),
    "messages": Verb("bring the translation catalogues up to date with the sources", messages),
    "lock": Verb(
        "resolve the Python packages anew and write the hashed locks; --upgrade moves versions", compile_locks
    ),
}
