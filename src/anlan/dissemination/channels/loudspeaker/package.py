"""EBD packages: a tar with the message, its signature and the audio beside it. Pure: bytes in, bytes out.

Structure as two public implementations and R22 describe it; no sample message was found, so this is our own reading
(docs/conformance.md). Times without a zone are Beijing time.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from anlan.dissemination.channels.loudspeaker.signing import ALGORITHM, Signer, Verifier

#: Bounds on what others send. Engineering choices; a minute of 16 kHz audio has 2 MB.
PACKAGE_MAX = 8 * 1024 * 1024
MEMBERS_MAX = 16
MESSAGE_MAX = 1024 * 1024

_EBD_ID = re.compile(r"[0-9A-Za-z]{1,64}")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


class BadPackage(ValueError):
    """The text is a short code: what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Package:
    """`message` is the XML as it came; `is_signed` only when the signature over exactly these bytes was good."""

    ebd_id: str
    message: bytes
    root: etree._Element
    is_signed: bool
    certificate: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return self.text("EBDType")

    def text(self, path: str) -> str:
        """The text at a path below EBD, "" where there is none."""
        found = self.root.findtext(path)
        return (found or "").strip()


def pack(
    ebd_id: str, message: bytes, *, signer: Signer | None, files: Mapping[str, bytes] | None = None
) -> bytes:
    """The tar. Without a signer (heartbeats only) no signature is in it."""
    members: dict[str, bytes] = {f"EBDB_{ebd_id}.xml": message}
    if signer is not None:
        members[f"EBDS_EBDB_{ebd_id}.xml"] = _signature(ebd_id, message, signer)
    members |= files or {}
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def unpack(data: bytes, verifier: Verifier) -> Package:
    """Read a package; raises `BadPackage`. Members with paths, links and devices are refused, as is a second message."""
    members = _members(data)
    names = [name for name in members if name.startswith("EBDB_") and name.endswith(".xml")]
    if len(names) != 1:
        raise BadPackage("no_message" if not names else "two_messages")
    ebd_id = names[0][len("EBDB_") : -len(".xml")]
    if not _EBD_ID.fullmatch(ebd_id):
        raise BadPackage("bad_id")
    message = members.pop(names[0])
    root = parse(message)
    if (root.findtext("EBDID") or "").strip() != ebd_id:
        raise BadPackage("other_id_inside")
    signature = members.pop(f"EBDS_EBDB_{ebd_id}.xml", None)
    is_good, certificate = False, ""
    if signature is not None:
        is_good, certificate = _check(ebd_id, message, parse(signature, tag="Signature"), verifier)
    return Package(ebd_id, message, root, is_good, certificate, members)


def parse(data: bytes, *, tag: str = "EBD") -> etree._Element:
    """An XML document without entities, doctype or network."""
    if len(data) > MESSAGE_MAX:
        raise BadPackage("message_too_large")
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise BadPackage("bad_xml") from error
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # the stubs do not know it
        raise BadPackage("doctype")
    if etree.QName(root).localname != tag:
        raise BadPackage("other_document")
    return root


def _members(data: bytes) -> dict[str, bytes]:
    if len(data) > PACKAGE_MAX:
        raise BadPackage("too_large")
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
            for number, member in enumerate(archive, start=1):
                if number > MEMBERS_MAX:
                    raise BadPackage("too_many_members")
                name = _safe(member, found)
                found[name] = _content(archive, member)
    except (tarfile.TarError, ValueError, KeyError, OverflowError) as error:
        if isinstance(error, BadPackage):
            raise
        raise BadPackage("bad_tar") from error
    return found


def _safe(member: tarfile.TarInfo, found: Mapping[str, bytes]) -> str:
    name = member.name
    if not member.isreg() or "/" in name or "\\" in name or name in ("", ".", "..") or "\0" in name:
        raise BadPackage("unsafe_member")
    if name in found:
        raise BadPackage("member_twice")
    return name


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    if member.size > PACKAGE_MAX:
        raise BadPackage("too_large")
    file = archive.extractfile(member)
    data = file.read() if file is not None else b""
    if len(data) != member.size:
        raise BadPackage("cut_off")
    return data


def _signature(ebd_id: str, message: bytes, signer: Signer) -> bytes:
    root = etree.Element("Signature")
    _add(root, "Version", "1")
    _add(etree.SubElement(root, "RelatedEBD"), "EBDID", ebd_id)
    _add(root, "CertSN", signer.certificate)
    _add(root, "SignatureAlgorithm", ALGORITHM)
    _add(root, "SignatureValue", signer.sign(message))
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _check(ebd_id: str, message: bytes, root: etree._Element, verifier: Verifier) -> tuple[bool, str]:
    """A signature for another package is no signature."""
    certificate = (root.findtext("CertSN") or "").strip()
    about = (root.findtext("RelatedEBD/EBDID") or "").strip()
    value = "".join((root.findtext("SignatureValue") or "").split())
    if about != ebd_id or (root.findtext("SignatureAlgorithm") or "").strip() != ALGORITHM:
        return False, certificate
    return verifier.verify(message, value, certificate), certificate


def _add(parent: etree._Element, tag: str, text: str) -> etree._Element:
    child = etree.SubElement(parent, tag)
    child.text = text
    return child
