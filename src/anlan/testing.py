"""Fixtures that every test may use: a clock that moves when told to, and a tiny county with its cast.

The cast (the same people in every test): Chen, county duty officer; Feng, duty chief; Zheng, leader on duty; Wang, commander
who signs; He, administrator; Li, duty officer of Willow River; Zhao and Qian, information officer of Upper Willow and her
deputy; Zhou, officer of Lower Willow; Liu, duty officer of the neighbouring Stone Bridge; Wu, officer of North Slope; Guo,
member of the public with an account and no post.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from anlan.kernel.actor import Actor, system
from anlan.kernel.clock import ManualClock
from anlan.vocab.divisions import DivisionLevel
from anlan.vocab.posts import PostKind

if TYPE_CHECKING:
    from django.test import Client

    from anlan.accounts.models import User
    from anlan.directory.models import Holding, Person, Post
    from anlan.places.models import Division

START = datetime(2026, 7, 1, 0, 0, tzinfo=UTC)
PASSWORD = "willow-river-2026"  # noqa: S105 - every account of the tests has it

DIVISIONS: tuple[tuple[str, str, str, str, DivisionLevel, float, float], ...] = (
    ("999901000000", "云岭县", "Yunling", "", DivisionLevel.COUNTY, 102.90, 27.39),
    ("999901101000", "柳河镇", "Willow River", "999901000000", DivisionLevel.TOWNSHIP, 102.91, 27.40),
    ("999901102000", "石桥镇", "Stone Bridge", "999901000000", DivisionLevel.TOWNSHIP, 102.95, 27.45),
    ("999901101201", "上柳村", "Upper Willow", "999901101000", DivisionLevel.VILLAGE, 102.92, 27.41),
    ("999901101202", "下柳村", "Lower Willow", "999901101000", DivisionLevel.VILLAGE, 102.90, 27.40),
    ("999901102201", "北坡村", "North Slope", "999901102000", DivisionLevel.VILLAGE, 102.96, 27.46),
)  # fmt: skip


class Part(NamedTuple):
    """One member of the cast. `phone` is fictional: no number starting with 100 is assigned to anybody."""

    name: str
    chinese: str
    division: str
    post: PostKind | None
    role: str
    phone: str


CAST: tuple[Part, ...] = (
    Part("Chen", "陈静", "Yunling", PostKind.COUNTY_DUTY, "A", "10000000001"),
    Part("Feng", "冯涛", "Yunling", PostKind.COUNTY_DUTY_CHIEF, "A", "10000000002"),
    Part("Zheng", "郑国安", "Yunling", PostKind.DUTY_LEADER, "A", "10000000003"),
    Part("Wang", "王建国", "Yunling", PostKind.COMMANDER, "A", "10000000004"),
    Part("He", "何敏", "Yunling", PostKind.ADMINISTRATOR, "A", "10000000005"),
    Part("Li", "李梅", "Willow River", PostKind.TOWNSHIP_DUTY, "A", "10000000006"),
    Part("Liu", "刘强", "Stone Bridge", PostKind.TOWNSHIP_DUTY, "A", "10000000007"),
    Part("Zhao", "赵春兰", "Upper Willow", PostKind.INFORMATION_OFFICER, "A", "10000000008"),
    Part("Qian", "钱进", "Upper Willow", PostKind.INFORMATION_OFFICER, "B", "10000000009"),
    Part("Zhou", "周平", "Lower Willow", PostKind.INFORMATION_OFFICER, "A", "10000000010"),
    Part("Wu", "吴军", "North Slope", PostKind.INFORMATION_OFFICER, "A", "10000000011"),
    Part("Guo", "郭小明", "Yunling", None, "", "10000000012"),
)


@dataclass(slots=True)
class County:
    """The tiny county. Divisions, people, holdings and users by their English name; posts by (kind, division)."""

    clock: ManualClock
    by: Actor = field(default_factory=lambda: system("test"))
    divisions: dict[str, Division] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    holdings: dict[str, Holding] = field(default_factory=dict)
    posts: dict[tuple[PostKind, str], Post] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    @property
    def division(self) -> Division:
        return self.divisions["Yunling"]

    @property
    def villages(self) -> list[Division]:
        return [place for place in self.divisions.values() if place.level == DivisionLevel.VILLAGE]

    def actor(self, name: str) -> Actor:
        """Who this member of the cast is at this moment, from the posts held now."""
        from anlan.accounts.actors import actor_for
        from anlan.accounts.models import User

        return actor_for(User.objects.get(pk=self.users[name].pk), at=self.now)

    def client(self, name: str, *, language: str = "en") -> Client:
        """A browser in which this member of the cast is signed in, reading English unless told otherwise."""
        from django.conf import settings
        from django.test import Client

        browser = Client()
        browser.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return browser


@pytest.fixture
def clock() -> Iterator[ManualClock]:
    """The wall clock of this test: 1 July 2026, 08:00 in Shanghai, until the test moves it."""
    from anlan.journal.clocks import set_wall_clock

    manual = ManualClock(START)
    former = set_wall_clock(manual)
    yield manual
    set_wall_clock(former)


@pytest.fixture
def county(db: None, clock: ManualClock, settings: pytest.FixtureRequest) -> County:
    """A county with two townships, three villages and the cast, everybody appointed, reachable and with an account.

    Built by the ordinary verbs once in a process; the next tests get the very same rows back, which costs a tenth of it.
    """
    from django.core.cache import cache

    # Slow hashes protect people, not tests.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # type: ignore[attr-defined]
    cache.clear()  # entries carry the same ids as in the test before
    if _cast_of_plaster is not None and clock.now() == START:
        return _from_the_cast(clock)
    is_alone = clock.now() == START and not _tables_with_rows()
    built = County(clock)
    _build_divisions(built)
    for part in CAST:
        _cast(built, part)
    if is_alone:
        _take_a_cast(built)
    return built


#: The rows of the county as it was first built, by table and columns, and the objects that stand for them.
_cast_of_plaster: tuple[list[tuple[str, list[str], list[tuple[Any, ...]]]], dict[str, Any]] | None = None
_OBJECTS = ("divisions", "people", "holdings", "posts", "users")


def _take_a_cast(county: County) -> None:
    global _cast_of_plaster
    _cast_of_plaster = (_tables_with_rows(), {name: getattr(county, name) for name in _OBJECTS})


def _tables_with_rows() -> list[tuple[str, list[str], list[tuple[Any, ...]]]]:
    from django.db import connection

    tables = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in NOT_OF_A_COUNTY:
                continue
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names of our own tables
            rows = [tuple(row) for row in cursor.fetchall()]
            if rows:
                tables.append((table, [column[0] for column in cursor.description], rows))
    return tables


#: Tables that the migrations fill, not the county.
NOT_OF_A_COUNTY = {"django_migrations", "django_content_type", "auth_permission"}


def _from_the_cast(clock: ManualClock) -> County:
    from django.db import connection, transaction

    assert _cast_of_plaster is not None
    tables, objects = _cast_of_plaster
    with transaction.atomic(), connection.cursor() as cursor:
        for table, columns, rows in tables:
            names = ", ".join(f'"{column}"' for column in columns)
            one = f"({', '.join(['%s'] * len(columns))})"
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                part = rows[start : start + _ROWS_AT_ONCE]
                values = [value for row in part for value in row]
                cursor.execute(
                    f'INSERT INTO "{table}" ({names}) VALUES {", ".join([one] * len(part))}',  # noqa: S608 - as above
                    values,
                )
        _count_on(cursor, tables)
    return County(clock, **copy.deepcopy(objects))


#: Keeps a statement below SQLite's limit of variables.
_ROWS_AT_ONCE = 40


def _count_on(cursor: Any, tables: list[tuple[str, list[str], list[tuple[Any, ...]]]]) -> None:
    """PostgreSQL numbers rows from a counter that does not see numbers given by hand."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return
    for table, columns, rows in tables:
        if "id" in columns and isinstance(rows[0][columns.index("id")], int):
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('\"{table}\"', 'id'), (SELECT max(id) FROM \"{table}\"))"  # noqa: S608
            )


