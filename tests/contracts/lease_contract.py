"""One owner of a PBX, real or simulated: who has a copy of its records watches, and takes over by a person's word.

A test module defines a fixture ``lease_bench`` and has a class that inherits from :class:`LeaseContract`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import Protocol

import pytest

from dialer.ami.lease import Owner
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallProgress, LinkRestored, OwnerTold
from dialer.errors import LinkDown
from dialer.phonetests.ports import PhoneTester
from tests.contracts.pbx_contract import Caller, Outcome, PbxBench
from tests.kit.waiting import until


class DialerBench(PbxBench, Protocol):
    """A dialer at the PBX, and what it told."""

    tester: PhoneTester


class LeaseBench(Protocol):
    """A PBX for several dialers."""

    def dialer(self, owner: Owner) -> AbstractAsyncContextManager[DialerBench]:
        """One that has logged in, while inside."""
        ...

    async def restart(self) -> None:
        """Restart the PBX: it knows nothing any more of who owned it."""
        ...


@pytest.fixture
def books() -> str:
    """An installation's id of the test's own: nobody else's lease is in its way. For modules that import it."""
    return secrets.token_hex(4)


def owners(dialer: DialerBench) -> Sequence[tuple[bool, str]]:
    """Whether it was told that the PBX is its own, and whose else."""
    return [(each.ours, each.machine) for each in dialer.messages if isinstance(each, OwnerTold)]


def last_sign(dialer: DialerBench) -> str:
    """What its records say of the PBX's owner from then on."""
    return [each.sign for each in dialer.messages if isinstance(each, OwnerTold)][-1]


class LeaseContract:
    """The tests."""

    async def test_a_copy_touches_nothing_until_a_person_says_so(self, lease_bench: LeaseBench, books: str) -> None:
        """Issue 10, D7: production's call goes on, whatever the copy wants; then they change places, and back again."""
        production, copy = Owner(books, "one", "production"), Owner(books, "two", "drill")
        async with lease_bench.dialer(production) as first, lease_bench.dialer(copy) as second:
            assert (owners(first), owners(second)) == ([(True, "production")], [(False, "production")])
            assert isinstance(second.messages[0], OwnerTold)  # before it hears of any call
            caller = Caller(first)
            attempt = await caller.place(Outcome.LISTENS)
            await caller.told(attempt, CallProgress.CONNECTED)
            order = Place("b-1-1-x", first.dial_string(Outcome.BUSY), first.agent_phone, 10, 5)
            for asked in (
                second.pbx.hang_up(attempt),
                second.pbx.originate(order),
                second.tester.ring("test-0123456789ab", first.agent_phone, 5),
            ):
                with pytest.raises(LinkDown, match="production owns the PBX"):
                    await asked
            await second.pbx.survey()
            assert not caller.over(attempt)
            second.pbx.take_over()
            await until(lambda: owners(second)[-1] == (True, "drill"))
            assert owners(first)[-1] == (False, "drill")
            with pytest.raises(LinkDown, match="drill owns the PBX"):
                await first.pbx.hang_up(attempt)
            assert not caller.over(attempt)
            await second.pbx.hang_up(attempt)
            await caller.end(attempt)
            first.pbx.take_over()
            await until(lambda: owners(first)[-1] == (True, "production"))
            assert owners(second)[-1] == (False, "production")

    async def test_the_owner_is_the_same_after_a_restart_of_either(self, lease_bench: LeaseBench, books: str) -> None:
        """What a PBX knows does not outlive it; its owner writes it again, and who watched does not."""
        production, copy = Owner(books, "one", "production"), Owner(books, "two", "drill")
        async with lease_bench.dialer(production):
            pass
        async with lease_bench.dialer(copy) as second:
            assert owners(second) == [(False, "production")]
            await lease_bench.restart()
            await until(lambda: sum(isinstance(each, LinkRestored) for each in second.messages) > 1)
            assert owners(second) == [(False, "production")]
            async with lease_bench.dialer(production) as first:
                assert owners(first) == [(True, "production")]

    async def test_a_copy_that_comes_first_after_a_restart_does_not_own_the_pbx(
        self, lease_bench: LeaseBench, books: str
    ) -> None:
        """Its records say whose the PBX was when they were copied, or when it last looked."""
        production, copy = Owner(books, "one", "production"), Owner(books, "two", "drill")
        async with lease_bench.dialer(production) as first:
            known = last_sign(first)
        await lease_bench.restart()
        async with lease_bench.dialer(replace(copy, last=known)) as second:
            assert owners(second) == [(False, "production")]
            with pytest.raises(LinkDown, match="production owns the PBX"):
                await second.pbx.hang_up("b-1-1-x")
            async with lease_bench.dialer(replace(production, last=known)) as first:
                assert owners(first) == [(True, "production")]
                second.pbx.take_over()
                await until(lambda: owners(first)[-1] == (False, "drill"))
                known = last_sign(first)
        await lease_bench.restart()
        async with lease_bench.dialer(replace(production, last=known)) as first:
            assert owners(first) == [(False, "drill")]

    async def test_of_two_that_start_at_once_one_is_the_owner(self, lease_bench: LeaseBench, books: str) -> None:
        """Whatever they find: the later of those that write stays."""
        async with AsyncExitStack() as stack:
            coming = [lease_bench.dialer(Owner(books, name, name)) for name in ("one", "two", "three")]
            dialers = await asyncio.gather(*(stack.enter_async_context(each) for each in coming))
            await until(lambda: all(map(owners, dialers)))
            assert sum(owners(dialer)[-1][0] for dialer in dialers) == 1
