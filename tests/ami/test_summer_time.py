"""A PBX in a zone that has summer time just now, with our dialplan and one that an administrator has not reloaded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from dialer.ami import pbxconfig
from dialer.ami.check.facts import look
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.evidence import Disposition
from dialer.demo.rig.build import AsteriskBuild
from dialer.demo.rig.rig import AGENT_TIMEOUT_S, ANNOUNCEMENT, RecordingFolders, Rig
from dialer.demo.rig.zone import in_zone
from tests.ami.real import real_bench, real_config
from tests.contracts.pbx_contract import RING_S, Caller, Outcome
from tests.rig_fixtures import TEST_SPEED

pytestmark = pytest.mark.pbx

SUMMER = next(
    zone
    for zone in map(ZoneInfo, ("Australia/Sydney", "Europe/Berlin"))  # one of them always has it
    if datetime.now(zone).dst()
)
STANDARD_S = 36000 if "Sydney" in SUMMER.key else 3600
"""What libc takes off the seconds of a time that it is told to be without summer time."""


def dialplans(folder: Path) -> str:
    """Ours, and under the prefix `old` the one that took its times as seconds."""
    folders = RecordingFolders.under(folder)
    ours, old = (
        pbxconfig.dialplan(str(folders.spool), str(folders.done), AGENT_TIMEOUT_S, ANNOUNCEMENT, prefix)
        for prefix in ("dialer", "old")
    )
    return ours + old.replace("%FT%T.%3qZ", "%s.%3q")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(asterisk_build: AsteriskBuild, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rig]:
    """A rig there."""
    folder = tmp_path_factory.mktemp("summer")
    if not in_zone(SUMMER.key, folder / "tried"):
        pytest.skip("this machine lets no process have a zone of its own")
    own = dialplans(folder)
    async with Rig(folder, asterisk_build, phones=1, speed=TEST_SPEED, dialplan=own, zone=SUMMER.key) as rig:
        yield rig


@pytest.mark.parametrize("prefix", ["dialer", "old"])
async def test_ends_while_nobody_listened_have_their_true_times(office: Rig, prefix: str) -> None:
    """A conversation and an unanswered call, both from the journal: no time is before the ringing or still to come."""
    async with real_bench(office, prefix=prefix) as bench:
        caller = Caller(bench)
        calls = {await caller.place(Outcome.ANSWERS, timeout_s=10): Disposition.CONNECTED}
        calls[await caller.place(Outcome.RINGS_OUT, timeout_s=RING_S)] = Disposition.NO_ANSWER
        for attempt in calls:
            await caller.told(attempt, CallProgress.RINGING)
        rang = {attempt: caller.events(attempt)[-1].at for attempt in calls}
        await caller.cut()
        await office.carrier.idle()
        first = await caller.restore()
        for attempt, disposition in calls.items():
            assert await caller.end(attempt, 1) is disposition, caller.events(attempt)
            times = [each.at for each in first.ends if each.attempt == attempt]
            assert times == sorted(times)
            assert all(rang[attempt] <= at <= first.at for at in times), first.ends
        assert first.started_at is not None
        assert timedelta(0) <= datetime.now(UTC) - first.started_at < timedelta(minutes=5)


@pytest.mark.parametrize(("prefix", "off"), [("dialer", 0), ("old", -STANDARD_S)])
async def test_the_journals_clock_is_looked_at(office: Rig, prefix: str, off: int) -> None:
    """As the loaded dialplan writes an end, beside the PBX's own clock, which is right."""
    facts = await look(real_config(office, office.ami.port, prefix=prefix))
    assert facts.clock_ahead_s == pytest.approx(0, abs=0.5)
    assert facts.journal_ahead_s == pytest.approx(off, abs=0.5)
