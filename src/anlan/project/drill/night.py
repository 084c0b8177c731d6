"""`anlan drill night`: 120 calls in 40 minutes at the duty desk; three grave incidents, one late report, one change of shift.

The outside world calls over real sockets. The desk is worked through its pages only: an officer who reads each message, knows what
it is about as a person would (from the script), links what was told before, opens and verifies incidents, reports upward with review
and signature, hands the shift over and has the papers made. The platform must have suggested what the officer links.
"""

from __future__ import annotations

import argparse
import html
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from anlan.kernel.clock import SHANGHAI
from anlan.project.drill import cast
from anlan.project.drill.bound import ends_with_parent
from anlan.project.drill.desk import sign_in
from anlan.project.drill.phases import Phases

CLOCK_START = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
#: Exercise seconds a wall second: faster than this and a person's hands on two cores are slower than the calls.
SPEED = 15.0
LEAD_S = 2.0
#: Minutes of the script, and how much longer the desk works on what came.
MINUTES = 40
#: The shift changes in this minute.
CHANGE_MIN = 25.0
#: The slide is reported, by phone and in writing, only so many minutes after it was known: later than the limit of the phone flash.
FORGOTTEN_MIN = 34.0
#: Least share of repeats for which the platform itself must have named what they repeat.
SUGGESTED_LEAST = 0.8
_ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"


class Stuck(Exception):
    """The desk did not do what its page promised; the message quotes the page."""


@dataclass(slots=True)
class Person:
    """One member of the desk with a session of his own."""

    client: httpx.Client
    base: str

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        if answer.status_code != 200:
            raise Stuck(f"GET {path}: {answer.status_code}")
        return answer.text

    def post(self, path: str, form: dict[str, Any]) -> httpx.Response:
        token = self.client.cookies.get("csrftoken", "")
        answer = self.client.post(
            path, data={**form, "csrfmiddlewaretoken": token}, headers={"Referer": self.base}
        )
        if answer.status_code != 200:
            raise Stuck(f"POST {path} {form.get('verb', '')}: {answer.status_code} {said(answer.text)}")
        return answer


