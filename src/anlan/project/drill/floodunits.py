"""Departments and townships that answer their orders, and leaders of teams: all of them only through the links on their phones.

Nobody here knows the platform. A message comes with a link; behind it stands a page; the page has buttons.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx

from anlan.kernel.clock import SHANGHAI
from anlan.project.drill.floodclock import HeldClock
from anlan.project.drill.floodscript import Day, chance
from anlan.project.drill.night import Person, Stuck, said

_ID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
_LINK = re.compile(r"/([ot])/([\w-]{20,})/")
#: Units look at their work every ten minutes.
GRID_MIN = 10


def links_in(text: str) -> list[tuple[str, str]]:
    """Kind ("o" orders, "t" a team's job) and token of each link in a message."""
    return [(found[0], found[1]) for found in _LINK.findall(text)]


class Phone:
    """A browser without an account: a look at a link, a press of a button."""

    def __init__(self, base: str) -> None:
        plain = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.Client(
            base_url=base, timeout=60, follow_redirects=True, limits=plain, trust_env=False
        )
        self._client.headers["Accept-Language"] = "zh-hans"
        self.looks = self.presses = 0

    def close(self) -> None:
        self._client.close()

    def look(self, path: str) -> str:
        self.looks += 1
        answer = self._client.get(path)
        if answer.status_code != 200:
            raise Stuck(f"GET {path[:3]}…: {answer.status_code}")
        return answer.text

    def press(self, path: str, form: dict[str, Any]) -> str:
        self.presses += 1
        answer = self._client.post(path, data=form)
        if answer.status_code != 200:
            raise Stuck(f"{form.get('verb')}: {answer.status_code} {said(answer.text)}")
        return answer.text


class Account:
    """The same for somebody who has signed in: his orders stand on a page of his own."""

    path = "/f/orders/"

    def __init__(self, person: Person) -> None:
        self._person = person

    def look(self, path: str) -> str:
        return self._person.get(path)

    def press(self, path: str, form: dict[str, Any]) -> str:
        return self._person.post(path, form).text


@dataclass(frozen=True, slots=True)
class Seen:
    """One order as its page shows it. `until` is the limit that it keeps next, on the drill's clock."""

    key: str
    title: str
    verbs: tuple[str, ...]
    until: datetime | None

    @property
    def is_new(self) -> bool:
        return "acknowledge" in self.verbs

    @property
    def is_begun(self) -> bool:
        return "start" not in self.verbs


def orders_on(page: str, now: datetime) -> list[Seen]:
    """The open orders of a page, by title."""
    found = []
    for block in page.split('<li class="card"')[1:]:
        key = re.search(rf'name="order" value="({_ID})"', block)
        title = re.search(r"<b[^>]*>(.*?)</b>", block, re.S)
        if key is None or title is None:
            continue
        verbs = tuple(re.findall(r'name="verb" value="(\w+)"', block))
        times = re.search(r"(?:(\d{2})-(\d{2}) )?(\d{2}):(\d{2})(?::\d{2})?", block.split("</p>")[1])
        until = None if times is None else _moment(int(times.group(3)), int(times.group(4)), now)
        found.append(Seen(key.group(1), html.unescape(title.group(1)), verbs, until))
    return sorted(found, key=lambda one: (one.title, one.key))


def _moment(hour: int, minute: int, now: datetime) -> datetime:
    """The moment of a time of day that lies nearest to now: limits are hours away, not days."""
    local = now.astimezone(SHANGHAI).replace(hour=hour, minute=minute, second=0, microsecond=0)
    days = (timedelta(days=-1), timedelta(0), timedelta(days=1))
    return min((local + one for one in days), key=lambda one: abs(one - now - timedelta(hours=4)))


@dataclass(slots=True)
class Unit:
    """One addressee: its link and what it has planned."""

    path: str
    name: str
    door: Phone | Account
    planned: set[str] = field(default_factory=set)
    visits: int = 0


class Units:
    """All departments and townships at their phones."""

    def __init__(
        self,
        clock: HeldClock,
        phone: Phone,
        day: Day,
        *,
        seed: int,
        silent: Iterable[str],
        mute: str,
        accounts: Mapping[str, Account],
    ) -> None:
        self.clock, self.phone, self.day, self.seed = clock, phone, day, seed
        self.silent = set(silent)
        #: Places whose people sign in instead of using the link.
        self.accounts = accounts
        #: Answers nothing at all: for a drill that must fail.
        self.mute = mute
        self.by_token: dict[str, Unit] = {}
        self.stuck: list[str] = []

    def hear(self, token: str, text: str) -> None:
        """A message with this link came. A new order makes the unit look; a chase makes a silent one look, in the end."""
        unit = self.by_token.get(token)
        if unit is None:
            path = f"/o/{token}/"
            try:
                page = self.phone.look(path)
            except Stuck as error:
                self.stuck.append(str(error))
                return
            heading = re.search(r"<h1>(.*?)</h1>", page)
            name = html.unescape(heading.group(1)) if heading else ""
            own = self.accounts.get(name)
            unit = Unit(path, name, self.phone) if own is None else Unit(own.path, name, own)
            self.by_token[token] = unit
        if "【指令】" not in text or unit.name == self.mute:
            return
        rules = self.day.units
        wait = rules.silent_min if unit.name in self.silent and not unit.visits else self._ack(unit)
        self.clock.after(wait, partial(self._try, unit.name, partial(self._visit, unit)))

    def _ack(self, unit: Unit) -> int:
        """A township and a department are quick or slow by seed; nobody is later than the shortest limit."""
        return chance(self.seed, "ack", unit.name, self.clock.minute).choice(self.day.units.ack_min)

    def _visit(self, unit: Unit) -> None:
        """Acknowledge what is new, begin what takes long, and plan when each will be finished."""
        unit.visits += 1
        page = unit.door.look(unit.path)
        fresh = [one for one in orders_on(page, self.clock.now()) if one.is_new]
        if not fresh:
            return
        who = f"{unit.name}值班员"
        if len(fresh) > 1:
            page = unit.door.press(unit.path, {"verb": "acknowledge_all", "who": who})
        else:
            page = unit.door.press(unit.path, {"verb": "acknowledge", "order": fresh[0].key, "who": who})
        keys = {one.key for one in fresh}
        for one in orders_on(page, self.clock.now()):
            if one.key in keys and one.key not in unit.planned:
                unit.planned.add(one.key)
                self._plan(unit, one)

    def _plan(self, unit: Unit, one: Seen) -> None:
        rules = self.day.units
        if one.title in rules.not_started:
            return
        left = self.day.end_min if one.until is None else self._minutes_to(one.until)
        if left >= rules.start_from_limit_min:
            self._press(unit, one, "start", "已部署，正在落实")
        if one.title in rules.long:
            due = rules.long[one.title]
        elif one.title in rules.late:
            due = self.clock.minute + left + rules.late_by_min
        else:
            due = self._finish_at(unit, one, left)
        self.clock.at(due, lambda: self._press(unit, one, "finish", f"{one.title}：已完成"))

    def _minutes_to(self, until: datetime) -> int:
        return max(0, round((until - self.clock.now()).total_seconds() / 60))

    def _finish_at(self, unit: Unit, one: Seen, left: int) -> int:
        """A part of the limit, on the grid where the grid lies before the limit."""
        now = self.clock.minute
        share = chance(self.seed, "work", unit.name, one.title).uniform(*self.day.units.share_of_limit)
        wanted = now + max(1, round(left * share))
        grid = -(-wanted // GRID_MIN) * GRID_MIN
        return grid if grid < now + left else wanted

    def _press(self, unit: Unit, one: Seen, verb: str, words: str) -> None:
        form = {"verb": verb, "order": one.key, "words": words, "who": f"{unit.name}值班员"}
        self._try(f"{unit.name} {one.title} {verb}", lambda: unit.door.press(unit.path, form))

    def _try(self, what: str, work: Callable[[], Any]) -> None:
        try:
            work()
        except (Stuck, httpx.HTTPError) as error:
            self.stuck.append(f"minute {self.clock.minute}: {what}: {error}"[:300])


@dataclass(slots=True)
class TeamPhone:
    """The leader of one team with a job."""

    path: str
    name: str
    number: int
    is_out: bool = True


class Teams:
    """Leaders who leave, arrive, work, say that they are well, and come back."""

    def __init__(self, clock: HeldClock, phone: Phone, day: Day, *, seed: int) -> None:
        self.clock, self.phone, self.day, self.seed = clock, phone, day, seed
        self.by_token: dict[str, TeamPhone] = {}
        self.stuck: list[str] = []

    def hear(self, token: str, text: str) -> None:
        team = self.by_token.get(token)
        if team is None:
            name = re.search(r"【调派】(.*?)：", text)
            team = TeamPhone(f"/t/{token}/", name.group(1) if name else "", len(self.by_token))
            self.by_token[token] = team
            self._plan(team)
        elif "【安全报到】" in text:
            self.clock.after(6, lambda: self._press(team, "well", "全员平安，刚才信号不好"))

    def _plan(self, team: TeamPhone) -> None:
        draw = chance(self.seed, "team", team.name)
        left, way = draw.choice([4, 6]), draw.choice([20, 30, 40])
        arrived = left + way
        done = arrived + self.day.team_work_min
        for minutes, verb in ((left, "left"), (arrived, "arrived"), (arrived + 6, "working"), (done, "done"), (done + way, "back")):  # fmt: skip
            self.clock.after(minutes, partial(self._press, team, verb, ""))
        every = self.day.check_every_min
        for minutes in range(left + every - 10, done, every - 10):
            if team.number == self.day.silent_team and minutes > left + every:
                break  # its radio is dead from the second check-in on; it answers when it is chased
            self.clock.after(minutes, lambda: self._press(team, "well", "全员平安"))

    def _press(self, team: TeamPhone, verb: str, words: str) -> None:
        form: dict[str, Any] = {"verb": verb, "words": words}
        if verb == "well":
            form["people"] = "20"
        try:
            self.phone.press(team.path, form)
        except (Stuck, httpx.HTTPError) as error:
            self.stuck.append(f"minute {self.clock.minute}: {team.name} {verb}: {error}"[:300])
