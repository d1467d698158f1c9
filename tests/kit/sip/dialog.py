"""One call of a party: a dialog (RFC 3261, section 12) and its sound."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tests.kit.sip.message import Header, Message, audio, tag_in, uri_in, write
from tests.kit.sip.rtp import Voice

if TYPE_CHECKING:
    from tests.kit.sip.party import Party

Address = tuple[str, int]

_REPEATS_S = (0.5, 1, 2, 4)


class Dialog:
    """A call that came in, or that the party made (``outgoing``).

    ``invite`` is the request that began it, ``requests`` what came later. ``acked``, ``answered``, ``cancelled`` and
    ``ended`` are events to wait for; ``final`` is the final answer to the INVITE.
    """

    def __init__(self, party: Party, invite: Message, peer: Address, *, outgoing: bool = False) -> None:
        self.party, self.invite, self.peer, self.outgoing = party, invite, peer, outgoing
        self.tag = secrets.token_hex(4)
        self.target = invite.uri if outgoing else uri_in(invite.get("Contact"))
        self.remote_to = ""
        self.final: int | None = None
        self.requests: list[Message] = []
        self.acked, self.answered = asyncio.Event(), asyncio.Event()
        self.cancelled, self.ended = asyncio.Event(), asyncio.Event()
        self.voice: Voice | None = None
        self._number = invite.cseq[0] if outgoing else secrets.randbelow(1000) + 1
        self._waiting: dict[tuple[int, str], asyncio.Future[Message]] = {}

    @property
    def user(self) -> str:
        """Who was called."""
        return self.invite.user

    @property
    def contact(self) -> Header:
        """Where requests in this dialog reach the party."""
        return "Contact", f"<sip:{self.user or 'party'}@127.0.0.1:{self.party.port}>"

    async def open_voice(self) -> Voice:
        """The sound of this side, towards where the other wants it."""
        if self.voice is None:
            self.voice = await Voice.open(self.party.side)
        if not self.outgoing and self.invite.media is not None and self.voice.peer is None:
            self.voice.peer = self.invite.media
        return self.voice

    def reply(self, code: int, *, headers: Sequence[Header] = (), body: str = "", to: Message | None = None) -> bytes:
        """Answer a request (by default the INVITE); gives what was sent."""
        request = to or self.invite
        whom = request.get("To")
        if code > 100 and not tag_in(whom):
            whom += f";tag={self.tag}"
        contact = [] if any(name == "Contact" for name, _ in headers) else [self.contact]
        copied = [(name, request.get(name)) for name in ("From", "Call-ID", "CSeq")]
        lines = [*(("Via", via) for via in request.all("Via")), ("To", whom), *copied, *contact, *headers]
        data = write(f"SIP/2.0 {code} {'OK' if code == 200 else 'Said'}", lines, body)
        self.party.send(data, self.peer)
        if request is self.invite and code >= 200:
            self.final = code
        return data

    async def answer(self, *, speak: bool = True) -> Voice:
        """200 with SDP, again until it is acknowledged; then the party speaks."""
        voice = await self.open_voice()
        data = self.reply(200, body=audio(voice.port, "sendrecv"))
        self.party.spawn(self._repeat(data))
        if speak:
            voice.speak()
        return voice

    async def _repeat(self, data: bytes) -> None:
        for wait_s in _REPEATS_S:
            try:
                await asyncio.wait_for(self.acked.wait(), wait_s)
            except TimeoutError:
                self.party.send(data, self.peer)
            else:
                return

    def request(self, method: str, headers: Sequence[Header] = (), body: str = "") -> asyncio.Future[Message]:
        """Send a request in the dialog; the future of its final response."""
        self._number += 1
        mine, theirs = (
            (self.invite.get("From"), self.remote_to or self.invite.get("To"))
            if self.outgoing
            else (f"{self.invite.get('To')};tag={self.tag}", self.invite.get("From"))
        )
        lines = [
            self.party.via(),
            ("Max-Forwards", "70"),
            ("From", mine),
            ("To", theirs),
            ("Call-ID", self.invite.get("Call-ID")),
            ("CSeq", f"{self._number} {method}"),
            self.contact,
            ("Supported", "replaces"),
            *headers,
        ]
        self.party.send(write(f"{method} {self.target} SIP/2.0", lines, body), self.peer)
        future = self._waiting[self._number, method] = asyncio.get_running_loop().create_future()
        return future

    def bye(self) -> asyncio.Future[Message]:
        """Hang up."""
        self.over()
        return self.request("BYE")

    def refer(self, to: str, replaces: Dialog | None = None) -> asyncio.Future[Message]:
        """Transfer the other side to a URI (RFC 3515), or onto a second call of this party (RFC 3891)."""
        target = to if replaces is None else f"{to}?Replaces={replaces._as_replaced()}"
        referred_by = ("Referred-By", self.contact[1])
        return self.request("REFER", (("Refer-To", f"<{target}>"), referred_by))

    def _as_replaced(self) -> str:
        mine = tag_in(self.invite.get("From")) if self.outgoing else self.tag
        theirs = tag_in(self.remote_to) if self.outgoing else tag_in(self.invite.get("From"))
        return f"{self.invite.get('Call-ID').replace('@', '%40')}%3Bto-tag%3D{theirs}%3Bfrom-tag%3D{mine}"

    async def reinvite(self, direction: str = "sendrecv") -> Message:
        """Offer the media anew: ``sendonly`` puts the other side on hold (RFC 3264, section 8.4)."""
        voice = await self.open_voice()
        response = await self.request("INVITE", (), audio(voice.port, direction))
        self.ack(response)
        voice.peer = response.media or voice.peer
        return response

    def ack(self, response: Message) -> None:
        """Acknowledge a final response to an INVITE."""
        if response.status < 300 and response.get("Contact"):
            self.target = uri_in(response.get("Contact"))
        via = self.party.via() if response.status < 300 else ("Via", response.get("Via"))
        same = [(name, response.get(name)) for name in ("From", "To", "Call-ID")]
        lines = [via, ("Max-Forwards", "70"), *same, ("CSeq", f"{response.cseq[0]} ACK")]
        self.party.send(write(f"ACK {self.target} SIP/2.0", lines), self.peer)

    def over(self) -> None:
        """The call is at its end: no more sound."""
        self.ended.set()
        if self.voice is not None:
            self.voice.close()

    # -- what comes ------------------------------------------------------------------------------

    def take_response(self, response: Message) -> None:
        """A response to one of this party's requests."""
        number, method = response.cseq
        if method == "INVITE" and self.outgoing and number == self.invite.cseq[0]:
            self._take_answer(response)
        elif (waiting := self._waiting.get((number, method))) and not waiting.done() and response.status >= 200:
            waiting.set_result(response)

    def _take_answer(self, response: Message) -> None:
        if response.status < 200:
            return
        self.final, self.remote_to = response.status, response.get("To")
        self.ack(response)
        if response.status >= 300:
            self.over()
            return
        if self.voice is not None:
            self.voice.peer = response.media
        self.answered.set()

    async def take_request(self, request: Message) -> None:
        """A request within the dialog."""
        if request.method == "ACK":
            self.acked.set()
            return
        self.requests.append(request)
        if request.method == "INVITE":
            voice = await self.open_voice()
            voice.peer = request.media or voice.peer
            self.reply(200, body=audio(voice.port, "sendrecv"), to=request)
            return
        self.reply(200, to=request)
        if request.method == "CANCEL" and self.final is None:
            self.reply(487)
            self.cancelled.set()
        if request.method in ("BYE", "CANCEL"):
            self.over()
