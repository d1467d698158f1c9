"""One owner of a PBX: who has a copy of its records watches, touches nothing, and takes over by a person's word."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dialer.ami.lease import Owner, owner_of
from dialer.ami.pbx import AsteriskPbx
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallProgress, LinkRestored, OwnerTold, PbxMessage
from dialer.clock import SystemClock
from dialer.demo.rig.rig import Rig
from dialer.errors import LinkDown
from tests.ami.real import RealBench, real_config
from tests.contracts.pbx_contract import Caller, Outcome
from tests.kit.waiting import until

pytestmark = pytest.mark.pbx


class Dialer:
    """An adapter at the office's PBX, and what it told."""

    def __init__(self, rig: Rig, owner: Owner) -> None:
        self.messages: list[PbxMessage] = []
        self.pbx = AsteriskPbx(real_config(rig, rig.ami.port), self.messages.append, SystemClock(), owner=owner)

    @property
    def owners(self) -> list[tuple[bool, str]]:
        """Whether it was told that the PBX is its own, and whose else."""
        return [(each.ours, each.machine) for each in self.messages if isinstance(each, OwnerTold)]


@contextlib.asynccontextmanager
async def running(rig: Rig, owner: Owner) -> AsyncIterator[Dialer]:
    dialer = Dialer(rig, owner)
    await dialer.pbx.start()
    try:
        await until(lambda: any(isinstance(each, LinkRestored) for each in dialer.messages))
        yield dialer
    finally:
        await dialer.pbx.stop()


@pytest.fixture
def books() -> str:
    """An installation's id of the test's own: nobody else's lease is in its way."""
    return secrets.token_hex(4)


async def test_a_copy_touches_nothing_until_a_person_says_so(quiet_rig: Rig, books: str) -> None:
    """Issue 10, D7: the call of production goes on, whatever the copy wants; then the two change places."""
    production, copy = Owner(books, "one", "production"), Owner(books, "two", "drill")
    async with running(quiet_rig, production) as first, running(quiet_rig, copy) as second:
        assert (first.owners, second.owners) == ([(True, "production")], [(False, "production")])
        assert isinstance(second.messages[0], OwnerTold)  # before it hears of any call
        bench = RealBench(quiet_rig, "direct", None, first.pbx, first.pbx, first.messages)  # type: ignore[arg-type]  # no service
        bench.agent_phone = quiet_rig.extensions[0]
        caller = Caller(bench)
        attempt = await caller.place(Outcome.LISTENS)
        await caller.told(attempt, CallProgress.CONNECTED)
        order = Place("b-1-1-x", bench.dial_string(Outcome.BUSY), bench.agent_phone, 10, 5)
        for asked in (
            second.pbx.hang_up(attempt),
            second.pbx.originate(order),
            second.pbx.ring("test-0123456789ab", bench.agent_phone, 5),
        ):
            with pytest.raises(LinkDown, match="production owns the PBX"):
                await asked
        await second.pbx.survey()
        assert not caller.over(attempt)
        second.pbx.take_over()
        await until(lambda: second.owners[-1] == (True, "drill"))
        assert first.owners[-1] == (False, "drill")
        with pytest.raises(LinkDown, match="drill owns the PBX"):
            await first.pbx.hang_up(attempt)
        assert not caller.over(attempt)
        await second.pbx.hang_up(attempt)
        await caller.end(attempt)


async def test_the_owner_is_the_same_after_a_restart_of_either(quiet_rig: Rig, books: str) -> None:
    """A variable of the PBX does not outlive it; its owner writes it again, and who watched does not."""
    production, copy = Owner(books, "one", "production"), Owner(books, "two", "drill")
    async with running(quiet_rig, production):
        pass
    async with running(quiet_rig, copy) as second:
        assert second.owners == [(False, "production")]
        await quiet_rig.office.kill()
        await quiet_rig.office.start()
        await until(lambda: sum(isinstance(each, LinkRestored) for each in second.messages) > 1)
        assert second.owners[-1][0] is False
        async with running(quiet_rig, production) as first:
            assert first.owners == [(True, "production")]


async def test_of_two_that_start_at_once_one_is_the_owner(quiet_rig: Rig, books: str) -> None:
    """Whatever they find: the later of the two that write stays."""
    owners = [Owner(books, name, name) for name in ("one", "two", "three")]
    async with contextlib.AsyncExitStack() as stack:
        dialers = [Dialer(quiet_rig, owner) for owner in owners]
        for dialer in dialers:
            stack.push_async_callback(dialer.pbx.stop)
        await asyncio.gather(*(dialer.pbx.start() for dialer in dialers))
        await until(lambda: all(dialer.owners for dialer in dialers))
        assert sum(dialer.owners[-1][0] for dialer in dialers) == 1


def test_a_copy_in_another_folder_is_another_dialer(tmp_path: Path) -> None:
    """The same database on the same machine is the same one after every restart."""
    here, there = (owner_of("dx", tmp_path / folder / "dialer.sqlite3") for folder in ("here", "there"))
    assert here == owner_of("dx", tmp_path / "here" / "dialer.sqlite3")
    assert here.books == there.books
    assert here.id != there.id
