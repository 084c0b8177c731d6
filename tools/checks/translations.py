"""Translation catalogues: complete or not; `--update` brings them up to date with the sources.

Message ids are English, so the Chinese catalogue is the one that must be complete; a catalogue of another
language may be added beside it and is held to the same rule. English needs none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po

from checks.extract import all_messages

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "anlan"
LOCALE = SOURCE / "locale"
REQUIRED = LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"

#: Only what readers of the file need; dates and names of tools would change in every commit.
HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def template() -> Catalog:
    """Every marked text of the sources, without line numbers: they would change in every commit."""
    catalog = Catalog(project="Anlan", charset="utf-8")
    for path, (_line, context, text) in all_messages(SOURCE):
        catalog.add(text, context=context, locations=[(str(path.relative_to(SOURCE)), 0)])
    return catalog


def load(path: Path) -> Catalog:
    language = path.parent.parent.name
    if not path.is_file():
        return Catalog(locale=language, project="Anlan", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale=language)


def gaps(path: Path, wanted: Catalog) -> Iterator[str]:
    held = load(path)
    name = path.relative_to(ROOT)
    for message in wanted:
        if not message.id:
            continue
        translation = held.get(message.id, message.context)
        if translation is None:
            yield f"{name}: missing: {message.id!r}"
        elif translation.fuzzy:
            yield f"{name}: a guess that nobody confirmed: {message.id!r}"
        elif not all(strings_of(translation)):
            yield f"{name}: untranslated: {message.id!r}"
        elif list(translation.check(held)):
            yield f"{name}: its named marks differ: {message.id!r}"


def strings_of(message: Message) -> list[str]:
    """The translation, or its plural forms."""
    string = message.string
    return [string] if isinstance(string, str) else list(string or [""])


def update(path: Path, wanted: Catalog) -> None:
    held = load(path)
    held.update(wanted, no_fuzzy_matching=True)
    held.obsolete.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(language=held.locale_identifier, plural=held.plural_forms).encode())
        write_po(file, held, width=120, omit_header=True, sort_output=True, include_lineno=False)


def main(arguments: list[str]) -> int:
    catalogues = sorted({REQUIRED, *LOCALE.glob("*/LC_MESSAGES/django.po")})
    wanted = template()
    if "--update" in arguments:
        for path in catalogues:
            update(path, wanted)
    found = [gap for path in catalogues for gap in gaps(path, wanted)]
    print("\n".join(found) or f"{len(wanted)} texts, {len(catalogues)} catalogue complete")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
