"""The whole chain on a real county of the national list, with messages and workbooks that the project's code did not write."""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from stagehand import Phones, phones_of, wait_for

from anlan.project.drill import cast
from anlan.sensing.hot.reader import HotReader

pytestmark = pytest.mark.drill

PASSWORD = "shidian-rehearsal-2026"
OFFICER_A, OFFICER_B, DUTY_ROOM = "10000050001", "10000050002", "10000050003"
#: The live uplinks are of 1 July 2026, about 06:30 in Beijing.
CLOCK = "2026-07-01T06:40:00+08:00"
#: Element → quantity, read off the public descriptions of SL 651 by hand; vendor elements keep their id.
QUANTITIES = {
    "22": "rain_5min",
    "1A": "rain_1h",
    "20": "rain_current",
    "26": "rain_total",
    "39": "stage",
    "38": "battery_v",
}
UPLINKS = {"30", "31", "32", "33", "34", "35"}


def anlan(stage: cast.Set, *arguments: str) -> str:
    command = [sys.executable, "-m", "anlan.project.cli", *arguments]
    done = subprocess.run(command, env=stage.environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def workbook(path: Path, rows: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


@pytest.fixture(scope="module")
def vectors(shared_vectors: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((shared_vectors / "sl651.json").read_text())
    return found


@pytest.fixture(scope="module")
def shidian(
    tmp_path_factory: pytest.TempPathFactory, vectors: list[dict[str, Any]]
) -> Iterator[tuple[cast.Set, Phones, str]]:
    """Shidian on the air, its stations those of the captured messages, its clock at their date."""
    folder = tmp_path_factory.mktemp("shidian")
    stage = cast.Set(
        data=folder / "data", seed=0, speed=1.0, clock_start=datetime.now(UTC), wall_start=time.time()
    )
    stage.data.mkdir()
    if "ANLAN_DIVISIONS_SOURCE" not in os.environ:
        pytest.skip("the national list of divisions is not here; ./dev test fetches it")
    said = anlan(stage, "init", "530521")
    assert "13 townships, 139 villages" in said
    # Before the directory is filled: whoever holds a post from now on holds it on the rehearsal's clock.
    anlan(stage, "exercise", CLOCK)
    village, township = first_village(stage)
    anlan(stage, "import", "stations", str(_stations(folder, vectors, village)))
    anlan(stage, "import", "contacts", str(_contacts(folder, village, township)))
    anlan(stage, "import", "links", str(_links(folder, village)))
    for name, username, post in (("陈静", "chen", "county_duty"), ("王建国", "wang", "commander")):
        account = [
            "add",
            username,
            "--name",
            name,
            "--division",
            "530521000000",
            "--post",
            post,
            "--password",
            PASSWORD,
        ]
        anlan(stage, "account", *account)
    token = anlan(stage, "source", "add", "script").strip().splitlines()[-1]
    with phones_of(stage) as phones:
        platform = cast.start_platform(stage)
        try:
            yield stage, phones, token
        finally:
            cast.stop(platform)


def first_village(stage: cast.Set) -> tuple[str, str]:
    """The first village of the county and its township, from what `init` stored."""
    with contextlib.closing(sqlite3.connect(stage.data / "anlan.db")) as database:
        sql = "SELECT code, parent_id FROM places_division WHERE level = 'village' ORDER BY code LIMIT 1"
        village, township = database.execute(sql).fetchone()
    return str(village), str(township)


def _good_uplinks(vectors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one for one in vectors if one["valid"] and one["decoded"]["direction"] == "up"]


def _stations(folder: Path, vectors: list[dict[str, Any]], village: str) -> Path:
    codes = sorted({one["decoded"]["station"] for one in _good_uplinks(vectors)})
    header = ["站码*", "站名*", "类别*", "区划代码*", "经度*", "纬度*", "主管单位", "离线时限(分钟)"]
    header += ["警戒水位(m)", "保证水位(m)", "历史最高水位(m)"]
    rows: list[list[object]] = [header]
    for number, code in enumerate(codes):
        rows.append(
            [code, f"实测站{number}", "雨量水位站", village, 99.18, 24.72, "县水务局", 60, None, None, None]
        )
    rows.append(
        ["5305210001", "县城雨量站", "雨量站", village, 99.19, 24.73, "县水务局", 60, None, None, None]
    )
    rows.append(
        ["5305210002", "施甸河水位站", "水位站", village, 99.19, 24.73, "县水务局", 60, 10.0, 11.0, 12.0]
    )
    return workbook(folder / "stations.xlsx", rows)


def _contacts(folder: Path, village: str, township: str) -> Path:
    header = [
        "区划代码*",
        "单位",
        "岗位*",
        "角色*",
        "姓名*",
        "手机",
        "座机",
        "邮箱",
        "职责标签",
        "技能",
        "登记编号",
    ]
    rows: list[list[object]] = [header]
    rows.append(
        [
            village,
            None,
            "灾害信息员",
            "A",
            "赵春兰",
            OFFICER_A,
            None,
            None,
            "灾害信息员、网格员",
            None,
            "53052100001",
        ]
    )
    rows.append([village, None, "灾害信息员", "B", "钱进", OFFICER_B, None, None, None, None, None])
    rows.append([township, "镇人民政府", "乡镇值班室", "A", "李梅", DUTY_ROOM, None, None, None, None, None])
    rows.append(
        ["530521000000", "县应急管理局", "县值班员", "A", "陈静", "10000050004", None, None, None, None, None]
    )
    rows.append(
        ["530521000000", "县应急管理局", "指挥长", "A", "王建国", "10000050005", None, None, None, None, None]
    )
    return workbook(folder / "contacts.xlsx", rows)


def _links(folder: Path, village: str) -> Path:
    header = ["站码*", "区划代码*"]
    for hours in (1, 3, 6, 24):
        header += [f"{hours}小时准备转移(mm)", f"{hours}小时立即转移(mm)"]
    blank: list[object] = [None] * 8
    rows: list[list[object]] = [
        list(header),
        ["5305210001", village, *blank],
        ["5305210002", village, *blank],
    ]
    return workbook(folder / "links.xlsx", rows)


def send(stage: cast.Set, frames: list[str]) -> bytes:
    """All frames glued on one connection, as they were captured; returns everything the gateway answered."""
    with socket.create_connection(("127.0.0.1", stage.tcp), timeout=10) as link:
        link.sendall(bytes.fromhex("".join(frames)))
        link.shutdown(socket.SHUT_WR)
        link.settimeout(20)
        answer = b""
        while chunk := link.recv(65536):
            answer += chunk
    return answer


def observed(text: str) -> datetime:
    return datetime.strptime(text + "+0800", "%y%m%d%H%M%z").astimezone(UTC)


def test_captured_uplinks_are_stored_with_the_stated_values_and_sending_them_twice_adds_no_row(
    shidian: tuple[cast.Set, Phones, str], vectors: list[dict[str, Any]]
) -> None:
    stage = shidian[0]
    frames = [one for one in _good_uplinks(vectors) if one["decoded"]["function"] in UPLINKS | {"2F"}]
    raw = [one["raw_hex"] for one in frames]
    assert send(stage, raw).count(b"\x7e\x7e") == len(frames), "every frame is acknowledged"
    reader = HotReader(stage.data / "hot")
    before = reader.counts()
    assert send(stage, raw).count(b"\x7e\x7e") == len(frames), "repeats are acknowledged too"
    assert reader.counts()["readings"] == before["readings"] > 0
    run = (stage.data / "exercise").read_text()
    compared = 0
    for one in frames:
        decoded = one["decoded"]
        if decoded["function"] not in {"30", "32", "33"} or len(decoded.get("obs_times_raw", [])) != 1:
            continue
        at = observed(decoded["obs_times_raw"][0])
        for element in decoded["elements"]:
            if element["value"] is None or isinstance(element["value"], list):
                continue
            quantity = QUANTITIES.get(element["id"], f"sl651:{element['id']}")
            points = reader.series(decoded["station"], quantity, at, at + timedelta(seconds=1), exercise=run)
            stored = [point.value for point in points]
            if stored:
                assert stored == [Decimal(str(element["value"]))], (one["id"], element)
                compared += 1
    assert compared >= 50


def signed_in(stage: cast.Set, username: str) -> httpx.Client:
    client = httpx.Client(base_url=f"http://127.0.0.1:{stage.web}", timeout=20, follow_redirects=True)
    page = client.get("/accounts/sign-in/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
    assert token is not None
    form = {"username": username, "password": PASSWORD, "csrfmiddlewaretoken": token.group(1)}
    answer = client.post("/accounts/sign-in/", data=form, headers={"Referer": str(client.base_url)})
    assert answer.status_code == 200
    assert 'name="password"' not in answer.text
    return client


def post(stage: cast.Set, token: str, rows: list[dict[str, object]]) -> dict[str, Any]:
    answer = httpx.post(
        f"http://127.0.0.1:{stage.http}/v1/readings",
        json={"batch_id": f"script-{time.time_ns()}", "readings": rows},
        headers={"Authorization": f"Bearer {token}"},
        timeout=20,
    )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_a_series_crosses_both_rules_a_second_person_signs_a_village_answers_and_the_journal_verifies(
    shidian: tuple[cast.Set, Phones, str],
) -> None:
    stage, phones, token = shidian
    clock = datetime.fromisoformat(CLOCK)
    rain = [
        {
            "station": "5305210001",
            "quantity": "rain_5min",
            "time": (clock - timedelta(minutes=5 * n)).isoformat(),
            "value": 8.0,
        }
        for n in range(12, -1, -1)
    ]
    stages = [
        {
            "station": "5305210002",
            "quantity": "stage",
            "time": (clock - timedelta(minutes=5 * n)).isoformat(),
            "value": 11.6 - n / 4,
        }
        for n in range(12, -1, -1)
    ]
    assert post(stage, token, [*rain, *stages])["stored"] == len(rain) + len(stages)
    wang = signed_in(stage, "wang")

    def waiting() -> list[str]:
        head = wang.get("/warnings/").text.split("</section>")[0]
        return list(
            dict.fromkeys(re.findall(r'href="(/warnings/[0-9a-f-]{36}/)"', head))
        )  # the banner names them too

    def both() -> list[str] | None:
        found = [wang.get(path).text for path in waiting()]
        return (
            waiting()
            if any("R12" in page for page in found) and any("R13" in page for page in found)
            else None
        )

    drafts = wait_for(both, "a draft from rain (R12) and one from the river (R13)")
    for path in drafts:
        headers = {"Referer": str(wang.base_url)}
        form = {"verb": "sign_off", "csrfmiddlewaretoken": wang.cookies["csrftoken"]}
        signed = wang.post(f"{path}act/", data=form, headers=headers)
        assert signed.status_code == 200, re.sub(r"<[^>]+>", " ", signed.text)
    wait_for(lambda: phones.to(OFFICER_A), "a message to the village's officer")
    phones.answer(OFFICER_A, "收到")

    def answered() -> bool:
        board = re.search(r'href="(/callouts/[0-9a-f-]{36}/)"', wang.get("/callouts/").text)
        return board is not None and 'data-state="answered"' in wang.get(board.group(1)).text

    wait_for(answered, "the village's seat to be answered")
    assert "verified" in anlan(stage, "verify")
