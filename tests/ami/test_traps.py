"""What panoramisk 1.4 gets wrong, one test for each trap, against a PBX that provokes it."""

from __future__ import annotations

import asyncio
import time

import panoramisk
import pytest
import structlog
from panoramisk.message import Message

from dialer.ami.protocol import AmiProtocol, Fields
from dialer.ami.translate import HEADERS, USER_EVENTS
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, PbxMessage
from dialer.errors import LinkDown
from dialer.errors import LinkLost as LinkLostError
from tests.ami import events
from tests.ami.events import A
from tests.ami.server import Connection, Headers, bench, order, wire


async def test_trap_1_an_unanswered_originate_is_never_sent_again() -> None:
    """The link breaks before the PBX answers: one Originate in all, over every connection."""
    async with bench() as b:
        b.server.answers["Originate"] = lambda to, _: to.cut()
        await b.pbx.originate(order())
        await b.up(times=2)
        await b.until(lambda: len(b.server.connections[-1].got) > 4)
        assert len(b.server.named("Originate")) == 1
        assert len(b.losses()) == 1


async def test_trap_1_an_originate_while_down_is_refused_and_not_kept() -> None:
    """Without a link it raises, and nothing is dialled later."""
    async with bench(start=False) as b:
        with pytest.raises(LinkDown):
            await b.pbx.originate(order())
        await b.pbx.start()
        await b.up()
        assert b.server.named("Originate") == []


async def test_trap_2_no_action_waits_for_ever() -> None:
    """A question that gets its first answer and then no list ends with LinkLost when the link breaks."""
    async with bench(answer_timeout_s=30) as b:

        def half(to: Connection, action: Headers) -> None:
            to.answer(action, EventList="start")

        b.server.answers["CoreShowChannels"] = half
        asking = asyncio.create_task(b.pbx.survey())
        await b.until(lambda: len(b.server.named("CoreShowChannels")) == 2)
        b.server.last.cut()
        with pytest.raises(LinkLostError):
            await asyncio.wait_for(asking, 1)


async def test_trap_2_a_user_without_system_rights_gets_no_fullybooted() -> None:
    """The link comes up all the same."""
    async with bench(start=False) as b:
        b.server.answers["Login"] = lambda to, action: to.answer(action)
        await b.pbx.start()
        await b.up()


async def test_trap_3_originate_response_reaches_the_listener() -> None:
    """OriginateResponse is an event like any other, in its place in the stream."""
    async with bench() as b:
        await b.pbx.originate(order())
        await b.until(lambda: b.server.named("Originate"))
        b.server.last.send(*events.BUSY_CALL)
        await b.until(lambda: CallProgress.RESPONDED in b.progress())
        assert b.progress() == [
            CallProgress.RINGING,
            CallProgress.DIALLED,
            CallProgress.HUNG_UP,
            CallProgress.RESPONDED,
        ]
        assert b.events()[-1].reason == 0


async def test_trap_4_an_answer_without_async_does_not_drop_the_link() -> None:
    """The words "successfully queued" to an action that has no Async header is harmless."""
    async with bench() as b:
        b.server.answers["Ping"] = lambda to, action: to.answer(action, Message="Originate successfully queued")
        await b.until(lambda: len(b.server.named("Ping")) >= 2)
        assert b.losses() == []


async def test_trap_4_an_error_in_the_listener_does_not_drop_the_link() -> None:
    """A sink that raises loses that message only, and the log says so."""
    async with bench() as b:

        def broken(message: PbxMessage) -> None:
            if isinstance(message, CallEvent) and message.progress is CallProgress.RINGING:
                raise RuntimeError("a defect")
            b.messages.append(message)

        b.pbx._calls._emit = broken
        with structlog.testing.capture_logs() as logs:
            b.server.last.send(*events.BUSY_CALL)
            await b.until(lambda: CallProgress.HUNG_UP in b.progress())
        assert b.losses() == []
        assert [line["action"] for line in logs if line["log_level"] == "error"] == ["ami.message_failed"]


async def test_trap_5_events_are_handled_in_order_without_tasks() -> None:
    """A thousand events in one chunk arrive in their order, before any other task has had a turn."""
    async with bench() as b:
        states = [
            events.event("DialEnd", n, DestUniqueid=f"t1-{n}-1-abc", DialStatus="BUSY", DestLinkedid=A)
            for n in range(1000)
        ]
        protocol = b.pbx._link.session.protocol
        tasks = len(asyncio.all_tasks())
        protocol.data_received(wire(*states))
        assert [each.attempt for each in b.events()] == [f"t1-{n}-1-abc" for n in range(1000)]
        assert len(asyncio.all_tasks()) == tasks


async def test_trap_6_a_stopped_pbx_is_noticed() -> None:
    """A PBX that keeps the connection but does not answer pings counts as lost."""
    async with bench() as b:
        b.server.answers["Ping"] = None
        await b.until(b.losses)
        assert "Ping" in b.losses()[0].reason


async def test_trap_7_a_wrong_secret_is_told_and_tried_again_with_growing_waits() -> None:
    """Not silent, not a hot loop: an error line each time, a status that says what to do, and one LinkLost."""
    async with bench(start=False, refused_first_s=0.05, reconnect_max_s=10) as b:
        b.server.answers["Login"] = lambda to, action: to.refuse(action, "Authentication failed")
        with structlog.testing.capture_logs() as logs:
            await b.pbx.start()
            await b.until(lambda: len(b.server.connections) >= 4)
        refusals = [line for line in logs if line["action"] == "ami.login_refused"]
        assert [line["next_try_s"] for line in refusals[:3]] == [0.05, 0.1, 0.2]
        assert "s3cret" not in str(logs)
        assert b.pbx.status.error_code == "login-refused"
        assert "'dialer'" in b.pbx.status.error
        assert len(b.losses()) == 1
        b.server.answers.clear()
        await b.up()
        assert b.pbx.status.error == ""


