"""Customers who all answer, for the tests in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.agent.desk import talks
from tests.web.people import People, open_people


@pytest.fixture
async def desk(folder: Path) -> AsyncIterator[People]:
    """A dialer whose customers all answer."""
    async with open_people(folder, people=talks) as opened:
        yield opened
