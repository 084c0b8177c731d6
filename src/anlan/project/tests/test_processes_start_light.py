"""What each process imports when it starts: NumPy and its friends cost seconds and tens of megabytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("numpy", "shapely", "openpyxl", "httpx", "rich", "duckdb")
WEB = "from anlan.project import web; web.build(); import anlan.project.urls"
WORKER = """
import django; django.setup()
from anlan.dissemination import outbox
from anlan.journal import deadlines, sealer
from anlan.project import intake, worker
from anlan.sensing import catalogue
"""


@pytest.mark.parametrize(
    ("code", "unwanted"),
    [
        pytest.param("import anlan.project.cli", (*HEAVY, "django"), id="command line"),
        pytest.param("import anlan.project.parent", (*HEAVY, "django", "asyncio"), id="parent"),
        pytest.param(WEB, HEAVY, id="web"),
        pytest.param(WORKER, ("numpy", "shapely", "openpyxl"), id="worker"),
        pytest.param(
            "import anlan.gateway.__main__",
            ("django", "shapely", "openpyxl", "httpx", "starlette"),
            id="gateway",
        ),
    ],
)
def test_a_process_does_not_import_what_it_rarely_needs(
    code: str, unwanted: tuple[str, ...], tmp_path: Path
) -> None:
    look = f"import sys\n{code}\nprint(*[name for name in {unwanted!r} if name in sys.modules])"
    environment = {"ANLAN_DATA": str(tmp_path), "DJANGO_SETTINGS_MODULE": "anlan.project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", look], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == []
