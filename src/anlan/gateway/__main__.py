"""`python -m anlan.gateway --data DIR`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from pathlib import Path

from anlan.gateway.service import Gateway
from anlan.kernel.orphan import leave_with_parent


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="anlan.gateway", description="Take readings from stations over TCP and HTTP."
    )
    parser.add_argument(
        "--data", default=os.environ.get("ANLAN_DATA"), help="the data folder; default ANLAN_DATA"
    )
    data = parser.parse_args(arguments).data
    if not data:
        print("The data folder is not named. Add --data DIR or set ANLAN_DATA.", file=sys.stderr)
        return 2
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    # One that outlived a killed parent would keep its ports, and the next start would have no gateway.
    leave_with_parent()
    try:
        asyncio.run(Gateway(Path(data)).run())
    except OSError as error:
        print(
            f"The gateway cannot start: {error}. Free the port or the folder, or change `ports`.",
            file=sys.stderr,
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
