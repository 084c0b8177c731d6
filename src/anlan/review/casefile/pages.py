"""HTML of the archive: one style, no scripts, nothing from any other place; every link leads into the archive."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

STYLE = """
body{margin:0 auto;max-width:72rem;padding:1rem;font:16px/1.6 "Noto Sans CJK SC","Microsoft YaHei","PingFang SC",sans-serif;color:#16202a;background:#fff}
h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.15rem;margin:1.6rem 0 .4rem;padding-bottom:.2rem;border-bottom:2px solid #1f5f99}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.9rem}th,td{border:1px solid #c6ced6;padding:.25rem .5rem;text-align:left;vertical-align:top;max-width:28rem;overflow-wrap:anywhere}
th{background:#eef3f7;white-space:nowrap}dl{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.4rem 0}dt{color:#526170}dd{margin:0}
.mark{padding:.5rem .8rem;border-left:4px solid #b4540a;background:#fdf3e7}.drill{border-color:#8a1c7c;background:#f9ecf7}.soft{color:#526170;font-size:.9rem}
code{overflow-wrap:anywhere}img{max-width:100%;height:auto;border:1px solid #c6ced6}ul{padding-left:1.2rem}a{color:#1f5f99}
@media print{body{max-width:none;padding:0}a{color:inherit}}
"""


def page(title: str, blocks: Iterable[str], *, depth: int = 0) -> str:
    """A whole page. `depth` is how many folders it lies below the index."""
    home = "../" * depth + "index.html"
    back = "" if depth == 0 else f'<p class="soft"><a href="{home}">回到案卷目录</a></p>'
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>{back}<h1>{escape(title)}</h1>"
        + "\n".join(blocks)
        + "</body></html>\n"
    )


def table_html(heads: Sequence[str], rows: Sequence[Sequence[str]], *, files: int = -1) -> str:
    """A table; columns in which nothing stands are left out (the CSV has them). `files` is a column of files of the same folder."""
    used = [number for number in range(len(heads)) if any(row[number] for row in rows)]
    head = "".join(f"<th>{escape(heads[number])}</th>" for number in used)
    body = "\n".join(
        "<tr>"
        + "".join(f"<td>{_cell(row[number], is_file=number == files)}</td>" for number in used)
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>\n{body}</tbody></table></div>'


def _cell(words: str, *, is_file: bool) -> str:
    return link(words.rpartition("/")[2], words) if is_file else lines(words)


def facts_html(pairs: Iterable[tuple[str, str]]) -> str:
    """Pairs that have something to say."""
    return (
        "<dl>"
        + "".join(f"<dt>{escape(head)}</dt><dd>{lines(words)}</dd>" for head, words in pairs if words)
        + "</dl>"
    )


def link(path: str, words: str) -> str:
    return f'<a href="{escape(path)}">{escape(words)}</a>'


def lines(words: str) -> str:
    return escape(words).replace("\n", "<br>")
