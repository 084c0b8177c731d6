"""Finding the texts that are marked for translation, in Python with Babel and in templates with Django's lexer."""

from __future__ import annotations

import ast
import io
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from babel.messages.extract import DEFAULT_KEYWORDS, extract_python
from django.template.base import DebugLexer, TokenType
from django.utils.translation import trim_whitespace
from django.utils.translation.template import block_re, constant_re, endblock_re, inline_re, plural_re

#: One message: line, context or None, text or (singular, plural).
Message = tuple[int, str | None, str | tuple[str, str]]
KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
CONTEXT = re.compile(r"""\bcontext\s+("[^"]*"|'[^']*')""")
VARIABLE = re.compile(r"\s*([\w.]+)")
#: Attributes of a refusal that surfaces translate; the packages without Django cannot mark them.
REFUSAL_ATTRIBUTES = {"text", "next_step"}


def from_python(path: Path) -> Iterator[Message]:
    found = extract_python(io.BytesIO(path.read_bytes()), KEYWORDS, [], {"encoding": "utf-8"})
    for line, function, given, _comments in found:
        arguments = list(given) if isinstance(given, (list, tuple)) else [given]
        yield from message_of(line, str(function), arguments)
    yield from from_classes(path)


def from_classes(path: Path) -> Iterator[Message]:
    """Sentences of refusals that are written without a mark: `text = "…"` and `next_step = "…"` in a class."""
    for owner in ast.walk(ast.parse(path.read_bytes())):
        for line in owner.body if isinstance(owner, ast.ClassDef) else ():
            target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
            value = getattr(line, "value", None)
            is_sentence = (
                isinstance(value, ast.Constant) and isinstance(value.value, str) and bool(value.value)
            )
            if is_sentence and isinstance(target, ast.Name) and target.id in REFUSAL_ATTRIBUTES:
                yield line.lineno, None, value.value  # type: ignore[union-attr]  # is_sentence says so


def message_of(line: int, function: str, arguments: list[Any]) -> Iterator[Message]:
    """The message in a call such as npgettext("month", "one day", "%(n)s days", n)."""
    context = arguments.pop(0) if "pgettext" in function and arguments else None
    count = 2 if "ngettext" in function or "npgettext" in function else 1
    texts = arguments[:count]
    if len(texts) < count or not all(isinstance(text, str) and text for text in texts):
        return
    yield line, context, texts[0] if count == 1 else (texts[0], texts[1])


def from_template(path: Path) -> Iterator[Message]:
    tokens = iter(DebugLexer(path.read_text(encoding="utf-8")).tokenize())
    for token in tokens:
        if token.token_type == TokenType.BLOCK:
            block = block_re.match(token.contents)
            inline = inline_re.match(token.contents)
            if block:
                yield from_block(
                    tokens, token.lineno or 0, block[1], trimmed="trimmed" in token.contents.split()
                )
            elif inline:
                given = CONTEXT.search(token.contents)
                yield token.lineno or 0, unquoted(given[1]) if given else None, template_literal(inline[1])
        if token.token_type in (TokenType.BLOCK, TokenType.VAR):
            for constant in constant_re.findall(token.contents):
                yield token.lineno or 0, None, template_literal(constant)


def from_block(tokens: Iterator[Any], line: int, context: str | None, *, trimmed: bool) -> Message:
    """The text of {% blocktranslate %} with its variables as named marks."""
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token.token_type == TokenType.VAR:
            name = VARIABLE.match(token.contents)
            parts[-1].append(f"%({name[1] if name else token.contents})s")
        elif token.token_type == TokenType.TEXT:
            parts[-1].append(token.contents.replace("%", "%%"))
        elif token.token_type == TokenType.BLOCK and endblock_re.match(token.contents):
            break
        elif token.token_type == TokenType.BLOCK and plural_re.match(token.contents):
            parts.append([])
    texts = [trim_whitespace("".join(part)) if trimmed else "".join(part) for part in parts]
    return line, unquoted(context) if context else None, texts[0] if len(texts) == 1 else (texts[0], texts[1])


def unquoted(text: str) -> str:
    return text.strip()[1:-1] if text.strip()[:1] in ("'", '"') else text


def template_literal(text: str) -> str:
    """Django looks a quoted text up with its percent signs doubled."""
    return unquoted(text).replace("%", "%%")


def from_pack(path: Path) -> Iterator[Message]:
    """Why a rule's numbers are assumptions, and their units: data that a page of the desk translates."""
    pack = json.loads(path.read_bytes())
    parameters = pack.get("parameters", [])
    # A source that is written in Chinese stands as it is on every page.
    sources = [pack.get("source", ""), *(one.get("source", "") for one in parameters)]
    texts = [pack.get("verified_note", ""), *(text for text in sources if not set(text) & set("：，《"))]
    for parameter in pack["parameters"]:
        texts += [parameter.get("reason", ""), parameter["unit"]]
    yield from ((0, None, text) for text in texts if text)


def all_messages(root: Path) -> Iterable[tuple[Path, Message]]:
    for path in sorted(root.rglob("*.py")):
        if "tests" not in path.parts and "migrations" not in path.parts:
            yield from ((path, message) for message in from_python(path))
    for path in sorted([*root.rglob("*.html"), *root.rglob("*.txt")]):
        if "templates" in path.parts:
            yield from ((path, message) for message in from_template(path))
    for path in sorted((root / "ruleset" / "packs").glob("*.json")):
        yield from ((path, message) for message in from_pack(path))
