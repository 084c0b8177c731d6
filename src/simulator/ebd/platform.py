"""Takes EBD packages over HTTP, checks tar, names, signature and fields, answers with a signed EBDResponse. Shares no code with a
client: even SM2 is computed here from GB/T 32918.2 in whole numbers, SM3 from GB/T 32905.
"""

from __future__ import annotations

import base64
import io
import re
import secrets
import socket
import tarfile
import threading
import time
import xml.etree.ElementTree as ET
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from defusedxml.ElementTree import fromstring

ACCEPT, REFUSE, DOWN, CUT, UNSIGNED, NONSENSE, OTHER = (
    "accept",
    "refuse",
    "down",
    "cut",
    "unsigned",
    "nonsense",
    "other",
)

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
GX = 0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7
GY = 0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0


class Platform:
    """`mood` is what it does with the next package. `played` are the messages that its loudspeakers read out."""

    def __init__(self, *, certificate: str = "9900000001", peers: dict[str, str] | None = None) -> None:
        self.private = 1 + secrets.randbelow(N - 2)
        self.public = public_of(self.private)
        self.certificate = certificate
        self.peers = peers or {}
        self.mood = ACCEPT
        self.posts = 0
        self.faults: list[str] = []
        self.played: list[dict[str, str]] = []
        self.audio: list[bytes] = []
        self.heartbeats = 0
        platform = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                platform.posts += 1
                data = self.rfile.read(int(self.headers["Content-Length"]))
                status, body = platform.take(data)
                if platform.mood == CUT:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/ebd"

    @property
    def attempts(self) -> int:
        return self.posts

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    # --- taking ---

    def take(self, data: bytes) -> tuple[int, bytes]:
        if self.mood == DOWN:
            return 503, b""
        if self.mood == NONSENSE:
            return 200, b"<html>ok</html>"
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            opened = {one.name: archive.extractfile(one) for one in archive.getmembers()}
            files = {name: file.read() for name, file in opened.items() if file is not None}
        name = next(one for one in files if one.startswith("EBDB_"))
        ebd_id = name[5:-4]
        message = files[name]
        root = fromstring(message)
        kind = root.findtext("EBDType")
        if root.findtext("EBDID") != ebd_id:
            self.faults.append("EBDID and file name differ")
        if not re.fullmatch(r"\d{18}", root.findtext("SRC/EBRID") or ""):
            self.faults.append("SRC/EBRID")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", root.findtext("EBDTime") or ""):
            self.faults.append("EBDTime")
        signature = files.get(f"EBDS_EBDB_{ebd_id}.xml")
        if kind != "ConnectionCheck" and not self._is_good(ebd_id, message, signature):
            self.faults.append("signature")
            return 200, self._answer(ebd_id, "0", "bad signature")
        if kind == "ConnectionCheck":
            self.heartbeats += 1
        elif kind == "EBMStateRequest":
            return 200, self._state(ebd_id, root.findtext("EBMStateRequest/EBM/EBMID") or "")
        elif kind == "EBM" and self.mood != REFUSE:
            self._play(root, files)
        code = {REFUSE: "3"}.get(self.mood, "1")
        related = "x" * 8 if self.mood == OTHER else ebd_id
        return 200, self._answer(related, code, "")

    def _is_good(self, ebd_id: str, message: bytes, signature: bytes | None) -> bool:
        if signature is None:
            return False
        root = fromstring(signature)
        public = self.peers.get(root.findtext("CertSN") or "")
        if (
            public is None
            or root.findtext("RelatedEBD/EBDID") != ebd_id
            or root.findtext("SignatureAlgorithm") != "SM2-SM3"
        ):
            return False
        raw = base64.b64decode(root.findtext("SignatureValue") or "")
        return verify(public, message, raw)

    def _play(self, root: ET.Element, files: dict[str, bytes]) -> None:
        ebm = root.find("EBM")
        assert ebm is not None
        for needed in (
            "EBMVersion",
            "EBMID",
            "MsgBasicInfo/MsgType",
            "MsgBasicInfo/SenderName",
            "MsgBasicInfo/SendTime",
            "MsgBasicInfo/Severity",
            "MsgBasicInfo/StartTime",
            "MsgBasicInfo/EndTime",
            "MsgContent/LanguageCode",
            "MsgContent/MsgDesc",
            "MsgContent/AreaCode",
        ):
            if not ebm.findtext(needed):
                self.faults.append(f"no {needed}")
        if not re.fullmatch(r"\d{30}", ebm.findtext("EBMID") or ""):
            self.faults.append("EBMID")
        if not re.fullmatch(r"\d{12}", ebm.findtext("MsgContent/AreaCode") or ""):
            self.faults.append("AreaCode")
        name = ebm.findtext("MsgContent/Auxiliary/AuxiliaryDesc")
        if name:
            self.audio.append(files[name])
            if ebm.findtext("MsgContent/Auxiliary/Size") != str(len(files[name])):
                self.faults.append("Size")
        self.played.append(
            {
                "id": ebm.findtext("EBMID") or "",
                "type": ebm.findtext("MsgBasicInfo/MsgType") or "",
                "related": ebm.findtext("RelatedInfo/EBMID") or "",
                "severity": ebm.findtext("MsgBasicInfo/Severity") or "",
                "event": ebm.findtext("MsgBasicInfo/EventType") or "",
                "text": ebm.findtext("MsgContent/MsgDesc") or "",
                "area": ebm.findtext("MsgContent/AreaCode") or "",
                "to": ebm.findtext("Dispatch/EBRID") or "",
                "sender": ebm.findtext("MsgBasicInfo/SenderName") or "",
            }
        )

    # --- answering ---

    def _answer(self, related: str, code: str, words: str) -> bytes:
        return self.package(
            "EBDResponse",
            f"<RelatedEBD><EBDID>{related}</EBDID></RelatedEBD><EBDResponse><ResultCode>{code}</ResultCode><ResultDesc>{words}</ResultDesc></EBDResponse>",
            is_signed=self.mood != UNSIGNED,
        )

    def _state(self, related: str, number: str) -> bytes:
        state = "known" if any(one["id"] == number for one in self.played) else "unknown"
        return self.package(
            "EBMStateResponse",
            f"<RelatedEBD><EBDID>{related}</EBDID></RelatedEBD><EBMStateResponse><EBM><EBMID>{number}</EBMID><State>{state}</State></EBM></EBMStateResponse>",
        )

    def log_package(self, rows: list[tuple[str, str, str]], *, is_signed: bool = True) -> bytes:
        """EBMBrdLog: (EBMID, terminal, state code) each."""
        items = "".join(
            f"<EBMBrdItem><EBM><EBMID>{number}</EBMID></EBM><Terminal><EBRID>{terminal}</EBRID><BrdStateCode>{state}</BrdStateCode></Terminal></EBMBrdItem>"
            for number, terminal, state in rows
        )
        return self.package("EBMBrdLog", f"<EBMBrdLog>{items}</EBMBrdLog>", is_signed=is_signed)

    def package(self, kind: str, inside: str, *, is_signed: bool = True) -> bytes:
        ebd_id = f"888888888888888888{int(time.time() * 1000):016d}"[:34]
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        message = (
            f'<?xml version="1.0" encoding="UTF-8"?><EBD><EBDVersion>1</EBDVersion><EBDID>{ebd_id}</EBDID><EBDType>{kind}</EBDType>'
            f"<SRC><EBRID>888888888888888888</EBRID></SRC><DEST><EBRID>0</EBRID></DEST><EBDTime>{stamp}</EBDTime>{inside}</EBD>"
        ).encode()
        files = {f"EBDB_{ebd_id}.xml": message}
        if is_signed:
            value = base64.b64encode(sign(self.private, self.public, message)).decode()
            files[f"EBDS_EBDB_{ebd_id}.xml"] = (
                f"<Signature><Version>1</Version><RelatedEBD><EBDID>{ebd_id}</EBDID></RelatedEBD><CertSN>{self.certificate}</CertSN>"
                f"<SignatureAlgorithm>SM2-SM3</SignatureAlgorithm><SignatureValue>{value}</SignatureValue></Signature>"
            ).encode()
        return tar_of(files)


