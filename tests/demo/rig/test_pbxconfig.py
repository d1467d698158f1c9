"""The dialplan and the AMI user that administrators get, on a real Asterisk.

What that user may not do is in tests/security/test_ami_user.py.
"""

from __future__ import annotations

import time

import pytest

from dialer.ami import pbxconfig
from dialer.demo.rig.rig import Rig
from dialer.errors import BadInput
from tests.demo.rig.calls import dialer_session, fresh_number, journal, place, seconds, user_event

ENDINGS = [
    ("61", 20_000, {"cause": "17", "tech": "SIP 486 Busy Here", "state": "Down", "by": "customer"}),
    ("69", 20_000, {"cause": "21", "tech": "SIP 603 Decline", "state": "Ringing", "by": "customer"}),
    ("75", 20_000, {"cause": "34", "tech": "SIP 503 Service Unavailable", "state": "Down", "by": "customer"}),
    ("60", 700, {"cause": "19", "tech": "SIP 180 Ringing", "state": "Ringing", "by": ""}),
    ("76", 700, {"cause": "19", "tech": "SIP 100 Trying", "state": "Down", "by": ""}),
]


@pytest.mark.pbx
@pytest.mark.parametrize(("ending", "timeout_ms", "expected"), ENDINGS)
async def test_journal_of_an_unanswered_call(rig: Rig, ending: str, timeout_ms: int, expected: dict[str, str]) -> None:
    """The PBX keeps how a call ended that nobody answered, and the dialer's rights suffice to read and clear that."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number(ending), timeout_ms=timeout_ms)
        event = await user_event(ami, "DialerEnded", attempt)
        assert event["Uniqueid"] == attempt
        entry = await journal(ami, attempt)
        assert entry is not None
        assert abs(seconds(entry.pop("end")) - time.time()) < 5
        assert entry == {"answered": "", "connected": "", "agent": "", **expected}
        assert {key: event[name] for key, name in (("cause", "Cause"), ("state", "State"), ("tech", "Tech"))} == {
            key: expected[key] for key in ("cause", "state", "tech")
        }
        await ami.action("Setvar", Variable=f"DB_DELETE(dialer/{attempt})", Value="x")
        assert await journal(ami, attempt) is None


@pytest.mark.pbx
@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_a_conversation_that_the_customer_ends(rig: Rig, trunk: str) -> None:
    """Answered, connected, ended: three events and three times, in order, whatever the trunk."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("01"), trunk=trunk)
        for name in ("DialerAnswered", "DialerConnected"):
            await user_event(ami, name, attempt)
        running = await journal(ami, attempt)
        assert running is not None
        assert {"answered", "connected"} <= set(running)
        assert "end" not in running
        event = await user_event(ami, "DialerEnded", attempt)
        entry = await journal(ami, attempt)
    assert entry is not None
    assert all(entry[key] == running[key] for key in ("answered", "connected"))
    assert seconds(entry["answered"]) <= seconds(entry["connected"]) < seconds(entry["end"])
    assert (event["Answered"], event["Connected"]) == (entry["answered"], entry["connected"])
    assert entry["agent"] == "ANSWER"
    assert entry["state"] == "Up"
    assert entry["by"] == ("customer" if trunk == "direct" else "")


@pytest.mark.pbx
@pytest.mark.parametrize("trunk", ["direct", "local"])
async def test_a_conversation_that_the_agent_ends(rig: Rig, trunk: str) -> None:
    """Who hung up is known when it was the agent."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("79"), trunk=trunk)
        event = await user_event(ami, "DialerEnded", attempt)
    assert event["HangupBy"] == "agent"
    assert event["Agent"] == "ANSWER"


@pytest.mark.pbx
@pytest.mark.parametrize("trunk", ["direct", "local"])
@pytest.mark.parametrize(
    ("agent", "status"),
    [("dead", "NOANSWER"), ("declining", "BUSY"), ("PJSIP/unheard-of", "CHANUNAVAIL"), ("", "")],
)
async def test_an_agent_who_does_not_pick_up(rig: Rig, trunk: str, agent: str, status: str) -> None:
    """Whatever keeps the agent from the call, there is one event that says so; the customer stays answered."""
    phone = {"dead": rig.dead_extension, "declining": rig.declining_extension}.get(agent, agent)
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("79"), trunk=trunk, agent=phone, agent_timeout_s=1)
        missed = await user_event(ami, "DialerAgentMissed", attempt)
        await ami.action("Hangup", Channel=attempt)
        event = await user_event(ami, "DialerEnded", attempt)
    assert missed["DialStatus"] == status
    assert event["Agent"] == status
    assert event["State"] == "Up"
    assert event["Connected"] == ""


@pytest.mark.pbx
async def test_a_customer_who_hangs_up_before_the_agent_picks_up(rig: Rig) -> None:
    """That is no missed agent: the agent's leg was cancelled."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("78"), agent=rig.dead_extension)
        event = await user_event(ami, "DialerEnded", attempt)
        assert event["Agent"] == "CANCEL"
        assert event["HangupBy"] == "customer"
        assert not [each for each in ami.events if each.get("UserEvent") == "DialerAgentMissed"]


