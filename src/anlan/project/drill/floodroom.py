"""The incident room of a flood day: command, scenes, teams, supplies, what leaders read, and the review at the end."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from functools import partial
from typing import Any

from anlan.kernel.clock import SHANGHAI
from anlan.project.drill import night
from anlan.project.drill.flooddesk import ID, Desk
from anlan.project.drill.floodscript import Supply
from anlan.project.drill.night import Stuck, said


class County(Desk):
    """The same people in the incident room."""

    # --- the room

    def open_room(self) -> None:
        """Who commands, the two scenes, a question, a consultation, an assessment, what was counted."""
        chen, act = self.people["chen"], f"/incidents/{self.incident}/room/act/"
        room = f"/incidents/{self.incident}/room/"
        self.attempt("the room", lambda: chen.get(room))
        self.attempt(
            "command", lambda: chen.post(act, {"verb": "transfer", "role": "commander", **self.day.commander})
        )
        for scene in self.day.scenes:
            self.attempt("a scene", partial(chen.post, act, {"verb": "open_scene", **scene}))
        self.attempt("the phase of a scene", partial(self._move_scenes, "working"))
        asked = self.day.question
        until = (self.clock.now() + timedelta(minutes=asked["needed_min"])).astimezone(SHANGHAI)
        question = {"verb": "ask_decision", "words": asked["words"], "needed_by": f"{until:%Y-%m-%dT%H:%M}"}
        self.attempt("a question", lambda: chen.post(act, question))
        self.clock.after(asked["answered_min"], self._answer_question)
        self.attempt(
            "an assessment", lambda: chen.post(act, {"verb": "add_assessment", **self.day.assessment})
        )
        self.attempt("a consultation", self._consult)
        for one in self.day.figures:
            form = {"verb": "figure", "is_verified": "1", **{key: str(value) for key, value in one.items()}}
            path = f"/incidents/{self.incident}/act/"
            self.attempt("a figure", partial(chen.post, path, form))
        self.attempt("to grade and verify the incident", self._verify)

    def _verify(self) -> None:
        """What was counted makes of the threat an incident: it gets its grade, and then it is true."""
        path = f"/incidents/{self.incident}/act/"
        self.people["chen"].post(path, {"verb": "grade", **self.day.grade})
        self.clock.settle()
        self.people["chen"].post(path, {"verb": "verify"})

    def report_upward(self) -> None:
        """By phone at once, then in writing with review and signature, as on any night at the desk."""
        desk = night.Room(self.clock.stage, [])
        desk.people, desk.officer = self.people, self.people["chen"]
        known = night.Known("", self.incident)
        self.attempt("the report by phone", partial(desk._flash, known))
        self.attempt("the written report", partial(desk._report, known, "initial"))

    def close_scenes(self) -> None:
        for phase in ("controlled", "closed"):
            self.attempt("the end of a scene", partial(self._move_scenes, phase))

    def _move_scenes(self, phase: str) -> None:
        chen, act = self.people["chen"], f"/incidents/{self.incident}/room/act/"
        page = chen.get(f"/incidents/{self.incident}/room/?tab=scenes")
        scenes = list(dict.fromkeys(re.findall(rf'name="scene" value="({ID})"', page)))
        for scene in scenes:
            chen.post(act, {"verb": "move_scene", "scene": scene, "to": phase, "why": self.day.lift_why})

    def _answer_question(self) -> None:
        asked = self.day.question
        page = self.people["wang"].get(f"/incidents/{self.incident}/room/?tab=decisions")
        found = re.search(rf'<select name="decision".*?<option value="({ID})"', page, re.S)
        form = {"verb": "decide", "decision": found.group(1) if found else "", "words": asked["answer"], "why": asked["why"], "by_name": self.day.commander["name"]}  # fmt: skip
        act = f"/incidents/{self.incident}/room/act/"
        self.attempt("a decision", lambda: self.people["wang"].post(act, form))

    def _consult(self) -> None:
        chen, given = self.people["chen"], self.day.consultation
        act = f"/incidents/{self.incident}/room/act/"
        form = {"verb": "plan_consultation", "title": given["title"], "chair": given["chair"], "attendees": "\n".join(given["attendees"])}  # fmt: skip
        answer = chen.post(act, form)
        found = re.search(rf"/consultations/({ID})/", answer.text)
        if found is None:
            raise Stuck("no consultation on the board")
        path = f"/consultations/{found.group(1)}/"
        chen.post(path, {"verb": "open"})
        chen.post(path, {"verb": "close", "minutes": given["minutes"], "conclusions": given["conclusions"], "chair": given["chair"], "attendees": form["attendees"]})  # fmt: skip

    # --- teams and supplies

    def send_teams(self) -> None:
        """For each skill the platform proposes; the first that can go is told."""
        for number, job in enumerate(self.day.teams):
            scene = self.day.scenes[number % len(self.day.scenes)]
            self.attempt(
                f"a team for {job.skill}",
                partial(self._send, job.skill, job.words, scene),
            )

    def _send(self, skill: str, words: str, scene: dict[str, str]) -> None:
        chen, path = self.people["chen"], f"/incidents/{self.incident}/send/"
        proposed = rf'name="team" id="[^"]*" value="({ID})" required checked'
        page = chen.get(f"{path}?skill={skill}")
        found = re.search(proposed, page)
        if found is None:  # every team with the skill is out: whoever is nearest and free
            skill, page = "", chen.get(path)
            found = re.search(proposed, page)
        place = re.search(r'<option value="(\d{12})" selected', page)
        if found is None:
            raise Stuck("no team is proposed")
        form = {
            "skill": skill, "team": found.group(1), "words": words, "place_words": scene["place_words"],
            "division": place.group(1) if place else "999901000000", "check_every_min": str(self.day.check_every_min),
        }  # fmt: skip
        chen.post(path, form)

    def send_gone_team(self) -> None:
        """An order to a team that is already out is refused."""
        chen, path = self.people["chen"], f"/incidents/{self.incident}/send/"
        page = chen.get(path)
        found = re.search(rf'name="team" id="[^"]*" value="({ID})" required disabled', page)
        if found is not None:
            form = {"team": found.group(1), "words": "再去一趟", "division": "999901000000"}
            self.expect_refusal("a team that is out", "chen", path, form)

    def ask_supplies(self) -> None:
        for number, one in enumerate(self.day.supplies):
            form: dict[str, Any] = {"division": "999901000000", "why": one.why}
            for index, (item, quantity) in enumerate(one.items):
                form |= {f"item-{index}": item, f"quantity-{index}": str(quantity)}
            self.attempt("a request", partial(self._request, one, form, number))

    def _request(self, one: Supply, form: dict[str, Any], number: int) -> None:
        answer = self.people[one.by].post(f"/incidents/{self.incident}/requests/new/", form)
        found = re.search(rf"/forces/requests/({ID})/", str(answer.url))
        if found is None:
            raise Stuck(f"no request: {said(answer.text)}")
        path = f"/forces/requests/{found.group(1)}/"
        _asked, approve, send, receive = self.day.supplies_min
        for minutes, verb, by, amounts in (
            (approve, "approve", "leader", one.approved),
            (send, "send", "chen", one.approved),
            (receive, "receive", "chen", one.received),
        ):
            self.clock.after(
                minutes + 2 * number,
                partial(
                    self.attempt, f"to {verb} supplies", partial(self._move_request, path, verb, by, amounts)
                ),
            )

    def _move_request(self, path: str, verb: str, by: str, amounts: list[int]) -> None:
        person = self.people[by]
        page = person.get(path)
        keys = list(dict.fromkeys(re.findall(rf'name="(q-{ID})"', page)))
        form: dict[str, Any] = {"verb": verb, "from_words": "县级救灾物资库"}
        form |= {key: str(amount) for key, amount in zip(keys, amounts, strict=False)}
        person.post(f"{path}act/", form)

    # --- what leaders read, and the end

    def read_leaders_page(self) -> None:
        """Every figure of the leader's page as it stands there."""
        at = self.clock.exactly()
        page = self.people["wang"].get(f"/incidents/{self.incident}/leader/")
        lines = re.findall(r'data-figure="([\w.]+)".*?<b class="number">(.*?)</b>', page, re.S)
        self.tally.read.append(
            {
                "what": "leader",
                "minute": self.clock.minute,
                "at": at,
                "figures": {code: value.strip() for code, value in lines},
            }
        )

    def make_situation(self) -> None:
        chen = self.people["chen"]
        answer = chen.post(f"/incidents/{self.incident}/room/act/", {"verb": "draft_situation"})
        found = re.search(rf"/situation/({ID})/", answer.text)
        if found is None:
            raise Stuck(f"no situation report: {said(answer.text)}")
        path = f"/situation/{found.group(1)}/"
        page = chen.get(path)
        parts = re.findall(r'<textarea name="(part_\d+)"[^>]*>(.*?)</textarea>', page, re.S)
        form = {name: html.unescape(text).strip() for name, text in parts}
        chen.post(path, {**form, "verb": "final"})
        self.tally.pages["situation"] = path

    def close_incident(self) -> None:
        form = {"verb": "close", "reason": "响应已终止，转入恢复", "words": "响应已终止，转入恢复"}
        self.people["chief"].post(f"/incidents/{self.incident}/act/", form)

    def review(self) -> None:
        """Opened from the journal: what the platform suggests is taken over, one lesson is given to somebody, it is final."""
        leader = self.people["leader"]
        answer = leader.post(f"/incidents/{self.incident}/review/", {})
        found = re.search(rf"/reviews/({ID})/", str(answer.url))
        if found is None:
            raise Stuck(f"no review: {said(answer.text)}")
        path, words = f"/reviews/{found.group(1)}/", self.day.review
        offered = re.findall(
            r'name="code" value="([^"]+)">.*?<textarea[^>]*>(.*?)</textarea>', answer.text, re.S
        )
        for code, said_so in offered:
            form = {"verb": "accept", "code": html.unescape(code), "words": html.unescape(said_so).strip()}
            leader.post(f"{path}act/", form)
        page = leader.get(path)
        finding = re.search(rf'name="finding" value="({ID})"', page)
        due = (self.clock.now() + timedelta(days=words["lesson_days"])).astimezone(SHANGHAI)
        lesson = {
            "verb": "add_lesson", "owner": words["lesson_owner"], "words": words["lesson"], "due_on": f"{due:%Y-%m-%d}",
            "finding": finding.group(1) if finding else "",
        }  # fmt: skip
        leader.post(f"{path}act/", lesson)
        leader.post(f"{path}act/", {"verb": "summary", "summary": words["summary"], "title": ""})
        leader.post(f"{path}act/", {"verb": "finish"})
        self.tally.pages["review"] = path
