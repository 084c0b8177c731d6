"""Fixtures and ground rules of every test run."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import django
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent
VECTORS = ROOT.parent / "shared" / "vectors"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "django_db_serialized_rollback"}

#: Files of `tests/` whose tests each stage a county of their own.
EACH_ALONE = {"test_a_night_of_storm.py", "test_until_every_village_has_answered.py"}


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


@pytest.hookimpl(tryfirst=True)  # before the hook that reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever uses the main database runs once more on PostgreSQL."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if item.get_closest_marker("django_db") or fixtures & DATABASE_FIXTURES:
            item.add_marker("database")
        if item.path.parent == ROOT / "tests" and item.path.name not in EACH_ALONE:
            # What shares a running county stays in one process.
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


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
