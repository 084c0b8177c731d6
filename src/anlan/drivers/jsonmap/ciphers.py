"""Opening encrypted fields. The library behind SM4 is pure Python and slow (some ten KiB a second), so texts are bounded."""

from __future__ import annotations

from typing import Protocol

#: Encrypted bytes of one document (engineering choice: a few hundred rows).
MAX_SEALED_BYTES = 64 << 10


class Cipher(Protocol):
    def decrypt(self, data: bytes) -> bytes:
        """Raises ValueError when the key does not fit or the bytes are damaged."""

    def encrypt(self, data: bytes) -> bytes: ...


class Sm4Cbc:
    """SM4 (GB/T 32907) in CBC mode with PKCS#7 padding. Key and first vector have 16 bytes.

    Authorities hand out a "key" and a "salt"; that the salt is the first vector is an assumption nobody confirmed.
    """

    def __init__(self, key: bytes, iv: bytes) -> None:
        if len(key) != 16 or len(iv) != 16:
            raise ValueError("an SM4 key and its salt have 16 bytes each")
        self._key, self._iv = key, iv

    def decrypt(self, data: bytes) -> bytes:
        from gmssl import sm4  # here, because most counties never need it

        if not data or len(data) % 16 or len(data) > MAX_SEALED_BYTES:
            raise ValueError("the length of the encrypted text cannot be")
        box = sm4.CryptSM4(sm4.SM4_DECRYPT)
        box.set_key(self._key, sm4.SM4_DECRYPT)
        opened = bytearray()
        before = self._iv
        for start in range(0, len(data), 16):
            block = data[start : start + 16]
            plain = box.one_round(box.sk, list(block))
            opened += bytes(a ^ b for a, b in zip(plain, before, strict=True))
            before = block
        return _unpadded(bytes(opened))

    def encrypt(self, data: bytes) -> bytes:
        from gmssl import sm4

        box = sm4.CryptSM4(sm4.SM4_ENCRYPT)
        box.set_key(self._key, sm4.SM4_ENCRYPT)
        return bytes(box.crypt_cbc(self._iv, data))


def _unpadded(data: bytes) -> bytes:
    count = data[-1]
    if not 1 <= count <= 16 or data[-count:] != bytes([count]) * count:
        raise ValueError("the key does not fit, or the text is damaged")
    return data[:-count]
