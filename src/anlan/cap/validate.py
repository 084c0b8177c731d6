"""The whole examination of one file: safe, well-formed, schema, feed or envelope, lint, signatures, profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from lxml import etree

from anlan.cap import feeds, lint, schema, signing
from anlan.cap.elements import read_alert
from anlan.cap.model import Alert
from anlan.cap.national import read_json
from anlan.cap.parse import Document, Wrapping, read_document
from anlan.cap.profiles import Profile, check_profile, profiles_of
from anlan.cap.reasons import CapRefused, Reason, Weight, reason
from anlan.cap.schema import ATOM, EDXL, RSS
from anlan.cap.signing import SignatureCheck

_MOST_ALERTS = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """`ok` is that no finding is an error. `reasons` are the errors, `findings` everything."""

    findings: tuple[Reason, ...]
    wrapping: str = ""
    alerts: tuple[Alert, ...] = ()
    signatures: tuple[SignatureCheck, ...] = ()
    profiles: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.reasons

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(one for one in self.findings if one.weight is Weight.ERROR)


def validate(
    data: bytes, *, at: datetime | None = None, trusted: Sequence[x509.Certificate] | None = None
) -> Verdict:
    """Judge a file of any wrapping, or the national JSON. Never raises for what is in the file.

    `at` is the time of signing where it is not `sent`; `trusted` are certificates that prove who sent it.
    """
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"v"):
        return _national(data)
    try:
        document = read_document(data)
    except CapRefused as refused:
        return Verdict((refused.reason,))
    found = [*document.said, *_wrapping(document)]
    alerts: list[Alert] = []
    checks: list[SignatureCheck] = []
    names: list[str] = []
    for number, element in enumerate(document.elements[:_MOST_ALERTS], 1):
        where = f"alert {number}" if len(document.elements) > 1 else ""
        alert, said, signed = _examine(element, where, at=at, trusted=trusted)
        found += said
        checks += signed
        if alert is not None:
            alerts.append(alert)
            names += [profile.name for profile in profiles_of(alert)]
    return Verdict(
        tuple(found), str(document.wrapping), tuple(alerts), tuple(checks), tuple(dict.fromkeys(names))
    )


def _national(data: bytes) -> Verdict:
    try:
        warning = read_json(data)
    except CapRefused as refused:
        return Verdict((refused.reason,), "json")
    found = [
        finding for profile in profiles_of(warning.alert) for finding in check_profile(warning.alert, profile)
    ]
    return Verdict(
        tuple(found), "json", (warning.alert,), (), tuple(one.name for one in profiles_of(warning.alert))
    )


def _wrapping(document: Document) -> list[Reason]:
    if document.wrapping is Wrapping.EDXL:
        found = schema.check_wrapping(document.root, EDXL)
        return found if document.elements else [*found, reason("cap.envelope_empty")]
    if document.wrapping is Wrapping.ALERT:
        return []
    found = feeds.check_feed(document)
    if not found:
        found = schema.check_wrapping(document.root, ATOM if document.wrapping is Wrapping.ATOM else RSS)
    return found


def _examine(
    element: etree._Element,
    where: str,
    *,
    at: datetime | None,
    trusted: Sequence[x509.Certificate] | None,
) -> tuple[Alert | None, list[Reason], list[SignatureCheck]]:
    found = [_at(one, where) for one in schema.check_alert(element)]
    try:
        alert: Alert | None = read_alert(element)
    except CapRefused as refused:
        alert = None
        unread = [_at(refused.reason, where)]
    else:
        unread = []
    used = profiles_of(alert) if alert is not None else []
    found += lint.lint(element, where, expects_china=any(profile.expects_china for profile in used))
    if not any(one.weight is Weight.ERROR for one in found):
        found += unread
    found += _profile(alert, used, where)
    signed = signing.verify(element, at=at, trusted=trusted, where=where)
    if not signing.signatures_of(element):
        found.append(reason("cap.unsigned", where))
    return alert, found + [one for check in signed for one in check.reasons], signed


def _profile(alert: Alert | None, used: list[Profile], where: str) -> list[Reason]:
    if alert is None:
        return []
    said = [reason("cap.profile", where, profile=profile.name) for profile in used]
    return said + [finding for profile in used for finding in check_profile(alert, profile, where)]


def _at(one: Reason, where: str) -> Reason:
    return Reason(one.code, one.data, where or one.where)
