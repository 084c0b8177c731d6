"""The demo county's forces: teams of different kinds and skills, vehicles and equipment, experts, stock. All of it fictional."""

from __future__ import annotations

import math
import uuid
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from anlan.kernel.actor import Actor

if TYPE_CHECKING:
    from anlan.directory.models import Person
    from anlan.places.models import Division
    from anlan.resources.models import Team


class _Team(NamedTuple):
    """`owner` is the end of a department's name, or the number of a township in the order of codes."""

    name: str
    kind: str
    owner: str | int
    strength: int
    skills: tuple[str, ...]


_TEAMS = (
    _Team("县消防救援大队特勤站", "fire", "消防救援大队", 32, ("flood_rescue", "collapse", "hazmat", "fire")),
    _Team("县消防救援大队城关站", "fire", "消防救援大队", 24, ("fire", "flood_rescue", "boat")),
    _Team("县森林消防专业队", "professional", "林业和草原局", 30, ("forest_fire", "mountain_rescue")),
    _Team("县水利抢险队", "professional", "水利局", 22, ("dike", "drainage", "boat")),
    _Team("县矿山救护队", "professional", "应急管理局", 18, ("mine", "collapse")),
    _Team("县危化品处置队", "professional", "应急管理局", 15, ("hazmat", "drone")),
    _Team("县公路抢通队", "professional", "交通运输局", 26, ("road_clearing", "engineering")),
    _Team("县供电抢修队", "enterprise", "工业和信息化局", 20, ("power_repair",)),
    _Team("县通信保障队", "enterprise", "工业和信息化局", 10, ("comms", "drone")),
    _Team("县人民医院医疗队", "medical", "卫生健康局", 16, ("medical",)),
    _Team("县疾控防疫队", "medical", "卫生健康局", 9, ("epidemic",)),
    _Team("县公安交警大队机动队", "professional", "公安局", 25, ("traffic", "evacuation")),
    _Team("县地质灾害技术队", "professional", "自然资源局", 8, ("geology", "drone")),
    _Team("县民兵应急连", "militia", "应急管理局", 60, ("evacuation", "dike", "supplies")),
    _Team("云岭山地救援队", "social", "应急管理局", 14, ("mountain_rescue", "search_dogs", "drone")),
    _Team("云岭蓝水救援队", "social", "应急管理局", 12, ("flood_rescue", "boat", "diving")),
    _Team("综合应急队", "township", 0, 20, ("evacuation", "dike")),
    _Team("综合应急队", "township", 1, 20, ("evacuation", "forest_fire")),
)


class _Asset(NamedTuple):
    """`team` is the place of its team in `_TEAMS`."""

    name: str
    kind: str
    category: str
    number: int
    unit: str
    team: int


_ASSETS = (
    _Asset("抢险救援车", "vehicle", "rescue_vehicle", 1, "辆", 0),
    _Asset("水罐消防车", "vehicle", "fire_engine", 2, "辆", 0),
    _Asset("泡沫消防车", "vehicle", "fire_engine", 1, "辆", 1),
    _Asset("森林消防运兵车", "vehicle", "truck", 3, "辆", 2),
    _Asset("风力灭火机", "equipment", "extinguisher", 40, "台", 2),
    _Asset("龙吸水排涝车", "vehicle", "pump", 1, "辆", 3),
    _Asset("移动抽水泵", "equipment", "pump", 8, "台", 3),
    _Asset("冲锋舟", "equipment", "boat", 4, "艘", 3),
    _Asset("橡皮艇", "equipment", "boat", 6, "艘", 1),
    _Asset("生命探测仪", "equipment", "detector", 2, "台", 4),
    _Asset("破拆工具组", "equipment", "cutter", 5, "套", 0),
    _Asset("重型防化服", "equipment", "protective", 12, "套", 5),
    _Asset("侦检无人机", "equipment", "drone", 2, "架", 5),
    _Asset("挖掘机", "vehicle", "excavator", 3, "台", 6),
    _Asset("装载机", "vehicle", "loader", 4, "台", 6),
    _Asset("汽车起重机", "vehicle", "crane", 1, "台", 6),
    _Asset("应急发电车", "vehicle", "power_vehicle", 2, "辆", 7),
    _Asset("便携发电机", "equipment", "generator", 10, "台", 7),
    _Asset("卫星通信指挥车", "vehicle", "command_vehicle", 1, "辆", 8),
    _Asset("卫星电话", "equipment", "satellite_phone", 12, "部", 8),
    _Asset("救护车", "vehicle", "ambulance", 4, "辆", 9),
    _Asset("转运大客车", "vehicle", "bus", 3, "辆", 11),
    _Asset("物资运输车", "vehicle", "truck", 5, "辆", 13),
    _Asset("搜索无人机", "equipment", "drone", 2, "架", 14),
    _Asset("潜水装具", "equipment", "protective", 6, "套", 15),
)
#: Owner's department, title, fields, types of incidents.
_EXPERTS = (
    ("水利局", "高级工程师", ("堤防", "水库大坝"), ("flood", "flash_flood")),
    ("自然资源局", "高级工程师", ("滑坡治理", "地质勘查"), ("landslide", "debris_flow", "collapse")),
    ("林业和草原局", "正高级工程师", ("森林防火",), ("forest_fire",)),
    ("应急管理局", "注册安全工程师", ("危险化学品",), ("hazardous_chemicals", "industry")),
    ("住房城乡建设局", "高级工程师", ("房屋结构",), ("earthquake", "construction")),
    ("卫生健康局", "主任医师", ("创伤急救",), ("road_traffic", "earthquake")),
    ("交通运输局", "高级工程师", ("桥梁隧道",), ("flood", "landslide", "road_traffic")),
    ("气象局", "高级工程师", ("短临预报",), ("flood", "wind_hail", "snow")),
)
_STOCK = (
    ("tent", 120), ("quilt", 600), ("camp_bed", 300), ("coat", 400), ("water", 800), ("food", 500), ("rice", 5000),
    ("sandbag", 30000), ("life_jacket", 260), ("rope", 120), ("fuel", 4000), ("medicine", 200), ("light", 350),
    ("generator", 12), ("pump", 14),
)  # fmt: skip


