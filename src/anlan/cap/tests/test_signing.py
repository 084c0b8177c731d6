"""Signatures: made with our keys, judged at the time of signing, each kind of failure told apart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.x509.oid import NameOID

from anlan.cap.feeds import Entry, Feed, write_atom
from anlan.cap.parse import read, read_document
from anlan.cap.schema import check_alert
from anlan.cap.signing import SignatureCheck, sign, verify, verify_bytes
from anlan.cap.tests.samples import GOOD, document
from anlan.cap.validate import validate

BORN, DIES = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certificate(
    name: str,
    key: Key,
    *,
    issuer: tuple[str, CertificateIssuerPrivateKeyTypes] | None = None,
    is_authority: bool = False,
) -> x509.Certificate:
    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    above, its_key = issuer or (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(above))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BORN)
        .not_valid_after(DIES)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return builder.sign(its_key, hashes.SHA256())


EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
ROOT_KEY = ec.generate_private_key(ec.SECP256R1())
ROOT = certificate("云岭县应急局根", ROOT_KEY, is_authority=True)
CERTIFICATE = certificate("云岭县气象台", EC_KEY)
ISSUED = certificate("云岭县气象台", EC_KEY, issuer=("云岭县应急局根", ROOT_KEY))
SIGNED = sign(
    document().encode(),
    key_pem=pem(EC_KEY),
    certificate_pem=CERTIFICATE.public_bytes(serialization.Encoding.PEM),
)


def only(checks: list[SignatureCheck]) -> SignatureCheck:
    (check,) = checks
    return check


@pytest.mark.parametrize(("key", "algorithm"), [(EC_KEY, "ecdsa-sha256"), (RSA_KEY, "rsa-sha256")])
def test_a_signed_message_is_valid_cap_and_its_signature_good(key: Key, algorithm: str) -> None:
    own = certificate("云岭县气象台", key)
    signed = sign(
        document().encode(), key_pem=pem(key), certificate_pem=own.public_bytes(serialization.Encoding.PEM)
    )
    assert check_alert(read_document(signed).root) == []
    assert read(signed) == GOOD
    check = only(verify_bytes(signed, trusted=[own]))
    assert check.is_proof
    assert check.algorithm == algorithm
    assert [one.code for one in check.reasons] == ["cap.signature_good"]
    assert validate(signed).ok


def test_a_changed_word_is_a_digest_mismatch_and_not_a_bad_key() -> None:
    check = only(verify_bytes(SIGNED.replace("停止户外作业".encode(), "继续户外作业".encode())))
    assert (check.digest_matches, check.signature_matches) == (False, True)
    assert [one.code for one in check.reasons] == ["cap.digest_mismatch"]


def test_a_signature_of_another_key_is_a_signature_mismatch_and_the_content_is_whole() -> None:
    other = sign(
        document().encode(),
        key_pem=pem(RSA_KEY),
        certificate_pem=certificate("别人", RSA_KEY).public_bytes(serialization.Encoding.PEM),
    )
    foreign = other.decode().partition("X509Certificate>")[2].partition("<")[0]
    mine = SIGNED.decode().partition("X509Certificate>")[2].partition("<")[0]
    check = only(verify_bytes(SIGNED.decode().replace(mine, foreign).encode()))
    assert (check.digest_matches, check.signature_matches) == (True, False)
    assert "cap.signature_mismatch" in [one.code for one in check.reasons]


def test_the_certificate_is_judged_when_the_message_was_sent_and_not_now() -> None:
    assert only(verify_bytes(SIGNED)).was_valid_then is True
    late = only(verify_bytes(SIGNED, at=DIES + timedelta(days=1)))
    assert (late.is_good, late.was_valid_then) == (False, False)
    assert (late.digest_matches, late.signature_matches) == (True, True)
    assert [one.code for one in late.reasons] == ["cap.certificate_time"]


def test_somebody_not_on_the_list_is_untrusted_and_told_from_a_broken_signature() -> None:
    check = only(verify_bytes(SIGNED, trusted=[ROOT]))
    assert (check.is_good, check.is_trusted, check.is_proof) == (True, False, False)
    assert "cap.certificate_untrusted" in [one.code for one in check.reasons]


def test_a_certificate_issued_by_a_trusted_authority_is_trusted_and_one_issued_by_no_authority_is_not() -> (
    None
):
    signed = sign(
        document().encode(),
        key_pem=pem(EC_KEY),
        certificate_pem=ISSUED.public_bytes(serialization.Encoding.PEM),
    )
    assert only(verify_bytes(signed, trusted=[ROOT])).is_proof
    minor = certificate("云岭县应急局根", ROOT_KEY)
    assert only(verify_bytes(signed, trusted=[minor])).is_trusted is False


def test_a_signature_survives_being_embedded_in_a_feed() -> None:
    feed = Feed(
        "urn:x",
        "x",
        "https://example.invalid/",
        GOOD.sent,
        "x",
        (Entry("1", "x", "https://example.invalid/1", GOOD.sent),),
    )
    document_ = read_document(write_atom(feed, [SIGNED]))
    assert only(verify(document_.elements[0], trusted=[CERTIFICATE])).is_proof
    assert validate(write_atom(feed, [SIGNED])).ok


@pytest.mark.parametrize(
    "reference",
    [
        b'<ds:Reference URI="#part">',
        b"<ds:Reference>",
        b'<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>AAAA</ds:DigestValue></ds:Reference><ds:Reference URI="">',
    ],
)
def test_a_signature_over_a_part_of_the_message_proves_nothing(reference: bytes) -> None:
    wrapped = SIGNED.replace(b'<ds:Reference URI="">', reference)
    assert wrapped != SIGNED
    check = only(verify_bytes(wrapped, trusted=[CERTIFICATE]))
    assert not check.is_good
    assert "cap.signature_part" in [one.code for one in check.reasons]


def test_a_second_signature_over_the_first_is_good_for_both() -> None:
    twice = sign(
        SIGNED,
        key_pem=pem(RSA_KEY),
        certificate_pem=certificate("复核", RSA_KEY).public_bytes(serialization.Encoding.PEM),
    )
    first, second = verify_bytes(twice)
    assert (first.is_good, second.is_good) == (True, True)


def test_a_key_that_does_not_belong_to_the_certificate_is_not_used() -> None:
    with pytest.raises(ValueError):
        sign(
            document().encode(),
            key_pem=pem(RSA_KEY),
            certificate_pem=CERTIFICATE.public_bytes(serialization.Encoding.PEM),
        )