async def test_trap_7_stop_during_backoff_ends_it() -> None:
    """Stopped while waiting for the next attempt: no connection follows, and no LinkLost."""
    async with bench(reconnect_first_s=0.3, reconnect_max_s=0.3) as b:
        b.server.last.cut()
        await b.until(b.losses)
        await asyncio.wait_for(b.pbx.stop(), 1)
        assert b.pbx.status.state == "stopped"
        with pytest.raises(LinkDown):
            await b.pbx.originate(order())
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "ami-link"]
        await asyncio.sleep(0.4)  # longer than the wait that was cut short
        assert len(b.server.connections) == 1


async def test_trap_8_characters_survive_any_split() -> None:
    """A message with 张三丰 is read the same, wherever the stream is cut in two."""
    message = wire({"Response": "Error", "ActionID": A, "Message": "张三丰 的电话"}, events.RINGING)
    for cut in range(len(message) + 1):
        heard: list[Fields] = []
        protocol = protocol_for(heard)
        protocol.data_received(message[:cut])
        protocol.data_received(message[cut:])
        assert [each.get("Message", each.get("DialStatus")) for each in heard] == ["张三丰 的电话", "RINGING"], cut


async def test_trap_9_line_ends_inject_nothing() -> None:
    """A number with an action in it never reaches the wire; the attempt is told as refused."""
    async with bench() as b:
        evil = "PJSIP/1@trunk\r\nApplication: System\r\nData: id\r\n\r\nAction: Logoff"
        await b.pbx.originate(order(channel=evil))
        assert b.progress() == [CallProgress.REFUSED]
        await b.until(lambda: len(b.server.named("Ping")) >= 1)
        assert b.server.named("Originate") == b.server.named("Logoff") == []


async def test_trap_10_nothing_adds_up() -> None:
    """After Originates that were never answered, and a hundred that were, nothing is remembered of them."""
    async with bench(unheard_s=0) as b:
        for n in range(100):
            await b.pbx.originate(order(f"t1-{n}-1-abc", timeout_s=0.001))
        await b.until(lambda: len(b.server.named("Originate")) == 100)
        waited_for = b.pbx._link.session.protocol.responses.values()  # the dialer's own questions may be among them
        assert "Originate" not in {each["Action"] for each in waited_for}
        b.pbx._calls._sweep(b.pbx._clock.now().replace(year=2027))
        assert len(b.pbx._calls) == 0


def test_trap_11_intake_is_several_times_faster_than_panoramisks() -> None:
    """The same stream of an unfiltered PBX, read by both; measured in one run, as a ratio."""
    stream = wire(*(noise(n) for n in range(8)), *events.CONNECTED_CALL, *(noise(n) for n in range(12))) * 150
    chunks = [stream[at : at + 16384] for at in range(0, len(stream), 16384)]
    heard: list[Fields] = []
    stock: list[Message] = []

    async def ours() -> float:
        protocol = protocol_for(heard)
        return timed(protocol, chunks)

    async def theirs() -> float:
        manager = panoramisk.Manager(loop=asyncio.get_running_loop())
        for name in sorted(HEADERS):
            manager.register_event(name, lambda _, message: stock.append(message))
        protocol = panoramisk.ami_protocol.AMIProtocol()
        protocol.connection_made(None)
        protocol.factory, protocol.encoding = manager, "utf8"
        return timed(protocol, chunks)

    ratio = max(asyncio.run(theirs()) / asyncio.run(ours()) for _ in range(3))
    assert len(heard) == len(stock)
    assert ratio > 4, f"only {ratio:.1f} times as fast"


async def test_each_outage_is_told_exactly_once() -> None:
    """Lost and restored over and over: each outage is told exactly once, and tasks do not add up."""
    async with bench() as b:
        tasks = len(asyncio.all_tasks())
        for round_ in range(1, 6):
            b.server.last.cut()
            await b.up(times=round_ + 1)
        kinds = [type(each) for each in b.messages]
        assert kinds == [LinkRestored, *[LinkLost, LinkRestored] * 5]
        await b.until(lambda: len(asyncio.all_tasks()) <= tasks + 1)


class NoTransport(asyncio.Transport):
    """For a protocol that is fed by hand."""


def protocol_for(heard: list[Fields]) -> AmiProtocol:
    protocol = AmiProtocol(heard.append, lambda reason: pytest.fail(str(reason)), HEADERS, USER_EVENTS)
    protocol.connection_made(NoTransport())
    return protocol


def timed(protocol: asyncio.Protocol, chunks: list[bytes]) -> float:
    began = time.perf_counter()
    for chunk in chunks:
        protocol.data_received(chunk)
    return time.perf_counter() - began


def noise(n: int) -> Headers:
    """An event of the kinds that make most of an unfiltered PBX's traffic."""
    name = ("Newchannel", "Newexten", "VarSet", "Newstate", "RTCPSent", "NewConnectedLine")[n % 6]
    body = {f"Header{i}": f"value {i} of the call" for i in range(18)}
    return events.event(name, n, Channel=f"PJSIP/trunk-0000000{n}", Uniqueid=f"office-1795294363.{n}", **body)
