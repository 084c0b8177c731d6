"""Phone numbers and mail addresses: one written form for each, and a masked one for eyes that need no more."""

from __future__ import annotations

import re
import unicodedata

from anlan.directory.refusals import NotAnAddress, NotANumber

#: Eleven digits starting with 1 (national numbering plan; the ranges in use change too often to be listed).
_MOBILE = re.compile(r"1\d{10}")
#: Area code of three or four digits with its zero, then seven or eight digits; perhaps an extension.
_LANDLINE = re.compile(r"(0(?:10|2\d|[3-9]\d{2}))-?([2-9]\d{6,7})(?:[-转#x](\d{1,6}))?")
_SATELLITE = re.compile(r"\d{8,15}")
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_SHOWN_HEAD, _SHOWN_TAIL = 3, 4


def _plain(value: str) -> str:
    """Half-width, without spaces, brackets and the country code."""
    digits = unicodedata.normalize("NFKC", value).replace("(", "").replace(")", "-")
    digits = re.sub(r"[\s\u2010-\u2015]+", lambda found: "" if found[0].isspace() else "-", digits)
    return re.sub(r"^(?:\+|00)86-?", "", digits)


def mobile(value: str) -> str:
    """Eleven digits. Raises `NotANumber`."""
    number = _plain(value).replace("-", "")
    if not _MOBILE.fullmatch(number):
        raise NotANumber(value=value)
    return number


def landline(value: str) -> str:
    """ "0875-8120000", with "-12" behind it for an extension. A mobile kept on a desk is taken as well. Raises `NotANumber`."""
    number = _plain(value)
    if _MOBILE.fullmatch(number.replace("-", "")):
        return number.replace("-", "")
    found = _LANDLINE.fullmatch(number)
    if found is None:
        raise NotANumber(value=value)
    area, local, extension = found.groups()
    return f"{area}-{local}" + (f"-{extension}" if extension else "")


def email(value: str) -> str:
    """The address in lower case. Raises `NotAnAddress`."""
    address = unicodedata.normalize("NFKC", value).strip().lower()
    if not _MAIL.fullmatch(address):
        raise NotAnAddress(value=value)
    return address


def satellite(value: str) -> str:
    """Digits of a satellite telephone: eleven in the national ranges, or an international number. Raises `NotANumber`."""
    number = _plain(value).replace("-", "").lstrip("+")
    if not _SATELLITE.fullmatch(number):
        raise NotANumber(value=value)
    return number


def normalise(kind: str, value: str) -> str:
    """The one written form of a contact of this kind ("mobile", "landline", "email", "satellite")."""
    return _FORMS[kind](value)


_FORMS = {"mobile": mobile, "landline": landline, "email": email, "satellite": satellite}


def mask(value: str) -> str:
    """ "100****0001": the head and tail that let two people agree which number they mean, nothing to call."""
    if "@" in value:
        name, _at, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    if len(value) <= _SHOWN_HEAD + _SHOWN_TAIL:
        return "*" * len(value)
    hidden = len(value) - _SHOWN_HEAD - _SHOWN_TAIL
    return value[:_SHOWN_HEAD] + "*" * hidden + value[-_SHOWN_TAIL:]
