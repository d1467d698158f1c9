"""A simulated PBX that lives on somebody else's time: for speed, and for faults on demand.

It says what a real Asterisk 22 was measured to say (which signs each way of ending gives, and that
OriginateResponse, DialEnd and Hangup come in any order), and keeps call records of its own, as a
carrier does. It passes the same contract tests as the real thing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from dialer.campaign.changes import Place
from dialer.campaign.messages import (
    CallEvent,
    CallProgress,
    LinkLost,
    LinkRestored,
    LiveCall,
    PbxMessage,
    PhoneTold,
    Stranger,
    named,
)
from dialer.campaign.model.evidence import Side
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.phone import PhoneState
from dialer.errors import LinkDown
from tests.virtual.agenda import Agenda
from tests.virtual.fates import ANSWERS_OF, RINGS, Fate, Says, Turn, World, answer_of
from tests.virtual.phones import SimulatedPhones
from tests.virtual.strangers import Strangers

__all__ = ("ANSWERS_OF", "CallRecord", "Fate", "Faults", "Says", "SimulatedPbx", "Turn", "World")

_RING_AFTER = timedelta(seconds=0.2)
_ANSWER_WITHIN = timedelta(seconds=10)
_UNMADE_AFTER = timedelta(seconds=0.5)
_SIP_TIMER_B = timedelta(seconds=32)


@dataclass(slots=True)
class CallRecord:
    """The carrier's record of one call; ``end`` is None while it lasts.

    ``crashed`` is when the PBX died under a call that went on ringing outside.
    """

    attempt: str
    channel: str
    agent: str
    start: datetime
    answer: datetime | None = None
    connect: datetime | None = None
    end: datetime | None = None
    crashed: datetime | None = None


@dataclass(slots=True)
class Faults:
    """What goes wrong with events. Probabilities for each event; the delay is in seconds."""

    lose: float = 0.0
    double: float = 0.0
    delay: float = 0.0
    delay_s: float = 30.0


@dataclass(slots=True)
class _Live:
    record: CallRecord
    order: Place
    turn: Turn
    ringing: bool = False
    progress: bool = False
    rang: bool = False  # an agent's phone
    missed: str = ""  # DialStatus of an agent's phone that was not picked up
    moved: bool = False  # the agent's phone is out of the call


class SimulatedPbx:
    """A PBX and everybody behind it. Nothing happens but in :meth:`advance`, up to the time given.

    ``dead_phones`` are agents' dial strings that never pick up, ``declining_phones`` those that refuse every call;
    ``transferring`` ones hand each customer on, after ``transfer_after_s``, to the extensions named, one after the
    other; "" is one that nobody answers, from which the call comes back to the agent.
    """

    def __init__(
        self, world: World, start: datetime, *, seed: int = 0, faults: Faults | None = None, name: str = MAIN_PBX
    ) -> None:
        self.name = name
        self.world = world
        self.faults = faults or Faults()
        self.carrier_ring_limit_s = 120.0
        self.longest_s = 43_200.0  # from the answer on: then the PBX ends a call by itself
        self.announcement_s = 3.0  # what a customer hears whose agent did not pick up
        self.dead_phones: set[str] = set()
        self.declining_phones: set[str] = set()
        self.swallows = False  # Originates are neither answered nor carried out
        self.lacks_module = False  # the dialplan breaks off as soon as a customer has answered
        self.transferring: dict[str, tuple[str, ...]] = {}
        self.transfer_after_s = 20.0
        self.records: list[CallRecord] = []
        self.started_at = start
        self.linked = False
        self.variables: dict[str, str] = {}  # global ones, which a manager user can read and set
        self._live: dict[str, _Live] = {}
        self._journal: list[CallEvent] = []
        self._agenda = Agenda()
        self._at = self._agenda.at
        self._out: list[PbxMessage] = []
        self._random = random.Random(seed)
        self._tries: dict[str, int] = {}
        self.strangers = Strangers(self._say)
        self.phones = SimulatedPhones(self, self._at, self._say, self._tell_phone)

    # -- time ------------------------------------------------------------------------------------

    def next_time(self) -> datetime | None:
        """When something next happens."""
        return self._agenda.next_time()

    def advance(self, now: datetime) -> list[PbxMessage]:
        """Let everything up to ``now`` happen; what the PBX says of it, in order."""
        self._agenda.run(now)
        said, self._out = self._out, []
        return said if self.name == MAIN_PBX else [named(message, self.name) for message in said]

    # -- what the dialer asks --------------------------------------------------------------------

    def place(self, order: Place, now: datetime) -> None:
        """Take an Originate. Raises :class:`LinkDown` while there is no link."""
        if not self.linked:
            raise LinkDown
        if order.attempt in self._live:
            self._say(CallEvent(order.attempt, CallProgress.RESPONDED, now, reason=0))
            return
        if self.swallows:  # which the link notices when it is not answered, and asks
            self._at(now + _ANSWER_WITHIN, lambda at: self.survey(at) if self.linked else None)
            return
        nth = self._tries[order.channel] = self._tries.get(order.channel, -1) + 1
        turn = self.world(order.channel, nth)
        if turn.fate is Fate.NO_TRUNK:
            self._say(CallEvent(order.attempt, CallProgress.RESPONDED, now, reason=0))
            self._at(now + _UNMADE_AFTER, lambda at: self._say(CallEvent(order.attempt, CallProgress.REFUSED, at)))
            return
        if turn.fate is Fate.INTERCEPTED:
            end = CallEvent(order.attempt, CallProgress.HUNG_UP, now, cause=16)
            response = CallEvent(order.attempt, CallProgress.RESPONDED, now)
            self._say(CallEvent(order.attempt, CallProgress.INTERCEPTED, now), *self._shuffled(response, end))
            return
        record = CallRecord(order.attempt, order.channel, order.agent, now)
        self.records.append(record)
        live = self._live[order.attempt] = _Live(record, order, turn)
        limit = timedelta(seconds=order.timeout_s)
        ring = _SIP_TIMER_B if turn.fate is Fate.DEAD_TRUNK else timedelta(seconds=turn.ring_s)
        said = turn.fate if isinstance(turn.fate, Says) else None
        if turn.fate in RINGS or (said is not None and said.rings):
            self._at(now + min(_RING_AFTER, ring / 2), lambda at: self._ring(live, at))
        if turn.fate is Fate.ANNOUNCED or (said is not None and said.plays):
            self._at(now + min(_RING_AFTER, ring / 2), lambda at: self._play(live, at))
        if turn.fate in (Fate.RINGS_OUT, Fate.SILENT) or ring >= limit:
            self._at(now + limit, lambda at: self._end_unanswered(live, at, 19, 480, "", reason=3))
        elif (answer := answer_of(turn.fate)) is not None:
            cause, sip, status = answer
            self._at(now + ring, lambda at: self._end_unanswered(live, at, cause, sip, status, reason=0))
            if turn.fate is Fate.REDIRECTED:
                self._at(now + 2 * ring, self.strangers.answer)
        else:
            self._at(now + ring, lambda at: self._answer(live, at))

    def hang_up(self, attempt: str, now: datetime) -> None:
        """End a call, if there is one. Raises :class:`LinkDown`."""
        if not self.linked:
            raise LinkDown
        self.strangers.hang_up(attempt, now)
        live = self._live.get(attempt)
        if live is not None and live.record.answer is not None:
            self._end_answered(live, now)
        elif live is not None:
            self._end_unanswered(live, now, 16, None, "", reason=0)

    def survey(self, now: datetime, *, final: bool = True) -> None:
        """Say which calls there are. Raises :class:`LinkDown`."""
        if not self.linked:
            raise LinkDown
        calls = tuple(LiveCall(a, self._progress_of(live)) for a, live in self._live.items())
        ends, strangers = tuple(self._journal), tuple(self.strangers.up)
        self._out.append(LinkRestored(now, calls, ends, self.started_at, final, strangers=strangers))

    def is_up(self, agent: str) -> PhoneState | None:
        """How a customer's call occupies this phone."""
        for live in self._live.values():
            if live.order.agent == agent and live.record.answer is not None and not live.missed and not live.moved:
                return PhoneState.RINGING if live.record.connect is None else PhoneState.BUSY
        return None

    # -- faults ----------------------------------------------------------------------------------

    def cut(self, now: datetime) -> None:
        """The link is lost; calls go on."""
        if self.linked:
            self.linked = False
            self.phones.forget()
            self._out.append(LinkLost(now, "cut"))

    def restore(self, now: datetime) -> None:
        """The link is back."""
        if not self.linked:
            self.linked = True
            self.survey(now, final=False)

    def crash(self, now: datetime) -> None:
        """The PBX dies: nothing is said, and its last second of journal is lost.

        Customers who talked hang up; a phone that rings goes on ringing until the carrier gives up.
        """
        self.cut(now)
        for live in self._live.values():
            rings_on = self._random.uniform(0, self.carrier_ring_limit_s)
            given_up = live.record.start + timedelta(seconds=rings_on)
            live.record.crashed = now
            live.record.end = now if live.record.answer is not None else max(now, given_up)
        self._live.clear()
        self.phones.crash()
        self.variables.clear()
        self._journal = [event for event in self._journal if event.at < now - timedelta(seconds=1)]
        self.started_at = now

    # -- what happens ----------------------------------------------------------------------------

    def _ring(self, live: _Live, at: datetime) -> None:
        if live.record.attempt in self._live:
            live.ringing = True
            self._say(CallEvent(live.record.attempt, CallProgress.RINGING, at))

    def _play(self, live: _Live, at: datetime) -> None:
        if live.record.attempt in self._live:
            live.progress = True
            self._say(CallEvent(live.record.attempt, CallProgress.PROGRESS, at))

    def _answer(self, live: _Live, at: datetime) -> None:
        attempt = live.record.attempt
        if attempt not in self._live:
            return
        live.record.answer = at
        self._say(
            *self._shuffled(
                CallEvent(attempt, CallProgress.RESPONDED, at, reason=4),
                CallEvent(attempt, CallProgress.ANSWERED, at),
            )
        )
        if live.turn.fate is Fate.DROPS or self.lacks_module:
            self._end_answered(live, at)
            return
        missed_as = self.phones.missed_as(live.order.agent)
        live.rang = missed_as != "CHANUNAVAIL"
        if live.rang:
            self._say(CallEvent(attempt, CallProgress.AGENT_RINGING, at))
            self.phones.changed(live.order.agent, at)
        if missed_as is not None:
            missed = at + timedelta(seconds=live.order.agent_timeout_s if missed_as == "NOANSWER" else 0.1)
            self._at(missed, lambda when: self._miss(live, missed_as, when))
            self._end_later(live, missed + timedelta(seconds=self.announcement_s), at)
        else:
            self._at(at + timedelta(seconds=0.3), lambda when: self._connect(live, when))
            self._end_later(live, at + timedelta(seconds=0.3 + live.turn.talk_s), at)

    def _end_later(self, live: _Live, when: datetime, answered: datetime) -> None:
        over = answered + timedelta(seconds=self.longest_s)
        by = Side.PBX if when > over else None
        self._at(min(when, over), lambda at: self._end_answered(live, at, by=by))

    def _connect(self, live: _Live, at: datetime) -> None:
        if live.record.attempt in self._live:
            live.record.connect = at
            self.phones.changed(live.order.agent, at)
            self._say(CallEvent(live.record.attempt, CallProgress.CONNECTED, at))
            for n, to in enumerate(self.transferring.get(live.order.agent, ()), 1):
                when = at + timedelta(seconds=n * self.transfer_after_s)
                self._at(when, partial(self._transfer, live, to))

    def _transfer(self, live: _Live, to: str, at: datetime) -> None:
        if live.record.attempt in self._live:
            live.moved = bool(to)
            self.phones.changed(live.order.agent, at)
            sign = CallProgress.TRANSFERRED if to else CallProgress.RETURNED
            self._say(CallEvent(live.record.attempt, sign, at, text=to))

    def _miss(self, live: _Live, status: str, at: datetime) -> None:
        if live.record.attempt in self._live:
            live.missed = status
            self.phones.changed(live.order.agent, at)
            self._say(CallEvent(live.record.attempt, CallProgress.AGENT_MISSED, at, text=status))

    def _end_answered(self, live: _Live, at: datetime, *, by: Side | None = None) -> None:
        attempt = live.record.attempt
        if self._live.pop(attempt, None) is None:
            return
        live.record.end = at
        connected = live.record.connect is not None
        status = "ANSWER" if connected else live.missed or ("CANCEL" if live.rang else "")
        end = CallEvent(attempt, CallProgress.HUNG_UP, at, cause=16, sip=200, status=status, hung_up_by=by)
        self._journal.append(CallEvent(attempt, CallProgress.ANSWERED, at))
        if live.record.connect is not None:
            self._journal.append(CallEvent(attempt, CallProgress.CONNECTED, live.record.connect))
        elif live.missed:
            self._journal.append(CallEvent(attempt, CallProgress.AGENT_MISSED, at, text=live.missed))
        self._journal.append(end)
        self._say(end)
        self.phones.changed(live.order.agent, at)

    def _end_unanswered(
        self, live: _Live, at: datetime, cause: int, sip: int | None, status: str, *, reason: int
    ) -> None:
        attempt = live.record.attempt
        if live.record.answer is not None or self._live.pop(attempt, None) is None:
            return
        live.record.end = at
        end = CallEvent(attempt, CallProgress.HUNG_UP, at, cause=cause, sip=sip)
        response = CallEvent(attempt, CallProgress.RESPONDED, at, reason=reason)
        if live.ringing:
            self._journal.append(CallEvent(attempt, CallProgress.RINGING, at))
        if live.progress:
            self._journal.append(CallEvent(attempt, CallProgress.PROGRESS, at))
        self._journal += [response, end]
        signs = [end, response]
        if status:
            signs.append(CallEvent(attempt, CallProgress.DIALLED, at, status=status))
        self._say(*self._shuffled(*signs))

    def _progress_of(self, live: _Live) -> CallProgress:
        if live.record.connect is not None:
            return CallProgress.TRANSFERRED if live.moved else CallProgress.CONNECTED
        if live.record.answer is not None:
            return CallProgress.ANSWERED
        return CallProgress.RINGING if live.ringing else CallProgress.DIALLED

    def _shuffled(self, *events: CallEvent) -> list[CallEvent]:
        return self._random.sample(events, len(events))

    def _say(self, *events: CallEvent | Stranger) -> None:
        for event in events:
            if not self.linked or self._random.random() < self.faults.lose:
                continue
            for _ in range(2 if self._random.random() < self.faults.double else 1):
                if self._random.random() < self.faults.delay:
                    late = event.at + timedelta(seconds=self._random.uniform(0, self.faults.delay_s))
                    self._at(late, partial(self._say_late, event))
                else:
                    self._out.append(event)

    def _tell_phone(self, told: PhoneTold) -> None:
        if self.linked:
            self._out.append(told)

    def _say_late(self, event: CallEvent | Stranger, _: datetime) -> None:
        if self.linked:
            self._out.append(event)
