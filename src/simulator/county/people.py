"""Who is responsible for what, with which phone, and how each of them behaves when it rings.

All numbers are of the unassigned 100… range, so that nothing here can ever ring a real phone.
"""

import random
from dataclasses import dataclass, replace

from simulator.county import names
from simulator.county.divisions import COUNTY_CODE, Division
from simulator.seeds import stream
from simulator.world import Person

OFFICER = "灾害信息员"
SECRETARY = "村党组织书记"
TOWNSHIP_DUTY = "乡镇值班室"
TOWNSHIP_OFFICER = "乡镇信息员"
TOWNSHIP_LEADER = "乡镇带班领导"
COUNTY_DUTY = "县值班员"
COUNTY_CHIEF = "县值班长"
LEADER = "带班领导"
COMMANDER = "指挥长"
BUREAU = "云岭县应急管理局"
COMMAND_POST = "云岭县应急指挥部"

#: Habit → share among village people. Duty rooms and county posts are always ``reliable``.
HABITS = {
    "prompt": 52,
    "late": 10,
    "second_try": 8,
    "acts": 8,
    "free_text": 5,
    "twice": 5,
    "stranger": 3,
    "hangs_up": 3,
    "dead_number": 2,
    "never": 4,
}
SPARE_LABELS = ["应急管理员", "网格员", "群测群防员", "气象信息员", "护林员", "三防责任人"]
SKILLS = ["急救", "驾驶", "水上救援", "无人机", "电工", "挖掘机", "对讲机"]


@dataclass(frozen=True, slots=True)
class Contact:
    """One row of the contacts workbook."""

    division: str
    organisation: str
    post: str
    role: str
    name: str
    mobile: str
    landline: str = ""
    mail: str = ""
    labels: str = ""
    skills: str = ""
    registration: str = ""


class Numbers:
    """Hands out fictional 11-digit numbers, each once."""

    def __init__(self) -> None:
        self._mobile = 10000000000
        self._landline = 10099000000

    def mobile(self) -> str:
        """The next mobile number."""
        self._mobile += 1
        return str(self._mobile)

    def landline(self) -> str:
        """The next landline of a duty room."""
        self._landline += 1
        return str(self._landline)


def build_contacts(divisions: list[Division], seed: int, numbers: Numbers) -> list[Contact]:
    """County posts, then townships, then villages, with the three planted R34 problems."""
    contacts = _county_contacts(numbers, seed)
    for township in (d for d in divisions if d.level == "township"):
        contacts += _township_contacts(township, numbers, seed)
    villages = [d for d in divisions if d.level == "village"]
    for village in villages:
        contacts += _village_contacts(village, numbers, seed)
    return _with_problems(contacts, villages)


def _county_contacts(numbers: Numbers, seed: int) -> list[Contact]:
    rng = stream(seed, "county-people")
    posts = [
        (COUNTY_DUTY, "A", "陈"),
        (COUNTY_DUTY, "B", "陈"),
        (COUNTY_DUTY, "B", ""),
        (COUNTY_DUTY, "B", ""),
    ]
    posts += [(COUNTY_CHIEF, "A", ""), (COUNTY_CHIEF, "B", ""), (LEADER, "A", ""), (LEADER, "B", "")]
    posts += [(COMMANDER, "A", "王"), (COMMANDER, "B", "")]
    return [
        Contact(
            COUNTY_CODE + "000000",
            COMMAND_POST if post == COMMANDER else BUREAU,
            post,
            role,
            names.person_name(rng, surname),
            numbers.mobile(),
            numbers.landline(),
            f"duty{row}@yunling.example",
        )
        for row, (post, role, surname) in enumerate(posts, start=1)
    ]


def _township_contacts(township: Division, numbers: Numbers, seed: int) -> list[Contact]:
    rng = stream(seed, "township-people", township.code)
    office = f"{township.name}人民政府"
    neighbour = "刘" if township.name == "青石镇" else ""
    duty = Contact(
        township.code,
        office,
        TOWNSHIP_DUTY,
        "A",
        names.person_name(rng, "李"),
        numbers.mobile(),
        numbers.landline(),
    )
    officers = [
        Contact(
            township.code,
            office,
            TOWNSHIP_OFFICER,
            role,
            names.person_name(rng, neighbour),
            numbers.mobile(),
            labels=f"{OFFICER}、应急管理员",
            registration=f"YL-T{township.code[6:9]}{role}",
        )
        for role in ("A", "B")
    ]
    return [duty, *officers]


def township_leaders(divisions: list[Division], numbers: Numbers, seed: int) -> list[Contact]:
    """One leader on duty for each township, who signs its reports."""
    rng = stream(seed, "township-leaders")
    return [
        Contact(
            one.code, f"{one.name}人民政府", TOWNSHIP_LEADER, "A", names.person_name(rng), numbers.mobile()
        )
        for one in divisions
        if one.level == "township"
    ]


def _village_contacts(village: Division, numbers: Numbers, seed: int) -> list[Contact]:
    rng = stream(seed, "village-people", village.code)
    office = f"{village.name}村民委员会"
    surname = "赵" if village.name == "上柳村" else ""
    officer_a = _officer(village, office, "A", names.person_name(rng, surname), numbers, rng)
    officer_b = _officer(village, office, "B", names.person_name(rng), numbers, rng)
    secretary = Contact(village.code, office, SECRETARY, "A", names.person_name(rng), numbers.mobile())
    return [officer_a, officer_b, secretary]


def _officer(
    village: Division, office: str, role: str, name: str, numbers: Numbers, rng: random.Random
) -> Contact:
    labels = [OFFICER, *rng.sample(SPARE_LABELS, rng.randint(0, 3))]
    skills = rng.sample(SKILLS, rng.randint(0, 2))
    return Contact(
        village.code,
        office,
        OFFICER,
        role,
        name,
        numbers.mobile(),
        labels="、".join(labels),
        skills="、".join(skills),
        registration=f"YL-{village.code[6:]}{role}",
    )


def _with_problems(contacts: list[Contact], villages: list[Division]) -> list[Contact]:
    """R34: villages 11 (A and B on one phone), 22 and 23 (one officer for both) and 34 (no B)."""
    shared, first, second, bare = (villages[n].code for n in (10, 21, 22, 33))
    by_seat = {(c.division, c.post, c.role): c for c in contacts}
    phone = by_seat[shared, OFFICER, "A"].mobile
    elsewhere = by_seat[first, OFFICER, "A"]
    mended: list[Contact] = []
    for contact in contacts:
        seat = (contact.division, contact.post, contact.role)
        if seat == (bare, OFFICER, "B"):
            continue
        if seat == (shared, OFFICER, "B"):
            contact = replace(contact, mobile=phone)
        if seat == (second, OFFICER, "A"):
            contact = replace(
                contact, name=elsewhere.name, mobile=elsewhere.mobile, registration=elsewhere.registration
            )
        mended.append(contact)
    return mended


def people_with_habits(contacts: list[Contact], seed: int) -> list[Person]:
    """One person per phone number; the first contact on a number names it."""
    people: dict[str, Person] = {}
    for contact in contacts:
        for phone in filter(None, (contact.mobile, contact.landline)):
            habit = _habit(contact, phone, seed)
            people.setdefault(phone, Person(phone, contact.name, contact.post, contact.division, habit))
    return list(people.values())


def _habit(contact: Contact, phone: str, seed: int) -> str:
    if contact.post not in (OFFICER, SECRETARY):
        return "reliable"
    rng = stream(seed, "habit", phone)
    return rng.choices(list(HABITS), weights=list(HABITS.values()))[0]
