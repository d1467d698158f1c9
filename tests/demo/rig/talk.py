"""A conversation of two parties of our own, recorded by the office, and what is found of it by the second."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dialer.demo.rig.control import Message
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import appears, dialer_session, place, user_event
from tests.kit.sip import tones
from tests.kit.sip.dialog import Dialog
from tests.kit.sip.party import Party
from tests.kit.waiting import until

ENOUGH = 0.5
"""Of a second: the last one is cut, a busy machine sends in bursts, and the PBX's buffers shift by a few packets."""


@dataclass(frozen=True, slots=True)
class Talk:
    """What was recorded (raw: customer left), the seconds that each side spoke and heard on the line, and the end."""

    attempt: str
    raw: bytes
    spoken: dict[tones.Side, int]
    heard: dict[tones.Side, float]
    ended: Message

    @property
    def sound(self) -> NDArray[np.int16]:
        """Shape (frames, 2): customer, agent."""
        return np.frombuffer(self.raw, "<i2").reshape(-1, 2)

    def lost(self, side: tones.Side) -> list[int]:
        """The seconds that this side spoke and that the recording lacks."""
        found = tones.heard(self.sound[:, 0 if side == "customer" else 1], side, self.spoken[side])
        return [second for second, share in enumerate(found) if share < ENOUGH]


async def pick_up(call: Dialog) -> None:
    """Ring, answer, speak."""
    call.reply(180)
    await call.answer()


async def talk(
    rig: Rig,
    trunk: str = "direct",
    *,
    seconds: int = 4,
    during: Callable[[Dialog, Dialog], Awaitable[object]] | None = None,
    customer: str = "",
    agent: str = "",
    variables: Sequence[str] = (),
) -> Talk:
    """Let a customer and an agent speak for so many seconds; ``during`` gets both calls in the middle.

    ``customer`` or ``agent`` is a channel that leads to somebody else than our own party; then ``during`` gets the call
    of the other side twice. ``variables`` are the call's. The customer ends it, or our party that is left,
    or the other side.
    """
    async with Party(pick_up) as phone, Party(pick_up, side="customer") as shop, dialer_session(rig) as ami:
        ours = shop.dial_string("139") if trunk == "direct" else f"Local/{shop.port}@party/n"
        attempt = await place(
            ami, rig, "", channel=customer or ours, agent=agent or phone.dial_string("8001"), variables=variables
        )
        await user_event(ami, "DialerConnected", attempt)
        calls = [*shop.calls, *phone.calls]
        call, partner = calls[0], calls[-1]
        voice, other = call.voice, partner.voice
        assert voice is not None
        assert other is not None
        if during is not None:
            await until(lambda: voice.seconds >= seconds // 2, "half of the conversation")
            await during(call, partner)
        await until(lambda: voice.seconds >= seconds or call.ended.is_set(), "the end of the conversation")
        spoken: dict[tones.Side, int] = {"customer": voice.seconds, "agent": other.seconds}
        heard: dict[tones.Side, float] = {"customer": voice.received / 50, "agent": other.received / 50}
        if not call.ended.is_set():
            call.bye()
        ended = await user_event(ami, "DialerEnded", attempt)
        raw = (await appears(rig.recordings.done / f"{attempt}.raw")).read_bytes()
    return Talk(attempt, raw, spoken, heard, ended)
