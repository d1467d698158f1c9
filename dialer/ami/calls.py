"""What is remembered of calls while they last: enough to say each thing once and to say the end completely.

The PBX says most things twice (a UserEvent and a DialEnd, a response and an answer); each is passed on once. The
hang-up of a call through a Local channel has neither cause nor SIP code of the carrier: the trunk leg's has, and
sometimes comes a moment later. It is waited for, but not long.

A call that the carrier redirects (302) is ended in one thread of the PBX while another takes the answer in (measured:
one in twenty-five ends with Q.850 0 and "SIP 100 Trying"). Over a trunk the DialEnd always says where it was to go;
behind a Local channel it does not, and such a call is then the office's own failure.

An Originate of which no channel was made has a response and nothing else, before or after it (measured); through a
Local channel it has no leg and Q.850 3. It is told as refused: nothing left the PBX.

The agent's phone is followed by its leg. When it is gone and the call stays, the customer was handed on; mostly the PBX
says so itself. If it does not, the customer's own end is waited for, with which a conversation ends, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from dialer.ami.translate import (
    Ended,
    Fact,
    HungUp,
    LegHungUp,
    PhoneLeg,
    Redirected,
    Stopped,
    Transferred,
    TrunkLeg,
)
from dialer.callid import is_attempt
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.evidence import FAILED, Side

_AGAIN_AND_AGAIN = frozenset(
    (CallProgress.DIALLED, CallProgress.TRANSFERRED, CallProgress.RETURNED, CallProgress.HUNG_UP)
)
_CONCLUSIVE = frozenset((CallProgress.REFUSED, CallProgress.RESPONDED, CallProgress.HUNG_UP))
_ANSWERED = frozenset(
    (
        CallProgress.ANSWERED,
        CallProgress.AGENT_RINGING,
        CallProgress.CONNECTED,
        CallProgress.AGENT_MISSED,
        CallProgress.TRANSFERRED,
        CallProgress.RETURNED,
    )
)
_NO_ROUTE = 3
"""Q.850: what a Dial to a trunk gives that is unknown or unreachable."""
_REDIRECTION = 302
_SILENT = 44
"""Q.850: what a phone's leg ends with that ``rtp_timeout`` has ended (measured); a phone that hangs up gives 16."""
_SWEEP_EVERY = timedelta(seconds=10)


@dataclass(slots=True)
class _Track:
    """One call. ``expires`` is when it is forgotten, whatever was heard of it."""

    expires: datetime
    placed: bool = False  # written to the present link
    accepted: bool = False  # the PBX said that it has the Originate
    heard: bool = False  # of anything but the response
    said: set[CallProgress] = field(default_factory=set)
    trunk_legs: set[str] = field(default_factory=set)  # those that have not hung up
    legs: list[LegHungUp] = field(default_factory=list)  # the trunk legs that hung up without an answer, in order
    redirected: bool = False
    ended: Ended | None = None
    held: HungUp | None = None
    phone: PhoneLeg | None = None  # the agent's, while it is in the call and after it
    left: bool = False  # it is not in the call any more
    silent: bool = False  # the PBX ended its part, for nothing came from it
    asked: bool = False  # the dialer asked for the end
    stopped: bool = False  # somebody else did, on the PBX, or it stops
    timer: asyncio.TimerHandle | None = None

    @property
    def answered(self) -> bool:
        """Whether the customer is known to have answered; legs from then on are agents' phones."""
        return bool(self.said & _ANSWERED)

    @property
    def complete(self) -> bool:
        """Whether nothing more will come."""
        return CallProgress.REFUSED in self.said or (
            CallProgress.HUNG_UP in self.said and CallProgress.RESPONDED in self.said
        )


