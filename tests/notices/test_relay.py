"""The relay delivers at least once, in order, on its schedule, and outlives everything that fails around it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from dialer.campaign.model.query import Page
from dialer.clock import SystemClock
from dialer.errors import DeliveryFailed, GuardFailed, NotFound, StoreUnavailable
from dialer.notices.board import BoardSender
from dialer.notices.config import PlatformSettings, RelayPolicy
from dialer.notices.outbox import Notice, NoticeState
from dialer.notices.relay import DEAD_ALARM, FAILING_ALARM, Relay, RelayStatus
from dialer.notices.webhook import WebhookSender
from dialer.store.database import Database
from dialer.store.day import SqlDayStore
from dialer.store.records.board import SqlBoard
from dialer.store.records.outbox import SqlOutbox
from tests.contracts.made_up import NOW, added, placed, unreached
from tests.kit.waiting import until
from tests.notices.platform import SECRET, Platform, answer
from tests.notices.tools import HandClock, ListSender, Told, Trouble, add, relaying, states

DELIVERED, PENDING, DEAD = NoticeState.DELIVERED, NoticeState.PENDING, NoticeState.DEAD


async def test_an_unreached_customer_reaches_the_platform(
    day: SqlDayStore, outbox: SqlOutbox, clock: HandClock, platform: Platform
) -> None:
    """From the engine's commit to a signed request with the whole story, marked as delivered."""
    for changes in (added(1), placed(1), unreached(1)):
        await day.commit(changes)
    clock.advance(120)
    sender = WebhookSender(PlatformSettings(url=platform.url, secret=SecretStr(SECRET)), SystemClock())
    async with relaying(outbox, sender, clock):
        await until(lambda: len(platform.received) == 1)
        await until(lambda: _all(outbox, DELIVERED))
    await sender.close()
    (sent,) = platform.received
    body = sent.verify()
    assert isinstance(body, dict)
    assert body["type"] == "visit.unreached"
    assert body["data"]["customer"]["department"] == "城东营销部"
    assert [call["disposition"] for call in body["data"]["attempts"]] == ["no_answer"]
    (row,) = await outbox.notices(None, Page())
    assert (sent.id, row.tries, row.delivered_at) == (row.id, 1, clock.at)


async def _are(outbox: SqlOutbox, wanted: dict[str, NoticeState]) -> bool:
    return await states(outbox) == wanted


async def _all(outbox: SqlOutbox, state: NoticeState) -> bool:
    return set((await states(outbox)).values()) == {state}


async def test_a_platform_that_fails_for_a_while(
    day: SqlDayStore, outbox: SqlOutbox, clock: HandClock, platform: Platform
) -> None:
    """Each try comes when its wait is over and not before, always with the same id, until acknowledged."""
    platform.answers.extend([answer(500), answer(503, "later", Retry_After="60"), answer(502)])
    sender = WebhookSender(PlatformSettings(url=platform.url, secret=SecretStr(SECRET)), SystemClock())
    await add(day, "a")
    async with relaying(outbox, sender, clock) as relay:
        for tries, wait in ((1, 5), (2, 60), (3, 120)):
            await until(lambda tries=tries: _tries(outbox, tries))
            (row,) = await outbox.notices(PENDING, Page())
            assert row.next_try_at == clock.at + timedelta(seconds=wait)
            assert f"answered {(500, 503, 502)[tries - 1]}" in row.last_error
            clock.advance(wait - 1)
            relay.wake()
            await asyncio.sleep(0.05)
            assert len(platform.received) == tries
            clock.advance(1)
            relay.wake()
        await until(lambda: _all(outbox, DELIVERED))
        assert relay.status().failing_since is None
    await sender.close()
    assert platform.ids == [platform.ids[0]] * 4


async def _tries(outbox: SqlOutbox, tries: int) -> bool:
    return (await outbox.notices(None, Page()))[0].tries == tries


