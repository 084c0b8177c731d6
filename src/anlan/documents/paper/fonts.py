"""Chinese fonts of this machine for the PDF: the data folder's, the system's, or those of an installed package."""

from __future__ import annotations

import functools
import importlib.util
import os
from pathlib import Path

#: Where systems keep fonts. Only these are read; nothing is fetched.
FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.local/share/fonts",
    "~/.fonts",
    "/System/Library/Fonts",
    "/Library/Fonts",
    r"C:\Windows\Fonts",
)
#: A package of Noto fonts that an installation without a Chinese font may add (`pip install anlan[paper-font]`).
PACKAGE = "justmytype_intl_cjk"

#: By use, best first. The names of official papers come first; they are on every office machine in China.
FANGSONG = (
    "FangSong_GB2312",
    "FangSong",
    "仿宋_GB2312",
    "仿宋",
    "STFangsong",
    "FZFangSong-Z02",
    "Zhuque Fangsong (technical preview)",
    "Zhuque Fangsong",
    "FandolFang R",
    "Source Han Serif SC",
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "SimSun",
    "Songti SC",
    "AR PL UMing CN",
)
TITLE = (
    "FZXiaoBiaoSong-B05S",
    "FZXiaoBiaoSong-B05",
    "方正小标宋简体",
    "Source Han Serif SC",
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "SimSun",
    "Songti SC",
)
HEI = (
    "SimHei",
    "黑体",
    "STHeiti",
    "Heiti SC",
    "Source Han Sans SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "PingFang SC",
    "Droid Sans Fallback",
)
_EVERY = tuple(dict.fromkeys((*FANGSONG, *TITLE, *HEI)))


#: Parts of the names of files that hold such fonts: a look at names is enough on most machines.
_FILES = (
    "notosanscjk",
    "notoserifcjk",
    "notosanssc",
    "notoserifsc",
    "sourcehansans",
    "sourcehanserif",
    "fangsong",
    "simfang",
    "simsun",
    "simhei",
)


class NoChineseFont(Exception):
    """No font with Chinese letters was found on this machine."""


def font_folders(own: str = "") -> list[str]:
    """Existing folders, the county's own first."""
    folders = [own, *FOLDERS]
    found = importlib.util.find_spec(PACKAGE)
    if found is not None and found.submodule_search_locations:
        folders.append(
            str(Path(next(iter(found.submodule_search_locations))) / "fonts" / "ofl" / "notosanssc")
        )
    paths = [Path(os.path.expanduser(folder)) for folder in folders if folder]
    return [str(path) for path in paths if path.is_dir()]


@functools.lru_cache(maxsize=4)
def _fonts(folders: tuple[str, ...], _stamp: tuple[float, ...]) -> tuple[object, frozenset[str]]:
    """Read once a process, and again when a folder changed: looking through all fonts takes a second."""
    import typst  # a large library; only who makes a PDF loads it

    found = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=list(folders))
    return found, frozenset(found.families())


def fonts_of_machine(own: str = "") -> tuple[object, frozenset[str]]:
    """The fonts for the typesetter and the names of their families."""
    folders = tuple(font_folders(own))
    return _fonts(folders, tuple(os.stat(folder).st_mtime for folder in folders))


def can_set(own: str = "") -> bool:
    """Whether a PDF can be made here. The typesetter reads the fonts only where no file's name tells."""
    if importlib.util.find_spec("typst") is None:
        return False
    folders = tuple(font_folders(own))
    return _can_set(own, folders, tuple(os.stat(folder).st_mtime for folder in folders))


@functools.lru_cache(maxsize=4)
def _can_set(own: str, folders: tuple[str, ...], _stamp: tuple[float, ...]) -> bool:
    names = (name.lower() for folder in folders for _at, _in, files in os.walk(folder) for name in files)
    if any(part in name for name in names for part in _FILES):
        return True
    try:
        chosen(fonts_of_machine(own)[1])
    except NoChineseFont:
        return False
    return True


def chosen(families: frozenset[str]) -> dict[str, list[str]]:
    """For each use the families that exist, best first. Raises `NoChineseFont`."""
    every = [name for name in _EVERY if name in families]
    if not every:
        raise NoChineseFont
    uses = {"body": FANGSONG, "title": TITLE, "hei": HEI}
    return {
        use: list(dict.fromkeys([*(name for name in wanted if name in families), *every]))
        for use, wanted in uses.items()
    }