@pytest.mark.pbx
async def test_the_agents_phone_shows_the_customer_and_is_told_to_answer(rig: Rig) -> None:
    """The INVITE to the agent carries the customer's number and the headers that make common phones answer."""
    number = fresh_number("79")
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, number)
        await user_event(ami, "DialerConnected", attempt)
        await ami.action("Hangup", Channel=attempt)
    *_, headers, caller = (line for line in rig.carrier.log.read_text().splitlines() if "NoOp(" in line)
    assert "Call-Info: <sip:dialer>;answer-after=0 " in headers
    assert "Alert-Info: <http://dialer>;info=alert-autoanswer;delay=0" in headers
    assert f"Answer-Mode: Auto Caller: {number}" in caller


@pytest.mark.pbx
async def test_only_the_needed_events_come_with_the_pbxs_time(rig: Rig) -> None:
    """The event filter holds back everything else; each event of a call carries the PBX's own time."""
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("78"))
        await ami.until(lambda each: each.get("Event") == "Hangup" and each.get("Uniqueid") == attempt)
        names = {each["Event"] for each in ami.events}
        of_calls = [each for each in ami.events if each["Event"] != "FullyBooted"]
    assert names <= {*pbxconfig.EVENTS, *pbxconfig.FILTERS}
    assert all(abs(float(each["Timestamp"]) - time.time()) < 30 for each in of_calls)


@pytest.mark.pbx
async def test_asterisk_takes_the_configuration_without_complaint(rig: Rig) -> None:
    """No warning and no error about what we generate is in the log of either PBX."""
    for pbx in (rig.office, rig.carrier):
        log = pbx.log.read_text(errors="replace")
        start = log[: log.index("Asterisk Ready")]
        assert [line for line in start.splitlines() if " WARNING[" in line or " ERROR[" in line] == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("relative/spool", "/done", 20, "beep"),
        ("/spool", "/do ne", 20, "beep"),
        ("/spool", "/done,x", 20, "beep"),
        ("/spool", "/done", 0, "beep"),
        ("/spool", "/done", 20, "beep)\nexten => s,1,System(id)"),
        ("/spool", "/done", 20, ""),
    ],
)
def test_dialplan_refuses_what_would_break_out(arguments: tuple[str, str, int, str]) -> None:
    """A value that cannot stand in a dialplan is refused, not written."""
    with pytest.raises(BadInput):
        pbxconfig.dialplan(*arguments)


def test_a_call_lasts_for_a_second_at_least() -> None:
    """To Asterisk, 0 is without end."""
    with pytest.raises(BadInput):
        pbxconfig.dialplan("/spool", "/done", 20, "beep", longest_s=0)


@pytest.mark.parametrize(
    ("name", "secret", "permit"),
    [
        ("dialer]\n[admin", "a-good-secret", "127.0.0.1"),
        ("dialer", "short", "127.0.0.1"),
        ("dialer", "two words-of-it", "127.0.0.1"),
        ("dialer", "comment;secret", "127.0.0.1"),
        ("dialer", "a-good-secret", "everywhere"),
    ],
)
def test_manager_user_refuses_what_would_break_out(name: str, secret: str, permit: str) -> None:
    """A name, secret or address that cannot stand in manager.conf is refused, not written."""
    with pytest.raises(BadInput):
        pbxconfig.manager_user(name, secret, permit)


def test_a_prefix_keeps_two_dialers_on_one_pbx_apart() -> None:
    """Contexts, journal and handler all follow the prefix."""
    text = pbxconfig.dialplan("/a/spool", "/a/done", 20, "beep", prefix="orders")
    assert "[orders-connect]" in text
    assert "DB(orders/" in text
    assert "dialer-" not in text.replace("the dialer-", "")
    assert pbxconfig.handler_variable("orders") == 'CHANNEL(hangup_handler_push)="orders-ended,s,1"'
    assert pbxconfig.connect_context("orders") == "orders-connect"


def test_general_section_names_event_times() -> None:
    """What an administrator adds to [general] switches the events' own times on."""
    assert "timestampevents = yes" in pbxconfig.manager_general()
