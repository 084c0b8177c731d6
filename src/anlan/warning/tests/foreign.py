"""Small servers of others on the loopback: a feed, a warning centre, a POP3 and an IMAP mailbox. They share no code with us."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Site:
    """Answers by path: (status, headers, body) or a function of the handler. `asked` are the requests."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    base: str = ""


@contextmanager
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            found.asked.append((self.command, self.path, dict(self.headers), body))
            answer = found.answers.get(self.path, (404, {}, b""))
            if callable(answer):
                answer(self)
                return
            status, headers, data = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = _answer

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    found.base = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


def endless(handler: BaseHTTPRequestHandler) -> None:
    """200, and then bytes for ever, as fast as they are taken."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 65_536)
    except OSError:
        return


def trickle(handler: BaseHTTPRequestHandler) -> None:
    """200, and then a byte now and then."""
    handler.send_response(200)
    handler.end_headers()
    until = time.monotonic() + 5
    try:
        while time.monotonic() < until:
            handler.wfile.write(b"<")
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        return


def said(body: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(body)
    return found


@dataclass
class Mailbox:
    """Messages by number; `seen` and `deleted` are what the client marked."""

    messages: list[bytes]
    port: int = 0
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)


@contextmanager
def mailbox(kind: str, messages: list[bytes]) -> Iterator[Mailbox]:
    box = Mailbox(messages)
    talk = {"pop3": _pop3, "imap": _imap}[kind]

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            talk(box, self.rfile.readline, self.wfile.write)

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    box.port = server.server_address[1]
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()


def _pop3(box: Mailbox, read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
    """RFC 1939, as much of it as a visit needs."""
    write(b"+OK ready\r\n")
    marked: set[int] = set()
    while line := read():
        word, _space, rest = line.decode().strip().partition(" ")
        word = word.upper()
        if word == "LIST":
            write(b"+OK\r\n")
            for number, data in enumerate(box.messages, start=1):
                if number not in box.deleted:
                    write(f"{number} {len(data)}\r\n".encode())
            write(b".\r\n")
        elif word == "RETR":
            lines = box.messages[int(rest) - 1].replace(b"\r\n", b"\n").split(b"\n")
            write(
                b"+OK\r\n"
                + b"\r\n".join(b"." + one if one.startswith(b".") else one for one in lines)
                + b"\r\n.\r\n"
            )
        elif word == "DELE":
            marked.add(int(rest))
            write(b"+OK\r\n")
        elif word == "PASS" and rest != "secret":
            write(b"-ERR no\r\n")
        elif word == "QUIT":
            box.deleted |= marked
            write(b"+OK\r\n")
            return
        else:
            write(b"+OK\r\n")


def _imap(box: Mailbox, read: Callable[[], bytes], write: Callable[[bytes], object]) -> None:
    """RFC 3501, as much of it as a visit needs."""
    write(b"* OK ready\r\n")
    while line := read():
        tag, _space, rest = line.decode().strip().partition(" ")
        word = rest.upper()
        if word.startswith("CAPABILITY"):
            write(b"* CAPABILITY IMAP4rev1\r\n")
        elif word.startswith("LOGIN") and "secret" not in rest:
            write(f"{tag} NO no\r\n".encode())
            continue
        elif word.startswith("SELECT"):
            write(f"* {len(box.messages)} EXISTS\r\n".encode())
        elif word.startswith("UID SEARCH"):
            new = [str(n) for n in range(1, len(box.messages) + 1) if n not in box.seen]
            write(f"* SEARCH {' '.join(new)}\r\n".encode())
        elif word.startswith("UID FETCH"):
            number = int(rest.split()[2])
            data = box.messages[number - 1]
            if "RFC822.SIZE" in word:
                write(f"* {number} FETCH (UID {number} RFC822.SIZE {len(data)})\r\n".encode())
            else:
                write(f"* {number} FETCH (UID {number} BODY[] {{{len(data)}}}\r\n".encode() + data + b")\r\n")
        elif word.startswith("UID STORE"):
            box.seen.add(int(rest.split()[2]))
        elif word.startswith("LOGOUT"):
            write(f"* BYE bye\r\n{tag} OK done\r\n".encode())
            return
        write(f"{tag} OK done\r\n".encode())
