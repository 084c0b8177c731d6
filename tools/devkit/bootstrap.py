"""Getting uv, the one installer that everything else goes through.

Ways, in order: an earlier copy in `.dev/`; pip of this interpreter; pip in a throw-away environment made by
ensurepip; another pip on the path; a uv already on the path; the configured package index read directly.
All but the ready-made uv are checked against the hashes in `requirements/bootstrap.lock`.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from devkit import wheelhouse
from devkit.base import DEV, REQUIREMENTS, SetupFailed, digest_of, is_stamped, say, write_stamp
from devkit.index import certificate_file, configured_index, uv_environment

LOCK = REQUIREMENTS / "bootstrap.lock"
UV_HOME = DEV / "uv"
UV = UV_HOME / "bin" / "uv"
#: The Python and the browser packages are set up side by side, and either may be first to want uv.
FETCHING = threading.Lock()
NO_WAY = (
    "Could not get the installer uv: this Python has neither pip nor ensurepip and no package index is configured. "
    "Set PIP_INDEX_URL to the address of a package index, or install pip for this Python, and run again."
)


def ensure_uv() -> Path:
    """The uv program, fetched on first use."""
    with FETCHING:
        return find_or_fetch_uv()


def find_or_fetch_uv() -> Path:
    digest = digest_of([LOCK])
    stamp = UV_HOME / "stamp"
    if UV.is_file() and is_stamped(stamp, digest):
        return UV
    say("getting uv")
    shutil.rmtree(UV_HOME, ignore_errors=True)
    for pip in pips():
        if install_with(pip):
            write_stamp(stamp, digest)
            return UV
    on_path = shutil.which("uv")
    if on_path:
        return Path(on_path)
    index = configured_index()
    if index is None:
        raise SetupFailed(NO_WAY)
    wheelhouse.unpack_locked_wheel(
        "uv", lock=LOCK, index=index, certificates=certificate_file(), target=UV_HOME
    )
    write_stamp(stamp, digest)
    return UV


def pips() -> Iterator[list[str]]:
    """Commands that run some pip, best first."""
    ways: tuple[Callable[[], list[str] | None], ...] = (own_pip, pip_from_ensurepip, pip_on_path)
    for way in ways:
        command = way()
        if command:
            yield command


def own_pip() -> list[str] | None:
    return [sys.executable, "-m", "pip"] if importlib.util.find_spec("pip") else None


def pip_from_ensurepip() -> list[str] | None:
    """pip in an environment of its own; some systems ship Python without the module that makes it."""
    if importlib.util.find_spec("ensurepip") is None:
        return None
    home = DEV / "pip"
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(home)], capture_output=True, check=False
    )
    return [str(home / "bin" / "python"), "-m", "pip"] if made.returncode == 0 else None


def pip_on_path() -> list[str] | None:
    for name in ("pip3", "pip"):
        program = shutil.which(name)
        if program:
            return [program]
    return None


def install_with(pip: list[str]) -> bool:
    options = ["install", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    command = [*pip, *options, "--target", str(UV_HOME), "-r", str(LOCK)]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", env=uv_environment(), check=False
    )
    if done.returncode != 0:
        say(f"{' '.join(pip)} could not fetch uv: {(done.stderr.strip().splitlines() or ['no message'])[-1]}")
        shutil.rmtree(UV_HOME, ignore_errors=True)
    return done.returncode == 0 and UV.is_file()
