"""A plugin of pytest that names in the coverage data which test is running, property tests and fixtures included."""

from collections.abc import Generator

import coverage
import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator:
    measured = coverage.Coverage.current()
    if measured:
        measured.switch_context(item.nodeid.partition("[")[0])
    return (yield)
