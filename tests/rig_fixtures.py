"""The private PBX for tests: one rig, started once, shared by all that ask for it.

The rig is bound to no event loop: `office.kill()`, `carrier.start()` and the like may be awaited from any test. Who
breaks it mends it: a test that stops a part starts it again before it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from dialer.ami import pbxconfig
from dialer.demo.rig.acquire import acquire
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.rig import AGENT_TIMEOUT_S, ANNOUNCEMENT, RecordingFolders, Rig
from tests.contracts.endless_contract import LONGEST_S
from tests.kit import offices

CACHE = Path(__file__).parent.parent / "var" / "cache"

BRIEF = "brief"
"""The prefix of a second dialplan on the tests' PBX, which lets no call last."""

TEST_SPEED = RigSpeed(ring_s=0.2, talk_s=1.6, ring_limit_s=8.0, patience_s=9.0, phone_ring_s=0.1, phone_talk_s=3.0)


@pytest.fixture(scope="session")
def asterisk_build() -> AsteriskBuild:
    """A real Asterisk: the host's or a fetched one."""
    return acquire(CACHE, print)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def rig(asterisk_build: AsteriskBuild, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    """Office and carrier, up for the whole session; the office also has the ways of :mod:`tests.kit.offices`."""
    folder = tmp_path_factory.mktemp("rig")
    recordings = RecordingFolders.under(folder)
    ours = str(recordings.spool), str(recordings.done), AGENT_TIMEOUT_S, ANNOUNCEMENT
    with offices.silence() as dead:
        dialplan = pbxconfig.dialplan(*ours) + offices.dialplan(dead)
        dialplan += pbxconfig.dialplan(*ours, BRIEF, longest_s=LONGEST_S)
        async with Rig(folder, asterisk_build, phones=32, speed=TEST_SPEED, dialplan=dialplan) as running:
            running.trunk_templates |= {office.name: office.template for office in offices.WAYS}
            yield running


@pytest_asyncio.fixture
async def quiet_rig(rig: Rig) -> AsyncIterator[Rig]:
    """The rig for a test that breaks it: no calls before it, both PBXs up and without calls after it."""
    await asyncio.gather(rig.office.idle(), rig.carrier.idle())
    try:
        yield rig
    finally:
        for part in (rig.carrier, rig.office):
            part.thaw()
            if not part.running:
                await part.start()
            async with part.control() as ami:  # one side may still believe in calls of the other's former life
                await ami.action("Hangup", Channel="/.*/")
