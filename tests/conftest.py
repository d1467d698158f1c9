"""What every test shares: hypothesis profiles, and the fixtures of the private PBX and of the browser."""

import importlib
import os
import pkgutil
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import coverage
import pytest
import structlog
from coverage.exceptions import CoverageWarning
from hypothesis import is_hypothesis_test, settings

import dialer

# deadline=None: a shared machine stalls now and then, and pytest's own timeout ends what really hangs.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

# What a simulated and a real PBX share is no test module: its assertions say what they compared all the same.
pytest.register_assert_rewrite("tests.contracts")

pytest_plugins = ["tests.rig_fixtures", "tests.browser_fixtures"]


@contextmanager
def _untraced() -> Iterator[None]:
    traced = coverage.Coverage.current()
    if traced is None:
        yield
        return
    traced.stop()
    try:
        yield
    finally:
        with warnings.catch_warnings(action="ignore", category=CoverageWarning):  # of what is imported already
            traced.start()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """The dialer's modules count from their first line; collecting tests is not traced, it would take twice as long."""
    if coverage.Coverage.current() is not None:
        for module in pkgutil.walk_packages(dialer.__path__, "dialer."):
            if not re.search(r"__main__|\.migrations\.", module.name):  # these run by being imported
                importlib.import_module(module.name)
    with _untraced():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """What hypothesis says a hundred times over runs untraced: its lines count where a test says them once."""
    with _untraced() if is_hypothesis_test(getattr(item, "obj", None)) else nullcontext():
        return (yield)


@pytest.fixture(autouse=True)
def logging_as_found() -> Iterator[None]:
    """Whatever a test says of the log (its level, say) ends with the test."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def untraced_processes() -> Iterator[None]:
    """No line is counted in processes that are started meanwhile.

    Tracing makes the dialer several times as slow; what it does there, others see it do in their own process.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
        patch.delenv("COVERAGE_PROCESS_START", raising=False)
        yield


@pytest.fixture
def untraced(untraced_processes: None) -> Iterator[None]:
    """No line is counted here either: for tests that measure time, or make the same lines run a million times."""
    with _untraced():
        yield
