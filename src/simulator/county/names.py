"""Fictional names: rivers, townships, villages, hamlets and people. All are invented combinations."""

import random
from collections.abc import Iterator
from itertools import product

COUNTY = "云岭县"
#: Towns (镇) then townships (乡), in code order; the first is the county seat.
TOWNS = ["云岭镇", "柳河镇", "青石镇", "龙潭镇", "白沙镇", "清溪镇", "马场镇", "三岔河镇"]
RURAL_TOWNSHIPS = ["松坪乡", "石门乡", "大箐乡", "红土乡", "高峰乡"]
MAIN_RIVERS = ["云岭江", "柳河", "清溪河", "龙潭河"]
_RIVER_FIRST = [
    "白水",
    "黑石",
    "大箐",
    "松坪",
    "石门",
    "红岩",
    "马鞍",
    "羊场",
    "麻栗",
    "落水",
    "响水",
    "青冈",
]
_RIVER_LAST = ["河", "溪", "沟"]
_VILLAGE_FIRST = "青白红黄大小上下新老前后龙凤金银石松柏竹桃梨杏茶"
_VILLAGE_LAST = [
    "坪",
    "坝",
    "沟",
    "岩",
    "塘",
    "坡",
    "田",
    "庄",
    "湾",
    "林",
    "桥",
    "井",
    "冲",
    "寨",
    "溪",
    "岭",
]
_HAMLET_FIRST = [
    "上",
    "下",
    "中",
    "大",
    "小",
    "东",
    "西",
    "老",
    "新",
    "河边",
    "岩脚",
    "桥头",
    "沟口",
    "半坡",
    "坝心",
]
_HAMLET_SURNAME = "张王李赵刘陈杨周吴郑马朱胡郭何高罗"
_HAMLET_LAST = ["家寨", "家湾", "家坪", "家沟", "家院"]
_SURNAMES = (
    "赵钱孙李周吴郑王冯陈杨朱秦许何吕张孔曹严金魏姜谢邹苏潘葛范彭鲁马方任袁柳史唐薛雷贺汤罗毕安常傅齐康"
)
_GIVEN = "建国明华志强丽芳秀英伟军平勇艳娟敏静洪波春梅玉兰桂林云峰海涛文斌晓燕永福德贵正兴朝阳光荣家和"


def river_names(rng: random.Random) -> Iterator[str]:
    """Main rivers first, then invented brooks in a seeded order."""
    yield from MAIN_RIVERS
    small = [first + last for first, last in product(_RIVER_FIRST, _RIVER_LAST)]
    rng.shuffle(small)
    yield from small


def village_names(rng: random.Random) -> Iterator[str]:
    """Village names without a repeat; 上柳村 always comes first."""
    yield "上柳村"
    pairs = [f"{first}{last}村" for first, last in product(_VILLAGE_FIRST, _VILLAGE_LAST)]
    rng.shuffle(pairs)
    yield from pairs


def hamlet_names(rng: random.Random) -> Iterator[str]:
    """Hamlet names of one village, without a repeat."""
    choices = [surname + last for surname, last in product(_HAMLET_SURNAME, _HAMLET_LAST)]
    choices += [first + "村" for first in _HAMLET_FIRST] + [first + "寨" for first in _HAMLET_FIRST]
    rng.shuffle(choices)
    yield from choices


def person_name(rng: random.Random, surname: str = "") -> str:
    """A person's name of two or three characters; people may share a name, as they do."""
    given = "".join(rng.sample(_GIVEN, rng.choice([1, 2, 2, 2])))
    return (surname or rng.choice(_SURNAMES)) + given
