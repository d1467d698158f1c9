"""What every test shares: hypothesis profiles, and the fixtures of the private PBX and of the browser."""

import os
from collections.abc import Iterator

import coverage
import pytest
import structlog
from hypothesis import settings

# deadline=None: a shared machine stalls now and then, and pytest's own timeout ends what really hangs.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

pytest_plugins = ["tests.rig_fixtures", "tests.browser_fixtures"]


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
    traced = coverage.Coverage.current()
    if traced is not None:
        traced.stop()
    yield
    if traced is not None:
        traced.start()
