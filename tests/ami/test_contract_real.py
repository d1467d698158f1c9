"""The real PBX keeps the contract of :mod:`tests.contracts.pbx_contract`, over a direct trunk and through Local."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from dialer.demo.rig.rig import Rig
from tests.ami.real import RealBench, real_bench
from tests.contracts.endless_contract import EndlessContract
from tests.contracts.following_contract import FollowingContract
from tests.contracts.pbx_contract import PbxContract, caller
from tests.contracts.phone_contract import PhoneContract
from tests.contracts.transfer_contract import TransferContract
from tests.rig_fixtures import BRIEF

__all__ = ["caller"]

pytestmark = pytest.mark.pbx


@pytest.fixture(params=["direct", "local"])
async def pbx_bench(rig: Rig, request: pytest.FixtureRequest) -> AsyncIterator[RealBench]:
    """The private office and carrier."""
    async with real_bench(rig, request.param) as bench:
        yield bench


class TestAsterisk(PbxContract, TransferContract):
    """Asterisk 22 over the manager interface."""


class TestEndless(EndlessContract):
    """Calls that nobody hangs up, in a dialplan that lets none last."""

    @pytest.fixture(params=["direct", "local"])
    async def pbx_bench(self, rig: Rig, request: pytest.FixtureRequest) -> AsyncIterator[RealBench]:
        """The same PBX under the prefix of that dialplan."""
        async with real_bench(rig, request.param, prefix=BRIEF) as bench:
            yield bench


class TestFollowing(FollowingContract):
    """Phones that come and go."""


@pytest.fixture
async def phone_bench(rig: Rig) -> AsyncIterator[RealBench]:
    """The private office and its phones."""
    async with real_bench(rig) as bench:
        yield bench


class TestPhones(PhoneContract):
    """Test calls on Asterisk 22, with the least rights."""
