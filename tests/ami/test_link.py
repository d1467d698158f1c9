"""The link under faults: cuts between any two bytes, silence, refusals, stops."""

from __future__ import annotations

import asyncio
import socket
import time

import pytest
import structlog

from dialer.ami.config import AmiConfig
from dialer.ami.link import LinkState
from dialer.ami.pbx import AsteriskPbx
from dialer.campaign.messages import CallProgress, LinkLost, LinkRestored, PbxMessage
from dialer.campaign.ports import Pbx
from dialer.errors import LinkDown
from dialer.errors import LinkLost as LinkLostError
from tests.ami import events
from tests.ami.events import A
from tests.ami.server import ATTEMPT, BOOTED, Bench, Connection, FixedClock, Headers, bench, order, wire


def test_the_adapter_is_a_pbx() -> None:
    """As the type checker sees it."""
    pbx: Pbx = AsteriskPbx(AmiConfig(secret="secret"), print, FixedClock())
    assert isinstance(pbx, AsteriskPbx)


def test_the_secret_is_not_shown() -> None:
    """Not by the configuration's repr, which may end in a log."""
    assert "hush" not in repr(AmiConfig(secret="hush"))


async def test_login_then_the_first_look() -> None:
    """One LinkRestored that is not final, with the PBX's start time in UTC; then the link is up."""
    async with bench() as b:
        (look,) = b.looks()
        assert (look.final, look.calls, look.ends) == (False, (), ())
        assert look.started_at is not None
        assert look.started_at.isoformat() == "2026-11-21T12:51:00+00:00"
        assert b.pbx.status.state is LinkState.UP
        login = b.server.named("Login")[0]
        assert (login["Username"], login["Secret"], login["Events"]) == ("dialer", "s3cret-s3cret", "on")


async def test_events_arrive_however_the_network_cuts_them() -> None:
    """A whole connected call over a socket, in two pieces, cut at places all over the stream."""
    stream = wire(*events.CONNECTED_CALL)
    async with bench() as b:
        for cut in range(0, len(stream), 97):
            b.server.last.writer.write(stream[:cut])
            await b.server.last.writer.drain()
            await asyncio.sleep(0)
            b.server.last.writer.write(stream[cut:])
            await b.until(lambda: b.progress()[-1:] == [CallProgress.HUNG_UP] and len(b.pbx._calls) == 0)
            assert b.progress() == [
                *(
                    CallProgress.RINGING,
                    CallProgress.ANSWERED,
                    CallProgress.RESPONDED,
                    CallProgress.AGENT_RINGING,
                    CallProgress.CONNECTED,
                    CallProgress.HUNG_UP,
                )
            ]
            b.messages.clear()


async def test_a_link_cut_in_the_middle_of_a_message_loses_that_message_only() -> None:
    """Half an event before the cut is not glued to the next session's first one."""
    async with bench() as b:
        b.server.last.send(events.RINGING)
        b.server.last.writer.write(wire(events.BUSY_CALL[1])[:-20])
        await b.server.last.writer.drain()
        await b.until(lambda: b.progress() == [CallProgress.RINGING])
        b.server.last.cut()
        await b.up(times=2)
        b.server.last.send(*events.BUSY_CALL[2:])
        await b.until(lambda: CallProgress.RESPONDED in b.progress())
        told_again = CallProgress.RINGING  # by the end, for a listener who did not hear it
        assert b.progress() == [CallProgress.RINGING, told_again, CallProgress.HUNG_UP, CallProgress.RESPONDED]
        assert [type(each) for each in b.messages if not hasattr(each, "progress")] == [
            *(LinkRestored, LinkLost, LinkRestored)
        ]


async def test_a_cut_between_write_and_answer_is_silent_about_the_call() -> None:
    """``originate`` returned, the link broke: no sign of the call, only that nobody can say any more."""
    async with bench() as b:
        b.server.answers["Originate"] = lambda to, _: to.cut()
        await b.pbx.originate(order())
        await b.until(b.losses)
        assert b.events() == []
        await b.up(times=2)
        assert b.looks()[1].calls == ()
        assert len(b.server.named("Originate")) == 1


