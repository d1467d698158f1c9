"""kill -9 at any moment: nobody is called twice, nobody is forgotten, nothing is lost."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from dialer.demo.rig.rig import Rig
from tests.kit.launcher import UNMEASURED, RunningDialer
from tests.kit.settings import quick_settings

pytestmark = [pytest.mark.pbx, pytest.mark.usefixtures("untraced_processes")]

ENDINGS = ("00", "60", "61", "63", "66", "69", "80", "81", "83", "84", "85", "88", "01", "02", "03", "04")


def numbers(block: int, count: int) -> list[str]:
    """Different customers' numbers, with all the endings of the carrier's plan that come to an end."""
    return [f"139{block:02}{n:04}{ENDINGS[n % len(ENDINGS)]}" for n in range(count)]


async def test_killing_the_dialer_twenty_times_and_asterisk_five_times(quiet_rig: Rig, tmp_path: Path) -> None:
    """Bar 4: after the end the audit is clean, no notice is lost or doubled, no recording is lost."""
    luck = random.Random(20261121)
    dialer = RunningDialer(quick_settings(tmp_path / "dialer.toml", quiet_rig), hidden=UNMEASURED)
    await dialer.prepare(numbers(1, 64), quiet_rig.extensions[:6])
    await dialer.start()
    asterisk_dies = set(luck.sample(range(20), 5))
    for n in range(20):
        await asyncio.sleep(luck.uniform(0.1, 3.0))  # the random moment itself
        if n in asterisk_dies:
            await quiet_rig.office.kill()
            await asyncio.sleep(luck.uniform(0, 0.5))
            await quiet_rig.office.start()
            await asyncio.sleep(luck.uniform(0, 2.0))
        await dialer.kill()
        await dialer.start()
    books = await dialer.until_done(240)
    assert await dialer.stop() == 0
    assert dialer.audit(quiet_rig, books.attempts) == []
    assert books.wrong() == []
    left = [f.name for folder in (quiet_rig.recordings.spool, quiet_rig.recordings.done) for f in folder.iterdir()]
    ours = [name for name in left if name.startswith(books.attempts[0].id.partition("-")[0] + "-")]
    assert [name for name in ours if name.split(".")[0] not in books.recordings] == []
    assert len(books.conversations) > 30
