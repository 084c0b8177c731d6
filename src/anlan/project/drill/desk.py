"""The duty room of a drill: a person who signs off drafts and takes over alarms through the real pages, over HTTP."""

from __future__ import annotations

import contextlib
import re
import threading

import httpx

from anlan.project.drill.stage import DEMO_PASSWORD

#: Pause between two looks at the desk, wall seconds.
LOOK_S = 1.0


class Desk(threading.Thread):
    """Signs in as `username` and works until stopped. Errors are kept: a killed web process is part of some drills."""

    def __init__(self, base: str, username: str, *, signs: bool) -> None:
        super().__init__(daemon=True, name=f"desk-{username}")
        self.base = base
        self.username = username
        self.signs = signs
        self.signed = 0
        self.confirmed = 0
        self.errors = 0
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()
        self.join(timeout=5)

    def run(self) -> None:
        with httpx.Client(base_url=self.base, timeout=5, follow_redirects=True) as client:
            while not self._stopping.wait(LOOK_S):
                try:
                    self._look(client)
                except httpx.HTTPError:
                    self.errors += 1

    def _look(self, client: httpx.Client) -> None:
        page = client.get("/")
        if "/sign-in" in str(page.url) or 'name="password"' in page.text:
            sign_in(client, self.username, base=self.base)
            page = client.get("/")
        for path in re.findall(r'action="(/alarms/[0-9a-f-]+/confirm/)"', page.text)[:5]:
            if self._post(client, path, {}):
                self.confirmed += 1
        if self.signs:
            drafts = client.get("/warnings/").text
            waiting = drafts.split("<section")[1] if "<section" in drafts else ""
            for path in re.findall(r'href="(/warnings/[0-9a-f-]{36}/)"', waiting)[:10]:
                if self._post(client, f"{path}act/", {"verb": "sign_off"}):
                    self.signed += 1

    def _post(self, client: httpx.Client, path: str, form: dict[str, str]) -> bool:
        token = client.cookies.get("csrftoken", "")
        with contextlib.suppress(httpx.HTTPError):
            answer = client.post(
                path, data={**form, "csrfmiddlewaretoken": token}, headers={"Referer": self.base}
            )
            return answer.status_code == 200
        return False


def sign_in(client: httpx.Client, username: str, *, base: str) -> None:
    """Through the sign-in page, as a person does."""
    page = client.get("/accounts/sign-in/")
    form = {"username": username, "password": DEMO_PASSWORD, "csrfmiddlewaretoken": _token(page.text)}
    client.post("/accounts/sign-in/", data=form, headers={"Referer": base})


def _token(html: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', html)
    return found.group(1) if found else ""