def said(page: str) -> str:
    """The refusal that a page shows."""
    own = re.search(r'class="error" role="alert"[^>]*>(.*?)</p>', page, re.S)
    found = own or re.search(r'role="alert"[^>]*>(.*?)</', page, re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", found.group(1))).strip()[:200] if found else ""


@dataclass(slots=True)
class Known:
    """What the desk knows of one event: its first message, its incident, when it was known, what was counted last."""

    intake: str
    incident: str = ""
    known_at: datetime | None = None
    deaths: int = 0
    reports: int = 0


@dataclass(slots=True)
class Tally:
    """What the officer did, for the report."""

    taken: int = 0
    linked: int = 0
    suggested: int = 0
    wrong_first: int = 0
    merges: list[dict[str, str]] = field(default_factory=list)
    papers: list[dict[str, Any]] = field(default_factory=list)
    handover: str = ""
    stuck: list[str] = field(default_factory=list)


def play(data: Path, options: argparse.Namespace) -> dict[str, Any]:
    """Stage, let the calls come, work the desk, judge."""
    phases = Phases()
    speed = options.speed or SPEED
    stage = cast.Set(
        data=data,
        seed=options.seed,
        speed=speed,
        clock_start=CLOCK_START,
        wall_start=time.time() + 24 * 3600,
        sabotage=",".join(options.without),
    )
    made = cast.build_stage(stage, scenario="night", pre_authorise=False, cast=("chen", "chief", "leader"))
    phases.end("build")
    platform = cast.start_platform(stage)
    cast.let_clock_go(stage, lead_s=LEAD_S)
    world = None
    try:
        world = _start_world(stage, made)
        with Room(stage, json.loads(json.dumps(_script(stage)))) as room:
            phases.end("start")
            room.work(until=MINUTES)
            phases.end("night")
            if world.wait(120) != 0:
                room.tally.stuck.append("the outside world could not send everything")
            room.finish()
            phases.end("finish")
        _ask(stage, "--settle", "30")
        tally = room.tally
    finally:
        cast.stop(world)
        cast.stop(platform)
    judged = _ask(stage)
    return {
        "exercise": made["exercise"],
        "seed": options.seed,
        "speed": speed,
        "without": options.without,
        "desk": {
            "taken": tally.taken,
            "linked": tally.linked,
            "suggested": tally.suggested,
            "suggested_first": tally.linked - tally.wrong_first,
            "merges": tally.merges,
            "stuck": tally.stuck,
        },
        "papers": tally.papers,
        "handover": tally.handover,
        "phases_s": phases.lengths,
        **judged,
    }


def _script(stage: cast.Set) -> list[dict[str, Any]]:
    """The script as the outside world plays it, told by a process of its own: the platform never imports it."""
    command = [
        sys.executable,
        "-m",
        "simulator",
        "night",
        "--places",
        str(stage.data / "world/divisions.csv"),
    ]
    command += ["--seed", str(stage.seed), "--tell"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _start_world(stage: cast.Set, made: dict[str, Any]) -> subprocess.Popen[bytes]:
    access = stage.data / "night-access.json"
    access.write_text(json.dumps({"tokens": made["tokens"], "accounts": made["accounts"]}))
    access.chmod(0o600)
    command = [
        sys.executable,
        "-m",
        "simulator",
        "night",
        "--places",
        str(stage.data / "world/divisions.csv"),
    ]
    command += ["--base", f"http://127.0.0.1:{stage.web}", "--access", str(access), "--seed", str(stage.seed)]
    command += ["--clock-start", CLOCK_START.isoformat(), "--wall-start", str(stage.wall_start)]
    command += ["--speed", str(stage.speed), "--report", str(stage.data / "night.json")]
    with (stage.data / "simulator.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=ends_with_parent)


class Room:
    """The desk: an officer, a colleague who takes over, the chief who reviews, the leader who signs."""

    def __init__(self, stage: cast.Set, script: list[dict[str, Any]]) -> None:
        self.stage = stage
        self.base = f"http://127.0.0.1:{stage.web}"
        self.script = script
        self.tally = Tally()
        self.events: dict[str, Known] = {}
        self.done: set[str] = set()
        self.receivers: list[str] = []
        self.has_changed = False

    def __enter__(self) -> Room:
        self.people = {name: self._enter(name) for name in ("chen", "hu", "chief", "leader")}
        self.officer = self.people["chen"]
        return self

    def __exit__(self, *_: object) -> None:
        for person in self.people.values():
            person.client.close()

    def _enter(self, name: str) -> Person:
        # No connection is kept: seconds pass between two requests, and the server closes an idle one.
        plain = httpx.Limits(max_keepalive_connections=0)
        client = httpx.Client(
            base_url=self.base, timeout=30, follow_redirects=True, limits=plain, trust_env=False
        )
        client.cookies.set("django_language", "zh-hans")
        sign_in(client, name, base=self.base)
        return Person(client, self.base)

    # --- time

    def now(self) -> datetime:
        return CLOCK_START + timedelta(seconds=(time.time() - self.stage.wall_start) * self.stage.speed)

    def minute(self) -> float:
        return (self.now() - CLOCK_START).total_seconds() / 60

    # --- the night

    def work(self, *, until: float) -> None:
        """Look at the inbox and the line again and again until the script is over and nothing waits."""
        quiet = 0
        while self.minute() < until or quiet < 2:
            found = self._look()
            quiet = 0 if found else quiet + 1
            if self.minute() >= CHANGE_MIN and not self.has_changed:
                self._step("change", self._change_shift)
            if not found:
                time.sleep(0.3)
            if self.minute() > until + 60:
                self.tally.stuck.append("the desk did not come to an end")
                return

    def _look(self) -> int:
        """Everything that waits now: calls on the line first, then the inbox from the oldest. Returns how many were met."""
        found = re.findall(rf"/intake/new/\?ring=({_ID})", self.officer.get("/intake/rings/"))
        rings = list(dict.fromkeys(found))  # the banner names the one that rings, too
        for ring in rings:
            self._step(f"ring {ring}", lambda ring=ring: self._write_down(ring))
        fresh = [key for key in self._inbox() if key not in self.done]
        for key in fresh:
            self.done.add(key)
            self._step(f"intake {key}", lambda key=key: self._treat(key))
        return len(rings) + len(fresh)

    def _step(self, what: str, step: Any) -> None:
        try:
            step()
        except (Stuck, httpx.HTTPError, KeyError, StopIteration) as error:
            self.tally.stuck.append(f"{what}: {type(error).__name__} {error}"[:300])

    def _inbox(self) -> list[str]:
        """Open messages, the oldest first; the list goes on page by page."""
        found: list[str] = []
        after = ""
        for _ in range(20):
            page = self.officer.get(f"/intake/?state=open{after}")
            found += re.findall(rf'href="/intake/({_ID})/"', page)
            more = re.search(r'href="\?[^"]*after=([^"&]+)', page)
            if more is None:
                break
            after = f"&after={html.unescape(more.group(1))}"
        return list(reversed(list(dict.fromkeys(found))))

    def _write_down(self, ring: str) -> None:
        """The officer answers and types what the caller says; what was told before is linked in the same form."""
        page = self.officer.get(f"/intake/new/?ring={ring}")
        number = _value(page, "caller_number")
        call = next(one for one in self.script if one["number"] == number)
        form = {
            "ring": ring,
            "key": _value(page, "key"),
            "received": _value(page, "received"),
            "source": "phone",
            "caller": call["caller"],
            "caller_number": number,
            "place": f"{call['village']['name']}（{call['village']['township_name']}）",
            "text": call["text"],
            "event_type": call["event_type"],
            "casualties": "，".join(f"{_COUNTED[code]}{value}人" for code, value in call["figures"].items()),
            "occurred": f"{CLOCK_START + timedelta(minutes=call['occurred']):%Y-%m-%dT%H:%M:%S+00:00}",
        }
        answer = self.officer.post("/intake/new/", form)
        key = re.search(rf"/intake/({_ID})/", str(answer.url))
        if key is None:
            raise Stuck(f"the call of {call['id']} was not kept: {said(answer.text)}")

    def _treat(self, key: str) -> None:
        """Read one message and do what it asks for."""
        page = self.officer.get(f"/intake/{key}/")
        call = self._recognise(page)
        self.tally.taken += 1
        known = self.events.get(call["event"])
        if known is not None:
            self._link(key, page, known, call)
        elif call["fate"] == "incident":
            self._open(key, call)
        else:
            self.events[call["event"]] = Known(key)
            verb, words = _SMALL[call["fate"]]
            self._intake(key, verb, words)
            self._intake(key, "feed_back", "已告知处理情况", way="phone")

    def _recognise(self, page: str) -> dict[str, Any]:
        """Which call of the script this is, as a reader would tell it: by its words and its place."""
        text = html.unescape(page)
        fitting = [one for one in self.script if one["text"] in text and one["village"]["name"] in text]
        numbered = [one for one in fitting if one["number"] in text]
        if not fitting:
            raise Stuck("nobody told this")
        return (numbered or fitting)[0]

    def _link(self, key: str, page: str, known: Known, call: dict[str, Any]) -> None:
        likely = [
            (kind, value) for kind, value in re.findall(rf'name="(incident|main)" value="({_ID})"', page)
        ]
        wanted = {known.intake, known.incident}
        named = [value for _kind, value in likely[:3]]
        self.tally.linked += 1
        self.tally.suggested += bool(wanted & set(named))
        self.tally.wrong_first += not (named and named[0] in wanted)
        if known.incident and call["event"] == "slide" and not self.tally.merges:
            self._merge(key, known, call)
        elif known.incident:
            self._intake(key, "join", "", incident=known.incident)
            self._intake(key, "verify", "与已接报为同一事件")
        else:
            self._intake(key, "link", "", main=known.intake)
        if known.incident:
            self._count(known, call)

    def _merge(self, key: str, known: Known, call: dict[str, Any]) -> None:
        """Another officer had opened it a second time: merged by hand, both originals are kept."""
        answer = self._intake(
            key, "open", "", title=f"{call['title']}（重复登记）", event_type=call["event_type"]
        )
        second = _incident_of(answer)
        form = {"verb": "merge", "main": known.incident, "reason": "同一处滑坡，两人先后登记"}
        self.officer.post(f"/incidents/{second}/act/", form)
        self._intake(key, "verify", "与已接报为同一事件")
        self.tally.merges.append({"merged": second, "into": known.incident})

    def _open(self, key: str, call: dict[str, Any]) -> None:
        answer = self._intake(key, "open", "", title=call["title"], event_type=call["event_type"])
        incident = _incident_of(answer)
        known = self.events[call["event"]] = Known(key, incident, self.now())
        self._intake(key, "verify", "属地值班室已核实")
        if call["event_type"] == "landslide":
            form = {"verb": "figure", "code": "deaths", "value": "0", "source": "乡镇", "is_verified": "1"}
            self.officer.post(f"/incidents/{incident}/act/", form)
        self._count(known, call)
        if call["event_type"] == "public_health":
            form = {"verb": "grade", "grade": "4", "reason": "按卫健部门初判"}
            self.officer.post(f"/incidents/{incident}/act/", form)
        self.officer.post(f"/incidents/{incident}/act/", {"verb": "verify"})
        if call["event"] != "slide":  # forgotten, until `finish`
            self._flash(known)
            self._report(known, "initial")

    def _count(self, known: Known, call: dict[str, Any]) -> None:
        """Verify what was counted; a change of the dead is followed by a follow-up report."""
        page = self.officer.get(f"/incidents/{known.incident}/")
        for figure in _claimed(page):
            self.officer.post(
                f"/incidents/{known.incident}/act/", {"verb": "verify_figure", "figure": figure}
            )
        deaths = call["figures"].get("deaths", 0)
        if known.reports and deaths > known.deaths:
            self._report(known, "follow_up")
        known.deaths = max(known.deaths, deaths)

    def _intake(self, key: str, verb: str, words: str, **more: str) -> httpx.Response:
        return self.officer.post(f"/intake/{key}/act/", {"verb": verb, "words": words, **more})

    # --- reports upward

    def _flash(self, known: Known) -> None:
        page = self.officer.get(f"/incidents/{known.incident}/reports/")
        to = list(dict.fromkeys(re.findall(rf'name="to" value="({_ID})"', page)))
        form = {"to": to, "heard_by": "市值班室刘同志", "words": ""}
        self.officer.post(f"/incidents/{known.incident}/reports/flash/", form)

    def _report(self, known: Known, kind: str) -> None:
        """拟稿 → 审核 → 签发 → 报出 → 收到, each by the one whose step it is; then its paper."""
        path = f"/incidents/{known.incident}/reports/new/"
        page = self.officer.get(f"{path}?kind={kind}")
        form: dict[str, Any] = {"kind": kind, "title": _value(page, "title"), "verb": "submit"}
        filled = dict(_areas(page))
        form |= filled
        form["unknown"] = [
            code
            for code in re.findall(r'name="unknown" value="([\w.]+)"', page)
            if not filled.get(f"e-{code}")
        ]
        answer = self.officer.post(path, form)
        found = re.search(rf"/reports/({_ID})/", str(answer.url))
        if found is None:
            raise Stuck(f"no draft: {said(answer.text)}")
        report = found.group(1)
        act = f"/reports/{report}/act/"
        self.people["chief"].post(act, {"verb": "review"})
        self.people["leader"].post(act, {"verb": "sign"})
        page = self.officer.get(f"/reports/{report}/")
        ways: dict[str, Any] = {"verb": "send"}
        for name, options in _selects(page):
            if name.startswith("way-") and (chosen := next((one for one in options if one), "")):
                ways[name] = chosen
        for name, value in re.findall(rf'name="(way-{_ID})" value="(\w+)"', page):
            ways.setdefault(name, value)
        self.officer.post(act, ways)
        self._confirm(report)
        known.reports += 1
        self._paper(f"/papers/of/special/report/{report}/", "special")

    def _confirm(self, report: str) -> None:
        for _ in range(2):  # handed over first, confirmed then
            page = self.officer.get(f"/reports/{report}/")
            for delivery in dict.fromkeys(re.findall(rf"/reports/deliveries/({_ID})/act/", page)):
                for verb in ("handed", "confirmed"):
                    form = {"verb": verb, "name": "刘同志", "next": f"/reports/{report}/"}
                    try:
                        self.officer.post(f"/reports/deliveries/{delivery}/act/", form)
                    except Stuck:
                        continue  # it was handed over or confirmed already

    # --- the shift, the papers, the end

    def _change_shift(self) -> None:
        self.has_changed = True
        page = self.officer.get("/duty/handover/")
        room = re.search(rf'name="room"[^>]*value="({_ID})"', page)
        if room is None:
            raise Stuck("no room to hand over")
        start = CLOCK_START.astimezone(SHANGHAI)
        form = {
            "room": room.group(1),
            "from": f"{start:%Y-%m-%dT%H:%M}",
            "to": f"{self.now().astimezone(SHANGHAI):%Y-%m-%dT%H:%M}",
            "summary": "夜间接报较多，化工厂爆炸与滑坡两起事件仍在处置",
        }
        answer = self.officer.post("/duty/handover/", form)
        found = re.search(rf"/duty/handover/({_ID})/", str(answer.url))
        if found is None:
            raise Stuck(f"not handed over: {said(answer.text)}")
        sheet = found.group(1)
        self.people["hu"].post(f"/duty/handover/{sheet}/", {"verb": "take", "why": "已逐项核对"})
        self.tally.handover = sheet
        self.officer = self.people["hu"]
        self._paper(f"/papers/of/handover/handover/{sheet}/", "handover")

    def _paper(self, path: str, kind: str) -> None:
        """One key makes it; then each form of it is fetched and looked at."""
        answer = self.officer.post(path, {})
        found = re.search(rf"/papers/at/({_ID})/", str(answer.url))
        if found is None:
            raise Stuck(f"no paper by {path}: {said(answer.text)}")
        paper = found.group(1)
        sizes = {}
        for form, head in _HEADS.items():
            body = self.officer.client.get(f"/papers/at/{paper}/file.{form}").content
            sizes[form] = len(body) if body.startswith(head) else 0
        self.tally.papers.append({"kind": kind, "paper": paper, **sizes})

    def finish(self) -> None:
        """The forgotten flash, a final report, the papers of the morning."""
        slide, plant = self.events.get("slide"), self.events.get("plant")
        if slide is not None and slide.incident and slide.known_at is not None:
            while self.now() < slide.known_at + timedelta(minutes=FORGOTTEN_MIN):
                time.sleep(0.2)
            self._step("late flash", lambda: self._flash(slide))
            self._step("late report", lambda: self._report(slide, "initial"))
            self._step("final", lambda: self._report(slide, "final"))
        if plant is not None and plant.incident:
            self._step(
                "intake paper", lambda: self._paper(f"/papers/of/intake/intake/{plant.intake}/", "intake")
            )
            self._step(
                "flash paper", lambda: self._paper(f"/papers/of/flash/incident/{plant.incident}/", "flash")
            )
        for kind in ("morning", "daily"):
            self._step(kind, lambda kind=kind: self._paper(f"/papers/make/{kind}/", kind))


_COUNTED = {
    "deaths": "死亡",
    "missing": "失踪",
    "serious_injuries": "重伤",
    "trapped": "被困",
    "persons": "涉及",
}
_SMALL = {
    "small": ("verify", "已核实，无人员伤亡，已转相关单位处理"),
    "not_true": ("not_true", "现场查看不属实"),
    "elsewhere": ("hand_on", "邻县应急管理局"),
}
_HEADS = {"docx": b"PK", "pdf": b"%PDF-", "txt": b""}


def _value(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    value = re.search(r'value="([^"]*)"', found.group(0)) if found else None
    return html.unescape(value.group(1)) if value else ""


def _areas(page: str) -> Iterator[tuple[str, str]]:
    """The element fields of a report's form with what stands in them."""
    for name, text in re.findall(r'<textarea[^>]*name="(e-[\w.]+)"[^>]*>(.*?)</textarea>', page, re.S):
        yield name, html.unescape(text).strip()
    for tag in re.findall(r"<input[^>]*>", page):
        name = re.search(r'name="(e-[\w.]+)"', tag)
        if name is not None:
            value = re.search(r'value="([^"]*)"', tag)
            yield name.group(1), html.unescape(value.group(1)) if value else ""


def _selects(page: str) -> Iterator[tuple[str, list[str]]]:
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        yield name, re.findall(r'<option value="([^"]*)"', body)


def _incident_of(answer: httpx.Response) -> str:
    found = re.search(rf"/incidents/({_ID})/", str(answer.url))
    if found is None:
        raise Stuck(f"no incident was opened: {said(answer.text)}")
    return found.group(1)


def _claimed(page: str) -> list[str]:
    """Figures that wait to be verified, as the record offers them."""
    return [
        figure
        for figure, rest in re.findall(rf'name="figure" value="({_ID})">(.*?)</form>', page, re.S)
        if "verify_figure" in rest
    ]


def _ask(stage: cast.Set, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "anlan.project.drill.nightjudge", "--data", str(stage.data), *more]
    done = subprocess.run(
        command, env={**os.environ, **stage.environment()}, check=True, stdout=subprocess.PIPE
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def reasons(report: dict[str, Any]) -> list[str]:
    """Why the drill failed; empty when it passed."""
    counted, marks = report["calls"], report["marks"]
    wrong = {
        "calls were lost": counted["lost"],
        "calls were taken twice": counted["twice"],
        "not every call came": counted["sent"] != 120,
        "a call was left untreated": counted["open"],
        "repeats were not linked": counted["repeats"] - counted["linked"],
        "other calls were linked": counted["linked_wrongly"],
        "the platform did not name what a call repeats": report["desk"]["suggested"]
        < SUGGESTED_LEAST * counted["repeats"],
        "incidents of three classes": len({one["class"] for one in report["incidents"]}) != 3,
        "no incident grew through two grades": not any(
            len(one["grades"]) >= 3 for one in report["incidents"]
        ),
        "no merge": not report["merges"],
        "no late report was marked": marks["late"] == 0,
        "a clock was marked wrongly": len(marks["wrong"]),
        "no handover that both signed": not report["handovers"],
        "an open item is missing on the handover": sum(one["missing"] for one in report["handovers"]),
        "a paper is empty": sum(not (one["docx"] and one["pdf"] and one["txt"]) for one in report["papers"]),
        "papers are missing": not {"special", "handover", "intake", "flash", "morning", "daily"}
        <= {one["kind"] for one in report["papers"]},
        "the desk got stuck": len(report["desk"]["stuck"]),
        "the journal does not hold": not report["journal"]["ok"],
        "work failed": len(report["failures"]),
    }
    return [f"{name} ({value})" for name, value in wrong.items() if value]


def summary(report: dict[str, Any]) -> str:
    shown = ("calls", "desk", "merges", "marks", "journal")
    parts = [f"{name}: {json.dumps(report[name], ensure_ascii=False)}" for name in shown]
    parts += [
        f"incident {one['number']} {one['title']}: class {one['class']}, grades {one['grades']}"
        for one in report["incidents"]
    ]
    parts += [
        f"clock {one['incident']} {one['label']}: due {one['due']}, met {one['met'] or '—'}{' LATE' if one['late'] else ''}"
        for one in report["clocks"]
    ]
    parts.append(f"papers: {[one['kind'] for one in report['papers']]}")
    parts.append(f"phases: {json.dumps(report['phases_s'])} s")
    verdict = "FAILED: " + "; ".join(report["failed"]) if report["failed"] else "passed"
    return "\n".join([*parts, f"{verdict} in {report['wall_s']} s"])
