"""A desk phone of the office: it registers, goes away, reboots, answers by itself and makes private calls."""

from __future__ import annotations

import asyncio
import secrets

from dialer.demo.rig.office import PRIVATE
from dialer.demo.rig.rig import Rig
from tests.kit.sip import message
from tests.kit.sip.dialog import Address, Dialog
from tests.kit.sip.message import Message
from tests.kit.sip.party import Part, Party


async def pick_up(call: Dialog) -> None:
    """Answer, and talk until the other side hangs up."""
    call.reply(180)
    await call.answer()


async def speak_wideband_only(call: Dialog) -> None:
    """Answer what offers G.722 (RFC 3551: payload type 9), and refuse everything else."""
    offered = call.invite.body.partition("m=audio ")[2].split("\r\n")[0].split()[2:]
    if "9" in offered:
        await pick_up(call)
    else:
        call.reply(488)


class DeskPhone(Party):
    """One of the rig's ``desk_extensions``; ``async with`` it, then :meth:`register`."""

    def __init__(self, rig: Rig, extension: str, play: Part = pick_up) -> None:
        super().__init__(play)
        self.number = extension.partition("/")[2]
        self._at: Address = rig.office_sip
        self._call_id = secrets.token_hex(8)
        self._number = 0
        self._answers: dict[int, asyncio.Future[Message]] = {}

    async def register(self, expires_s: int = 300) -> None:
        """Tell the office where it is, for so long; 0: it goes away."""
        self._number += 1
        where = f"<sip:{self.number}@127.0.0.1:{self.port}>"
        headers = [
            self.via(),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.number}@127.0.0.1>;tag={secrets.token_hex(4)}"),
            ("To", f"<sip:{self.number}@127.0.0.1>"),
            ("Call-ID", self._call_id),
            ("CSeq", f"{self._number} REGISTER"),
            ("Contact", where),
            ("Expires", str(expires_s)),
        ]
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        self.send(message.write(f"REGISTER sip:{self._at[0]}:{self._at[1]} SIP/2.0", headers), self._at)
        assert (await asyncio.wait_for(answer, 20)).status == 200

    async def reboot(self) -> None:
        """Lose the power: all is silent and forgotten, nobody is told, and it comes up on another port."""
        assert self._transport is not None
        for call in self.calls:
            call.over()
        self._transport.close()
        self._dialogs.clear()
        await self.open()

    async def call_somebody(self) -> Dialog:
        """A private call, answered by the office."""
        call = await self.dial(PRIVATE, self._at, self.number)
        await asyncio.wait_for(call.answered.wait(), 20)
        return call

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """Answers to its registrations; everything else as any party."""
        said = message.read(data) if data.strip() else None
        if said is None or said.get("Call-ID") != self._call_id:
            super().datagram_received(data, addr)
        elif said.status >= 200 and not (answer := self._answers[said.cseq[0]]).done():
            answer.set_result(said)
