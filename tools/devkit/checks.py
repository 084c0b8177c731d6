"""`./dev check`: everything that can be known without running the product."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from devkit.base import ROOT, venv_environment, venv_program
from devkit.nodes import ensure_node_packages, find_node

SETTINGS = "anlan.project.settings"
FORMATTED = ("src", "tests", "tools", "conftest.py", "dev")


def run_checks(arguments: list[str]) -> int:
    """Run every check, or those named (`./dev check types imports`), and say which failed."""
    node = find_node()
    ensure_node_packages(node)
    python = str(venv_program("python"))
    formatted = [name for name in FORMATTED if (ROOT / name).exists()]
    checks: dict[str, list[str]] = {
        "format": [str(venv_program("ruff")), "format", "--check", "--quiet", *formatted],
        "lint": [str(venv_program("ruff")), "check", "--quiet", *formatted],
        "words": [python, "-m", "checks.words"],
        "imports": [str(venv_program("lint-imports")), "--no-cache"],
        "migrations": [python, "-m", "django", "makemigrations", "--check", "--dry-run"],
        "translations": [python, "-m", "checks.translations"],
        "scripts": [
            str(node.node),
            "node_modules/typescript/bin/tsc",
            "--noEmit",
            "-p",
            "frontend/tsconfig.json",
        ],
        "types": [python, "-m", "mypy"],
    }
    unknown = [name for name in arguments if name not in checks]
    if unknown:
        print(f"There is no check {unknown[0]}; the checks are: {', '.join(checks)}.")
        return 2
    with tempfile.TemporaryDirectory(prefix="anlan-check-") as data:
        env = venv_environment(
            {"DJANGO_SETTINGS_MODULE": SETTINGS, "ANLAN_DATA": data, "PYTHONPATH": str(ROOT / "tools")}
        )
        env.pop("ANLAN_DATABASE_URL", None)
        failed = [name for name in arguments or checks if not passes(name, checks[name], env, ROOT)]
    print(f"failed: {', '.join(failed)}" if failed else "all checks pass")
    return int(bool(failed))


def passes(name: str, command: list[str], env: dict[str, str], cwd: Path) -> bool:
    started = time.monotonic()
    done = subprocess.run(
        command, env=env, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    verdict = "ok" if done.returncode == 0 else "FAILED"
    print(f"{name:<13} {verdict}  {time.monotonic() - started:.1f} s", flush=True)
    if done.returncode != 0:
        print(done.stdout, flush=True)
    return done.returncode == 0
