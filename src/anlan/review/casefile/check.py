"""Check a case file: unpack the archive, go into its folder and run `python3 check.py`. Needs Python 3.8 or newer, nothing else.

用法：把案卷压缩包解开，进入解开的文件夹，运行 python3 check.py。全部无误时最后一行是“OK”，否则是“NOT OK”，并逐条列出问题。
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
ROOT = ROOT if ROOT.is_dir() else ROOT.parent
#: The fields that the digest of an entry covers.
DIGESTED = ("id", "origin", "kind", "subject_type", "subject_id", "division_path", "exercise_id", "actor", "cause", "at", "payload_digest")  # fmt: skip


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sha256_of(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        for piece in iter(lambda: file.read(1 << 20), b""):
            found.update(piece)
    return found.hexdigest()


def check_files(problems: list[str]) -> Any:
    """Every file is there, unchanged, and there is none more."""
    manifest = json.loads((ROOT / "manifest.json").read_text("utf-8"))
    wanted = {one["path"]: (one["sha256"], one["bytes"]) for one in manifest["files"]}
    sums = {}
    for line in (ROOT / "SHA256SUMS").read_text("utf-8").splitlines():
        digest, _, name = line.partition("  ")
        sums[name] = digest
    there = {one.relative_to(ROOT).as_posix() for one in ROOT.rglob("*") if one.is_file()}
    for name in sorted(there - set(sums) - {"SHA256SUMS"}):
        problems.append("多出的文件 a file too many: " + name)
    for name, digest in sorted(sums.items()):
        if name not in there:
            problems.append("缺少文件 missing: " + name)
        elif sha256_of(ROOT / name) != digest:
            problems.append("文件被改动 changed: " + name)
        elif name in wanted and (digest, (ROOT / name).stat().st_size) != wanted[name]:
            problems.append("与清单不符 not as in the manifest: " + name)
    for name in sorted(set(wanted) - set(sums)):
        problems.append("清单有而SHA256SUMS没有 not in SHA256SUMS: " + name)
    return manifest


def read_chains(manifest: Any, problems: list[str]) -> dict[tuple[str, int], tuple[str, str]]:
    """From the first entry of the incident to the head: each hash follows from the one before it."""
    links: dict[tuple[str, int], tuple[str, str]] = {}
    for head in json.loads((ROOT / "journal" / "heads.json").read_text("utf-8")):
        link, seq = head["before"], head["first_seq"] - 1
        for line in (ROOT / head["file"]).read_text("ascii").splitlines():
            number, digest = line.split(" ")
            seq += 1
            if int(number) != seq:
                problems.append(f"链中缺第{seq}条 the chain lacks entry {seq}")
                break
            link = sha256((link + ":" + digest).encode())
            links[head["origin"], seq] = (digest, link)
        if (seq, link) != (head["head_seq"], head["head_hash"]) and head["head_seq"]:
            problems.append("链首不符 the chain does not end at its head: " + head["origin"])
        if head["origin"] == manifest["head"]["origin"] and (seq, link) != (
            manifest["head"]["seq"],
            manifest["head"]["hash"],
        ):
            problems.append("链首与清单不符 the head is not that of the manifest")
    return links


def check_journal(manifest: Any, problems: list[str]) -> tuple[int, int]:
    """Every entry has the content that its digest says, and stands in the chain."""
    links = read_chains(manifest, problems)
    number = erased = 0
    with (ROOT / "journal" / "entries.jsonl").open(encoding="utf-8") as file:
        for line in file:
            number += 1
            entry = json.loads(line)
            where = f"{entry['origin']}:{entry['seq']}"
            if entry["payload"] == "":
                erased += 1
            elif sha256(canonical(json.loads(entry["payload"]))) != entry["payload_digest"]:
                problems.append("条目内容被改动 the content of an entry was changed: " + where)
            if sha256(canonical({name: entry[name] for name in DIGESTED})) != entry["digest"]:
                problems.append("条目被改动 an entry was changed: " + where)
            if links.get((entry["origin"], entry["seq"])) != (entry["digest"], entry["chain_hash"]):
                problems.append("条目不在链中 an entry is not in the chain: " + where)
    if number != manifest["entries"]:
        problems.append(f"条目数不符 {number} entries, the manifest says {manifest['entries']}")
    return number, erased


def main() -> int:
    problems: list[str] = []
    try:
        manifest = check_files(problems)
        number, erased = check_journal(manifest, problems)
        print(f"文件 files: {len(manifest['files']) + 2}")
        print(f"留痕条目 entries: {number}（其中内容已依法删除 erased: {erased}）")
        print(f"链首 head: {manifest['head']['seq']} {manifest['head']['hash']}")
        print(
            "请把链首与程序留痕页或值班交接单上的同一序号核对。Compare the head with the same number in the program or on a handover sheet."
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        problems.append(f"无法读取 cannot be read: {error!r}")
    for one in problems:
        print("- " + one)
    print("NOT OK" if problems else "OK")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
