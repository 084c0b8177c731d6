"""`./dev bundle`: one file that installs Anlan on a network without internet.

It holds the wheel, every package it needs for each supported Python, pip to install them, and `install.sh`. The pure
parts (names, sums, requirements, licences) are functions over a folder; what fetches is at the end.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import platform
import re
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from devkit.assets import DIVISIONS
from devkit.base import (
    DEV,
    REQUIREMENTS,
    ROOT,
    SetupFailed,
    digest_of,
    is_stamped,
    run_step,
    say,
    write_stamp,
)
from devkit.bootstrap import ensure_uv
from devkit.index import certificate_file, configured_index, uv_environment
from devkit.licences import licences_text
from devkit.wheel import build_wheel

PIP_LOCK = REQUIREMENTS / "pip.lock"
BUNDLE_LOCK = REQUIREMENTS / "bundle.lock"
PIP_HOME = DEV / "pip-tool"
OFFLINE = Path(__file__).resolve().parent / "offline"
MACHINES = ("x86_64", "aarch64")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
#: The oldest glibc among the server systems of the trade: openEuler 20.03, Kylin V10, UOS 20, RHEL 8 and Debian 10.
GLIBC = "2.28"
#: Wheels for older glibc run there too; pip wants each name spelt out.
OLDER_PLATFORMS = (
    *(f"manylinux_2_{minor}" for minor in range(28, 16, -1)),
    "manylinux2014",
    "manylinux2010",
    "manylinux1",
)
SUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Target:
    """The machines that a bundle is for."""

    machine: str
    pythons: tuple[str, ...]

    def bundle_name(self, version: str) -> str:
        pythons = "-py" + "-".join(python.replace(".", "") for python in self.pythons)
        return f"anlan-{version}-linux-{self.machine}{'' if self.pythons == PYTHONS else pythons}"

    def pip_options(self, python: str) -> list[str]:
        options = [
            "--implementation",
            "cp",
            "--python-version",
            python,
            "--abi",
            f"cp{python.replace('.', '')}",
        ]
        for name in OLDER_PLATFORMS:
            options += ["--platform", f"{name}_{self.machine}"]
        return options


def run_bundle(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./dev bundle", description="Make one file that installs Anlan offline."
    )
    parser.add_argument("--out", type=Path, help="file to write (dist/anlan-VERSION-linux-MACHINE.tar.gz)")
    parser.add_argument(
        "--machine", choices=MACHINES, default=this_machine(), help="processor of the target (this one's)"
    )
    parser.add_argument(
        "--python", choices=PYTHONS, action="append", help="Python of the target; may repeat (all)"
    )
    options = parser.parse_args(arguments)
    target = Target(options.machine, tuple(sorted(set(options.python or PYTHONS), key=PYTHONS.index)))
    with tempfile.TemporaryDirectory(prefix="anlan-bundle-") as scratch:
        wheels = Path(scratch) / "wheels"
        wheel = build_wheel(wheels)
        fetch_wheels(target, wheels)
        version = parts_of(wheel)[1]
        folder = Path(scratch) / target.bundle_name(version)
        fill(folder, wheels=wheels, target=target, version=version)
        out = options.out or ROOT / "dist" / f"{folder.name}.tar.gz"
        pack(folder, out.resolve())
    print(f"{out}  {out.stat().st_size / 1e6:.0f} MB")
    return 0


def this_machine() -> str:
    name = platform.machine().lower()
    return "aarch64" if name in ("aarch64", "arm64") else "x86_64"


def parts_of(wheel: Path) -> tuple[str, str]:
    """Project, normalised, and version from the name of a wheel."""
    project, version, *_tags = wheel.name.split("-")
    return re.sub(r"[-_.]+", "-", project).lower(), version


def sha256_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def requirements_text(wheels: Iterable[Path]) -> str:
    """One pinned line a project with the hash of each of its wheels; two versions of one project are a mistake."""
    found: dict[str, dict[str, list[str]]] = {}
    for wheel in sorted(wheels):
        project, version = parts_of(wheel)
        found.setdefault(project, {}).setdefault(version, []).append(sha256_of(wheel))
    lines = []
    for project, versions in sorted(found.items()):
        if len(versions) != 1:
            raise SetupFailed(
                f"There are two versions of {project}: {', '.join(versions)}; run `./dev lock` and try again."
            )
        ((version, hashes),) = versions.items()
        lines.append(
            " ".join([f"{project}=={version}", *(f"--hash=sha256:{digest}" for digest in sorted(hashes))])
        )
    return "\n".join(lines) + "\n"


def sums_text(folder: Path) -> str:
    """What `sha256sum --check` reads, for every file in the folder but the list itself."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / SUMS)
    return "".join(f"{sha256_of(path)}  {path.relative_to(folder).as_posix()}\n" for path in files)


