#!/usr/bin/env python3
"""Installs Anlan from the folder of this file, with nothing but Python 3.11 or newer and no network.

Each wheel set gets a folder of its own below TARGET/versions and the launcher moves over last, so an interrupted
install leaves the former version in place and running it again is harmless. Data live elsewhere and are not touched.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from shlex import quote
from venv import EnvBuilder

HERE = Path(__file__).resolve().parent
SUMS = "SHA256SUMS"
COMPLETE = "anlan-complete"


class CannotInstall(Exception):
    """The text is one sentence with the next step, in Chinese and in English."""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="install", description="安装安澜，不需要网络 · Install Anlan without a network."
    )
    parser.add_argument("target", type=Path, help="安装到哪个目录，例如 /opt/anlan · folder to install into")
    options = parser.parse_args(arguments)
    os.umask(0o022)  # The person who installs is rarely the user who runs it.
    try:
        bundle = json.loads((HERE / "bundle.json").read_text(encoding="utf-8"))
        check_machine(bundle)
        check_files(HERE)
        launcher = install(bundle, options.target.expanduser().resolve())
    except CannotInstall as problem:
        print(problem, file=sys.stderr)
        return 2
    except OSError as error:
        print(
            f"{error.strerror}: {error.filename}. 请检查权限和磁盘。Check permissions and disk.",
            file=sys.stderr,
        )
        return 2
    print(f"安澜 Anlan {bundle['version']}: {launcher}")
    print(f"下一步 Next: {quote(str(launcher))} --help")
    return 0


def check_machine(bundle: dict[str, object]) -> None:
    pythons, machine = str(bundle["pythons"]).split(), str(bundle["machine"])
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    if here not in pythons or sys.implementation.name != "cpython":
        raise CannotInstall(
            f"本安装包适用于 CPython {'、'.join(pythons)}，当前是 {here}；请用 PYTHON=/路径/python 指明另一个。\n"
            f"This bundle is for CPython {', '.join(pythons)} and this is {here}; name another: PYTHON=/path/to/python"
        )
    libc, release = platform.libc_ver()
    found = tuple(int(part) for part in release.split(".")[:2] if part.isdigit())
    oldest = tuple(int(part) for part in str(bundle["glibc"]).split("."))
    if sys.platform != "linux" or platform.machine() != machine or libc != "glibc" or found < oldest:
        raise CannotInstall(
            f"本安装包适用于 Linux {machine}、glibc {bundle['glibc']} 或更新，当前是 {sys.platform} {platform.machine()} {libc} {release}。\n"
            f"This bundle is for Linux on {machine} with glibc {bundle['glibc']} or newer; "
            f"this is {sys.platform} {platform.machine()} {libc} {release}."
        )


def check_files(folder: Path) -> None:
    """Every file is there and is the one that was packed: sticks and burnt discs lose bits."""
    wrong = []
    for line in (folder / SUMS).read_text(encoding="utf-8").splitlines():
        digest, _, name = line.partition("  ")
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            wrong.append(name)
    if wrong:
        raise CannotInstall(
            f"文件缺失或损坏：{'、'.join(wrong)}。请重新复制安装包。\n"
            f"Missing or damaged: {', '.join(wrong)}. Copy the bundle again."
        )


def install(bundle: dict[str, object], target: Path) -> Path:
    """The environment first, the launcher last. Returns the launcher."""
    home = (
        target
        / "versions"
        / f"{bundle['version']}-{bundle['id']}-py{sys.version_info.major}{sys.version_info.minor}"
    )
    if not (home / COMPLETE).is_file():
        shutil.rmtree(home, ignore_errors=True)
        # Some systems ship Python without ensurepip, so pip comes along as a wheel and runs from there.
        EnvBuilder(symlinks=True, with_pip=False).create(home)
        install_wheels(home / "bin" / "python")
        (home / COMPLETE).touch()
    return write_launcher(target / "bin" / "anlan", home / "bin" / "anlan")


def install_wheels(python: Path) -> None:
    pip = next(HERE.glob("wheels/pip-*.whl")) / "pip"
    command = [
        str(python),
        str(pip),
        "--isolated",
        "install",
        "--quiet",
        "--no-input",
        "--no-deps",
        "--no-index",
    ]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--require-hashes", "--only-binary", ":all:"]
    command += ["--find-links", str(HERE / "wheels"), "--requirement", str(HERE / "requirements.txt")]
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    # The machine's own pip settings would add indexes that nobody reaches from here.
    done = subprocess.run(command, env=env | {"PIP_CONFIG_FILE": os.devnull}, check=False)
    if done.returncode != 0:
        raise CannotInstall(
            "软件包没有装上，原因见上；改正后重新运行。\nThe packages did not install; see above, mend it and run again."
        )


def write_launcher(path: Path, program: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(f'#!/bin/sh\nexec {quote(str(program))} "$@"\n', encoding="utf-8")
    part.chmod(0o755)
    part.replace(path)
    return path


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
