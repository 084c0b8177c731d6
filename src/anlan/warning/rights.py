"""Which right each door of the warning floor asks for. The rights themselves and their texts are in `vocab.posts`."""

from __future__ import annotations

from anlan.vocab.posts import Right

SEE_WARNINGS = Right.SEE
DRAFT_WARNING = Right.DRAFT
SIGN_WARNING = Right.SIGN_OFF
LIFT_WARNING = Right.SIGN_OFF
SIGN_PRE_AUTHORISATION = Right.PRE_AUTHORISE