class Calls:
    """The calls of the present link. ``emit`` gets every event, complete and in order."""

    def __init__(
        self, emit: Callable[[CallEvent], None], *, trunk_leg_wait_s: float, customer_wait_s: float, unheard_s: float
    ) -> None:
        self._emit = emit
        self._trunk_leg_wait_s = trunk_leg_wait_s
        self._customer_wait_s = customer_wait_s
        self._unheard = timedelta(seconds=unheard_s)
        self._tracks: dict[str, _Track] = {}
        self._gone: set[str] = set()
        self._next_sweep = datetime.min.replace(tzinfo=UTC)

    def __len__(self) -> int:
        return len(self._tracks)

    def placed(self, attempt: str, at: datetime, rings_for_s: float) -> None:
        """An Originate is being written now."""
        self._sweep(at)
        self._track(attempt, at + timedelta(seconds=rings_for_s)).placed = True

    def accepted(self, attempt: str) -> None:
        """The PBX has taken the Originate; what becomes of it is told later."""
        if (track := self._tracks.get(attempt)) is not None:
            track.accepted = True

    def end_asked(self, attempt: str) -> None:
        """The dialer itself asks the PBX to end the call."""
        if (track := self._tracks.get(attempt)) is not None:
            track.asked = True

    def give_up(self, attempt: str) -> bool:
        """Take an Originate for lost that the PBX has not even answered; False when it has, or said anything of it."""
        track = self._tracks.get(attempt)
        if track is None or track.accepted or track.said or not track.placed:
            return False
        track.placed = False
        return True

    def take(self, facts: Iterable[Fact], now: datetime) -> None:
        """Pass on what is new."""
        for fact in facts:
            if isinstance(fact, LegHungUp):
                if (known := self._tracks.get(fact.attempt)) is not None:
                    self._leg_hung_up(known, fact)
                continue
            track = self._track(fact.attempt, now)
            track.heard |= not _responds(fact)
            match fact:
                case CallEvent(progress=CallProgress.RINGING | CallProgress.PROGRESS) if track.answered:
                    pass  # of an agent's phone behind a Local channel
                case CallEvent():
                    self._say(track, fact)
                    if fact.reason == FAILED and track.placed and not track.heard and is_attempt(fact.attempt):
                        self._after(self._unmade, track, fact)
                case Ended():
                    track.ended = fact
                case TrunkLeg():
                    if not track.answered:
                        track.trunk_legs.add(fact.leg)
                case Redirected():
                    track.redirected = True
                case Stopped():
                    track.stopped = not track.asked
                case PhoneLeg():
                    self._phone(track, fact)
                case Transferred():
                    self._transferred(track, fact)
                case HungUp():
                    self._hung_up(track, fact)

    def under_way(self, now: datetime) -> set[str]:
        """Originates on the present link that nothing conclusive was heard of: they may still become calls."""
        return {
            attempt
            for attempt, track in self._tracks.items()
            if track.placed and track.expires > now and track.held is None and not track.said & _CONCLUSIVE
        }

    def forget_ends(self) -> None:
        """Begin collecting :attr:`ends` anew."""
        self._gone = set()

    @property
    def ends(self) -> frozenset[str]:
        """The calls whose hang-up was heard since :meth:`forget_ends`."""
        return frozenset(self._gone)

    def close(self) -> None:
        """The link is gone: say what was held back, forget the rest."""
        for track in list(self._tracks.values()):
            self._release(track)
        self._tracks.clear()
        self._gone = set()

    def _track(self, attempt: str, now: datetime) -> _Track:
        track = self._tracks.get(attempt)
        if track is None:
            track = self._tracks[attempt] = _Track(now + self._unheard)
        return track

    def _say(self, track: _Track, event: CallEvent) -> None:
        if event.progress in track.said and event.progress not in _AGAIN_AND_AGAIN:
            return
        track.said.add(event.progress)
        self._emit(event)
        if track.complete:
            self._tracks.pop(event.attempt, None)

    def _leg_hung_up(self, track: _Track, fact: LegHungUp) -> None:
        if track.answered:
            if track.phone is not None and fact.leg == track.phone.leg and not track.left:
                self._phone_left(track, fact)
            return
        track.trunk_legs.discard(fact.leg)
        if fact.cause is not None:
            track.legs.append(fact)
        if track.held is not None and not track.trunk_legs:
            self._release(track)

    def _phone(self, track: _Track, phone: PhoneLeg) -> None:
        """The first phone is the agent's. Of those after it, one with the same name brings the call back."""
        if not track.answered:
            return  # on the way to the customer
        if track.phone is None:
            track.phone = phone
        elif track.left and phone.device == track.phone.device:
            self._settle(track)
            track.phone, track.left = phone, False
            self._say(track, CallEvent(phone.attempt, CallProgress.RETURNED, phone.at))
        elif track.left:
            self._say(track, CallEvent(phone.attempt, CallProgress.TRANSFERRED, phone.at, text=phone.device))

    def _transferred(self, track: _Track, fact: Transferred) -> None:
        """By the agent, or by whom they transferred to; after a lost link nobody knows which, and it is as good."""
        self._settle(track)
        track.left = True
        self._say(track, CallEvent(fact.attempt, CallProgress.TRANSFERRED, fact.at, text=fact.to))

    def _phone_left(self, track: _Track, fact: LegHungUp) -> None:
        track.left, track.silent = True, fact.cause == _SILENT
        event = CallEvent(fact.attempt, CallProgress.TRANSFERRED, fact.at)
        track.timer = asyncio.get_running_loop().call_later(self._customer_wait_s, self._say, track, event)

    @staticmethod
    def _settle(track: _Track) -> None:
        """What was waited for has come."""
        if track.timer is not None:
            track.timer.cancel()
            track.timer = None

    def _hung_up(self, track: _Track, fact: HungUp) -> None:
        self._gone.add(fact.attempt)
        self._settle(track)
        track.phone = None
        if (
            fact.local
            and fact.cause == _NO_ROUTE
            and track.placed
            and not (track.legs or track.trunk_legs or track.answered)
        ):
            self._say(track, CallEvent(fact.attempt, CallProgress.REFUSED, fact.at, text="no trunk leg was made"))
            return
        if not (fact.local and track.trunk_legs) or track.answered:
            self._say(track, _end(track, fact))
            return
        track.held = fact
        self._after(self._release, track)

    def _after(self, then: Callable[..., None], track: _Track, *given: object) -> None:
        """Do something with the track once whatever else may come has had its time."""
        track.timer = asyncio.get_running_loop().call_later(self._trunk_leg_wait_s, then, track, *given)

    def _unmade(self, track: _Track, response: CallEvent) -> None:
        """Refuse the call, unless there was another sign of it by now."""
        track.timer = None
        if not track.heard:
            self._say(track, replace(response, progress=CallProgress.REFUSED, reason=None, text="no channel was made"))

    def _release(self, track: _Track) -> None:
        """Say the hang-up that was held back, with what the trunk leg said if that came."""
        self._settle(track)
        fact, track.held = track.held, None
        if fact is not None:
            self._say(track, _end(track, fact))

    def _sweep(self, now: datetime) -> None:
        """Forget what came to nothing without a word, and answered calls of long ago that are on nobody's phone."""
        if now < self._next_sweep:
            return
        self._next_sweep = now + _SWEEP_EVERY
        for attempt, track in list(self._tracks.items()):
            if track.expires < now and track.held is None and track.phone is None:
                del self._tracks[attempt]


