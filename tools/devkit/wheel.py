"""`./dev wheel`: the wheel, with everything in it that a user needs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from devkit.base import ROOT, SetupFailed, run_step, say
from devkit.bootstrap import ensure_uv
from devkit.index import uv_environment
from devkit.pythons import BUILD_LOCK

#: Tells the build hook (tools/wheel_hook.py) that the generated files are up to date.
READY_VARIABLE = "ANLAN_ASSETS_READY"


def run_wheel(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev wheel", description="Build the wheel.")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="folder (dist)")
    print(build_wheel(parser.parse_args(arguments).out.resolve()))
    return 0


def build_wheel(folder: Path) -> Path:
    """The wheel, built into `folder`; whatever git ignores and the wheel carries has been made before."""
    say("building the wheel")
    folder.mkdir(parents=True, exist_ok=True)
    for older in folder.glob("anlan-*.whl"):
        older.unlink()
    command: list[str | Path] = [ensure_uv(), "build", "--quiet", "--wheel", "--python", sys.executable]
    run_step(
        [*command, "--build-constraints", BUILD_LOCK, "--require-hashes", "--out-dir", folder, ROOT],
        env=uv_environment() | {READY_VARIABLE: "1"},
        failure="The wheel does not build; see the lines above.",
    )
    built = list(folder.glob("anlan-*.whl"))
    if len(built) != 1:
        raise SetupFailed(
            f"Expected one wheel in {folder}, found {len(built)}; empty the folder and run again."
        )
    return built[0]
