"""The script of a night: 120 calls of 40 minutes from six sources; 35 tell of something that was told before.

Three events are grave and of different classes; one of them grows through two grades. The others are what a county's desk
hears every night: a scrape, smoke that is mist, a fallen tree, a village of the neighbouring county.
"""

import csv
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

from simulator.seeds import stream

CALLS, REPEATS, MINUTES = 120, 35, 40
#: Where calls come from: four lines that pass theirs on over HTTP, the desk's own phone, and phone pages of townships.
SOURCES = ("110", "119", "120", "12345", "phone", "field")


@dataclass(frozen=True, slots=True)
class Village:
    """A village by its code, with its township's code and name."""

    code: str
    name: str
    township: str
    township_name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Call:
    """One call or message. `event` names what it is about; `fate` is what the desk will find: incident, small, not_true, elsewhere.

    `minute` is when it comes, `occurred` when the thing happened, both counted from the start. `lon`, `lat` are 0 where the
    caller could not say. Numbers are fictional.
    """

    id: str
    minute: float
    source: str
    event: str
    is_repeat: bool
    fate: str
    event_type: str
    title: str
    text: str
    village: Village
    place_words: str
    occurred: float
    caller: str
    number: str
    lon: float = 0.0
    lat: float = 0.0
    figures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Event:
    """What happened, how people put it, and by which numbers it grows: (minute, {code: value})."""

    key: str
    fate: str
    event_type: str
    title: str
    wordings: tuple[str, ...]
    minute: float
    repeats: int
    growth: tuple[tuple[float, dict[str, int]], ...] = ()


GRAVE = (
    _Event(
        "plant",
        "incident",
        "hazardous_chemicals",
        "{place}云岭化工有限公司储罐爆炸",
        (
            "云岭化工厂爆炸了，火很大，有人受伤",
            "{place}化工厂储罐爆炸起火，现场有浓烟",
            "听到{place}方向一声巨响，化工厂着火了",
            "化工厂爆炸，有人员伤亡，请求救护车",
            "云岭化工有限公司储罐区爆炸，火势在蔓延",
        ),
        2.0,
        16,
        ((2.0, {"deaths": 1, "serious_injuries": 2}), (14.0, {"deaths": 4}), (27.0, {"deaths": 11})),
    ),
    _Event(
        "slide",
        "incident",
        "landslide",
        "{place}后山滑坡",
        (
            "{place}后山滑坡，埋了两户人家",
            "{place}发生山体滑坡，房子被埋，有人被困",
            "后山垮下来了，{place}有房屋被压",
            "{place}滑坡堵了路，听说有人没跑出来",
        ),
        5.0,
        8,
        ((5.0, {"trapped": 3, "missing": 2}),),
    ),
    _Event(
        "school",
        "incident",
        "public_health",
        "{place}学校聚集性发热",
        ("{place}学校多名学生发热呕吐", "{place}小学有学生集体发烧送卫生院"),
        11.0,
        2,
        ((11.0, {"persons": 17}),),
    ),
)
#: Kind, fate, type, title, wordings. Every one happens in another village each time.
SMALL = (
    (
        "scrape",
        "small",
        "road_traffic",
        "{place}路段两车剐蹭",
        ("{place}路口两车剐蹭，没人受伤", "{place}两辆车碰了，堵路"),
    ),
    (
        "tree",
        "small",
        "wind_hail",
        "{place}大树倒伏",
        ("{place}大树倒了挡住半边路", "{place}公路边树倒了，过不了车"),
    ),
    (
        "smoke",
        "not_true",
        "forest_fire",
        "{place}山上冒烟",
        ("{place}山上冒烟，怕是着火", "看见{place}山头有烟"),
    ),
    ("power", "small", "other_natural", "{place}停电", ("{place}停电两小时了", "我们{place}没电")),
    ("water", "small", "flood", "{place}积水", ("{place}巷子进水，水到膝盖", "{place}路面积水很深")),
    ("gas", "small", "gas", "{place}燃气异味", ("{place}楼道里有煤气味", "{place}闻到煤气味，请来看看")),
    (
        "walker",
        "small",
        "other_accident",
        "{place}老人走失",
        ("{place}老人走失，下午出门没回来", "{place}走丢一位老人"),
    ),
    ("rock", "small", "collapse", "{place}公路落石", ("{place}公路上有落石", "{place}弯道掉了石头下来")),
    (
        "noise",
        "not_true",
        "other_accident",
        "{place}疑似爆炸声",
        ("{place}听到爆炸声，不知是什么", "{place}有很响的声音"),
    ),
    (
        "far",
        "elsewhere",
        "landslide",
        "邻县{place}方向塌方",
        ("邻县方向塌方，离{place}十几公里", "邻县公路塌方"),
    ),
)
_NAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高"


