"""Papers of the floors above incidents: the bulletin on reporting (D-08) and the table of a data call."""

from __future__ import annotations

from datetime import datetime

from anlan.assessment.models import ScoreBulletin
from anlan.assessment.queries import bulletin_paper
from anlan.datacalls.models import DataCall
from anlan.datacalls.queries import table_content
from anlan.documents.paper.content import Block, Content, Heading, Para, Table
from anlan.papers.builders.common import ending_of, moment, stamp, unit_of
from anlan.papers.services.making import said
from anlan.papers.types import Draft

#: What an unsigned or withdrawn bulletin says under its head.
_STANDING = {"draft": "（未签发）", "withdrawn": "（已撤回）"}
#: More figures than this do not fit across a sheet; they go on in a second table.
COLUMNS = 7


def bulletin(row: ScoreBulletin, *, at: datetime) -> Draft:
    """信息报送通报 as it was signed, or as it stands."""
    found = bulletin_paper(row)
    dated = said(found.signed_at or at)
    blocks: list[Block] = [Para(line) for line in found.text.splitlines() if line.strip()]
    widths = tuple({"单位": 2.2, "扣分项": 3.2, "名次": 1.1}.get(name, 1.4) for name in found.heads)
    blocks.append(Heading("附：评分表"))
    blocks.append(
        Table(found.heads, found.rows, caption=found.period_zh, widths=widths, right=(0, 2, 3, 4, 5))
    )
    if found.note:
        blocks.append(Para(f"注：{found.note}。"))
    content = Content(
        kind="bulletin",
        head="信息报送通报",
        subhead=_STANDING.get(row.state, ""),
        unit=unit_of(row.division),
        dated=dated,
        title=found.title,
        issue=found.number,
        signer=found.signed_by or "　　　",
        blocks=tuple(blocks),
        ending=(unit_of(row.division), dated),
    )
    return Draft("bulletin", found.title, content, row.division, f"score_bulletin:{row.pk}")


def data_call(row: DataCall, *, at: datetime) -> Draft:
    """收数汇总表: each place with what it filed, the sums, and who has not filed."""
    found = table_content(row)
    due = f"，时限{moment(found.due_at)}" if found.due_at else ""
    blocks: list[Block] = [
        Para(f"{found.asked_by}收数{due}。截至{moment(at)}，应报{found.asked}个单位，已报{found.filed}个。")
    ]
    blocks += _tables(found.header, (*found.rows, found.sums))
    if found.missing:
        blocks.append(Para(f"未报单位：{'、'.join(found.missing)}。"))
    content = Content(
        kind="data_call",
        head="收数汇总表",
        unit=unit_of(row.division),
        dated=said(at),
        title=found.title,
        blocks=tuple(blocks),
        ending=ending_of(row.division, at),
        foot=(f"统计时间：{stamp(at)}",),
        phone=f"【收数】{found.title}：应报{found.asked}，已报{found.filed}。"
        + "；".join(
            f"{name}{value}" for name, value in zip(found.header[1:-1], found.sums[1:-1], strict=False)
        ),
    )
    return Draft("data_call", f"{found.title}（收数汇总表）", content, row.division, f"data_call:{row.pk}")


def _tables(header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> list[Block]:
    """The place stands first in each part, its state last."""
    figures = range(1, len(header) - 1)
    parts = [figures[n : n + COLUMNS - 2] for n in range(0, len(figures), COLUMNS - 2)] or [range(0)]
    blocks: list[Block] = []
    for number, part in enumerate(parts, start=1):
        kept = (0, *part, len(header) - 1)
        caption = f"（{number}/{len(parts)}）" if len(parts) > 1 else ""
        blocks.append(
            Table(
                tuple(header[n] for n in kept),
                tuple(tuple(row[n] for n in kept) for row in rows),
                caption=caption,
                right=tuple(range(1, len(kept) - 1)),
            )
        )
    return blocks
