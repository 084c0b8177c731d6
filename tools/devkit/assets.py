"""What is generated in a checkout: browser islands, compiled translations, the national list of divisions."""

from __future__ import annotations

import os

from devkit.base import ROOT, digest_of, is_stamped, run_step, say, venv_program, write_stamp
from devkit.nodes import ensure_node_packages, find_node

FRONTEND = ROOT / "frontend"
BUILT = ROOT / "src" / "anlan" / "console" / "static" / "console" / "built"
DIVISIONS = ROOT / "tools" / "divisions"
#: Names the folder of the national list of divisions for `anlan init`.
DIVISIONS_VARIABLE = "ANLAN_DIVISIONS_SOURCE"
DIVISIONS_LIST = ROOT / "src" / "anlan" / "places" / "data" / "divisions.zip"
CONVERTER = ROOT / "src" / "anlan" / "places" / "national.py"
CONVERT = "import pathlib, sys; from anlan.places import national; national.convert_folder(*map(pathlib.Path, sys.argv[1:]))"
LOCALE = ROOT / "src" / "anlan" / "locale"


def ensure_islands() -> None:
    """Build `frontend/` into the console's static files when a source or a package has changed."""
    sources = [path for path in FRONTEND.rglob("*") if path.is_file()]
    stamp = BUILT / "build.stamp"
    digest = digest_of([*sources, ROOT / "package-lock.json"])
    if is_stamped(stamp, digest):
        return
    node = find_node()
    ensure_node_packages(node)
    say("building the islands")
    run_step(
        [node.node, FRONTEND / "build.mjs", BUILT],
        env=node.environment(),
        failure="The islands in frontend/ do not build; see the lines above.",
    )
    write_stamp(stamp, digest)


def ensure_divisions() -> None:
    """Fetch the national list of divisions as its authors publish it, and name its folder to what runs next."""
    if DIVISIONS_VARIABLE in os.environ:
        return
    ensure_node_packages(find_node(), DIVISIONS)
    os.environ[DIVISIONS_VARIABLE] = str(DIVISIONS / "node_modules" / "china-division" / "dist")


def ensure_divisions_list() -> None:
    """Convert the national list into the file that the wheel carries and `anlan init CODE` reads."""
    stamp = DIVISIONS_LIST.with_name("build.stamp")
    digest = digest_of([DIVISIONS / "package-lock.json", CONVERTER])
    if DIVISIONS_LIST.is_file() and is_stamped(stamp, digest):
        return
    ensure_divisions()
    say("converting the national list of divisions")
    run_step(
        [venv_program("python"), "-c", CONVERT, os.environ[DIVISIONS_VARIABLE], DIVISIONS_LIST],
        failure="The national list of divisions does not convert; see the lines above.",
    )
    write_stamp(stamp, digest)


def ensure_translations() -> None:
    """Compile each catalogue that is newer than its compiled form."""
    for catalogue in LOCALE.glob("*/LC_MESSAGES/*.po"):
        compiled = catalogue.with_suffix(".mo")
        if compiled.is_file() and compiled.stat().st_mtime >= catalogue.stat().st_mtime:
            continue
        language = catalogue.parent.parent.name
        run_step(
            [venv_program("pybabel"), "compile", "-i", catalogue, "-o", compiled, "-l", language],
            failure=f"The {language} translations do not compile; see the lines above.",
        )
