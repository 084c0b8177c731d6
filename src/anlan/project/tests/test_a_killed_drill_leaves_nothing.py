"""A drill that is killed takes its platform and its outside world with it."""

from __future__ import annotations

import os
import select
import subprocess
import sys

import pytest

PARENT = """
import subprocess, sys
from anlan.project.drill.bound import ends_with_parent
child = subprocess.Popen(
    [sys.executable, "-c", "import sys; sys.stdout.write('up'); sys.stdout.flush(); sys.stdin.read()"],
    stdin=subprocess.PIPE, preexec_fn=ends_with_parent, pass_fds=[int(sys.argv[1])],
)
child.wait()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process that its parent died")
def test_a_process_of_a_drill_ends_when_the_drill_is_killed() -> None:
    ours, theirs = os.pipe()
    #: Only what the child does not end on by itself: its own input stays open in the grandparent.
    keeps_open, its_input = os.pipe()
    command = [
        sys.executable,
        "-c",
        PARENT.replace("stdin=subprocess.PIPE", f"stdin={keeps_open}"),
        str(theirs),
    ]
    parent = subprocess.Popen(command, stdout=theirs, pass_fds=[theirs, keeps_open])
    os.close(theirs)
    with os.fdopen(ours, "rb", buffering=0) as heard:
        assert heard.read(2) == b"up"
        parent.kill()
        parent.wait()
        # The end comes when nobody holds the other side any more: the child is gone. One that stays is let go below.
        is_gone = bool(select.select([heard], [], [], 20)[0])
    os.close(keeps_open)
    os.close(its_input)
    assert is_gone
