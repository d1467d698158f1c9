"""Building actions: what leaves is exactly what was meant, or nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.ami import actions
from dialer.ami.pbxconfig import connect_context, handler_variable
from dialer.ami.protocol import parse
from dialer.errors import BadInput
from tests.ami.server import ATTEMPT, order

HANDLER = handler_variable()


def test_an_originate_is_what_the_dialplan_expects() -> None:
    """Byte for byte."""
    made = actions.originate(order(), context=connect_context(), handler=HANDLER)
    assert made.decode() == (
        "Action: Originate\r\nActionID: t1-7-1-abc\r\nChannelId: t1-7-1-abc\r\nChannel: PJSIP/13904700001@trunk\r\n"
        "Context: dialer-connect\r\nExten: s\r\nPriority: 1\r\nTimeout: 30000\r\nAsync: true\r\n"
        "Variable: FORWARD_CONTEXT=dialer-connect-redirected\r\n"
        "Variable: DIALER_AGENT=PJSIP/8001\r\nVariable: DIALER_AGENT_TIMEOUT=15\r\n"
        'Variable: CHANNEL(hangup_handler_push)="dialer-ended,s,1"\r\n'
        'Variable: PJSIP_MEDIA_OFFER(audio)="!all,alaw,ulaw"\r\n'
        'CallerID: "订单部" <62880000>\r\n\r\n'
    )


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        ("PJSIP/1@trunk", {"Variable": 'PJSIP_MEDIA_OFFER(audio)="!all,alaw,ulaw"'}),
        ("Local/1@from-internal/n", {"Codecs": "alaw,ulaw"}),
        ("SIP/trunk/1", {}),
        ("DAHDI/g0/1", {}),
    ],
)
def test_the_customers_leg_is_narrowband(channel: str, said: dict[str, str]) -> None:
    """Told to each technology in its own way; one that knows neither is told nothing that it would trip over."""
    lines = actions.originate(order(channel=channel), context="c", handler=HANDLER).decode().split("\r\n")
    found = dict(line.split(": ", 1) for line in lines if "audio" in line or line.startswith("Codecs"))
    assert found == said


@pytest.mark.parametrize(
    "evil",
    [
        "PJSIP/1&PJSIP/2@trunk",
        "PJSIP/1,30",
        "PJSIP/1;x",
        "PJSIP/1|x",
        "PJSIP/${X}",
        "PJSIP/1^x",
        "PJSIP/1 ",
        "s",
        "PJSIP/",
    ],
)
def test_what_asterisk_would_take_apart_is_dialled_for_nobody(evil: str) -> None:
    """However it got into the books: for a customer, for an agent beside a phone, and for a test call."""
    with pytest.raises(BadInput):
        actions.originate(order(channel=evil), context="c", handler=HANDLER)
    with pytest.raises(BadInput):
        actions.originate(order(agent=f"PJSIP/8001&{evil}("), context="c", handler=HANDLER)
    with pytest.raises(BadInput):
        actions.ring("test-0123456789ab", evil, 5, context="c")


def shows(shop: str, number: str = "13904700001") -> dict[str, str]:
    """What the agent's phone is told of the customer."""
    made = actions.originate(order(number=number, shop=shop), context="c", handler=HANDLER).decode()
    lines = [line.removeprefix("Variable: DIALER_") for line in made.split("\r\n")]
    return dict(line.split("=", 1) for line in lines if line.startswith(("CUSTOMER=", "SHOP=")))


@pytest.mark.parametrize(
    ("shop", "shown"),
    [
        ("永辉超市(二店)", "永辉超市(二店)"),
        ("永" * 40, "永" * 16),
        ("a" + "永" * 40, "a" + "永" * 15),
        ("e\u0301" * 40, "e\u0301" * 16),
        ('say "hi", <x>; \\ ${y} `z`', "say hi x y z"),
        ("one\r\nVariable: EVIL=1\r\n\r\nAction: Logoff", "one Variable: EVIL 1 Action: Logoff"),
        ("  \t\u2028\u202e ", ""),
        ("", ""),
    ],
)
def test_the_agents_phone_shows_number_and_shop(shop: str, shown: str) -> None:
    """Cut at a whole character; nothing in it can be taken apart on the way."""
    assert shows(shop) == {"CUSTOMER": "13904700001", "SHOP": shown}
    assert len(shown.encode()) <= actions.SHOWN_BYTES


def test_a_number_that_is_none_shows_nothing() -> None:
    """The phone then shows what the call itself has; of a number only what can be dialled is shown."""
    assert shows("永辉", "") == shows("永辉", "\r\n") == {}
    assert shows("永辉", "+86 139\r\n1")["CUSTOMER"] == "+861391"


