"""Three enterprises of the county with stations that are registered and not yet connected, and the cameras that look at hazards.

Nothing here sends readings; the stations exist so that somebody can see that they do not report.
"""

from dataclasses import dataclass

from simulator.county import names
from simulator.county.divisions import Division, to_degrees
from simulator.county.people import Contact, Numbers
from simulator.seeds import stream

SAFETY_MANAGER = "企业安全管理员"
#: A week: registered stations that were never connected ring nobody during a storm.
PATIENCE_MIN = 10_080


@dataclass(frozen=True, slots=True)
class EnterpriseStation:
    """One row of the stations workbook beyond the gauges; `facts` as the workbook writes them."""

    code: str
    name: str
    kind: str
    protocol: str
    facts: str


@dataclass(frozen=True, slots=True)
class Enterprise:
    """An enterprise below a village, with degrees and what it should connect."""

    code: str
    parent: str
    name: str
    trade: str
    lon: float
    lat: float
    stations: tuple[EnterpriseStation, ...]


@dataclass(frozen=True, slots=True)
class Camera:
    """One row of the cameras workbook; degrees clockwise from north, metres."""

    code: str
    name: str
    division: str
    lon: float
    lat: float
    azimuth: float
    angle: float
    range_m: float
    areas: str
    shelter: str
    trade: str
    owner: str
    shared_with: str


_PLAN: tuple[tuple[int, str, str, tuple[EnterpriseStation, ...]], ...] = (
    (
        20,
        "青石矿业有限公司",
        "尾矿库",
        (
            EnterpriseStation(
                "WKK-9999-01",
                "青石尾矿库",
                "尾矿库",
                "",
                "尾矿库等别=四等；坝高=42；筑坝方式=上游式；头顶库=是",
            ),
        ),
    ),
    (
        60,
        "云岭化工有限公司",
        "危险化学品",
        (
            EnterpriseStation(
                "ZDW-9999-01", "液氨储罐区", "重大危险源", "", "重大危险源等级=三级；R值=30；主要物质=液氨"
            ),
        ),
    ),
    (
        100,
        "小黑山矿业有限公司",
        "金属非金属矿山",
        (
            EnterpriseStation("FT-9999-01", "小黑山主井封条", "矿山电子封条", "", "矿山状态=长期停产"),
            EnterpriseStation("LTK-9999-01", "小黑山采场边坡", "露天矿山边坡在线监测", "", "边坡高度=230"),
        ),
    ),
)


def build_enterprises(villages: list[Division]) -> list[Enterprise]:
    """The enterprises, each beside its village."""
    found = []
    for place, name, trade, stations in _PLAN:
        village = villages[place % len(villages)]
        lon, lat = to_degrees((village.x_km + 0.2, village.y_km + 0.1))
        found.append(Enterprise(f"{village.code}-Q01", village.code, name, trade, lon, lat, stations))
    return found


def enterprise_contacts(enterprises: list[Enterprise], numbers: Numbers, seed: int) -> list[Contact]:
    """One safety manager an enterprise."""
    rng = stream(seed, "enterprises")
    return [
        Contact(one.code, one.name, SAFETY_MANAGER, "A", names.person_name(rng, "唐" if not n else ""), numbers.mobile())
        for n, one in enumerate(enterprises)
    ]  # fmt: skip


def build_cameras(villages: list[Division], enterprises: list[Enterprise]) -> list[Camera]:
    """A few cameras: two fire towers, two at rivers, one shelter, one a enterprise."""
    found = [
        _camera(1, "大尖山林火瞭望塔", villages[8], 0, 360, 8000, "林火", owner="云岭县林业和草原局"),
        _camera(2, "黑石梁林火瞭望塔", villages[75], 0, 360, 8000, "林火", owner="云岭县林业和草原局"),
        _camera(3, "柳河大桥", villages[0], 120, 70, 600, "防汛、交通", owner="云岭县公安局", shared_with="云岭县委政法委"),
        _camera(4, "县城滨河路", villages[30], 200, 60, 400, "防汛、内涝", owner="云岭县公安局", shared_with="云岭县委政法委"),
        _camera(5, "第一中学避难场所", villages[31], 45, 90, 200, "避难场所", owner="云岭县应急管理局", shelter="第一中学操场"),
    ]  # fmt: skip
    for number, one in enumerate(enterprises, start=6):
        found.append(
            Camera(
                _code(number),
                f"{one.name}视频",
                one.code,
                one.lon,
                one.lat,
                90,
                60,
                300,
                "企业",
                "",
                one.trade,
                one.name,
                "",
            )
        )
    return found


def _camera(
    number: int,
    name: str,
    village: Division,
    azimuth: float,
    angle: float,
    range_m: float,
    areas: str,
    *,
    owner: str,
    shared_with: str = "",
    shelter: str = "",
) -> Camera:
    lon, lat = to_degrees((village.x_km, village.y_km))
    return Camera(
        _code(number), name, village.code, lon, lat, azimuth, angle, range_m, areas, shelter, "", owner, shared_with
    )  # fmt: skip


def _code(number: int) -> str:
    """Twenty digits of the fictional county; digits 11 to 13 are 131 (camera), as devices in the field number themselves."""
    return f"9999010000131{number:07}"