async def test_a_new_notice_wakes_the_relay(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """A notice that is committed while the relay waits goes out when it is woken, not at the next poll."""
    sender = ListSender()
    async with relaying(outbox, sender, clock, RelayPolicy(poll_s=3600)) as relay:
        await asyncio.sleep(0.05)
        await add(day, "a")
        relay.wake()
        await until(lambda: len(sender.got) == 1)


async def test_a_notice_goes_out_when_its_time_comes(day: SqlDayStore, outbox: SqlOutbox) -> None:
    """Without being woken the relay waits for the next try and then makes it."""
    clock = SystemClock()
    fail_once = [DeliveryFailed("no")]

    async def work(_notice: Notice) -> None:
        if fail_once:
            raise fail_once.pop()

    sender = ListSender(work)
    await add(day, "a", at=clock.now())
    relay = Relay(outbox, sender, clock, RelayPolicy(waits_s=(0.2,)), Told())
    task = asyncio.create_task(relay.run())
    await until(lambda: len(sender.got) == 1)
    task.cancel()
    await asyncio.wait([task])
    assert relay.status().failed == 1


async def test_killed_between_acknowledgement_and_mark(
    day: SqlDayStore, database: Database, outbox: SqlOutbox, board: SqlBoard, clock: HandClock
) -> None:
    """The next start delivers again under the same id, and the board shows the notice once."""
    await add(day, "a")
    crashing = Trouble(database)
    crashing.go_on = asyncio.Event()
    sent = ListSender(BoardSender(board, clock).deliver)
    async with relaying(crashing, sent, clock, RelayPolicy(stop_timeout_s=0.01)):
        await crashing.marking.wait()
    assert await states(outbox) == {"a": PENDING}
    async with relaying(outbox, sent, clock):
        await until(lambda: _all(outbox, DELIVERED))
    assert len(sent.got) == 2
    assert len(set(sent.got)) == 1
    assert [entry.id for entry in await board.listing(None, None, open_only=False, page=Page())] == sent.got[:1]


async def test_a_store_that_cannot_be_read(day: SqlDayStore, database: Database, clock: HandClock) -> None:
    """The relay outlives an unreadable outbox, says so once, and goes on when it is back."""
    await add(day, "a")
    outbox = Trouble(database)
    outbox.reads_fail = 3
    sender = ListSender()
    with capture_logs() as said:
        async with relaying(outbox, sender, clock, RelayPolicy(store_retry_s=0.01)) as relay:
            await until(lambda: _all(outbox, DELIVERED))
            await until(lambda: relay.status().store_error == "")
    assert len(sender.got) == 1
    assert [each["error"] for each in said if each["action"] == "notice.store"] == ["the database is locked"]


async def test_a_store_that_cannot_be_written(day: SqlDayStore, database: Database, clock: HandClock) -> None:
    """While the mark cannot be written nothing is sent twice; it is made up for when it can."""
    await add(day, "a", "b")
    outbox = Trouble(database)
    outbox.mark_error = StoreUnavailable("disk full")
    sender = ListSender()
    async with relaying(outbox, sender, clock, RelayPolicy(store_retry_s=0.01)) as relay:
        await until(lambda: len(sender.got) == 2)
        await until(lambda: "disk full" in relay.status().store_error)
        await asyncio.sleep(0.1)
        assert len(sender.got) == 2
        outbox.mark_error = None
        await until(lambda: _all(outbox, DELIVERED))
    assert len(sender.got) == 2


async def test_a_refused_mark_holds_up_nothing_else(day: SqlDayStore, database: Database, clock: HandClock) -> None:
    """A mark that the database refuses for good keeps its own notice back, and no other one."""
    await add(day, "bad")
    outbox = Trouble(database)
    (bad,) = await outbox.notices(None, Page())
    outbox.mark_error, outbox.only = GuardFailed("refused"), bad.id
    sender = ListSender()
    async with relaying(outbox, sender, clock) as relay:
        await until(lambda: sender.got == [bad.id])
        await add(day, "good", at=NOW)
        await until(lambda: relay.status().in_flight == 0)
        relay.wake()
        await until(lambda: _is(outbox, "good", DELIVERED))
        relay.wake()
        await asyncio.sleep(0.05)
        assert sender.got.count(bad.id) == 1
        assert "refused" in relay.status().store_error


async def _is(outbox: SqlOutbox, key: str, state: NoticeState) -> bool:
    return (await states(outbox))[key] == state


@pytest.mark.parametrize("later", [False, True])
async def test_a_notice_that_is_gone(day: SqlDayStore, database: Database, clock: HandClock, *, later: bool) -> None:
    """A notice that was removed under our hands is let go, at once or when its mark is made up for."""
    await add(day, "a")
    outbox = Trouble(database)
    outbox.mark_error = StoreUnavailable("locked") if later else NotFound("there is no notice")
    sender = ListSender()
    async with relaying(outbox, sender, clock, RelayPolicy(store_retry_s=0.01)) as relay:
        await until(lambda: len(sender.got) >= 1)
        if later:
            await until(lambda: relay.status().store_error == "locked")
            outbox.mark_error = NotFound("there is no notice")
            await until(lambda: relay.status().store_error == "")
        outbox.mark_error = None
        relay.wake()
        await until(lambda: _all(outbox, DELIVERED))


async def test_dead_letters_are_told_and_can_be_resent(
    day: SqlDayStore, outbox: SqlOutbox, clock: HandClock, platform: Platform
) -> None:
    """410 makes a dead letter and an alarm; resent and acknowledged, the alarm is over."""
    platform.answers.append(answer(410, "never again"))
    sender = WebhookSender(PlatformSettings(url=platform.url, secret=SecretStr(SECRET)), SystemClock())
    await add(day, "a")
    told = Told()
    async with relaying(outbox, sender, clock, told=told) as relay:
        await until(lambda: DEAD_ALARM in told.open)
        assert "never again" in told.open[DEAD_ALARM]
        assert await states(outbox) == {"a": DEAD}
        (row,) = await outbox.notices(DEAD, Page())
        await outbox.resend(row.id, clock.now())
        relay.wake()
        await until(lambda: not told.open)
        assert (relay.status().dead, relay.status().delivered) == (1, 1)
    await sender.close()
    assert platform.ids == [row.id] * 2


async def test_dead_letters_of_an_earlier_life(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """At the start people are told of dead letters that are there."""
    await add(day, "a")
    (row,) = await outbox.notices(None, Page())
    await outbox.mark_failed(row.id, NOW, "lost", None)
    told = Told()
    async with relaying(outbox, ListSender(), clock, told=told):
        await until(lambda: DEAD_ALARM in told.open)
    assert row.id in told.open[DEAD_ALARM]


@pytest.mark.parametrize("refused", ["a", "b"])
async def test_a_refused_mark_holds_up_no_other_mark(
    refused: str, day: SqlDayStore, database: Database, clock: HandClock
) -> None:
    """Both were delivered while the store took nothing; then it refuses one of the two for good."""
    outbox = Trouble(database)
    outbox.mark_error = StoreUnavailable("disk full")
    await add(day, "a", "b")
    sender = ListSender()
    async with relaying(outbox, sender, clock) as relay:
        await until(lambda: len(sender.got) == 2 and relay.status().in_flight == 0)
        outbox.only = next(name for name in sender.got if name.endswith(refused))
        outbox.mark_error = GuardFailed("never")
        relay.wake()
        wanted = dict.fromkeys("ab", DELIVERED) | {refused: PENDING}
        await until(lambda: _are(outbox, wanted))


async def test_given_up_after_the_schedule(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """When its waits are used up a notice is a dead letter with its last error."""

    async def fail(_notice: Notice) -> None:
        raise DeliveryFailed("no")

    await add(day, "a")
    policy = RelayPolicy(waits_s=(10,), give_up_after=timedelta(seconds=25))
    async with relaying(outbox, ListSender(fail), clock, policy) as relay:
        for tries in (1, 2):
            await until(lambda tries=tries: _tries(outbox, tries))
            clock.advance(10)
            relay.wake()
        await until(lambda: _all(outbox, DEAD))
    (row,) = await outbox.notices(DEAD, Page())
    assert (row.tries, row.last_error) == (3, "no")


async def test_what_the_log_says(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """Of each try which it was and what comes next; a notice that is given up is an error."""
    trouble: list[DeliveryFailed] = [DeliveryFailed("busy"), DeliveryFailed("gone", permanent=True)]

    async def work(_notice: Notice) -> None:
        if trouble:
            raise trouble.pop(0)

    await add(day, "a")
    with capture_logs() as said:
        async with relaying(outbox, ListSender(work), clock) as relay:
            assert relay.status() == RelayStatus(0, 0, 0, 0)
            await until(lambda: _tries(outbox, 1))
            clock.advance(5)
            relay.wake()
            await until(lambda: _all(outbox, DEAD))
            (row,) = await outbox.notices(DEAD, Page())
            await outbox.resend(row.id, clock.now())
            relay.wake()
            await until(lambda: _all(outbox, DELIVERED))
            status = relay.status()
    assert (status.delivered, status.failed, status.dead, status.last_error) == (1, 2, 1, "")
    told = [(each["log_level"], each["event"], each["action"], each["tries"], each.get("next_try")) for each in said]
    later = (clock.at).isoformat()
    assert told == [
        ("warning", "notice not acknowledged", "notice.failed", 1, later),
        ("error", "notice given up", "notice.dead", 2, None),
        ("info", "notice delivered", "notice.delivered", 1, None),
    ]


async def test_an_alarm_when_nothing_gets_through(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """After ten minutes without an acknowledgement people are told, once, when it is over, and of the next time."""
    down = True

    async def work(_notice: Notice) -> None:
        if down:
            raise DeliveryFailed("platform answered 500")

    await add(day, "a")
    told = Told()
    async with relaying(outbox, ListSender(work), clock, RelayPolicy(waits_s=(300,)), told) as relay:
        for tries in (1, 2, 3, 4):
            await until(lambda tries=tries: _tries(outbox, tries))
            assert (FAILING_ALARM in told.open) == (tries >= 3)
            clock.advance(300)
            relay.wake()
        await until(lambda: _tries(outbox, 5))
        assert relay.status().last_error == "platform answered 500"
        down = False
        clock.advance(300)
        relay.wake()
        await until(lambda: not told.open)
        down = True
        await add(day, "b", at=clock.now())
        for tries in (1, 2, 3):
            relay.wake()
            await until(lambda tries=tries: relay.status().failed == 5 + tries)
            clock.advance(300)
    assert told.raised == [FAILING_ALARM, FAILING_ALARM]


@pytest.mark.parametrize(
    ("error", "text"),
    [(ValueError("oops"), "defect in the sender: ValueError: oops"), (StoreUnavailable("locked"), "locked")],
)
async def test_a_sender_that_breaks(
    error: Exception, text: str, day: SqlDayStore, outbox: SqlOutbox, clock: HandClock
) -> None:
    """Whatever a sender raises is a failed try and nothing worse."""

    async def fail(_notice: Notice) -> None:
        raise error

    await add(day, "a")
    async with relaying(outbox, ListSender(fail), clock) as relay:
        await until(lambda: _tries(outbox, 1))
        assert text in relay.status().last_error


async def test_a_sender_that_hangs(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """A sender that never comes back is cut off, and the notice tried again later."""

    async def hang(_notice: Notice) -> None:
        await asyncio.Event().wait()

    await add(day, "a")
    async with relaying(outbox, ListSender(hang), clock, RelayPolicy(timeout_s=0.05)) as relay:
        await until(lambda: _tries(outbox, 1))
        assert "no acknowledgement within 0.05 s" in relay.status().last_error


async def test_stopping_lets_a_delivery_end(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """A delivery under way when the relay is stopped ends and is marked."""
    release = asyncio.Event()

    async def work(_notice: Notice) -> None:
        asyncio.get_running_loop().call_later(0.05, release.set)
        await release.wait()

    await add(day, "a")
    async with relaying(outbox, ListSender(work), clock) as relay:
        await until(lambda: relay.status().in_flight == 1)
    assert await states(outbox) == {"a": DELIVERED}


async def test_stopping_is_bounded(day: SqlDayStore, outbox: SqlOutbox, clock: HandClock) -> None:
    """A delivery that does not end is cut off; its notice stays in the outbox."""

    async def hang(_notice: Notice) -> None:
        await asyncio.Event().wait()

    await add(day, "a")
    async with asyncio.timeout(30):
        async with relaying(outbox, ListSender(hang), clock, RelayPolicy(stop_timeout_s=0.05)) as relay:
            await until(lambda: relay.status().in_flight == 1)
    assert await states(outbox) == {"a": PENDING}
