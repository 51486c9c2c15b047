"""What all tests share: repeatable random examples in CI, and a reason for every skipped tool."""

import os
import shutil
import subprocess
from functools import cache

# Before numpy is imported: matrices here are small, and threads that wait for each other on a busy machine cost ten
# times the processor time of the work.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(name, "1")
# A child that may not keep what it compiled compiles every library again: half a second for each command that is run.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("here", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "here")


# These start processes and take longest: run last, one core would wait for the other.
_FIRST = ("site", "mutation", "revise", "exchange")


def pytest_configure(config):
    config.option.loadscopereorder = False  # pytest-xdist would put files with many tests first, however short


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.path.parent.name not in _FIRST)
    for item in items:
        for tool, missing in (("browser", _no_browser), ("r", _no_r)):
            if item.get_closest_marker(tool) and missing():
                # CI installs the tools and sets this, so that a missing tool cannot pass for a good result there.
                if tool in os.environ.get("REVIEWLIB_REQUIRE", "").split(","):
                    raise pytest.UsageError(f"{tool} tests are required here, but {missing()}")
                item.add_marker(pytest.mark.skip(reason=missing()))


@cache
def _no_browser() -> str:
    for package in ("playwright", "axe_playwright_python"):
        try:
            __import__(package)
        except ImportError:
            return f"the Python package {package} is not installed"
    return "" if _chromium() else "no chromium, google-chrome or chrome on the PATH"


@cache
def _no_r() -> str:
    if not shutil.which("Rscript"):
        return "Rscript is not on the PATH"
    done = subprocess.run(["Rscript", "-e", "library(metafor)"], capture_output=True, text=True)
    return "" if done.returncode == 0 else "the R package metafor is not installed"


@pytest.fixture(scope="session")
def evidence():
    """The committed tables, read once for all tests: what they hand out cannot change them, and findings are kept."""
    import reviewlib

    return reviewlib.load_evidence()


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; tests marked `browser` are skipped without one."""
    return _chromium()


@pytest.fixture(scope="session")
def browser(chromium):
    """One browser for all tests: Playwright allows only one at a time in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    return next((path for path in map(shutil.which, names) if path), None)