def villages(divisions_csv: Path) -> list[Village]:
    """The villages of the county file, in order of their codes."""
    with divisions_csv.open(encoding="utf-8", newline="") as file:
        rows = {row["code"]: row for row in csv.DictReader(file)}
    found = []
    for code, row in sorted(rows.items()):
        if row["level"] == "village":
            town = rows[row["parent"]]
            found.append(
                Village(code, row["name"], town["code"], town["name"], float(row["lon"]), float(row["lat"]))
            )
    return found


def write_script(places: list[Village], seed: int) -> list[Call]:
    """The calls of one night in the order in which they come."""
    draw = stream(seed, "night")
    plan = _plan(places, draw)
    calls: list[Call] = []
    for event, village in plan:
        calls += _calls_of(event, village, draw)
    calls.sort(key=lambda call: call.minute)
    return [_numbered(call, index) for index, call in enumerate(calls, start=1)]


def _plan(places: list[Village], draw: Random) -> list[tuple[_Event, Village]]:
    plant = next((place for place in places if place.code == "999901105210"), places[0])
    others = [place for place in places if place != plant]
    draw.shuffle(others)
    plan = [(GRAVE[0], plant), (GRAVE[1], others[0]), (GRAVE[2], others[1])]
    left = CALLS - REPEATS - len(GRAVE)
    repeats = REPEATS - sum(event.repeats for event in GRAVE)
    for index in range(left):
        kind, fate, event_type, title, wordings = SMALL[index % len(SMALL)]
        minute = draw.uniform(0.2, MINUTES - 4)
        twice = 1 if index < repeats else 0
        event = _Event(f"{kind}-{index}", fate, event_type, title, wordings, minute, twice)
        plan.append((event, others[2 + index]))
    return plan


def _calls_of(event: _Event, village: Village, draw: Random) -> list[Call]:
    first = _call(event, village, event.minute, False, draw)
    calls = [first]
    told = [grown for grown in event.growth if grown[0] > event.minute]
    later = [minute for minute, _figures in told]
    later += [_later(event.minute, draw) for _ in range(event.repeats - len(told))]
    calls += [_call(event, village, minute, True, draw) for minute in later]
    return calls


def _later(minute: float, draw: Random) -> float:
    return min(MINUTES - 0.1, minute + draw.uniform(0.5, 12.0))


def _call(event: _Event, village: Village, minute: float, is_repeat: bool, draw: Random) -> Call:
    grown = [figures for when, figures in event.growth if when == minute]
    source = draw.choice(SOURCES)
    if event.key == "plant" and not is_repeat:
        source = "119"
    wording = draw.choice(event.wordings).format(place=village.name)
    knows_place = draw.random() < 0.7
    return Call(
        id="",
        minute=round(minute, 2),
        source=source,
        event=event.key,
        is_repeat=is_repeat,
        fate=event.fate,
        event_type=event.event_type,
        title=event.title.format(place=village.name),
        text=wording,
        village=village,
        place_words=f"{village.township_name}{village.name}",
        occurred=round(max(0.0, event.minute - draw.uniform(0.5, 2.0)), 2),
        caller=draw.choice(_NAMES) + draw.choice(("先生", "女士")),
        number=f"100{draw.randrange(10**8):08d}",
        lon=round(village.lon + draw.uniform(-0.004, 0.004), 6) if knows_place else 0.0,
        lat=round(village.lat + draw.uniform(-0.004, 0.004), 6) if knows_place else 0.0,
        figures=dict(grown[0]) if grown else {},
    )


def _numbered(call: Call, index: int) -> Call:
    return replace(call, id=f"N{index:03d}")