def fill(folder: Path, *, wheels: Path, target: Target, version: str) -> None:
    """Everything that goes into the bundle, the list of sums last."""
    folder.mkdir()
    shutil.copytree(OFFLINE, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(
        wheels, folder / "wheels", ignore=lambda _folder, names: [n for n in names if not n.endswith(".whl")]
    )
    held = sorted((folder / "wheels").iterdir())
    # pip installs and is not itself installed.
    requirements = requirements_text(wheel for wheel in held if parts_of(wheel)[0] != "pip")
    (folder / "requirements.txt").write_text(requirements)
    identity = hashlib.sha256(requirements.encode()).hexdigest()[:8]
    about = {"version": version, "id": identity, "machine": target.machine, "glibc": GLIBC}
    about["pythons"] = " ".join(target.pythons)
    (folder / "bundle.json").write_text(json.dumps(about, indent=1) + "\n")
    (folder / "LICENCES.txt").write_text(licences_text(held, [ROOT, DIVISIONS]), encoding="utf-8")
    shutil.copy(ROOT / "LICENSE", folder / "LICENSE")
    shutil.copy(ROOT / "docs" / "offline-install.md", folder / "README.md")
    (folder / SUMS).write_text(sums_text(folder))


def pack(folder: Path, out: Path) -> None:
    """The folder as one archive, the same bytes for the same contents, whole or not at all; its sum beside it."""
    say(f"packing {out.name}")
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f"{out.name}.part")

    def anonymous(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        member.mode = 0o755 if member.isdir() or member.name.endswith(("install.sh", "install.py")) else 0o644
        return member

    # Wheels are compressed already; more effort makes the file no smaller.
    with (
        part.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=1, mtime=0) as squeezed,
        tarfile.open(fileobj=squeezed, mode="w") as archive,
    ):
        for path in [folder, *sorted(folder.rglob("*"))]:
            archive.add(
                path, arcname=path.relative_to(folder.parent).as_posix(), recursive=False, filter=anonymous
            )
    part.replace(out)
    out.with_name(f"{out.name}.sha256").write_text(f"{sha256_of(out)}  {out.name}\n")


def ensure_pip() -> Path:
    """The folder of pip, which can fetch wheels for other machines than this one; uv cannot."""
    stamp, digest = PIP_HOME / "stamp", digest_of([PIP_LOCK])
    if not is_stamped(stamp, digest):
        shutil.rmtree(PIP_HOME, ignore_errors=True)
        run_step(
            [
                ensure_uv(),
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--target",
                PIP_HOME,
                "-r",
                PIP_LOCK,
            ],
            env=uv_environment(),
            failure="Could not fetch pip; check the network, or PIP_INDEX_URL if you use a mirror, and run again.",
        )
        write_stamp(stamp, digest)
    return PIP_HOME


def fetch_wheels(target: Target, folder: Path) -> None:
    """Every package of the bundle for every Python of the target, checked against the lock's hashes."""
    pip = ensure_pip()
    env = dict(os.environ) | {"PYTHONPATH": str(pip)}
    if index := configured_index():
        env.setdefault("PIP_INDEX_URL", index)
    if certificates := certificate_file():
        env.setdefault("PIP_CERT", certificates)
    for python in target.pythons:
        say(f"fetching the packages for Python {python} on {target.machine}")
        command = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        command += [
            "--only-binary",
            ":all:",
            "--require-hashes",
            "--dest",
            str(folder),
            *target.pip_options(python),
        ]
        run_step(
            [*command, "-r", BUNDLE_LOCK, "-r", PIP_LOCK],
            env=env,
            failure=f"Could not fetch the packages for Python {python} on {target.machine}; see the lines above.",
        )
