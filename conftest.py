"""Fixtures and ground rules of every test run."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent
VECTORS = ROOT.parent / "shared" / "vectors"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"}

#: Files of `tests/` whose tests each stage a county of their own.
LONGEST = "test_until_every_village_has_answered.py"
EACH_ALONE = {"test_a_night_of_storm.py", LONGEST}


def make_data_folder() -> Path:
    """A data folder of this process alone: tests never see a real county."""
    folder = Path(tempfile.mkdtemp(prefix="anlan-test-"))
    owner = os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return folder


# The settings read ANLAN_DATA when they are imported, and pytest-django imports them after this file.
os.environ["ANLAN_DATA"] = str(make_data_folder())
os.environ["ANLAN_NODE"] = "999901"
os.environ["DJANGO_SETTINGS_MODULE"] = "anlan.project.settings"

pytest_plugins = ["anlan.testing"]
# pytest-django sets up only settings that were named before any conftest was read.
django.setup()


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the main database runs once more on PostgreSQL."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker("database")
    # The longest begin first, else one of them is left over at the end.
    items.sort(key=lambda item: item.path.name != LONGEST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadscope`: what shares a running county stays in one process. Anything else follows its own scheduler."""
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    class ByCounty(LoadScopeScheduling):  # type: ignore[misc]  # without types
        def _split_scope(self, nodeid: str) -> str:
            name = nodeid.split("::", 1)[0].rsplit("/", 1)[-1]
            return nodeid if name in EACH_ALONE else name

    return ByCounty(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture(scope="session", autouse=True)
def static_files_are_listed_once() -> Iterator[None]:
    """Each test client starts the middleware anew, which looks up every static file again, always the same."""
    from whitenoise.middleware import WhiteNoiseMiddleware

    look_up = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look_up(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def only_what_was_filled_is_emptied() -> Iterator[None]:
    """After a test that commits. The framework empties every table and fills the permissions again, for seconds a test.

    What the migrations filled stays as they left it; constraints are checked at the end of the transaction on both databases.
    """
    from django.db import connections, transaction
    from django.test import TransactionTestCase

    from anlan.testing import NOT_OF_A_COUNTY

    def empty(self: Any) -> None:
        for alias in self._databases_names(include_mirrors=False):
            link = connections[alias]
            tables = [name for name in link.introspection.table_names() if name not in NOT_OF_A_COUNTY]
            with transaction.atomic(using=alias), link.cursor() as cursor:
                asked = ", ".join(f'EXISTS (SELECT 1 FROM "{name}")' for name in tables)  # noqa: S608 - our own tables
                cursor.execute(f"SELECT {asked}")
                for name, is_filled in zip(tables, cursor.fetchone(), strict=True):
                    if is_filled:
                        cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608 - as above

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest) -> None:
    """The test database, by the real migrations in seconds instead of most of a minute a worker."""
    from anlan.project.migrating import the_short_way

    with the_short_way():
        request.getfixturevalue("django_db_setup")  # the plugin's own


@pytest.fixture(scope="session")
def shared_vectors() -> Path:
    """Folder of the wire-format vectors, which live beside the checkout and are never copied into it."""
    if not VECTORS.is_dir():
        pytest.skip("the shared vectors are not beside this checkout")
    return VECTORS


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's chromium without a window; the test skips where there is none."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    if program is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    # Playwright keeps an event loop in this thread; Django's guard would take it for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--enable-unsafe-swiftshader"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()
