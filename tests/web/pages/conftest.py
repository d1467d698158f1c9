"""Everybody in front of a dialer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.pages.people import People, open_people


@pytest.fixture
async def people(folder: Path) -> AsyncIterator[People]:
    """A fresh dialer with one person of each role."""
    async with open_people(folder) as opened:
        yield opened