def test_the_other_actions() -> None:
    """Hang-up and forgetting name the attempt."""
    assert parse(actions.hang_up(ATTEMPT, "h/1"))["Channel"] == ATTEMPT
    assert parse(actions.forget(ATTEMPT, "dialer", "f/1"))["Variable"] == f"DB_DELETE(dialer/{ATTEMPT})"


@given(st.text(), st.sampled_from(["channel", "agent", "caller_id", "attempt", "number", "shop"]))
def test_no_value_can_add_a_header_or_an_action(value: str, where: str) -> None:
    """Whatever stands in an order: the action that leaves has our headers and ends once, or it does not leave."""
    try:
        made = actions.originate(order(**{"number": "139", where: value}), context=connect_context(), handler=HANDLER)
    except BadInput:
        return
    lines = made.decode().split("\r\n")
    names = [line.partition(":")[0] for line in lines[:-2]]
    assert names[:13] == [
        *("Action", "ActionID", "ChannelId", "Channel", "Context", "Exten", "Priority", "Timeout", "Async"),
        *["Variable"] * 4,
    ]
    assert [name for name in names[13:] if name not in ("Variable", "Codecs")] in ([], ["CallerID"])
    assert len(names) <= 17
    assert lines[-2:] == ["", ""]
    assert b"\n" not in made.replace(b"\r\n", b"")
    assert all(len(line.encode()) + 2 <= actions.LONGEST_LINE for line in lines)


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\r\nAction: Logoff", "\x1b", "\x7f"])
def test_control_characters_are_refused(bad: str) -> None:
    """In names and in values."""
    with pytest.raises(BadInput, match="Channel"):
        actions.encode([("Channel", f"PJSIP/1{bad}")])
    with pytest.raises(BadInput):
        actions.encode([(f"Channel{bad}", "x")])


def test_a_secret_is_not_repeated_in_an_error() -> None:
    """The message about a bad secret does not contain it."""
    with pytest.raises(BadInput) as refused:
        actions.encode([("Secret", "hush\n")])
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("bad", ["PJSIP/1,2", 'PJSIP/"1"', "PJSIP/1\\", "PJSIP/${X}", "PJSIP/'1'"])
def test_variables_that_asterisk_would_take_apart_are_refused(bad: str) -> None:
    """Originate splits variables at commas and strips quotes."""
    with pytest.raises(BadInput, match="DIALER_AGENT"):
        actions.variable("DIALER_AGENT", bad)


def test_several_phones_and_local_channels_are_variables() -> None:
    """Any dial string of an agent that needs none of those."""
    for phone in ("PJSIP/8001&PJSIP/8002", "Local/8001@from-internal/n", "PJSIP/8001/sip:8001@10.0.0.7:5060;ob"):
        assert actions.variable("DIALER_AGENT", phone)[1].endswith(phone)


def test_the_longest_line_that_fits() -> None:
    """1,024 bytes with the line end, counted in bytes and not in characters; 128 lines."""
    fits = "x" * (actions.LONGEST_LINE - len("Channel: \r\n"))
    actions.encode([("Channel", fits)])
    with pytest.raises(BadInput, match="1025 bytes"):
        actions.encode([("Channel", fits + "x")])
    with pytest.raises(BadInput, match="bytes"):
        actions.encode([("Channel", "张" * 400)])
    actions.encode([("A", "1")] * 128)
    with pytest.raises(BadInput, match="129"):
        actions.encode([("A", "1")] * 129)
    with pytest.raises(BadInput, match="UTF-8"):
        actions.encode([("Channel", "\ud800")])


@pytest.mark.parametrize("changes", [{"timeout_s": 0.0}, {"agent_timeout_s": -1.0}, {"attempt": "1795294363.12"}])
def test_an_impossible_order_is_refused(changes: dict[str, Any]) -> None:
    """No time to ring, or an id that is not an attempt's."""
    with pytest.raises(BadInput):
        actions.originate(order(**changes), context="c", handler=HANDLER)


@pytest.mark.parametrize("attempt", ["PJSIP/8001-1", "/.*/", "all"])
def test_only_attempts_can_be_hung_up_or_forgotten(attempt: str) -> None:
    """Hangup takes channel names and patterns: neither is ever passed on."""
    with pytest.raises(BadInput):
        actions.hang_up(attempt, "1")
    with pytest.raises(BadInput):
        actions.forget(attempt, "dialer", "1")
