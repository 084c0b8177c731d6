"""Which right each door of risk asks for. The rights themselves and their texts are in `vocab.posts`."""

from __future__ import annotations

from anlan.vocab.posts import Right

SEE_ZONES = Right.SEE
#: Zones and households are kept by those who keep the directory: the county and, for its villages, the township.
EDIT_ZONES = Right.EDIT_DIRECTORY
SEE_NUMBERS = Right.SEE_NUMBERS
