"""The virtual environment and the locked sets of packages in it."""

from __future__ import annotations

import enum
import subprocess
import sys
from pathlib import Path

from devkit.base import (
    REQUIREMENTS,
    ROOT,
    VENV,
    digest_of,
    is_stamped,
    run_step,
    say,
    venv_program,
    write_stamp,
)
from devkit.bootstrap import ensure_uv
from devkit.index import uv_environment

PYPROJECT = ROOT / "pyproject.toml"
BUILD_LOCK = REQUIREMENTS / "build.lock"
#: Locks in the order in which they are made: each later one agrees with the earlier ones.
LOCK_OPTIONS = ("--universal", "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url")
OLDEST_PYTHON = "3.11"


class PackageSet(enum.Enum):
    """What a verb needs; the development set contains the run set in the same versions."""

    RUN = "run"
    DEV = "dev"

    @property
    def lock(self) -> Path:
        return REQUIREMENTS / f"{self.value}.lock"

    @property
    def stamp(self) -> Path:
        return VENV / f"anlan-{self.value}.stamp"

    def digest(self) -> str:
        return digest_of([self.lock, BUILD_LOCK, PYPROJECT], str(ROOT))


def ensure_packages(wanted: PackageSet) -> None:
    """Make `.venv` hold at least this set; the second call costs a few file reads."""
    if venv_works() and any(is_stamped(held.stamp, held.digest()) for held in {wanted, PackageSet.DEV}):
        return
    uv = ensure_uv()
    env = uv_environment() | {"VIRTUAL_ENV": str(VENV)}
    if not venv_works():
        say("making .venv")
        command: list[str | Path] = [
            uv,
            "venv",
            "--quiet",
            "--clear",
            "--prompt",
            "anlan",
            "--python",
            sys.executable,
            VENV,
        ]
        run_step(
            command, env=env, failure="Could not make the virtual environment in .venv; see the lines above."
        )
    say(f"installing the {wanted.value} packages")
    run_step(
        [uv, "pip", "install", "--quiet", "--require-hashes", "-r", wanted.lock],
        env=env,
        failure="Could not install the packages; check the network, or PIP_INDEX_URL if you use a mirror, and run again.",
    )
    run_step(
        [uv, "pip", "install", "--quiet", "--no-deps", "--build-constraints", BUILD_LOCK, "--editable", ROOT],
        env=env,
        failure="Could not install Anlan itself into .venv; see the lines above.",
    )
    write_stamp(wanted.stamp, wanted.digest())


def venv_works() -> bool:
    python = venv_program("python")
    if not python.exists():
        return False
    return (VENV / "pyvenv.cfg").is_file()


def compile_locks(arguments: list[str]) -> int:
    """Resolve anew and write the hashed locks; `--upgrade` moves to the newest versions."""
    uv = ensure_uv()

    def compile_lock(lock: str, *sources: str) -> None:
        command = [
            str(uv),
            "pip",
            "compile",
            "--quiet",
            *LOCK_OPTIONS,
            "--python-version",
            OLDEST_PYTHON,
            *arguments,
        ]
        command += [*sources, "--output-file", f"requirements/{lock}.lock"]
        subprocess.run(command, cwd=ROOT, env=uv_environment(), check=True)

    for name in ("bootstrap", "build", "node", "pip"):
        compile_lock(name, f"requirements/{name}.in")
    compile_lock("dev", "pyproject.toml", "--group", "dev")
    as_tested = ("--constraints", "requirements/dev.lock")
    compile_lock("run", "pyproject.toml", *as_tested)
    compile_lock("bundle", "pyproject.toml", "--extra", "postgres", *as_tested)
    return 0
