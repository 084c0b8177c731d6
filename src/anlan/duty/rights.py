"""Which right each door of the duty room asks for. The rights themselves and their texts are in `vocab.posts`."""

from __future__ import annotations

from anlan.vocab.posts import Right

SEE_ALARMS = Right.SEE
CONFIRM_ALARM = Right.CONFIRM_ALARM
