"""Before a wheel is built: make the islands, the translations and the list of divisions, which git does not hold.

So `pip install .` and `pip wheel .` in a checkout give the whole product and never one with half of its pages dead.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

#: What pip sets for the environment it builds in, and what would lead `./dev` astray.
BUILD_ONLY = ("PYTHONPATH", "PYTHONNOUSERSITE", "PYTHONHOME", "VIRTUAL_ENV")


class WheelHook(BuildHookInterface[Any]):  # type: ignore[misc]  # hatchling is in the build's environment alone
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        # An editable install is the checkout itself, where each verb of `./dev` makes what it needs.
        if version == "editable" or os.environ.get("ANLAN_ASSETS_READY"):
            return
        env = {name: value for name, value in os.environ.items() if name not in BUILD_ONLY}
        dev = Path(self.root) / "dev"
        made = subprocess.run([sys.executable, str(dev), "assets"], env=env, cwd=self.root, check=False)
        if made.returncode != 0:
            raise RuntimeError(
                "the generated files could not be made; run `./dev assets` and read its last lines"
            )
