"""The PBX as the campaign sees it: :class:`dialer.campaign.ports.Pbx` over Asterisk's manager interface."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Sequence, Set
from datetime import datetime, timedelta

import structlog

from dialer.ami import actions
from dialer.ami.calls import Calls
from dialer.ami.config import AmiConfig
from dialer.ami.lease import Lease, Owner
from dialer.ami.link import Link, LinkStatus
from dialer.ami.pbxconfig import connect_context, handler_variable, tones_context
from dialer.ami.phones import Phones, device_state, ends_test
from dialer.ami.protocol import Fields
from dialer.ami.session import Session
from dialer.ami.survey import events_of, survey
from dialer.ami.translate import stranger, translate
from dialer.callid import is_ours, is_test
from dialer.campaign.changes import Place
from dialer.campaign.messages import (
    CallEvent,
    CallProgress,
    LinkLost,
    LinkRestored,
    LiveCall,
    OwnerTold,
    PhoneTold,
    Stranger,
    named,
)
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.ports import PbxSink
from dialer.clock import Clock
from dialer.errors import BadInput, LinkDown
from dialer.errors import LinkLost as LinkBroke

log = structlog.get_logger(__name__)

_HANG_UP = "hangup/"
_NO_CHANNEL_YET_S = 0.05
_TEST_S = 20.0
"""No test call lasts longer than this from when the phone was picked up."""


class AsteriskPbx:
    """Places calls and tells what becomes of them; keeps the link, and tells when it is lost and restored.

    Every message goes to ``sink`` in the order of the PBX's stream. ``sink`` must not block; an exception in it is
    logged and costs only that message. Per outage there is exactly one ``LinkLost`` (also when no link comes about at
    the start) and, once logged in, one ``LinkRestored`` that is not final. Each has the PBX's ``name``.
    """

    def __init__(
        self, config: AmiConfig, sink: PbxSink, clock: Clock, name: str = MAIN_PBX, owner: Owner | None = None
    ) -> None:
        self._config = config
        self._name = name
        self._sink = self._naming(sink)
        self._tests: PbxSink = lambda _message: None  # nobody has asked to hear of them yet
        self._clock = clock
        self._context = connect_context(config.prefix)
        self._handler = handler_variable(config.prefix)
        self._numbers = itertools.count(1)
        self._looking = asyncio.Lock()
        self._asking: asyncio.Task[None] | None = None
        self._told: dict[str, datetime] = {}
        self._strangers: set[str] = set()
        self._tones = tones_context(config.prefix)
        self._calls = Calls(
            self._tell,
            trunk_leg_wait_s=config.trunk_leg_wait_s,
            customer_wait_s=config.customer_wait_s,
            unheard_s=config.unheard_s,
        )
        self._phones = Phones(lambda device, state: self._sink(PhoneTold(self._clock.now(), device, state)))
        self._lease = Lease(config.prefix, owner, self._owned) if owner else None
        self._keeping: asyncio.Task[None] | None = None
        self._link = Link(config, on_message=self._message, on_up=self._first_look, on_down=self._down)

    @property
    def status(self) -> LinkStatus:
        """How the link is, for health checks and people."""
        return self._link.status

    async def start(self) -> None:
        """Begin connecting; return at once."""
        self._link.start()

    async def stop(self) -> None:
        """Close the link for good, within about a second. Calls on the PBX go on; no ``LinkLost`` is told."""
        self._leave()
        await self._link.stop()
        self._phones.close()
        self._calls.close()

    async def originate(self, order: Place) -> None:
        """Put one Originate on the wire, once. Raises :class:`LinkDown` when it surely did not leave.

        An order that cannot be written (a number with a line end, a dial string that is too long) is told as REFUSED.
        """
        session = self._acting()
        try:
            wire = actions.originate(order, context=self._context, handler=self._handler)
        except BadInput as error:
            log.error("a call cannot be placed", action="ami.order_refused", attempt=order.attempt, error=str(error))
            self._sink(CallEvent(order.attempt, CallProgress.REFUSED, self._clock.now(), text=str(error)))
            return
        session.write(wire)
        self._calls.placed(order.attempt, self._clock.now(), order.timeout_s)
        asyncio.get_running_loop().call_later(self._config.answer_timeout_s, self._must_be_answered, order.attempt)

    def _must_be_answered(self, attempt: str) -> None:
        """The PBX answers actions in their order: when it answers others and not this Originate, there is no call."""
        if not self._calls.give_up(attempt):
            return
        log.error("the PBX does not answer an Originate", action="ami.unanswered", attempt=attempt)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_what_is_up(), name="ami-unanswered")

    async def _ask_what_is_up(self) -> None:
        await asyncio.sleep(0)  # those that were placed together are given up together
        with contextlib.suppress(LinkDown, LinkBroke):
            await self.survey()

    def hear_tests(self, sink: PbxSink) -> None:
        """Tell ``sink`` what becomes of test calls, and each ``LinkLost``."""
        self._tests = self._naming(sink)

    async def follow_phones(self, devices: Sequence[str]) -> None:
        """Tell the states of these phones, and hear of them from now on. Raises :class:`LinkDown`."""
        self._phones.follow(self._link.session, devices)

    async def phone(self, extension: str) -> PhoneState:
        """What the PBX knows of a phone. Raises ``LinkDown`` or ``LinkLost``."""
        return await device_state(self._link.session, extension)

    async def ring(self, test: str, extension: str, timeout_s: float) -> None:
        """Ring a phone for a test, once. Raises ``LinkDown`` when nothing left, and ``BadInput``."""
        session = self._acting()
        wire = actions.ring(test, extension, timeout_s, context=self._tones)
        self._phones.testing(test, extension, timeout_s + _TEST_S)
        session.write(wire)
        self._calls.placed(test, self._clock.now(), timeout_s)

    async def hang_up(self, attempt: str) -> None:
        """End the call of ``attempt``; nothing happens when there is none. Raises :class:`LinkDown`.

        An Originate that was accepted has no channel for the first moments: then it is asked again until it has.
        """
        session = self._acting()
        if is_ours(attempt) or attempt in self._strangers:  # nobody else's calls are ended
            self._calls.end_asked(attempt)
            session.write(actions.hang_up(attempt, f"{_HANG_UP}{attempt}"))

    def _hang_up_again(self, attempt: str) -> None:
        if attempt in self._calls.under_way(self._clock.now()):
            with contextlib.suppress(LinkDown):  # then nobody knows the call any more, and it will be surveyed
                self._acting().write(actions.hang_up(attempt, f"{_HANG_UP}{attempt}"))

    async def survey(self) -> None:
        """Ask what the PBX has; the answer goes to the sink. Raises ``LinkDown`` or ``LinkLost``."""
        await self._look(self._link.session, final=True)

    def take_over(self) -> None:
        """Own the PBX from now on; ``OwnerTold`` says when. Raises :class:`LinkDown`."""
        session = self._link.session
        if self._lease is not None:
            self._leave()
            self._keeping = asyncio.create_task(self._keep(self._lease, session, take=True), name="ami-lease")

    @staticmethod
    async def _keep(lease: Lease, session: Session, *, take: bool = False) -> None:
        with contextlib.suppress(LinkDown, LinkBroke):
            if take:
                await lease.take_over(session)
            await lease.keep(session)

    def _leave(self) -> None:
        """The session is over, or looked after by somebody else from now on."""
        if self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None

    def _owned(self, ours: bool, sign: str) -> None:
        self._sink(OwnerTold(self._clock.now(), ours, sign.partition(" ")[2], sign=sign))

    def _acting(self) -> Session:
        """The session, for who places or ends calls. Raises :class:`LinkDown` without one, and for who only watches."""
        if self._lease is not None and not self._lease.ours:
            raise LinkDown(f"the dialer on {self._lease.machine} owns the PBX")
        return self._link.session

    async def _first_look(self, session: Session) -> None:
        await session.ready()
        if self._lease is not None:
            await self._lease.look(session)
            self._leave()
            self._keeping = asyncio.create_task(self._keep(self._lease, session), name="ami-lease")
        await self._look(session, final=False)

    async def _look(self, session: Session, *, final: bool) -> None:
        async with self._looking:
            at = self._clock.now()
            self._calls.forget_ends()
            found = await survey(session, self._config.prefix, at)
            # An Originate that the PBX has accepted but not yet turned into a channel is no less alive for that.
            young = (name for name in self._calls.under_way(at) if not is_test(name))
            calls = {name: LiveCall(name, CallProgress.DIALLED) for name in young} | found.calls
            for ended in self._calls.ends:
                calls.pop(ended, None)
            ends = tuple(event for mark in found.marks.values() for event in events_of(mark))
            self._strangers.update(found.strangers)
            look = LinkRestored(at, tuple(calls.values()), ends, found.started_at, final, strangers=found.strangers)
            self._sink(look)
            self._clear_journal(session, found.marks.keys() - found.calls.keys(), at)

    def _clear_journal(self, session: Session, over: Set[str], now: datetime) -> None:
        """Have the PBX forget ends that were told long enough ago; remember since when the others are told."""
        if self._lease is not None and not self._lease.ours:
            return
        keep = timedelta(seconds=self._config.journal_keep_s)
        told = {attempt: self._told.get(attempt, now) for attempt in over}
        old = {attempt for attempt, since in told.items() if since + keep <= now}
        for attempt in sorted(old):
            session.write(actions.forget(attempt, self._config.prefix, f"forget/{next(self._numbers)}"))
        self._told = {attempt: since for attempt, since in told.items() if attempt not in old}

    def _naming(self, sink: PbxSink) -> PbxSink:
        """A sink that messages reach with our name; they are made with the main PBX's, since that costs nothing."""
        return sink if self._name == MAIN_PBX else lambda message: sink(named(message, self._name))

    def _tell(self, event: CallEvent) -> None:
        (self._tests if is_test(event.attempt) else self._sink)(event)
        if is_test(event.attempt) and ends_test(event):
            self._phones.tested(event.attempt)

    def _message(self, fields: Fields) -> None:
        if fields.get("Event") == "DeviceStateChange":
            self._phones.take(fields)
            return
        now = self._clock.now()
        self._calls.take(translate(fields, now), now)
        if (found := stranger(fields, now)) is not None:
            log.warning("a call that is none of ours was answered", action="ami.stranger", channel=found.channel)
            self._strangers.add(found.channel)
            self._sink(found)
        if fields.get("Event") == "Hangup":
            self._stranger_gone(fields.get("Uniqueid", ""), now)
        elif fields.get("Event") == "Shutdown":
            log.warning("the PBX is shutting down", action="ami.shutdown", restart=fields.get("Restart", ""))
        elif fields.get("Response") == "Error":
            self._refused(fields)
        elif fields.get("Response") == "Success":
            self._calls.accepted(fields.get("ActionID", ""))

    def _stranger_gone(self, channel: str, now: datetime) -> None:
        if channel in self._strangers:
            self._strangers.discard(channel)
            if not self._strangers:
                self._sink(Stranger(channel, now, up=False))

    def _refused(self, fields: Fields) -> None:
        action_id, text = fields.get("ActionID", ""), fields.get("Message", "")
        if action_id.startswith(_HANG_UP) and text == "No such channel":
            attempt = action_id.removeprefix(_HANG_UP)
            asyncio.get_running_loop().call_later(_NO_CHANNEL_YET_S, self._hang_up_again, attempt)
        else:
            log.error("the PBX refuses an action", action="ami.refused", id=action_id, error=text)

    def _down(self, reason: str) -> None:
        self._leave()
        self._calls.close()
        self._phones.close()
        self._strangers.clear()
        lost = LinkLost(self._clock.now(), reason)
        self._sink(lost)
        self._tests(lost)
