"""The official notice of a start, change or end (文号, 签发人, 主送), and its short text to phones with receipts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from anlan.accounts.access import require
from anlan.directory import queries as directory
from anlan.dissemination import services as dissemination
from anlan.incidents.numbering import next_serial
from anlan.kernel.actor import Actor
from anlan.kernel.clock import SHANGHAI
from anlan.kernel.refusals import NotAllowed
from anlan.places.models import Division
from anlan.plans.content import read
from anlan.response.models import Activation, LevelChange, NoticeKind, ResponseNotice
from anlan.response.opening import Resolver
from anlan.response.parameters import NoticeWords, table
from anlan.response.refusals import NobodyToTell, NotSigned, PersonNeeded, ReasonMissing
from anlan.response.types import ROMAN
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind, Right
from anlan.warning.spoken import DRILL_MARK

#: Whose phone stands for a place when the plan names no post.
DUTY_POSTS: dict[str, tuple[str, ...]] = {
    DivisionLevel.COUNTY: (PostKind.COUNTY_DUTY, PostKind.COUNTY_DUTY_CHIEF),
    DivisionLevel.TOWNSHIP: (PostKind.TOWNSHIP_DUTY, PostKind.TOWNSHIP_LEADER),
    DivisionLevel.VILLAGE: (PostKind.INFORMATION_OFFICER, PostKind.VILLAGE_SECRETARY),
    DivisionLevel.DEPARTMENT: (PostKind.DEPARTMENT_DUTY,),
    DivisionLevel.ENTERPRISE: (PostKind.ENTERPRISE_SAFETY_MANAGER,),
    DivisionLevel.SITE: (PostKind.SITE_KEEPER,),
}


def draft_notice(change: LevelChange, *, by: Actor, at: datetime) -> ResponseNotice:
    """The notice of one change from the county's words, without a number until it is signed, so that numbers have no gaps."""
    activation = change.activation
    kind = kind_of(change)
    forms = _forms(kind)
    given = _given(change)
    return ResponseNotice(
        state="draft",
        activation=activation,
        level_change=change,
        kind=kind,
        title=_mark(activation) + forms.title.format(**given)[:150],
        body=forms.body.format(**given).strip(),
        phone_text=(_mark(activation) + forms.phone.format(**given))[:500],
        main_to=main_to(change),
        subject=f"incident:{activation.incident_id}",
        exercise_id=activation.exercise_id,
    ).record(by=by, at=at, kind="drafted", cause=f"level_change:{change.pk}")


def edit_notice(
    notice: ResponseNotice,
    *,
    title: str,
    body: str,
    phone_text: str,
    main_to: Sequence[dict[str, str]],
    by: Actor,
    at: datetime,
) -> ResponseNotice:
    """Change the words of a draft; who signs it reads what goes out."""
    check_may_sign(notice, by)
    if notice.state != "draft":
        raise NotSigned
    if not (title.strip() and body.strip() and phone_text.strip()):
        raise ReasonMissing
    return notice.change(
        by=by,
        at=at,
        kind="edited",
        title=title.strip()[:160],
        body=body.strip(),
        phone_text=phone_text.strip()[:500],
        main_to=list(main_to),
    )


def sign_notice(notice: ResponseNotice, *, by: Actor, by_name: str, at: datetime) -> ResponseNotice:
    """It gets its number and the signer's name."""
    check_may_sign(notice, by)
    if by.person_id is None:
        raise PersonNeeded
    body = notice.body.replace("{signer}", by_name)
    return notice.advance(
        "signed",
        by=by,
        at=at,
        number=_number(notice, at),
        signer_name=by_name[:60],
        signed_by=by.ref,
        signed_at=at,
        body=body,
    )


def withdraw_notice(notice: ResponseNotice, *, by: Actor, at: datetime) -> ResponseNotice:
    """No notice is given of this change."""
    check_may_sign(notice, by)
    return notice.advance("withdrawn", by=by, at=at)


def send_notice(notice: ResponseNotice, *, by: Actor, at: datetime) -> ResponseNotice:
    """The short text goes to the phones of everybody named; each message has its receipt. Those without a phone are listed."""
    check_may_sign(notice, by)
    if notice.state != "signed":
        raise NotSigned
    if not notice.main_to:
        raise NobodyToTell
    for person_id in phones_of(notice.main_to, at):
        dissemination.reach_person(
            person_id=person_id,
            subject=f"response_notice:{notice.pk}",
            text=notice.phone_text,
            channels=("sms",),
            role="response_notice",
            by=by,
            at=at,
            exercise_id=notice.exercise_id,
            cause=f"response_notice:{notice.pk}",
        )
    return notice.advance("sent", by=by, at=at, sent_at=at)


