"""XML-DSig: signing an alert, and saying exactly what a signature on one proves.

A signature is judged **at the time of signing** (`sent`, or the time that the caller gives), not now: certificates of the
web live 90 days, warnings are read again years later. Digest, signature, validity of the certificate and trust in it are
four findings that are told apart. A certificate inside a message proves only that the message is in one piece; who sent it is
proved by the caller's list of trusted certificates.

Two habits of real senders are allowed for and said aloud: messages pretty-printed after signing (blanks between elements are
taken away once more), and several signatures each made without the others.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature as CryptoInvalid
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidInput, InvalidSignature
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from anlan.cap import wire
from anlan.cap.reasons import Reason, Weight, reason
from anlan.cap.safexml import child_text, read_tree
from anlan.cap.vocab import NS_DS

_DS = f"{{{NS_DS}}}"
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}")
_NCNAME = re.compile(r"[A-Za-z_][\w.-]*")
#: Of a chain that somebody packs into a message.
_MOST_CERTIFICATES = 8
_MOST_SIGNATURES = 4
#: What a reference may do to the message and still cover all of it but the signature.
_WHOLE = {
    "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments",
    "http://www.w3.org/2006/12/xml-c14n11",
    "http://www.w3.org/2006/12/xml-c14n11#WithComments",
    "http://www.w3.org/2001/10/xml-exc-c14n#",
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments",
}


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """What one signature proves. None: could not be checked. `is_trusted` is None where no list of trust was given."""

    digest_matches: bool | None
    signature_matches: bool | None
    was_valid_then: bool | None
    is_trusted: bool | None
    algorithm: str
    subject: str
    issuer: str
    judged_at: datetime | None
    reasons: tuple[Reason, ...]

    @property
    def is_good(self) -> bool:
        """In one piece, signed with the key of the certificate, which was valid then. Trust is another question."""
        return bool(self.digest_matches and self.signature_matches and self.was_valid_then)

    @property
    def is_proof(self) -> bool:
        """Good, and by somebody on the list."""
        return self.is_good and self.is_trusted is True


def sign(document: bytes, *, key_pem: bytes, certificate_pem: bytes) -> bytes:
    """An enveloped signature (RSA-SHA256 or ECDSA-SHA256 after the key's kind) as the last child of the alert.

    Raises ValueError for a key of another kind, or one that does not belong to the certificate.
    """
    root, _said = read_tree(document)
    key = load_pem_private_key(key_pem, password=None)
    if isinstance(key, rsa.RSAPrivateKey):
        method = SignatureMethod.RSA_SHA256
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        method = SignatureMethod.ECDSA_SHA256
    else:
        raise ValueError("the key is neither RSA nor ECDSA")
    chain = x509.load_pem_x509_certificates(certificate_pem)
    if chain[0].public_key() != key.public_key():
        raise ValueError("the key does not belong to the first certificate")
    signer = XMLSigner(
        signature_algorithm=method,
        digest_algorithm=DigestAlgorithm.SHA256,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = signer.sign(root, key=key, cert=chain)
    return etree.tostring(signed, xml_declaration=True, encoding="UTF-8")


def signatures_of(alert: etree._Element) -> list[etree._Element]:
    return alert.findall(f"{_DS}Signature")


def verify(
    alert: etree._Element,
    *,
    at: datetime | None = None,
    trusted: Sequence[x509.Certificate] | None = None,
    where: str = "",
) -> list[SignatureCheck]:
    """One check for each signature of an alert, [] for an unsigned one. `at` is the time of signing, `sent` if left out."""
    count = min(len(signatures_of(alert)), _MOST_SIGNATURES)
    when = at or _sent(alert)
    return [_Judge(alert, number, when, trusted, where).check() for number in range(count)]


def verify_bytes(
    document: bytes, *, at: datetime | None = None, trusted: Sequence[x509.Certificate] | None = None
) -> list[SignatureCheck]:
    """The same for a bare alert as it came. Raises `CapRefused`."""
    root, _said = read_tree(document)
    return verify(root, at=at, trusted=trusted)


def load_certificates(pem: bytes) -> list[x509.Certificate]:
    """Raises ValueError where there is none."""
    return x509.load_pem_x509_certificates(pem)


def _sent(alert: etree._Element) -> datetime | None:
    try:
        return wire.read_time(child_text(alert, "sent"))
    except ValueError:
        return None


class _Judge:
    """One signature of one alert, looked at from all sides."""

    def __init__(
        self,
        alert: etree._Element,
        number: int,
        at: datetime | None,
        trusted: Sequence[x509.Certificate] | None,
        where: str,
    ) -> None:
        self.alert, self.number, self.at, self.trusted, self.where = alert, number, at, trusted, where
        self.signature = signatures_of(alert)[number]
        self.said: list[Reason] = []

    def check(self) -> SignatureCheck:
        algorithm = _algorithm(self.signature, "SignatureMethod")
        if not algorithm or self.signature.find(f".//{_DS}DigestValue") is None:
            self._say("cap.signature_unreadable", why="no SignedInfo")
            return self._result(None, None, None, None, algorithm)
        self._check_texts()
        if gap := _gap(self.signature):
            self._say("cap.signature_part", why=gap)
            return self._result(None, False, None, None, algorithm)
        if algorithm.endswith("sha1"):
            self._say("cap.signature_weak", algorithm=algorithm.rpartition("#")[2])
        chain = self._chain()
        if not chain:
            digest = any(one.digest_matches() for one in self._readings())
            self._check_digest(digest)
            return self._result(digest, None, None, None, algorithm)
        digest, fits = self._check_crypto(chain[0])
        valid = self._check_time(chain[0])
        trusted = self._check_trust(chain)
        if digest and fits and valid and not any(one.weight is Weight.ERROR for one in self.said):
            trust = {True: "受信任 / trusted", False: "不受信任 / not trusted", None: "未核对 / not checked"}[
                trusted
            ]
            self._say(
                "cap.signature_good",
                subject=_subject(chain[0]),
                at=wire.write_time(self.at) if self.at else "?",
                trust=trust,
            )
        return self._result(digest, fits, valid, trusted, algorithm, chain[0])

    def _say(self, code: str, **data: object) -> None:
        self.said.append(reason(code, self.where, **data))

    def _result(
        self,
        digest: bool | None,
        fits: bool | None,
        valid: bool | None,
        trusted: bool | None,
        algorithm: str,
        certificate: x509.Certificate | None = None,
    ) -> SignatureCheck:
        altered = any(one.code == "cap.signature_text" for one in self.said)
        return SignatureCheck(
            digest_matches=digest,
            signature_matches=False if altered else fits,
            was_valid_then=valid,
            is_trusted=trusted,
            algorithm=algorithm.rpartition("#")[2],
            subject=_subject(certificate),
            issuer="" if certificate is None else certificate.issuer.rfc4514_string(),
            judged_at=self.at,
            reasons=tuple(self.said),
        )

    def _check_texts(self) -> None:
        """Base64 whose last character carries bits beyond the data decodes to the same bytes and yet was altered."""
        for name in ("DigestValue", "SignatureValue", "X509Certificate"):
            for element in self.signature.iter(f"{_DS}{name}"):
                text = "".join((element.text or "").split())
                right = _canonical(text)
                if right is None:
                    self._say("cap.signature_unreadable", why=f"{name}: Base64")
                elif right != text:
                    self._say("cap.signature_text", element=name, value=text[-6:], right=right[-6:])

    def _chain(self) -> list[x509.Certificate]:
        chain = []
        for element in list(self.signature.iter(f"{_DS}X509Certificate"))[:_MOST_CERTIFICATES]:
            try:
                chain.append(_certificate(element.text or ""))
            except (ValueError, TypeError, UnsupportedAlgorithm) as error:
                self._say("cap.signature_unreadable", why=f"X509Certificate: {error}")
        if not chain:
            self._say("cap.certificate_missing")
        return chain

    def _readings(self) -> Iterable[_Reading]:
        """The message as it stands, without the other signatures, and without the blanks between elements."""
        others = len(signatures_of(self.alert)) > 1
        for is_compact in (False, True):
            yield _Reading(self.alert, self.number, is_compact=is_compact, is_alone=False)
            if others:
                yield _Reading(self.alert, self.number, is_compact=is_compact, is_alone=True)

    def _check_crypto(self, certificate: x509.Certificate) -> tuple[bool, bool]:
        """(digest matches, signature fits), for the first reading of the message for which both do, else for the best."""
        best = (False, False)
        for reading in self._readings():
            outcome = reading.verify(certificate)
            if outcome == (True, True):
                if reading.is_compact:
                    self._say("cap.signature_reformatted")
                if reading.is_alone:
                    self._say("cap.signature_beside_others", count=len(signatures_of(self.alert)))
                return outcome
            best = max(best, outcome)
        if not best[1] and _fits_detached(self.signature, certificate):
            best = (best[0], True)
            self._say("cap.signature_detached")
        digest, fits = best
        if digest and len(signatures_of(self.alert)) > 1:
            self._say("cap.signature_beside_others", count=len(signatures_of(self.alert)))
        self._check_digest(digest)
        if not fits:
            self._say("cap.signature_mismatch")
        return best

    def _check_digest(self, matches: bool) -> None:
        if not matches:
            stated = "".join((self.signature.findtext(f".//{_DS}DigestValue") or "").split())
            computed = _Reading(self.alert, self.number, is_compact=False, is_alone=False).digest()
            self._say("cap.digest_mismatch", stated=stated, computed=computed)

    def _check_time(self, certificate: x509.Certificate) -> bool | None:
        if self.at is None:
            return None
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        if start <= self.at <= end:
            return True
        self._say(
            "cap.certificate_time",
            at=wire.write_time(self.at), start=wire.write_time(start), end=wire.write_time(end),
        )  # fmt: skip
        return False

    def _check_trust(self, chain: Sequence[x509.Certificate]) -> bool | None:
        if self.trusted is None:
            return None
        if leads_to(chain, self.trusted, at=self.at):
            return True
        self._say("cap.certificate_untrusted", subject=_subject(chain[0]))
        return False


def leads_to(
    chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], *, at: datetime | None
) -> bool:
    """Whether the first certificate is trusted, or issued step by step by one that is, each valid at `at`."""
    current, left = chain[0], list(chain[1:])
    for _step in range(_MOST_CERTIFICATES):
        if current in trusted:
            return True
        above = next((one for one in (*trusted, *left) if _issued(current, one)), None)
        if above is None or (
            at is not None and not above.not_valid_before_utc <= at <= above.not_valid_after_utc
        ):
            return False
        current = above
        left = [one for one in left if one != above]
    return False


def _issued(certificate: x509.Certificate, by: x509.Certificate) -> bool:
    """By signature and name; an issuer that says it is no authority issued nothing."""
    try:
        certificate.verify_directly_issued_by(by)
        return by.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
    except (ValueError, TypeError, CryptoInvalid, UnsupportedAlgorithm):
        return False
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return False


class _Reading:
    """The alert alone in its document, in one of the ways it may have looked when it was signed."""

    def __init__(self, alert: etree._Element, number: int, *, is_compact: bool, is_alone: bool) -> None:
        self.is_compact, self.is_alone = is_compact, is_alone
        text = etree.tostring(alert, with_tail=False)
        parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=is_compact)
        root = etree.fromstring(text, parser)
        # Names declared by a feed around the alert were not there when it was signed.
        etree.cleanup_namespaces(root)
        self.root = etree.fromstring(etree.tostring(root), parser)
        signatures = signatures_of(self.root)
        self.signature = signatures[number]
        # An Id with a blank in it is not valid, stands outside what is signed, and keeps the library from looking further.
        if not _NCNAME.fullmatch(self.signature.get("Id", "_")):
            del self.signature.attrib["Id"]
        for other in signatures:
            if is_alone and other is not self.signature:
                _take_out(other)
            elif other is not self.signature and other.get("Id") is not None:
                del other.attrib["Id"]

    def digest_matches(self) -> bool:
        stated = _canonical("".join((self.signature.findtext(f".//{_DS}DigestValue") or "").split()))
        return stated is not None and self.digest() == stated

    def digest(self) -> str:
        """The digest of the alert without this signature, recomputed; "" where its method is unknown."""
        name = _algorithm(self.signature, "DigestMethod").rpartition("#")[2]
        if name not in {"sha1", "sha256", "sha384", "sha512"}:
            return ""
        root = copy.deepcopy(self.root)
        _take_out(root[self.root.index(self.signature)])
        transforms = [one.get("Algorithm", "") for one in self.signature.iter(f"{_DS}Transform")]
        is_exclusive = any("xml-exc-c14n" in one for one in transforms)
        octets = etree.tostring(root, method="c14n", exclusive=is_exclusive, with_comments=False)
        return base64.b64encode(hashlib.new(name, octets, usedforsecurity=False).digest()).decode()

    def verify(self, certificate: x509.Certificate) -> tuple[bool, bool]:
        """(digest matches, signature fits), by the library where it can, with the certificate inside."""
        config = SignatureConfiguration(
            location="./",
            signature_methods=frozenset(SignatureMethod),
            digest_algorithms=frozenset(DigestAlgorithm),
            # Its validity is judged apart from the mathematics.
            verification_time=certificate.not_valid_before_utc,
            ignore_ambiguous_key_info=True,
        )
        try:
            XMLVerifier().verify(_made_canonical(self._signed()), x509_cert=certificate, expect_config=config)
        except InvalidDigest:
            return False, True
        except (
            InvalidSignature,
            InvalidInput,
            CryptoInvalid,
            UnsupportedAlgorithm,
            etree.LxmlError,
            ValueError,
            KeyError,
            TypeError,
        ):
            return self.digest_matches(), False
        return True, True

    def _signed(self) -> etree._Element:
        """A copy in which this signature comes first, because the library looks at the first one.

        Where it stands does not matter: it is taken out before the digest is made.
        """
        root = copy.deepcopy(self.root)
        mine = root[self.root.index(self.signature)]
        first = signatures_of(root)[0]
        if mine is not first:
            _take_out(mine)
            mine.tail = None
            first.addprevious(mine)
        return root


def _gap(signature: etree._Element) -> str:
    """Why a signature covers less than the whole message, "" when it covers all of it."""
    references = signature.findall(f"{_DS}SignedInfo/{_DS}Reference")
    if len(references) != 1 or references[0].get("URI") != "":
        return "Reference " + ", ".join(one.get("URI") or "-" for one in references)[:100]
    transforms = {one.get("Algorithm", "") for one in references[0].iter(f"{_DS}Transform")}
    return ", ".join(sorted(transforms - _WHOLE))[:200]


def _made_canonical(root: etree._Element) -> etree._Element:
    """Base64 texts written properly: an altered last bit was told already and must not hide what else there is."""
    for name in ("DigestValue", "SignatureValue", "X509Certificate"):
        for element in root.iter(f"{_DS}{name}"):
            text = "".join((element.text or "").split())
            right = _canonical(text)
            if right is not None and right != text:
                element.text = right
    return root


def _fits_detached(signature: etree._Element, certificate: x509.Certificate) -> bool:
    """Whether an RSA value fits SignedInfo taken out of the message: one national aggregator signs it that way, without the
    namespaces that the message declares around it."""
    info, value = signature.find(f"{_DS}SignedInfo"), signature.findtext(f"{_DS}SignatureValue")
    key, name = certificate.public_key(), _algorithm(signature, "SignatureMethod").rpartition("#")[2]
    hashing = {"rsa-sha1": hashes.SHA1, "rsa-sha256": hashes.SHA256}.get(name)
    if info is None or not value or hashing is None or not isinstance(key, rsa.RSAPublicKey):
        return False
    alone = etree.fromstring(etree.tostring(info, with_tail=False))
    etree.cleanup_namespaces(alone)
    try:
        octets = etree.tostring(alone, method="c14n", with_comments=False)
        key.verify(base64.b64decode("".join(value.split())), octets, padding.PKCS1v15(), hashing())
    except (CryptoInvalid, UnsupportedAlgorithm, ValueError, binascii.Error):
        return False
    return True


def _canonical(text: str) -> str | None:
    """The Base64 text as it is written properly, None for what is no Base64."""
    if not _BASE64.fullmatch(text) or len(text) % 4:
        return None
    try:
        return base64.b64encode(base64.b64decode(text, validate=True)).decode()
    except binascii.Error:
        return None


def _take_out(element: etree._Element) -> None:
    """Remove an element and keep the text behind it."""
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    if element.tail:
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _algorithm(signature: etree._Element, name: str) -> str:
    found = signature.find(f".//{_DS}{name}")
    return "" if found is None else found.get("Algorithm", "")


def _certificate(text: str) -> x509.Certificate:
    """Read to the end at once: the library looks at most fields only when they are asked for."""
    found = x509.load_der_x509_certificate(base64.b64decode("".join(text.split())))
    for read in (found.issuer.rfc4514_string, found.subject.rfc4514_string, found.public_key):
        read()
    if found.not_valid_before_utc > found.not_valid_after_utc:
        raise ValueError("it ends before it begins")
    return found


def _subject(certificate: x509.Certificate | None) -> str:
    return "" if certificate is None else certificate.subject.rfc4514_string()
