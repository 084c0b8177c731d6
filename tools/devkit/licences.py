"""Whose work is in a bundle and under which licence: Python packages from their wheels, browser packages from npm."""

from __future__ import annotations

import email.message
import email.parser
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

HEAD = "Anlan is under Apache-2.0 (LICENSE). It contains or uses these works; each wheel carries its own licence texts.\n"


def licences_text(wheels: Iterable[Path], npm_folders: Iterable[Path]) -> str:
    """A table of the Python packages, then each browser or data package with its licence in full."""
    rows = sorted(
        {row for wheel in wheels if not wheel.name.startswith("anlan-") for row in [of_wheel(wheel)]}
    )
    packages = [package for folder in npm_folders for package in npm_packages(folder)]
    rows_of_npm = [of_npm(package) for package in packages]
    lines = [HEAD, *(" · ".join(row) for row in rows), "", "Built into the pages or the data:", ""]
    lines += [" · ".join(row) for row in rows_of_npm]
    for package, row in zip(packages, rows_of_npm, strict=True):
        for file in sorted(package.iterdir()):
            if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "NOTICE", "COPYING")):
                lines += [
                    "",
                    f"-- {row[0]} {row[1]}, {file.name}",
                    "",
                    file.read_text("utf-8", "replace").rstrip(),
                ]
    return "\n".join(lines) + "\n"


def of_wheel(wheel: Path) -> tuple[str, str, str, str]:
    with zipfile.ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        about = email.parser.BytesParser().parsebytes(archive.read(name), headersonly=True)
    return (str(about["Name"]), str(about["Version"]), licence_of(about), home_of(about))


def licence_of(about: email.message.Message) -> str:
    """The expression, else the classifiers, else a licence field of one line; some packages put the whole text there."""
    if about["License-Expression"]:
        return str(about["License-Expression"])
    classifiers = [str(line) for line in about.get_all("Classifier", [])]
    named = [line.rsplit(" :: ", 1)[-1] for line in classifiers if line.startswith("License :: ")]
    field = str(about["License"] or "").strip()
    return ", ".join(named) or (field if field and "\n" not in field else "see the texts in the wheel")


def home_of(about: email.message.Message) -> str:
    links = dict(
        str(line).lower().split(", ", 1) for line in about.get_all("Project-URL", []) if ", " in line
    )
    named = (links.get(label) for label in ("homepage", "home", "source", "source code", "repository"))
    return str(about["Home-page"] or next(filter(None, named), None) or next(iter(links.values()), ""))


def npm_packages(folder: Path) -> Iterator[Path]:
    """Folders of the packages that end up in what is built; development tools do not."""
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    for place, about in sorted(lock["packages"].items()):
        if place and not about.get("dev") and (folder / place).is_dir():
            yield folder / place


def of_npm(package: Path) -> tuple[str, str, str]:
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    return (about["name"], about["version"], str(about.get("license", "see its text")))
