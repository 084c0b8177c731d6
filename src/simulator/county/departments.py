"""Departments of the county: each with a duty room that answers and files what it is asked."""

from dataclasses import dataclass

from simulator.county import names
from simulator.county.divisions import COUNTY_CODE
from simulator.county.people import Contact, Numbers
from simulator.seeds import stream

DEPARTMENT_DUTY = "部门值班室"
_NAMES = (
    "应急管理局",
    "气象局",
    "水利局",
    "自然资源局",
    "公安局",
    "消防救援大队",
    "卫生健康局",
    "交通运输局",
    "教育体育局",
    "林业和草原局",
    "住房城乡建设局",
    "工业和信息化局",
    "供电公司",
    "融媒体中心",
)


@dataclass(frozen=True, slots=True)
class Department:
    """One row of the departments workbook."""

    code: str
    parent: str
    name: str


def build_departments() -> list[Department]:
    """The same fourteen in every county, those that a county's flood plan names; none of them exists."""
    county = f"{COUNTY_CODE}000000"
    return [
        Department(f"{county}-B{number:02}", county, f"云岭县{name}")
        for number, name in enumerate(_NAMES, start=1)
    ]


def department_contacts(departments: list[Department], numbers: Numbers, seed: int) -> list[Contact]:
    """One duty officer a department, with a mobile and the landline of the room."""
    rng = stream(seed, "departments")
    return [
        Contact(
            one.code,
            one.name,
            DEPARTMENT_DUTY,
            "A",
            names.person_name(rng),
            numbers.mobile(),
            numbers.landline(),
        )
        for one in departments
    ]
