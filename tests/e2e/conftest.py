"""One house for the tests of a file."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from dialer.demo.rig.build import AsteriskBuild
from tests.e2e.house import TALKS, WAITS, House, customers, open_house

AGENTS = [str(n) for n in range(101, 109)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(asterisk_build: AsteriskBuild, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """101 has ten customers who wait for the agent to hang up; 102 is absent, 106 has one, 107 three who wait."""
    rows = [
        *customers("101", 1, 10, WAITS),
        *customers("102", 21, 3, TALKS),
        *customers("106", 31, 1, TALKS),
        *customers("107", 41, 3, WAITS),
    ]
    async with open_house(tmp_path_factory.mktemp("house"), asterisk_build, AGENTS, rows) as opened:
        yield opened
