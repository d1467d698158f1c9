"""Some thousand requests that nobody in their right mind sends: none is answered 500, and the dialer stays whole.

The long run is ``make faults REQUESTS=1``; a wrong answer names the request, and the seed makes it again.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.faults.requests.fuzz import Fuzzer
from tests.web.conftest import folder, migrated
from tests.web.people import open_people

__all__ = ["folder", "migrated"]


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_no_request_finds_a_defect(folder: Path, seed: int) -> None:
    """Every route and page, in every role, in whatever order."""
    async with open_people(folder) as people:
        fuzzer = Fuzzer(people, random.Random(seed))
        await fuzzer.run(1000)
    assert not fuzzer.sender.wrong, "\n".join(f"{where}: {what}" for where, what in fuzzer.sender.wrong.items())
    assert sum(n for status, n in fuzzer.sender.statuses.items() if 200 <= status < 300) > 50, fuzzer.sender.statuses
