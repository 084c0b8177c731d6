"""The other ends of the channels, on the loopback: a phone gateway and a mail server that misbehave on request."""

from __future__ import annotations

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

#: What a peer does with the next message.
ACCEPT, REFUSE, DOWN, CUT = "accept", "refuse", "down", "cut"


class PhonePeer:
    """Speaks the contract of docs/phone-gateway.md. `CUT` takes the message and breaks the connection."""

    def __init__(self) -> None:
        self.mood = ACCEPT
        self.can_be_asked = True
        self.seen: list[dict[str, Any]] = []
        self.headers: list[str] = []
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                peer.headers.append(self.headers.get("Authorization", ""))
                peer.seen.append(body)
                if peer.mood == CUT:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                status, answer = {
                    ACCEPT: (202, {"provider_ref": f"p-{len(peer.seen)}"}),
                    REFUSE: (422, {"error": "bad_number", "message": "x"}),
                    DOWN: (503, {}),
                }[peer.mood]
                self._answer(status, answer)

            def do_GET(self) -> None:
                key = parse_qs(urlsplit(self.path).query)["client_ref"][0]
                if not peer.can_be_asked:
                    self._answer(501, {})
                elif any(one["client_ref"] == key for one in peer.seen):
                    self._answer(200, {"provider_ref": "p-known", "status": "sent"})
                else:
                    self._answer(404, {})

            def _answer(self, status: int, answer: dict[str, Any]) -> None:
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def attempts(self) -> int:
        return len(self.seen)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class MailPeer:
    """A mail server of a few verbs. `REFUSE` turns the recipient away, `DOWN` says "try later", `CUT` hangs up after the text."""

    def __init__(self) -> None:
        self.mood = ACCEPT
        self.letters: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._socket.getsockname()[1]}?from=yingji@example.invalid"

    @property
    def attempts(self) -> int:
        return len(self.letters)

    def stop(self) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        replies = {"RCPT": {REFUSE: "550 no such user", DOWN: "450 later"}.get(self.mood, "250 ok")}
        with connection, connection.makefile("rwb") as stream:
            _say(stream, "220 peer")
            for raw in stream:
                verb = raw[:4].decode().upper()
                if verb == "DATA":
                    _say(stream, "354 go on")
                    self.letters.append(_letter(stream))
                    if self.mood == CUT:
                        return
                _say(stream, replies.get(verb, "250 ok"))


def _say(stream: Any, line: str) -> None:
    stream.write(f"{line}\r\n".encode())
    stream.flush()


def _letter(stream: Any) -> str:
    lines: list[bytes] = []
    for raw in stream:
        if raw == b".\r\n":
            break
        lines.append(raw)
    return b"".join(lines).decode()


def free_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def wait_until(true: Any, limit_s: float = 5.0) -> None:
    """Give a peer's thread the moment that it needs."""
    end = time.monotonic() + limit_s
    while not true() and time.monotonic() < end:
        threading.Event().wait(0.01)
