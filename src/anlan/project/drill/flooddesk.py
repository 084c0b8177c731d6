"""The county's people in a flood day, each with a session of his own: they read the platform's pages and press its buttons."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import httpx

from anlan.project.drill.desk import sign_in
from anlan.project.drill.floodclock import HeldClock
from anlan.project.drill.floodscript import Day, Decision, Lowering
from anlan.project.drill.night import Person, Stuck, said

ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
PEOPLE = ("chen", "chief", "leader", "wang")


@dataclass(slots=True)
class Tally:
    """What the people saw and what they were refused, for the report. Counts of what happened come from the stores."""

    refused: list[dict[str, Any]] = field(default_factory=list)
    read: list[dict[str, Any]] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    pages: dict[str, str] = field(default_factory=dict)


class Desk:
    """The desk, the chief of the shift, the leader on duty and the commander: warnings, and the level of the response."""

    def __init__(self, clock: HeldClock, day: Day) -> None:
        self.base, self.clock, self.day = f"http://127.0.0.1:{clock.stage.web}", clock, day
        self.tally = Tally()
        self.activation = ""
        self.incident = ""
        self.level: int | None = None
        self.level_two_at: int | None = None
        self.decided_at = -1_000
        #: Off in a drill that must fail.
        self.sends_notices = True
        self.people: dict[str, Person] = {}

    def __enter__(self) -> Self:
        for name in PEOPLE:
            self.enter(name)
        return self

    def __exit__(self, *_: object) -> None:
        for person in self.people.values():
            person.client.close()

    def enter(self, name: str) -> Person:
        """Sign in through the page."""
        plain = httpx.Limits(max_keepalive_connections=0)
        client = httpx.Client(
            base_url=self.base, timeout=60, follow_redirects=True, limits=plain, trust_env=False
        )
        client.cookies.set("django_language", "zh-hans")
        sign_in(client, name, base=self.base)
        self.people[name] = Person(client, self.base)
        return self.people[name]

    def attempt(self, what: str, work: Callable[[], Any]) -> bool:
        """Do one piece of work, once what came before has come to rest: nobody decides on a page that is just changing.

        What goes wrong stands in the report and the day goes on.
        """
        self.clock.settle()
        try:
            work()
        except (Stuck, httpx.HTTPError, KeyError, AssertionError) as error:
            self.tally.stuck.append(
                f"minute {self.clock.minute}: {what}: {type(error).__name__} {error}"[:300]
            )
            return False
        return True

    # --- warnings

    def sign_warnings(self) -> None:
        """Whoever signs reads the drafts that wait and signs each."""
        signer = self.people[self.day.sign_warnings]
        for path in self._warnings(1):
            self.attempt("sign a warning", partial(signer.post, f"{path}act/", {"verb": "sign_off"}))

    def lift_warnings(self) -> None:
        signer = self.people[self.day.sign_warnings]
        form = {"verb": "lift", "reason": self.day.lift_why}
        for path in self._warnings(2):
            self.attempt("lift a warning", partial(signer.post, f"{path}act/", form))

    def _warnings(self, section: int) -> list[str]:
        """Paths in one part of the list of warnings: 1 drafts, 2 in force."""
        page = self.people[self.day.sign_warnings].get("/warnings/")
        parts = page.split("<section")
        found = re.findall(rf'href="(/warnings/{ID}/)"', parts[section]) if len(parts) > section else []
        return list(dict.fromkeys(found))

    # --- the response

    def look_for_proposals(self) -> None:
        """What the rules propose is decided by whoever the script names, when it is time."""
        self.clock.settle()
        if not self.activation:
            self._find_response()
        if not self.activation:
            return
        wanted = self._proposed()
        if wanted is None:
            return
        coming = next(
            (one for one in self.day.decisions if self.level is None or one.level < self.level), None
        )
        waited = self.clock.minute - self.decided_at
        if coming is not None and wanted <= coming.level and waited >= coming.after_min:
            self._decide(coming)
        elif coming is None and wanted < (self.level or 0) and waited >= self.day.declined.after_min:
            self._decline()

    def _find_response(self) -> None:
        page = self.people["leader"].get("/responses/")
        for path in dict.fromkeys(re.findall(rf'href="(/responses/at/{ID}/)"', page)):
            body = self.people["leader"].get(path)
            if self.day.plan in html.unescape(body):
                self.activation = path
                incident = re.search(rf"/incidents/({ID})/", body)
                self.incident = incident.group(1) if incident else ""
                self.decided_at = self.clock.minute
                return

    def _proposed(self) -> int | None:
        """The level that the decision page offers: what the rules propose, or the present one."""
        page = self.people["leader"].get(f"{self.activation}decide/")
        found = re.search(r'name="level" value="(\d)" checked', page)
        return int(found.group(1)) if found else None

    def _decide(self, one: Decision) -> None:
        if one.refused:
            self._refused(one.refused, one.level)
        form = self._form(one.by, one.level, one.why, every_township=one.townships == "all")
        beside = self._form(one.beside, one.level, one.why) if one.beside else None
        path = f"{self.activation}decide/"
        if not self.attempt(f"open level {one.level}", lambda: self.people[one.by].post(path, form)):
            return
        self.level, self.decided_at = one.level, self.clock.minute
        if one.level == 2:
            self.level_two_at = self.clock.minute
        if beside is not None:
            self.expect_refusal("two at once", one.beside, path, beside)
        self._notice(one.by)

    def _refused(self, name: str, level: int) -> None:
        """Somebody without authority for this level tries all the same."""
        form = self._form(name, level, "先行启动")
        self.expect_refusal(f"level {level} without authority", name, f"{self.activation}decide/", form)

    def expect_refusal(self, what: str, name: str, path: str, form: dict[str, Any]) -> None:
        person = self.people[name]
        token = person.client.cookies.get("csrftoken", "")
        answer = person.client.post(
            path, data={**form, "csrfmiddlewaretoken": token}, headers={"Referer": self.base}
        )
        self.tally.refused.append(
            {"what": what, "who": name, "status": answer.status_code, "said": said(answer.text)}
        )

    def _form(self, name: str, level: int, why: str, *, every_township: bool = False) -> dict[str, Any]:
        """The decision page as it stands, with the places that are ticked (and every township, where that is decided)."""
        page = self.people[name].get(f"{self.activation}decide/?level={level}")
        boxes = re.findall(r'name="affected" value="(\d+)"( checked)?', page)
        ticked = [code for code, tick in boxes if tick or (every_township and code.endswith("000"))]
        seen = re.search(r'name="seen" value="(\d+)"', page)
        return {
            "verb": "open", "level": str(level), "why": why, "places": "1", "affected": ticked,
            "seen": seen.group(1) if seen else "", "has_read_faults": "1",
        }  # fmt: skip

    def _decline(self) -> None:
        one = self.day.declined
        form = {"verb": "decline", "why": one.why, "level": str(one.level)}
        path = f"{self.activation}decide/"
        self.attempt("put a proposal aside", lambda: self.people[one.by].post(path, form))
        self.decided_at = self.clock.minute

    def decline_others(self) -> None:
        """What the rules propose besides is put aside: one plan is enough for this day."""
        wang = self.people["wang"]
        for path in dict.fromkeys(re.findall(rf'href="(/responses/at/{ID}/)"', wang.get("/responses/"))):
            if path != self.activation and 'value="decline"' in wang.get(f"{path}decide/"):
                form = {"verb": "decline", "why": self.day.others_declined}
                self.attempt("put another plan aside", partial(wang.post, f"{path}decide/", form))

    def lower(self, one: Lowering) -> None:
        """A milder level, or the end; what the page says of open orders is read first."""
        self.clock.settle()
        page = html.unescape(self.people[one.by].get(f"{self.activation}decide/?level={one.level}"))
        kept = re.search(r"<b>([^<]*)</b></p><ul>(.*?)</ul>", page, re.S)
        form = self._form(one.by, one.level, one.why)
        if one.level == 0:
            form["verb"] = "end"
        what = f"lower to level {one.level}"
        if self.attempt(what, lambda: self.people[one.by].post(f"{self.activation}decide/", form)):
            self.level = one.level or None
            self.tally.read.append(
                {"what": what, "kept": len(re.findall("<li>", kept.group(2))) if kept else 0}
            )
            self._notice(one.by)

    def _notice(self, by: str) -> None:
        """The newest notice is read, signed and sent by whoever decided."""
        person = self.people[by]
        if not self.sends_notices:
            return

        def send() -> None:
            page = person.get(self.activation)
            for path in dict.fromkeys(re.findall(rf'href="(/responses/notices/{ID}/)"', page)):
                body = person.get(path)
                if 'value="sign"' in body:
                    person.post(path, {"verb": "sign"})
                    person.post(path, {"verb": "send"})

        self.attempt("the notice", send)
