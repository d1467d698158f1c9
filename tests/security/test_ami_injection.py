"""Nothing that stands in an order becomes a header, an action or dialplan: sent through the product's own adapter to a
real Asterisk and read back from it. Each value is refused before the wire, or is there exactly as it was meant.

How the bytes are made up is tested without a PBX in tests/ami/test_actions.py; numbers and dial strings that people
write in tests/lists.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from dialer import callid
from dialer.ami.link import LinkState
from dialer.ami.pbx import AsteriskPbx
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallEvent, CallProgress, LinkLost, LinkRestored, PbxMessage
from dialer.clock import SystemClock
from dialer.demo.rig.control import AmiControl, Header
from dialer.demo.rig.rig import Rig
from dialer.errors import ActionRefused, BadInput, SettingsError
from dialer.settings import from_values
from tests.ami.real import real_config
from tests.demo.rig.calls import fresh_number
from tests.kit.waiting import until

PWNED = "SECURITY_TEST_PWNED"
ACTIONS = [
    f"\r\n\r\nAction: Setvar\r\nVariable: GLOBAL({PWNED})\r\nValue: 1\r\n\r\n",
    f"\n\nAction: Setvar\nVariable: GLOBAL({PWNED})\nValue: 1\n\n",
    f"\rVariable: GLOBAL({PWNED})=1",
    f"\r\nVariable: GLOBAL({PWNED})=1",
    f",GLOBAL({PWNED})=1",
    f"${{SET(GLOBAL({PWNED})=1)}}",
    f"\u2028\u2028Action: Setvar\u2028Variable: GLOBAL({PWNED})\u2028Value: 1\u2028\u2028",
    f"\x85\x85Action: Setvar\x85Variable: GLOBAL({PWNED})\x85Value: 1\x85\x85",
    "\r\n\r\nAction: Logoff\r\n\r\n",
    "\r\nApplication: System\r\nData: id\r\n",
    "\0",
]
PIECES = st.sampled_from(
    [*ACTIONS, "\r", "\n", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\0", "|", ",", ";", ":", "&", "^",
     '"', "'", "\\", "${EXTEN}", "$[1+1]", "`id`", "$(id)", "<", ">", "(", ")", "张三", "é", "\U0001f600", " ",
     "x" * 900, "Action: Logoff", "Secret: x"]
)  # fmt: skip
PLAIN = st.from_regex(r"[A-Za-z0-9._-]{1,12}", fullmatch=True)
"""What an extension or a number may be; most else is refused before the wire."""
VALUES = st.one_of(PLAIN, st.lists(st.one_of(PIECES, PLAIN, st.text(max_size=8)), min_size=1, max_size=4).map("".join))
FIELDS = st.sampled_from(["agent", "number", "channel", "caller_id", "attempt", "phone"])
_serial = itertools.count()


@dataclass
class Attack:
    """The adapter at the rig, and a session of the PBX's administrator to look at what arrived."""

    rig: Rig
    pbx: AsteriskPbx
    admin: AmiControl
    messages: list[PbxMessage] = field(default_factory=list)
    arrived: int = 0
    compared: int = 0
    refused: int = 0

    async def open(self) -> None:
        await self.admin.__aenter__()
        await self.pbx.start()
        async with asyncio.timeout(60):
            while not any(isinstance(each, LinkRestored) for each in self.messages):  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.005)
        self.messages.clear()

    async def close(self) -> None:
        await self.pbx.stop()
        await self.admin.action("Hangup", Channel="/^.*$/")
        await self.admin.close()
        await self.rig.office.idle()

    def heard(self, attempt: str) -> set[CallProgress]:
        return {each.progress for each in self.messages if isinstance(each, CallEvent) and each.attempt == attempt}

    async def value(self, name: str, channel: str = "") -> str:
        """A variable as the PBX has it; spaces at the ends are not told by its protocol."""
        where: dict[str, Header] = {"Channel": channel} if channel else {}
        return (await self.admin.action("Getvar", timeout=20, Variable=name, **where)).get("Value", "")

    async def strike(self, where: str, value: str) -> None:
        """Place one call with ``value`` in a field, and look at what the PBX made of it."""
        if where == "phone":
            await self.phone(value)
            return
        base = Place(
            attempt=f"sec-1-{next(_serial)}-{secrets.token_hex(4)}",
            channel=self.rig.trunk_templates["direct"].format(number=fresh_number("76")),
            agent=self.rig.extensions[0],
            timeout_s=20.0,
            agent_timeout_s=5.0,
            caller_id='"订单部" <62880000>',
        )
        if where == "number":
            where, value = "channel", self.rig.trunk_templates["direct"].format(number=value)
        elif where == "agent":
            value = f"PJSIP/{value}"
        order: Place = replace(base, **{where: value})  # type: ignore[arg-type]  # fields by name, or a stand-in
        self.messages.clear()
        await self.pbx.originate(order)
        if told := [
            each for each in self.messages if isinstance(each, CallEvent) and each.progress is CallProgress.REFUSED
        ]:
            assert told[0].text
            self.refused += 1
            return
        await self.pbx.survey()  # over the same session: it lives, and its answers are in step
        await self.until_placed(order.attempt)
        self.arrived += 1
        if (await self.admin.action("Getvar", Channel=order.attempt, Variable="CHANNEL(name)"))[
            "Response"
        ] == "Success":
            await self.compare(order, lives=where != "channel")
            self.compared += 1
        await self.pbx.hang_up(order.attempt)

    async def phone(self, extension: str) -> None:
        """Ask after a phone and ring it: what is no phone leads to nothing."""
        test = callid.for_test()
        try:
            await self.pbx.phone(extension)
            await self.pbx.ring(test, extension, 5)
            self.arrived += 1
        except (BadInput, ActionRefused):
            self.refused += 1
        await self.pbx.survey()
        await self.pbx.hang_up(test)

    async def until_placed(self, attempt: str) -> None:
        """Wait until there is a channel, or it is known that there will be none."""
        async with asyncio.timeout(60):
            while not self.heard(attempt):
                if (await self.admin.action("Getvar", Channel=attempt, Variable="UNIQUEID")).get("Value") == attempt:
                    return
                await asyncio.sleep(0.005)

    async def compare(self, order: Place, *, lives: bool) -> None:
        """The channel has what was ordered, once it is set up. One to a number that is none may be over before."""
        names = ("DIALER_AGENT", "DIALER_AGENT_TIMEOUT", "CALLERID(name)", "CALLERID(num)", "UNIQUEID")
        ordered = [order.agent.strip(), "5", *shown(order.caller_id), order.attempt]

        async def is_set_up() -> bool:
            found = [await self.value(name, order.attempt) for name in names]
            return found == ordered or not (lives or found[-1])

        await until(is_set_up, f"a channel with {ordered}")


