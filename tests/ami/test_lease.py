"""The real PBX keeps the contract of :mod:`tests.contracts.lease_contract`; who a dialer is to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from dialer.ami.lease import Owner, owner_of
from dialer.ami.pbx import AsteriskPbx
from dialer.campaign.messages import LinkRestored, PbxMessage
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from tests.ami.real import RealBench, real_config
from tests.contracts.lease_contract import LeaseContract, books
from tests.contracts.pbx_contract import OFFICE
from tests.kit.waiting import until

__all__ = ["books"]


class RealLeases:
    """See :class:`tests.contracts.lease_contract.LeaseBench`."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig

    @asynccontextmanager
    async def dialer(self, owner: Owner) -> AsyncIterator[RealBench]:
        """An adapter at the office's PBX."""
        messages: list[PbxMessage] = []
        config = real_config(self.rig, self.rig.ami.port)
        pbx = AsteriskPbx(config, messages.append, SystemClock(), OFFICE, owner)
        bench = RealBench(self.rig, "direct", None, pbx, pbx, messages)  # type: ignore[arg-type]  # no line to break
        bench.agent_phone = self.rig.extensions[0]
        await pbx.start()
        try:
            await until(lambda: any(isinstance(each, LinkRestored) for each in messages))
            yield bench
        finally:
            await pbx.stop()

    async def restart(self) -> None:
        """Asterisk, killed and started."""
        await self.rig.office.kill()
        await self.rig.office.start()


@pytest.fixture
def lease_bench(quiet_rig: Rig) -> RealLeases:
    """The private office."""
    return RealLeases(quiet_rig)


@pytest.mark.pbx
class TestLease(LeaseContract):
    """Asterisk 22 over the manager interface."""


def test_a_copy_in_another_folder_is_another_dialer(tmp_path: Path) -> None:
    """The same database on the same machine is the same one after every restart."""
    here, there = (owner_of("dx", tmp_path / folder / "dialer.sqlite3") for folder in ("here", "there"))
    assert here == owner_of("dx", tmp_path / "here" / "dialer.sqlite3")
    assert here.books == there.books
    assert here.id != there.id
