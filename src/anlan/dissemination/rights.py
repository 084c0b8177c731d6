"""Which right each door of dissemination asks for. The rights themselves and their texts are in `vocab.posts`."""

from __future__ import annotations

from anlan.vocab.posts import Right

SEE_CALLOUTS = Right.SEE
RUN_CALLOUT = Right.RUN_CALLOUT
SEE_FULL_NUMBERS = Right.SEE_NUMBERS