def _build_divisions(county: County) -> None:
    from anlan.places.models import Division
    from anlan.places.services import load_divisions
    from anlan.places.types import DivisionRow

    rows = [
        DivisionRow(code, chinese, parent, level, lon=lon, lat=lat, households=100, population=400)
        for code, chinese, _name, parent, level, lon, lat in DIVISIONS
    ]
    load_divisions(rows, by=county.by, at=county.now)
    by_code = Division.objects.in_bulk()
    county.divisions.update({name: by_code[code] for code, _zh, name, *_rest in DIVISIONS})


def _cast(county: County, part: Part) -> None:
    from anlan.accounts.services import create_account
    from anlan.directory import services
    from anlan.directory.models import ContactKind, HoldingRole

    by, at, place = county.by, county.now, county.divisions[part.division]
    person = services.create_person(part.chinese, division=place, by=by, at=at)
    services.set_contact(person, kind=ContactKind.MOBILE, value=part.phone, by=by, at=at)
    if part.post is not None:
        post = services.ensure_post(part.post, division=place, by=by, at=at)
        county.posts[part.post, part.division] = post
        county.holdings[part.name] = services.appoint(post, person, role=HoldingRole(part.role), by=by, at=at)
    county.people[part.name] = person
    county.users[part.name] = create_account(
        person, username=part.name.lower(), password=PASSWORD, must_change=False, by=by, at=at
    )