def check_may_sign(notice: ResponseNotice, by: Actor) -> None:
    path = notice.activation.division.path
    if not by.can(Right.DECIDE_RESPONSE, path):
        require(by, Right.SIGN_REPORTS, path)
    if not by.can(Right.SEE, path):
        raise NotAllowed


def kind_of(change: LevelChange) -> NoticeKind:
    if change.from_level is None:
        return NoticeKind.START
    return NoticeKind.END if change.to_level is None else NoticeKind.CHANGE


def main_to(change: LevelChange) -> list[dict[str, str]]:
    """主送: those whom the level names, else the members of the body. Each {"name", "code", "post", "person"}."""
    activation = change.activation
    content = read(activation.plan_version.content)
    level = change.to_level or change.from_level
    named = next((one.notify for one in content.levels if one.level == level), ())
    resolver = Resolver(content, activation.division, activation.incident, activation.affected)
    found: dict[str, dict[str, str]] = {}
    for address in named:
        for place, instead_of in resolver.divisions(address)[0]:
            name = instead_of or place.name
            found.setdefault(name, {"name": name, "code": place.pk, "post": address.post, "person": ""})
    if not found and activation.body is not None:
        for member in activation.body.members.filter(left_at=None).select_related("unit", "person"):
            name = member.unit.name if member.unit is not None else member.unit_words or _name(member)
            found.setdefault(name, _of_member(member, name))
    return list(found.values())


def _name(member: Any) -> str:
    return member.person.name if member.person is not None else str(member.title)


def _of_member(member: Any, name: str) -> dict[str, str]:
    return {
        "name": name,
        "code": member.unit_id or "",
        "post": "",
        "person": "" if member.person_id is None else str(member.person_id),
    }


def phones_of(addressees: Iterable[dict[str, str]], at: datetime) -> list[Any]:
    """People who are told, each once: the named person, else the first holders of the place's duty posts."""
    import uuid

    found: dict[Any, None] = {}
    rows = list(addressees)
    places = Division.objects.in_bulk([one["code"] for one in rows if one.get("code")])
    for one in rows:
        if one.get("person"):
            found.setdefault(uuid.UUID(one["person"]))
            continue
        place = places.get(one.get("code", ""))
        if place is None:
            continue
        kinds = (one["post"],) if one.get("post") else DUTY_POSTS.get(place.level, ())
        held = directory.responsible([place.pk], at, kinds)[place.pk] if kinds else []
        for holder in held:
            if not holder.is_off_duty:
                found.setdefault(holder.person_id)
    return list(found)


def _forms(kind: NoticeKind) -> NoticeWords:
    known = table()
    return {NoticeKind.START: known.start, NoticeKind.CHANGE: known.change, NoticeKind.END: known.end}[kind]


def _given(change: LevelChange) -> dict[str, str]:
    activation = change.activation
    local = change.happened_at.astimezone(SHANGHAI)
    why = change.why.rstrip("。")
    return {
        "what": what_words(activation),
        "level": ROMAN.get(change.to_level or 0, ""),
        "former": ROMAN.get(change.from_level or 0, ""),
        "plan": activation.plan.title,
        "version": str(activation.plan_version.number),
        "time": f"{local.month}月{local.day}日{local:%H时%M分}",
        "why": f"{why}。",
        "unit": unit_words(activation),
        "signer": change.by_name or "值班领导",
    }


def what_words(activation: Activation) -> str:
    """How the response is called by its event: 云岭县防汛."""
    incident = activation.incident
    known = table().event_words.get(incident.event_type)
    if known is None:
        from anlan.vocab.incidents import TYPES

        known = TYPES[incident.event_type].zh
    return f"{activation.division.name}{known}"


def unit_words(activation: Activation) -> str:
    return activation.body.name if activation.body is not None else activation.division.name


def _mark(activation: Activation) -> str:
    return DRILL_MARK if activation.exercise_id is not None else ""


def _number(notice: ResponseNotice, at: datetime) -> str:
    """Counted a body (or place) and year; drills count for themselves."""
    activation = notice.activation
    year = at.astimezone(SHANGHAI).year
    whose = activation.body.code if activation.body is not None else activation.division_id
    drill = "drill:" if notice.exercise_id is not None else ""
    serial = next_serial(f"notice:{drill}{whose[:12]}:{year}")
    form = _forms(NoticeKind(notice.kind)).number
    return (unit_words(activation) + form.format(year=year, serial=serial))[-40:]
