"""Words of the statistics in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from anlan.console.templatetags.anlan import is_chinese
from anlan.kernel.refusals import Refusal, fill


def said(refusal: Refusal) -> str:
    """A refusal with its next step, in the reader's language, for the form that caused it."""
    words = (_(refusal.text), _(refusal.next_step) if refusal.next_step else "")
    return ("" if is_chinese() else " ").join(fill(text, refusal.data) for text in words if text)


def words_of(pairs: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """{code: word} of a table of (Chinese, English)."""
    return {code: (pair[0] if is_chinese() else pair[1]) for code, pair in pairs.items()}
