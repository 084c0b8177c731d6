"""One local service that speaks like WeCom, DingTalk or Feishu, by path: /wecom, /dingtalk, /feishu. Shares no code with a client."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCEPT, REFUSE, DOWN, CUT, BUSY, ERROR_INSIDE, NONSENSE = (
    "accept",
    "refuse",
    "down",
    "cut",
    "busy",
    "error",
    "nonsense",
)

_CODES = {
    "wecom": {ACCEPT: 0, REFUSE: 45002, BUSY: 45009, ERROR_INSIDE: 93000},
    "dingtalk": {ACCEPT: 0, REFUSE: 400014, BUSY: 130101, ERROR_INSIDE: 310000},
    "feishu": {ACCEPT: 0, REFUSE: 11246, BUSY: 11232, ERROR_INSIDE: 19021},
}


class ChatService:
    """`mood` is what it does with the next messages; `texts` are those that a group would have read."""

    def __init__(self, *, secret: str = "") -> None:
        self.mood, self.secret = ACCEPT, secret
        self.texts: list[str] = []
        self.posts = 0
        self.faults: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                service.posts += 1
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                if service.mood == CUT:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
                status, body = service.answer(self.path, raw)
                data = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def attempts(self) -> int:
        return self.posts

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, path: str, raw: bytes) -> tuple[int, object]:
        kind = urlsplit(path).path.strip("/").split("/")[0]
        if self.mood == DOWN:
            return 503, {}
        if self.mood == NONSENSE:
            return 200, b"<html>login</html>"
        body = json.loads(raw)
        text, fault = self._read(kind, path, body)
        field = "code" if kind == "feishu" else "errcode"
        if fault:
            self.faults.append(fault)
            return 200, {field: 19021 if kind == "feishu" else 310000, "errmsg": fault}
        if kind == "wecom" and len(text.encode()) > 2048:
            return 200, {field: 40058, "errmsg": "too long"}
        code = _CODES[kind][self.mood]
        if code == 0:
            self.texts.append(text)
        return 200, {field: code, "errmsg": self.mood}

    def _read(self, kind: str, path: str, body: dict[str, Any]) -> tuple[str, str]:
        if kind == "feishu":
            fault = self._feishu(body) if self.secret else ""
            return body["content"]["text"], fault or ("" if body["msg_type"] == "text" else "msg_type")
        fault = self._dingtalk(path) if self.secret and kind == "dingtalk" else ""
        return body["text"]["content"], fault or ("" if body["msgtype"] == "text" else "msgtype")

    def _dingtalk(self, path: str) -> str:
        query = parse_qs(urlsplit(path).query)
        stamp = query.get("timestamp", ["0"])[0]
        if abs(time.time() * 1000 - int(stamp)) > 3_600_000:
            return "timestamp"
        want = base64.b64encode(
            hmac.new(self.secret.encode(), f"{stamp}\n{self.secret}".encode(), hashlib.sha256).digest()
        ).decode()
        return "" if query.get("sign", [""])[0] == want else "sign"

    def _feishu(self, body: dict[str, Any]) -> str:
        stamp = str(body.get("timestamp", "0"))
        if abs(time.time() - int(stamp)) > 3_600:
            return "timestamp"
        want = base64.b64encode(
            hmac.new(f"{stamp}\n{self.secret}".encode(), digestmod=hashlib.sha256).digest()
        ).decode()
        return "" if body.get("sign") == want else "sign"
