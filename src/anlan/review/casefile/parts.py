"""Parts of a case file and who makes them. A floor above review adds its own (`papers` does), so that nothing looks upstairs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from anlan.kernel.registry import Registry

if TYPE_CHECKING:
    from anlan.incidents.models import Incident
    from anlan.review.casefile.state import CaseState

#: Read and written at a time; a film is never in memory as a whole.
CHUNK = 256 * 1024
#: Sections of the index in their order: code to heading.
SECTIONS: dict[str, str] = {
    "record": "一、事件与数字",
    "timeline": "二、时间线与签批",
    "papers": "三、公文",
    "messages": "四、信息与回执",
    "command": "五、响应、指挥与力量",
    "maps": "六、地图与标绘",
    "roster": "七、当时的值班",
    "rules": "八、当时有效的规则与预案",
    "review": "九、复盘",
    "files": "十、照片、录音与附件",
    "journal": "十一、留痕与校验",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the archive. `path` is ASCII with forward slashes; `chunks` may be asked for once, when it is its turn.

    `large` is the size where it may go beyond what an archive entry holds without the extension for large files.
    """

    path: str
    title: str
    section: str
    chunks: Callable[[], Iterable[bytes]]
    large: int = 0
    #: Where the same as `path` in another form lies ("tables/x.csv" beside "tables/x.html"); listed on one line.
    beside: str = ""
    #: Linked from a table of its own and not from the index, of which there would be too many lines.
    in_a_table: bool = False


@dataclass(frozen=True, slots=True)
class Maker:
    """`prepare` runs before the state is read and may write (a Word file is made on first use); `parts` reads only."""

    parts: Callable[[CaseState], Iterable[Part]]
    prepare: Callable[[Incident, datetime], None] | None = None


_makers: Registry[Maker] = Registry("part of case files", needs=("parts",))


def register_part(
    name: str,
    parts: Callable[[CaseState], Iterable[Part]],
    *,
    prepare: Callable[[Incident, datetime], None] | None = None,
) -> None:
    """Add a maker at start-up; a second one of the same name raises ValueError."""
    _makers.add(name, Maker(parts, prepare))


def makers() -> list[Maker]:
    return _makers.values()


def whole(
    path: str, title: str, section: str, body: str | bytes, *, beside: str = "", in_a_table: bool = False
) -> Part:
    """A part that fits into memory."""
    data = body.encode() if isinstance(body, str) else body
    return Part(path, title, section, lambda: (data,), beside=beside, in_a_table=in_a_table)


def of_file(file: Path) -> Iterator[bytes]:
    """The bytes of a stored file, a chunk at a time."""
    with file.open("rb") as source:
        while chunk := source.read(CHUNK):
            yield chunk