async def test_a_refused_originate_is_told() -> None:
    """The immediate answer's words."""
    async with bench() as b:
        b.server.answers["Originate"] = lambda to, action: to.refuse(action, "Permission denied")
        with structlog.testing.capture_logs() as logs:
            await b.pbx.originate(order())
            await b.until(b.events)
        assert (b.events()[0].progress, b.events()[0].text) == (CallProgress.REFUSED, "Permission denied")
        assert [line["action"] for line in logs] == ["ami.refused"]


async def test_a_half_open_link_is_thrown_away_with_what_it_had_not_sent() -> None:
    """Bytes that the kernel still holds when the deadline passes are not delivered to the PBX later."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    listener.setblocking(False)
    loop = asyncio.get_running_loop()
    messages: list[PbxMessage] = []
    config = AmiConfig(
        secret="secret", port=listener.getsockname()[1], ping_interval_s=0.2, ping_timeout_s=0.3, boot_wait_s=0.1
    )
    pbx = AsteriskPbx(config, messages.append, FixedClock())
    await pbx.start()
    try:
        peer, _ = await loop.sock_accept(listener)
        for response in (wire(BOOTED), b"", b"", b"", b""):
            raw = await loop.sock_recv(peer, 65536)
            action_id = raw.decode().partition("ActionID: ")[2].partition("\r\n")[0]
            answer = {"Response": "Success", "ActionID": action_id, "Value": "+0000"}
            await loop.sock_sendall(peer, wire(answer | {"CoreStartupDate": "2026-01-01"}) + response)
        # From here on the PBX does not read any more.
        await Bench(pbx, None, messages).until(lambda: pbx.status.state == "up")  # type: ignore[arg-type]  # fields by name, or a stand-in
        while pbx._link.session.protocol.transport.get_write_buffer_size() < 100_000:
            await pbx.originate(order(channel="PJSIP/" + "1" * 1000))
        await Bench(pbx, None, messages).until(  # type: ignore[arg-type]  # fields by name, or a stand-in
            lambda: any(isinstance(each, LinkLost) for each in messages)
        )
        with pytest.raises(ConnectionResetError):
            await read_to_the_end(peer)
        peer.close()
    finally:
        await pbx.stop()
        listener.close()


async def read_to_the_end(sock: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(sock, 65536):
        pass


async def test_a_pbx_that_accepts_but_never_speaks_is_given_up() -> None:
    """A login without an answer ends after its deadline, and is tried again."""
    async with bench(start=False, login_timeout_s=0.05) as b:
        b.server.answers["Login"] = None
        await b.pbx.start()
        await b.until(lambda: len(b.server.connections) >= 3)
        assert len(b.losses()) == 1
        assert "Login" in b.losses()[0].reason


async def test_a_survey_without_an_answer_ends_the_link() -> None:
    """The deadline of an action is the link's: the survey ends with LinkLost, and a new link is made."""
    async with bench() as b:
        b.server.answers["CoreShowChannels"] = None
        with pytest.raises(LinkLostError, match="CoreShowChannels"):
            await b.pbx.survey()
        assert len(b.losses()) == 1
        b.server.answers.clear()
        await b.up(times=2)


async def test_nobody_listens() -> None:
    """No PBX there: one LinkLost that says where, and waits that grow."""
    async with bench(start=False, repeat_report_s=0.0) as b:
        await b.server.close()
        with structlog.testing.capture_logs() as logs:
            await b.pbx.start()
            await b.until(lambda: len(logs) >= 4)
        assert len(b.losses()) == 1
        assert f"127.0.0.1:{b.server.port}" in b.losses()[0].reason
        waits = [line["next_try_s"] for line in logs if line["action"] == "ami.link_down"]
        assert waits[:4] == [0.02, 0.04, 0.08, 0.16]
        await b.server.listen()
        await b.up()


