"""The loop around the rules when store or PBX fail, and when it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from dialer.campaign.clock_watch import ClockWatch
from dialer.campaign.messages import (
    LinkLost,
    LinkRestored,
    Withdraw,
)
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.visit import VisitState
from dialer.errors import ActionRefused, Busy, GuardFailed, LinkDown, PbxError, StoreUnavailable
from tests.campaign.days import MONDAY, at, row
from tests.campaign.surroundings import agent, house, listing, ready

TUESDAY = MONDAY + timedelta(days=1)


# -- a store that fails ----------------------------------------------------------------------------


async def test_a_store_that_cannot_be_written_is_waited_for() -> None:
    """Issue: a full disk: calling stops rather than burning attempts, and ``trouble`` says why."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)))
        h.store.unavailable = True
        asked = asyncio.create_task(h.engine.ask(ready()))
        await h.until(lambda: h.engine.trouble)
        assert h.engine.trouble == str(StoreUnavailable())
        await asyncio.sleep(0.35)
        assert not h.pbx.placed
        h.store.unavailable = False
        await asked
        assert h.engine.trouble == ""
        await h.until(lambda: h.pbx.placed)


async def test_an_originate_that_was_written_down_too_late_is_not_sent() -> None:
    """The PBX may have been asked meanwhile; a stale order must not surprise anybody."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)))
        h.store.before = lambda: setattr(h.clock, "at", h.clock.at + timedelta(seconds=0.15))
        await h.ask(ready())
        await h.until(lambda: h.engine.state.visit(1).state is VisitState.WAITING)
        assert not h.pbx.placed
        (attempt,) = h.store.attempts.values()
        assert (attempt.disposition, attempt.counts) == (Disposition.CANCELLED, False)


@pytest.mark.parametrize(("took_s", "set_to"), [(0.0, at(7)), (100.0, at(7, 1, 40)), (60.0, at(8))])
async def test_an_originate_does_not_leave_by_a_clock_that_was_set_meanwhile(took_s: float, set_to: datetime) -> None:
    """Neither outside the hours as the clock shows them now, nor late because it hides how long writing took."""
    steady = 0.0
    async with house(watch=ClockWatch(lambda: steady, "boot")) as h:
        await h.ask(agent(), listing(row(1)))

        def pass_by() -> None:
            nonlocal steady
            steady, h.clock.at = took_s, set_to

        h.store.before = pass_by
        await h.ask(ready())
        await h.until(lambda: any(entry.what == "clock.set" for entry in h.store.history))
        assert not h.pbx.placed
        (attempt,) = h.store.attempts.values()
        assert (attempt.disposition, attempt.counts) == (Disposition.CANCELLED, False)


async def test_a_change_that_the_database_refuses_ends_the_engine() -> None:
    """A defect: the process is started again, and the store is the truth."""
    async with house() as h:

        def refuse() -> None:
            raise GuardFailed("no")

        h.store.before = refuse
        with pytest.raises(Busy, match="stopping"):
            await h.engine.ask(agent())
        await asyncio.wait([h.task])
        with pytest.raises(GuardFailed):
            h.task.result()
        with pytest.raises(Busy, match="stopping"):
            await h.engine.ask(agent())


async def test_who_waits_when_it_is_stopped_is_told() -> None:
    """Those in the batch that is being written, and those behind it: nobody hangs."""
    async with house() as h:
        h.store.unavailable = True
        first = asyncio.create_task(h.engine.ask(agent()))
        await h.until(lambda: h.engine.trouble)
        second = asyncio.create_task(h.engine.ask(agent("002")))
        await asyncio.sleep(0)
        h.engine.post(LinkLost(at(8), "cut"))
        h.task.cancel()
        for asked in (first, second):
            with pytest.raises(Busy, match="stopping"):
                await asked
        with pytest.raises(Busy, match="stopping"):
            await h.engine.ask(agent())


async def test_a_call_leaves_with_the_shop_that_the_agents_phone_shows() -> None:
    """Looked up when the attempt is written down; a database that cannot be read costs the name, not the call."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        (order,) = h.pbx.placed
        assert (order.number, order.shop) == (h.engine.state.visit(1).number, "店1")
    async with house() as h:
        h.store.shops = unreadable  # type: ignore[method-assign]  # a fault
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        assert h.pbx.placed[0].shop == ""


async def unreadable(visit_ids: Sequence[int]) -> dict[int, str]:
    raise StoreUnavailable(f"locked: {visit_ids}")


# -- a PBX that fails ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "disposition"),
    [(LinkDown(), Disposition.CANCELLED), (ActionRefused("Permission denied"), Disposition.OUR_FAULT)],
    ids=["link down", "refused"],
)
async def test_an_originate_that_does_not_leave_is_booked(error: PbxError, disposition: Disposition) -> None:
    """UNSENT or REFUSED: over at once, not counted, the agent free again."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)))
        h.pbx.fails = error
        await h.ask(ready())
        await h.until(lambda: h.engine.state.visit(1).last)
        (attempt,) = h.store.attempts.values()
        assert (attempt.disposition, attempt.counts) == (disposition, False)
        assert h.engine.state.agents["001"].presence is Presence.READY


@pytest.mark.parametrize(
    "error", [LinkDown(), ActionRefused("no"), KeyError("x")], ids=["link down", "refused", "defect"]
)
async def test_a_hang_up_that_fails_is_left_to_the_next_look(error: Exception) -> None:
    """Nothing is booked for it."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        h.pbx.fails = error
        await h.ask(Withdraw(by="test", visit=1, reason="ordered online"))
        assert h.engine.state.visit(1).state is VisitState.WITHDRAWN
        assert h.live == h.pbx.placed[0].attempt


async def test_a_hang_up_is_carried_out() -> None:
    """After it is committed."""
    async with house() as h:
        await h.ask(agent(), listing(row(1)), ready())
        await h.until(lambda: h.pbx.placed)
        attempt = h.live
        await h.ask(Withdraw(by="test", visit=1, reason="ordered online"))
        assert f"hang up {attempt}" in h.pbx.log


async def test_after_a_login_the_pbx_is_asked_again_once() -> None:
    """The second look comes after the settling time; two wishes for it are one."""
    async with house() as h:
        h.engine.post(LinkRestored(at(8), (), final=False))
        await h.until(lambda: h.pbx.surveys)
        await asyncio.sleep(0.3)
        assert h.pbx.surveys == 1


async def test_a_survey_that_fails_is_left_to_the_next_login() -> None:
    """It is logged, and nothing else happens."""
    async with house(linked=False) as h:
        h.pbx.fails = LinkDown()
        h.engine.post(LinkRestored(at(8), (), final=False))
        await h.until(lambda: h.pbx.surveys)
        await asyncio.sleep(0.01)
        assert not h.task.done()
        await h.ask(agent())


async def test_a_survey_that_is_due_when_it_stops_is_dropped() -> None:
    """A bounded shutdown."""
    async with house() as h:
        await h.until(lambda: any(t.get_name() == "pbx-survey" for t in asyncio.all_tasks()))
    await asyncio.sleep(0)
    assert not any(t.get_name() == "pbx-survey" for t in asyncio.all_tasks())
