"""History is tested on both stores."""

from anlan.sensing.hot.pg.tests.conftest import database

__all__ = ["database"]