async def test_an_outage_does_not_fill_the_log() -> None:
    """Tried again every moment, so that the next call is not late; said once, and again when the reason is another."""
    async with bench(start=False, reconnect_max_s=0.02) as b:
        await b.server.close()
        with structlog.testing.capture_logs() as logs:
            began = time.monotonic()
            await b.pbx.start()
            await b.until(lambda: b.losses() and time.monotonic() - began > 0.2)  # some ten tries
            assert len([line for line in logs if line["action"] == "ami.link_down"]) == 1
            await b.server.listen()
            await b.up()
            await b.server.close()
            b.server.last.cut()
            await b.until(lambda: len([line for line in logs if line["action"] == "ami.link_down"]) >= 2)


def test_waits_by_default_keep_the_goal() -> None:
    """Issue 4: "next call within 2 s after the PBX is reachable again"; a wait in between must be well below."""
    assert AmiConfig().reconnect_max_s <= 1.0


async def test_a_pbx_that_shuts_down_is_not_a_wrong_secret() -> None:
    """The same answer shape, another meaning."""
    async with bench(start=False) as b:
        b.server.answers["Login"] = lambda to, action: to.refuse(action, "Asterisk is shutting down")
        await b.pbx.start()
        await b.until(b.losses)
        assert b.pbx.status.error_code == "link-down"


async def test_the_first_refusal_after_an_outage_is_the_first() -> None:
    """A PBX that comes up and has not read its users yet is asked again soon, however long it was away before."""
    async with bench(start=False) as b:
        b.server.answers["Login"] = lambda to, _: to.cut()
        with structlog.testing.capture_logs() as logs:
            await b.pbx.start()
            await b.until(lambda: len(b.server.connections) >= 4)
            b.server.answers["Login"] = lambda to, action: to.refuse(action, "Authentication failed")
            await b.until(lambda: sum(line["action"] == "ami.login_refused" for line in logs) >= 3)
        waits = [line["next_try_s"] for line in logs if line["action"] == "ami.login_refused"]
        assert waits[:3] == [0.02, 0.04, 0.08]
        assert b.pbx.status.error_code == "login-refused"


async def test_a_pbx_that_hides_its_calls_is_not_up() -> None:
    """A user without reporting rights cannot be worked with, and the reason says what is missing."""
    async with bench(start=False) as b:
        b.server.answers["CoreShowChannels"] = lambda to, action: to.refuse(action, "Permission denied")
        await b.pbx.start()
        await b.until(b.losses)
        assert "write=reporting" in b.losses()[0].reason
        with pytest.raises(LinkDown):
            await b.pbx.originate(order())


async def test_shutdown_is_logged_and_the_link_waits_for_the_end() -> None:
    """Asterisk announces that it goes; until the connection ends its events are still heard."""
    async with bench() as b:
        with structlog.testing.capture_logs() as logs:
            b.server.last.send({"Event": "Shutdown", "Shutdown": "Cleanly", "Restart": "False"}, events.RINGING)
            await b.until(b.events)
        assert [line["action"] for line in logs] == ["ami.shutdown"]
        assert b.losses() == []


@pytest.mark.parametrize("at", ["Login", "CoreShowChannels", "DBGetTree", "CoreStatus", "Getvar"])
async def test_a_cut_during_the_first_look_is_one_outage(at: str) -> None:
    """However often it happens: one LinkLost, and no look is told of a session that did not come up."""
    async with bench() as b:
        b.server.answers[at] = lambda to, _: to.cut()
        b.server.last.cut()
        await b.until(lambda: len(b.server.connections) >= 4)
        b.server.answers.clear()
        await b.up(times=2)
        assert [type(each) for each in b.messages] == [LinkRestored, LinkLost, LinkRestored]