def tar_of(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


# --- SM3 and SM2 in whole numbers ---


def _add(one: tuple[int, int] | None, two: tuple[int, int] | None) -> tuple[int, int] | None:
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        if (one[1] + two[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P) % P
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, P) % P
    x = (slope * slope - one[0] - two[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P


def _times(k: int, point: tuple[int, int]) -> tuple[int, int] | None:
    found = None
    while k:
        if k & 1:
            found = _add(found, point)
        point = _add(point, point)  # type: ignore[assignment]
        k >>= 1
    return found


def public_of(private: int) -> str:
    x, y = _times(private, (GX, GY))  # type: ignore[misc]
    return f"{x:064x}{y:064x}"


def _digest(public: str, message: bytes) -> int:
    head = bytes.fromhex("0080") + b"1234567812345678"
    for value in (A, B, GX, GY):
        head += value.to_bytes(32, "big")
    return int.from_bytes(sm3(sm3(head + bytes.fromhex(public)) + message), "big")


def sign(private: int, public: str, message: bytes) -> bytes:
    e = _digest(public, message)
    while True:
        k = 1 + secrets.randbelow(N - 1)
        r = (e + _times(k, (GX, GY))[0]) % N  # type: ignore[index]
        s = pow(1 + private, -1, N) * (k - r * private) % N
        if r and s and r + k != N:
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public: str, message: bytes, raw: bytes) -> bool:
    if len(raw) != 64:
        return False
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    point = (int(public[:64], 16), int(public[64:], 16))
    t = (r + s) % N
    if not (0 < r < N and 0 < s < N and t):
        return False
    found = _add(_times(s, (GX, GY)), _times(t, point))
    return found is not None and (_digest(public, message) + found[0]) % N == r


def sm3(data: bytes) -> bytes:
    def left(value: int, by: int) -> int:
        by %= 32
        return ((value << by) | (value >> (32 - by))) & 0xFFFFFFFF

    state = [0x7380166F, 0x4914B2B9, 0x172442D7, 0xDA8A0600, 0xA96F30BC, 0x163138AA, 0xE38DEE4D, 0xB0FB0E4E]
    padded = data + b"\x80" + b"\0" * ((55 - len(data)) % 64) + (8 * len(data)).to_bytes(8, "big")
    for start in range(0, len(padded), 64):
        w = [int.from_bytes(padded[start + 4 * i : start + 4 * i + 4], "big") for i in range(16)]
        for i in range(16, 68):
            x = w[i - 16] ^ w[i - 9] ^ left(w[i - 3], 15)
            w.append((x ^ left(x, 15) ^ left(x, 23)) ^ left(w[i - 13], 7) ^ w[i - 6])
        a, b, c, d, e, f, g, h = state
        for i in range(64):
            first = left((left(a, 12) + e + left(0x79CC4519 if i < 16 else 0x7A879D8A, i)) & 0xFFFFFFFF, 7)
            second = first ^ left(a, 12)
            ff = a ^ b ^ c if i < 16 else (a & b) | (a & c) | (b & c)
            gg = e ^ f ^ g if i < 16 else (e & f) | (~e & g)
            one = (ff + d + second + (w[i] ^ w[i + 4])) & 0xFFFFFFFF
            two = (gg + h + first + w[i]) & 0xFFFFFFFF
            a, b, c, d, e, f, g, h = (
                one,
                a,
                left(b, 9),
                c,
                two ^ left(two, 9) ^ left(two, 17),
                e,
                left(f, 19),
                g,
            )
        state = [x ^ y for x, y in zip(state, (a, b, c, d, e, f, g, h), strict=True)]
    return b"".join(x.to_bytes(4, "big") for x in state)
