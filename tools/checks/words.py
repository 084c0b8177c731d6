"""Words that must not stand in the repository: this machine's paths, package hosts, outside hosts, unfinished marks."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

#: Written in pieces, so that this file does not find itself.
HOSTS = ("python" + "hosted", "registry." + "npmjs", "pypi" + ".org", "deb." + "debian", "npm" + "mirror")
PATHS = ("/wo" + "rk/", "/fa" + "rm/", "/ro" + "ot/", "/ho" + "me/", "/tm" + "p/bash_jobs")
UNFINISHED = ("TO" + "DO", "FIX" + "ME")
FORBIDDEN = {
    "a package host": re.compile("|".join(map(re.escape, HOSTS))),
    "a path of one machine": re.compile(rf"(?<![\w.]){'(' + '|'.join(map(re.escape, PATHS)) + ')'}"),
    "unfinished": re.compile(rf"\b({'|'.join(UNFINISHED)})\b"),
}
#: What browsers load names no host but its own; namespaces are names, not addresses.
OUTSIDE_HOST = re.compile(r"(?:https?:)?//(?!www\.w3\.org/)[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
BROWSER_FILES = {".html", ".css", ".ts", ".js", ".svg"}
#: Files written by tools, or texts of others.
EXEMPT = {"LICENSE", "package-lock.json"}


def tracked_files() -> Iterator[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        path = Path(name)
        if path.is_file() and path.name not in EXEMPT:
            yield path


def findings(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines, 1):
        for what, pattern in FORBIDDEN.items():
            found = pattern.search(line)
            if found:
                yield f"{path}:{number}: {what}: {found[0]}"
        outside = OUTSIDE_HOST.search(line) if path.suffix in BROWSER_FILES else None
        if outside:
            yield f"{path}:{number}: a page would ask another host: {outside[0]}"


def main() -> int:
    found = [finding for path in tracked_files() for finding in findings(path)]
    print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