def _end(track: _Track, fact: HungUp) -> CallEvent:
    """The hang-up with all that is known of the end. Of a Local channel the cause is the office's own."""
    ended, legs = track.ended, track.legs if fact.local else []
    leg, before = (legs[-1], legs[:-1]) if legs and not track.answered else (None, legs)
    causes = (each.cause for each in (leg, fact, ended) if each is not None)
    codes = (each.sip for each in (ended, fact, leg) if each is not None)
    return CallEvent(
        fact.attempt,
        CallProgress.HUNG_UP,
        fact.at,
        cause=next((cause for cause in causes if cause is not None), None),
        sip=_REDIRECTION if track.redirected else next((code for code in codes if code is not None), None),
        status=ended.agent if ended is not None else "",
        text=" + ".join([*map(_said, before), *([ended.tech] if ended is not None and ended.tech else [])]),
        hung_up_by=Side.PBX if track.silent or _by_pbx(track, fact) else ended.by if ended is not None else None,
    )


def _by_pbx(track: _Track, fact: HungUp) -> bool:
    """Whether the PBX ended a call that nobody had answered.

    Over a trunk that also shows where the PBX does not tell: no final SIP answer, and no cause (measured). Our own
    Timeout looks the same, and is told by the response.
    """
    if track.answered or track.asked or track.redirected:
        return False
    unfinished = not fact.local and fact.cause == 0 and track.ended is not None and (track.ended.sip or 200) < 200
    return track.stopped or unfinished


def _said(leg: LegHungUp) -> str:
    """What came of a trunk that the office tried before another one: the customer's phone may have rung twice."""
    return f"SIP {leg.sip}" if leg.sip else f"Q.850 {leg.cause}"


def _responds(fact: Fact) -> bool:
    return isinstance(fact, CallEvent) and fact.progress is CallProgress.RESPONDED
