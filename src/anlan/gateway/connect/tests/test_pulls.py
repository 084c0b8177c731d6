"""What is fetched: from an HTTP server, a folder, and a database laid out as the real-time water database."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest

from anlan.gateway.connect.tests.conftest import NOW, House, Tell, connector, county, local, pond

GAUGE, DAM = "61512000", "61512001"


@contextmanager
def server(answer: Any) -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """An HTTP server on loopback; `answer(path, query)` gives (status, JSON). Asked queries are noted."""
    asked: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            asked.append(query)
            status, document = answer(parts.path, query)
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=found.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{found.server_port}/data", asked
    finally:
        found.shutdown()
        found.server_close()


def test_pages_are_fetched_until_one_is_empty_and_the_cursor_moves_on(tell: Tell) -> None:
    def answer(_path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        page = int(query["page"][0])
        if page > 2 or "since" in query:
            return 200, {**pond(0), "data": [], "cursor": "c1"}
        return 200, {**pond(page, NOW + timedelta(minutes=page)), "cursor": "c1"}

    with server(answer) as (url, asked):
        settings = {
            "url": url,
            "every_s": 0.1,
            "cursor": {"param": "since", "from": "cursor"},
            "paging": {"kind": "page"},
        }

        async def story(house: House) -> None:
            await house.until(lambda: any("since" in query for query in asked))
            assert house.stored() == ["1.000", "2.000"]
            assert [query["page"] for query in asked[:3]] == [["1"], ["2"], ["3"]]
            assert house.state().is_up

        tell(county(connector("http_pull", settings)), story)


def test_links_to_the_next_page_are_followed_but_not_to_another_host(tell: Tell) -> None:
    def answer(path: str, _query: dict[str, list[str]]) -> tuple[int, Any]:
        following = "/more" if path == "/data" else "http://elsewhere.invalid/"
        return 200, {
            **pond(1 if path == "/data" else 2, NOW + timedelta(minutes=1 if path == "/data" else 2)),
            "next": following,
        }

    with server(answer) as (url, _):
        settings = {"url": url, "every_s": 0.1, "paging": {"kind": "next"}}

        async def story(house: House) -> None:
            await house.until(lambda: "host" in house.state().problem)
            assert len(house.stored()) == 2

        tell(county(connector("http_pull", settings)), story)


def test_a_source_that_answers_with_an_error_is_told_and_asked_again(tell: Tell) -> None:
    answers = iter([500, 302])

    def answer(_path: str, _query: Any) -> tuple[int, Any]:
        return next(answers, 200), pond(5)

    with server(answer) as (url, _):

        async def story(house: House) -> None:
            await house.until(lambda: "500" in house.state().problem)
            await house.until(lambda: house.stored() == ["5.000"])

        tell(county(connector("http_pull", {"url": url, "every_s": 0.05})), story)


def test_nothing_is_marked_as_read_while_it_cannot_be_stored(
    tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_path: str, query: dict[str, list[str]]) -> tuple[int, Any]:
        return 200, {**pond(5), "cursor": "c1"} if "since" not in query else {
            **pond(6),
            "cursor": "c1",
            "data": [],
        }

    with server(answer) as (url, asked):
        settings = {"url": url, "every_s": 0.1, "cursor": {"param": "since", "from": "cursor"}}

        async def story(house: House) -> None:
            mend = house.fill_the_disk(monkeypatch)
            await house.until(lambda: "Not stored" in house.state().problem)
            assert not any("since" in query for query in asked)
            mend()
            await house.until(lambda: house.stored() == ["5.000"])

        tell(county(connector("http_pull", settings)), story)


def test_a_csv_and_a_workbook_are_read_moved_and_their_bad_rows_written_beside_them(
    tell: Tell, tmp_path: Path
) -> None:
    folder = tmp_path / "drop" / "pond"
    folder.mkdir(parents=True)
    lines = [
        "站码,时间,雨量,水位",
        f"{GAUGE},{local(NOW)},2.5,",
        f"{GAUGE},昨天,1,2",
        f"NOBODY,{local(NOW)},1,",
    ]
    (folder / "a.csv").write_bytes("\r\n".join(lines).encode("gb18030"))
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["站码", "时间", "水位"], [GAUGE, (NOW + timedelta(hours=8)).replace(tzinfo=None), 9.5]):
        sheet.append(row)
    book.save(folder / "b.xlsx")
    (folder / "c.csv").write_text("\n\n")
    (folder / "d.txt").write_text("left alone")

    async def story(house: House) -> None:
        await house.until(lambda: len(list(folder.iterdir())) == 2)
        assert house.stored("rain_1h", GAUGE) == ["2.5"]
        assert house.stored("stage", GAUGE) == ["9.500"]

    settings = {"every_s": 0.1, "rests_s": 0.05}
    tell(county(connector("file_drop", settings, "drop_rain"), stations=(GAUGE,)), story)
    done = folder / "done"
    assert sorted(path.name for path in done.iterdir()) == [
        "a.csv", "a.csv.refused.csv", "b.xlsx", "c.csv", "c.csv.refused.csv",
    ]  # fmt: skip
    report = (done / "a.csv.refused.csv").read_text("utf-8-sig").splitlines()
    assert [line.split(",")[:3] for line in report[1:]] == [
        ["line 3", GAUGE, "time.unreadable"],
        ["$", "NOBODY", "station.unknown"],
    ]


def test_a_file_stays_where_it_is_while_nothing_can_be_stored(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "drop" / "pond"
    folder.mkdir(parents=True)

    async def story(house: House) -> None:
        mend = house.fill_the_disk(monkeypatch)
        (folder / "a.csv").write_text(f"站码,时间,雨量\n{GAUGE},{local(NOW)},2.5\n")
        await house.until(lambda: "Not stored" in house.state().problem)
        assert (folder / "a.csv").exists()
        mend()
        await house.until(lambda: (folder / "done" / "a.csv").exists())
        assert house.stored("rain_1h", GAUGE) == ["2.5"]

    settings = {"every_s": 0.1, "rests_s": 0.05}
    tell(county(connector("file_drop", settings, "drop_rain"), stations=(GAUGE,)), story)


def water_database(path: Path) -> sqlite3.Connection:
    link = sqlite3.connect(path)
    link.executescript(
        "CREATE TABLE ST_STBPRP_B (STCD TEXT, STNM TEXT, STTP TEXT, LGTD REAL, LTTD REAL, STLC TEXT, RVNM TEXT, ADMAUTH TEXT);"
        "CREATE TABLE ST_PPTN_R (STCD TEXT, TM TEXT, DRP REAL, INTV REAL, DYP REAL, WTH TEXT, PRIMARY KEY (STCD, TM));"
        "CREATE TABLE ST_RIVER_R (STCD TEXT, TM TEXT, Z REAL, Q REAL, XSAVV REAL);"
        "CREATE TABLE ST_RSVR_R (STCD TEXT, TM TEXT, RZ REAL, W REAL, INQ REAL, OTQ REAL, BLRZ REAL);"
    )
    link.execute(
        "INSERT INTO ST_STBPRP_B VALUES (?,?,?,?,?,?,?,?)",
        ("61519999", "柳河站", "PP", 102.91, 27.4, None, "柳河", "县水利局"),
    )
    return link


def rain(link: sqlite3.Connection, minutes: int, value: float, station: str = GAUGE) -> None:
    moment = local(NOW + timedelta(minutes=minutes))
    link.execute("INSERT INTO ST_PPTN_R VALUES (?,?,?,?,NULL,NULL)", (station, moment, value, 0.05))
    link.commit()


def sql_settings(path: Path, **more: Any) -> dict[str, Any]:
    return {"driver": "sqlite", "database": str(path), "every_s": 0.1, "pause_s": 0.05, **more}


def test_the_water_database_is_read_in_small_bites_with_late_rows_and_without_a_gap(
    tell: Tell, tmp_path: Path
) -> None:
    link = water_database(tmp_path / "water.db")
    for minute in range(-60, -10, 5):
        rain(link, minute, 1 + minute / 100)
    link.execute(
        "INSERT INTO ST_RSVR_R VALUES (?,?,?,?,?,?,?)", (DAM, local(NOW), 101.25, 3.5, None, 4, None)
    )
    link.commit()
    described = county(
        connector("sql_pull", sql_settings(tmp_path / "water.db", row_limit=3, late_s=1800), "sl323"),
        stations=(GAUGE, DAM),
    )

    def proposals() -> list[tuple[str, str]]:
        with closing(sqlite3.connect(tmp_path / "hot" / "pull.db")) as pulled:
            rows = pulled.execute("SELECT code, fields FROM proposal").fetchall()
        return [(code, json.loads(fields)["STNM"]) for code, fields in rows]

    async def first(house: House) -> None:
        await house.until(lambda: len(house.stored("rain_5min", GAUGE)) == 10)
        await house.until(lambda: house.stored("stage", DAM) == ["101.250"])
        assert house.stored("storage", DAM) == ["350.000"]
        assert house.state().messages >= 4

    async def second(house: House) -> None:
        rain(link, -28, 9)  # later than what was read, dated before it, inside the window
        rain(link, -1, 8)
        await house.until(lambda: len(house.stored("rain_5min", GAUGE)) == 12)
        await house.until(lambda: proposals() == [("61519999", "柳河站")])

    tell(described, first)
    tell(described, second)
    link.close()


def test_the_other_database_cannot_be_written_and_a_slow_query_is_cut(tmp_path: Path) -> None:
    from anlan.gateway.connect import sql_pull
    from anlan.sensing.connect.settings import SqlPull

    link = water_database(tmp_path / "water.db")
    settings = SqlPull(driver="sqlite", database=str(tmp_path / "water.db"), statement_s=0.1)
    opened = sql_pull._DIALECTS["sqlite"].open(settings, "")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        opened.cursor().execute("DELETE FROM ST_STBPRP_B")
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        opened.cursor().execute(endless)
    opened.close()
    link.close()


def test_a_database_that_is_not_there_is_told_without_its_password(
    tell: Tell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANLAN_CONNECT_WATER", "swordfish")
    settings = sql_settings(tmp_path / "absent.db")

    async def story(house: House) -> None:
        await house.until(lambda: "open" in house.state().problem)
        assert "swordfish" not in house.state().problem

    tell(county(connector("sql_pull", settings, "sl323", secret_name="ANLAN_CONNECT_WATER")), story)