@pytest.mark.parametrize("at", ["", "Login", "CoreShowChannels", "Ping"])
async def test_stop_is_bounded(at: str) -> None:
    """Whatever the link waits for, it stops without waiting for that, and says nothing more."""
    async with bench(start=False, login_timeout_s=30, answer_timeout_s=30, ping_timeout_s=30) as b:
        if at:
            b.server.answers[at] = None
        await b.pbx.start()
        await b.until(lambda: b.server.named(at or "DBGetTree"))
        told = len(b.messages)
        async with asyncio.timeout(20):  # what it waits for would take thirty
            await b.pbx.stop()
        await b.pbx.stop()
        assert b.losses() == []
        assert len(b.messages) - told <= (0 if at else 1)


async def test_start_twice_is_one_link() -> None:
    """The second time changes nothing."""
    async with bench() as b:
        await b.pbx.start()
        await asyncio.sleep(0.05)
        assert len(b.server.connections) == 1


async def test_an_unexpected_error_does_not_end_the_link_for_good() -> None:
    """A defect in the first look is logged with its traceback; the link is tried again."""
    async with bench(start=False) as b:
        failures = iter([RuntimeError("a defect")])

        def broken(message: PbxMessage) -> None:
            for error in failures:
                raise error
            b.messages.append(message)

        b.pbx._sink = broken
        with structlog.testing.capture_logs() as logs:
            await b.pbx.start()
            await b.up()
        assert "ami.failed" in [line["action"] for line in logs]


async def test_a_listener_that_fails_does_not_end_the_link() -> None:
    """Not even when it is told of the loss."""
    async with bench() as b:
        sink = b.pbx._sink

        def broken(message: PbxMessage) -> None:
            sink(message)
            if isinstance(message, LinkLost):
                raise RuntimeError("a defect")

        b.pbx._sink = broken
        with structlog.testing.capture_logs() as logs:
            b.server.last.cut()
            await b.up(times=2)
        assert "ami.listener_failed" in [line["action"] for line in logs]
        assert len(b.losses()) == 1


async def test_hang_up_waits_for_the_channel_of_an_accepted_originate() -> None:
    """The PBX has said "queued", but finds no channel yet: asked again until it does, and no longer."""
    async with bench() as b:
        answers = iter(["No such channel", "No such channel"])

        def hangup(to: Connection, action: Headers) -> None:
            text = next(answers, None)
            to.answer(action, Message="Channel Hungup") if text is None else to.refuse(action, text)

        b.server.answers["Hangup"] = hangup
        await b.pbx.originate(order())
        await b.pbx.hang_up(A)
        await b.until(lambda: len(b.server.named("Hangup")) == 3)
        b.server.answers["Hangup"] = lambda to, action: to.refuse(action, "No such channel")
        b.server.last.send(events.response(0))
        await b.until(b.events)
        await b.pbx.hang_up(A)
        await asyncio.sleep(0.15)
        assert len(b.server.named("Hangup")) == 4


async def test_hang_up_names_the_attempt() -> None:
    """And what the PBX says to one that is gone is no error."""
    async with bench() as b:
        b.server.answers["Hangup"] = lambda to, action: to.refuse(action, "No such channel")
        with structlog.testing.capture_logs() as logs:
            await b.pbx.hang_up(A)
            await b.until(lambda: b.server.named("Hangup"))
            await b.pbx.survey()
            await b.pbx.hang_up("PJSIP/8001-00000001")
            await b.pbx.survey()
        assert [each["Channel"] for each in b.server.named("Hangup")] == [A]
        assert logs == []


async def test_an_originate_that_is_not_even_answered_is_no_call() -> None:
    """Originates swallowed by the PBX; agents waited for minutes. What was accepted may still become one."""
    async with bench(answer_timeout_s=0.2) as b:
        b.server.answers["Originate"] = None
        for attempt in (ATTEMPT, "t1-8-1-abc"):
            await b.pbx.originate(order(attempt))
        await b.until(lambda: [look for look in b.looks() if look.final and not look.calls])
        del b.server.answers["Originate"]
        await b.pbx.originate(order("t1-9-1-abc"))
        await b.until(lambda: len(b.server.named("Originate")) == 3)
        await b.pbx.survey()
        assert [call.attempt for call in b.looks()[-1].calls] == ["t1-9-1-abc"]
        assert [*b.events(), *b.losses()] == []
