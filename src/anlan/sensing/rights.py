"""Which right each door of sensing asks for. The rights themselves and their texts are in `vocab.posts`."""

from __future__ import annotations

from anlan.vocab.posts import Right

SEE_STATIONS = Right.SEE
#: Registering stations, linking villages, making tokens for sources.
MANAGE_STATIONS = Right.ADMINISTER
#: Accepting and withdrawing readings, granting maintenance.
JUDGE_READINGS = Right.JUDGE_READINGS
SUPERVISE_ENTERPRISES = Right.SUPERVISE_ENTERPRISES
ANSWER_FOR_ENTERPRISE = Right.ANSWER_FOR_ENTERPRISE
#: Sending commands to stations, and releasing those of others.
COMMAND_STATIONS = Right.COMMAND_STATIONS
#: Entering what a person read or saw.
RECORD_READINGS = Right.RECORD_READINGS
