"""A part that dies is started again, with growing waits, and told of until it is well."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from dialer.app.supervisor import Patience, Supervisor
from tests.kit.waiting import until

QUICK = Patience(first_s=0.001, longest_s=0.004, healthy_s=0.05)


class Alarms(list[tuple[str, str]]):
    """What was told."""

    def __call__(self, key: str, text: str) -> None:
        self.append((key, text))


@asynccontextmanager
async def kept(supervisor: Supervisor, work: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[None]:
    """The part, running."""
    task = asyncio.create_task(supervisor.keep("relay", work))
    yield
    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()


async def test_a_part_that_dies_is_started_again_and_told_of_until_it_is_well() -> None:
    """One alarm however often it dies; both alarm and health are over when it has worked for a while."""
    alarms, runs = Alarms(), 0
    supervisor = Supervisor(alarms, QUICK)

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs < 4:
            raise OverflowError("too much")
        await asyncio.Event().wait()

    async with kept(supervisor, work):
        await until(lambda: runs == 4)
        assert supervisor.died() == {"relay": "OverflowError: too much"}
        assert [key for key, text in alarms if text] == ["part:relay"]
        await until(lambda: not supervisor.died())
        assert alarms[-1] == ("part:relay", "")


async def test_a_part_that_ends_without_an_error_is_started_again_too() -> None:
    """None of them has an end."""
    supervisor, runs = Supervisor(Alarms(), QUICK), 0

    async def work() -> None:
        nonlocal runs
        runs += 1

    async with kept(supervisor, work):
        await until(lambda: runs > 3)
        assert supervisor.died() == {"relay": "it ended by itself"}


async def test_waits_grow_to_a_bound_and_begin_anew_after_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """A part that dies at once does not keep the processor busy."""
    waits: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds >= 1.0:  # not the test's own
            waits.append(seconds)
            seconds = 0.0
        await real(seconds)

    monkeypatch.setattr("dialer.app.supervisor.asyncio.sleep", sleep)
    supervisor, runs = Supervisor(Alarms(), Patience(1.0, 4.0, healthy_s=0.01)), 0

    async def work() -> None:
        nonlocal runs
        runs += 1
        if runs == 5:
            await until(lambda: not supervisor.died())
        raise ValueError

    async with kept(supervisor, work):
        await until(lambda: len(waits) >= 6)
    assert waits[:6] == [1.0, 2.0, 4.0, 4.0, 1.0, 2.0]