def shown(caller_id: str) -> tuple[str, str]:
    """Name and number of a caller id; a number alone has no name."""
    name, angle, number = caller_id.rpartition("<")
    return name.strip().strip('"').strip(), number.removesuffix(">") if angle else caller_id


@pytest.mark.pbx
def test_nothing_is_injected(rig: Rig) -> None:
    """Whatever stands in a field: no action, variable or piece of dialplan of it is carried out, the login lives."""
    with asyncio.Runner() as runner:
        messages: list[PbxMessage] = []
        pbx = AsteriskPbx(real_config(rig, rig.ami.port), messages.append, SystemClock())
        attack = Attack(rig, pbx, rig.office.control(), messages)
        runner.run(attack.open())
        try:

            @settings(
                max_examples=150, deadline=None, database=None, phases=(Phase.explicit, Phase.generate),
                suppress_health_check=list(HealthCheck),
            )  # fmt: skip
            @given(FIELDS, VALUES)
            def strike(where: str, value: str) -> None:
                runner.run(attack.strike(where, value))

            for where, value in itertools.product(["agent", "number", "channel", "caller_id", "phone"], ACTIONS):
                strike = example(where, value)(strike)
            strike()
            assert runner.run(attack.value(f"GLOBAL({PWNED})")) == ""
            assert pbx.status.state is LinkState.UP
            assert not [each for each in messages if isinstance(each, LinkLost)]
            assert attack.arrived > 10
            assert attack.compared > 1  # a number that is none is over before it can be looked at
            assert attack.refused > 50
        finally:
            runner.run(attack.close())


@pytest.mark.parametrize("bad", ['"a"b" <1>', "name <1>, <2>", "x\r\ny", '"a\\" <1>', "<${EXTEN}>", "订单部"])
def test_a_caller_id_that_would_be_taken_apart_is_no_setting(bad: str) -> None:
    """It is refused where it is written, and not call by call."""
    trunk = {"name": "t", "template": "PJSIP/{number}@t", "caller_id": bad}
    with pytest.raises(SettingsError, match="caller_id"):
        from_values({"trunks": [trunk]})


@pytest.mark.parametrize("good", ["", "62880000", "+8647062880000", '"订单部" <62880000>', "<62880000>"])
def test_a_usual_caller_id_is_taken(good: str) -> None:
    """With and without a name."""
    assert from_values({"trunks": [{"name": "t", "template": "PJSIP/{number}@t", "caller_id": good}]}).trunks