def build(*, by: Actor, at: datetime, exercise_id: uuid.UUID | None = None) -> dict[str, int]:
    """Register all of it and report the stock. The register serves every run, so only stock belongs to the exercise."""
    from anlan.places.models import Division

    county = Division.objects.defer("geometry").filter(level="county").order_by("code").first()
    if county is None:
        raise SystemExit("the demo county has no county")
    departments = list(county.children.filter(level="department").defer("geometry"))
    townships = list(county.children.filter(level="township").defer("geometry").order_by("code"))
    teams = [
        _team(row, _owner(row.owner, departments, townships, county), _base(n, townships), by, at)
        for n, row in enumerate(_TEAMS)
    ]
    _assets(teams, by, at)
    experts = _experts(departments, by, at)
    lines = _stock(county, townships, by, at, exercise_id)
    return {"teams": len(teams), "assets": len(_ASSETS), "experts": experts, "stock": lines}


def _owner(
    owner: str | int, departments: list[Division], townships: list[Division], county: Division
) -> Division:
    if isinstance(owner, int):
        return townships[owner % len(townships)] if townships else county
    return next((one for one in departments if one.name.endswith(owner)), county)


def _base(number: int, townships: list[Division]) -> tuple[float | None, float | None]:
    """Where a county's team stands ready: round the seat, for a department has no place on the map. Invented like all of the county."""
    seat = townships[0] if townships else None
    if seat is None or seat.lon is None or seat.lat is None:
        return None, None
    turn = number * 2.4  # about the golden angle, so that no two stand on one spot
    return round(seat.lon + 0.012 * math.cos(turn), 4), round(seat.lat + 0.012 * math.sin(turn), 4)


def _team(
    row: _Team, place: Division, base: tuple[float | None, float | None], by: Actor, at: datetime
) -> Team:
    from anlan.resources.services import register_team, set_readiness
    from anlan.resources.types import TeamDetails

    people = _people(place, at)
    name = f"{place.name}{row.name}" if isinstance(row.owner, int) else row.name
    team = register_team(
        TeamDetails(
            name=name, division=place, kind=row.kind, owner_words=place.name, leader=people[0] if people else None,
            deputy=people[1] if len(people) > 1 else None, strength=row.strength, skills=row.skills,
            lon=base[0] if place.lon is None else place.lon, lat=base[1] if place.lat is None else place.lat,
        ),
        by=by,
        at=at,
    )  # fmt: skip
    if row.name == "县矿山救护队":
        set_readiness(team, "limited", why="半数队员在市里集训", ready_in_min=40, by=by, at=at)
    return team


def _people(place: Division, at: datetime) -> list[Person]:
    """Whoever holds a post in the place, A before B."""
    from anlan.directory.models import Holding

    rows = Holding.objects.filter(post__division=place, held_to=None).select_related("person")
    found: dict[uuid.UUID, Person] = {}
    for row in rows.order_by("role", "post__kind", "pk"):
        found.setdefault(row.person_id, row.person)
    return list(found.values())


def _assets(teams: list[Team], by: Actor, at: datetime) -> None:
    from anlan.resources.services import register_asset
    from anlan.resources.types import AssetDetails
    from anlan.sensing.models import Station
    from anlan.sensing.queries.vehicles import MOBILE_KINDS

    trackers = list(
        Station.objects.filter(kind__in=MOBILE_KINDS).order_by("code").values_list("code", flat=True)
    )
    for row in _ASSETS:
        team = teams[row.team]
        tracker = trackers.pop(0) if row.kind == "vehicle" and trackers else ""
        details = AssetDetails(
            row.name, team.division, kind=row.kind, category=row.category, count=row.number, unit=row.unit, team=team,
            tracker=tracker,
        )  # fmt: skip
        register_asset(details, by=by, at=at)


def _experts(departments: list[Division], by: Actor, at: datetime) -> int:
    from anlan.resources.models import Expert
    from anlan.resources.services import register_expert
    from anlan.resources.types import ExpertDetails

    made = 0
    for ending, title, fields, types in _EXPERTS:
        place = next((one for one in departments if one.name.endswith(ending)), None)
        people = [] if place is None else _people(place, at)
        if place is None or not people or Expert.objects.filter(person=people[-1]).exists():
            continue
        register_expert(ExpertDetails(people[-1], title, place.name, types, fields), by=by, at=at)
        made += 1
    return made


def _stock(
    county: Division, townships: list[Division], by: Actor, at: datetime, exercise_id: uuid.UUID | None
) -> int:
    from anlan.resources.services import report_stock
    from anlan.resources.types import StockDetails

    made = 0
    depots = [
        ("县级救灾物资库", county, Decimal(1)),
        *((f"{one.name}物资点", one, Decimal("0.1")) for one in townships[:3]),
    ]
    for depot, place, share in depots:
        for item, quantity in _STOCK:
            amount = (quantity * share).quantize(Decimal(1))
            details = StockDetails(depot, place, item, amount, at - timedelta(hours=6), source="月度盘点")
            report_stock(details, by=by, at=at, exercise_id=exercise_id)
            made += 1
    return made
