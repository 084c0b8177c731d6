"""Paths, messages, stamps and child processes shared by the parts of `./dev`."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
#: Everything that `./dev` fetches for itself: uv, Node, stamps. Ignored by git, safe to delete.
DEV = ROOT / ".dev"
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"


class SetupFailed(Exception):
    """A step of the set-up cannot go on; the text is one sentence with the next step."""


def say(line: str) -> None:
    """Progress goes to standard error: standard output belongs to the command that was asked for."""
    print(f"dev: {line}", file=sys.stderr, flush=True)


def run_step(
    command: Sequence[str | Path], *, failure: str, env: Mapping[str, str] | None = None, cwd: Path = ROOT
) -> None:
    """Run one step of the set-up quietly; show its output only when it fails."""
    done = subprocess.run(
        [str(part) for part in command],
        env=dict(env) if env is not None else None,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        print(done.stdout[-4000:], file=sys.stderr)
        raise SetupFailed(failure)


def digest_of(paths: Iterable[Path], *extra: str) -> str:
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    for part in extra:
        total.update(part.encode() + b"\0")
    return total.hexdigest()


def is_stamped(stamp: Path, digest: str) -> bool:
    return stamp.is_file() and stamp.read_text() == digest


def write_stamp(stamp: Path, digest: str) -> None:
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest)


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two `./dev` started together set up one after the other."""
    DEV.mkdir(exist_ok=True)
    with (DEV / "lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def venv_program(name: str) -> Path:
    return VENV / "bin" / name


def venv_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment with the checkout's virtual environment in front."""
    env = dict(os.environ)
    env["VIRTUAL_ENV"] = str(VENV)
    env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env.pop("PYTHONHOME", None)
    # Without any bytecode each of the product's processes compiles its packages anew, seconds at every start.
    # Who wants none beside the sources gets it out of sight.
    if env.pop("PYTHONDONTWRITEBYTECODE", ""):
        env.setdefault("PYTHONPYCACHEPREFIX", str(DEV / "bytecode"))
    env.update(extra or {})
    return env
