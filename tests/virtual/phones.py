"""The office's phones as a test call meets them: part of the simulated PBX, on its time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dialer.campaign.messages import CallEvent, CallProgress, PhoneTold
from dialer.campaign.model.phone import PhoneState
from dialer.errors import LinkDown

_RING_AFTER = timedelta(seconds=0.1)
_PICKED_UP_AFTER = timedelta(seconds=0.3)
_TONES_AFTER = timedelta(milliseconds=1)


class Office(Protocol):
    """What the phones need of the PBX that they hang on."""

    linked: bool
    dead_phones: set[str]
    declining_phones: set[str]

    def is_up(self, agent: str) -> PhoneState | None:
        """How a customer's call occupies this phone."""
        ...


@dataclass(slots=True)
class Outage:
    """While it lasted a phone could not be called; ``until`` is None while it does."""

    device: str
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class _Test:
    name: str
    up: bool = False


class SimulatedPhones:
    """Says of a test call what Asterisk was measured to say. Nothing of it is in the carrier's records."""

    def __init__(
        self,
        office: Office,
        at: Callable[[datetime, Callable[[datetime], None]], None],
        say: Callable[[CallEvent], None],
        tell: Callable[[PhoneTold], None],
    ) -> None:
        self.unknown: set[str] = set()
        self.unable: dict[str, PhoneState] = {}
        """Phones that are away, on a private call, or not to be disturbed."""
        self.outages: list[Outage] = []
        self.tones = True  # whether the dialplan has the tones
        self.tones_s = 2.5
        self._office = office
        self._at = at
        self._say = say
        self._tell = tell
        self._followed: set[str] = set()
        self._live: dict[str, _Test] = {}

    def state(self, extension: str) -> PhoneState:
        """What the PBX knows of a phone. Raises ``LinkDown``."""
        self._linked()
        return self._seen(extension)

    def _seen(self, extension: str) -> PhoneState:
        if extension in self.unknown:
            return PhoneState.UNKNOWN
        if extension.startswith("Local/"):
            return PhoneState.UNSAID
        return self.unable.get(extension) or self._office.is_up(extension) or PhoneState.FREE

    def follow(self, devices: Sequence[str], now: datetime) -> None:
        """Say how these are, and whatever becomes of them. Raises ``LinkDown``."""
        self._linked()
        self._followed.update(devices)
        for device in devices:
            self.changed(device, now)

    def forget(self) -> None:
        """The link is gone: nobody follows any more."""
        self._followed.clear()

    def changed(self, device: str, now: datetime) -> None:
        """Say how it is, to those who follow it."""
        if device in self._followed:
            self._tell(PhoneTold(now, device, self._seen(device)))

    def put(self, device: str, state: PhoneState, now: datetime) -> None:
        """It goes away, is picked up for a private call, is shut; FREE: that is over."""
        for outage in self.outages:
            if outage.device == device and outage.until is None:
                outage.until = now
        if state is PhoneState.FREE:
            self.unable.pop(device, None)
        else:
            self.unable[device] = state
            self.outages.append(Outage(device, now))
        self.changed(device, now)

    def missed_as(self, device: str) -> str | None:
        """DialStatus of a customer's call to it; None when it is picked up."""
        if device in self._office.dead_phones or self.unable.get(device, PhoneState.FREE).in_use:
            return "NOANSWER"
        if device in self._office.declining_phones:
            return "BUSY"
        return "CHANUNAVAIL" if device in self.unable or device in self.unknown else None

    def ring(self, test: str, extension: str, timeout_s: float, now: datetime) -> None:
        """Ring it. Raises ``LinkDown``."""
        self._linked()
        if extension in self.unknown:
            self._say(CallEvent(test, CallProgress.RESPONDED, now, reason=0))
            return
        live = self._live[test] = _Test(test)
        self._at(now + _RING_AFTER, lambda at: self._ring(live, at))
        if extension in self._office.declining_phones:
            self._at(now + _PICKED_UP_AFTER, lambda at: self._end(live, at, 17, 486, 0))
        elif extension in self._office.dead_phones:
            self._at(now + timedelta(seconds=timeout_s), lambda at: self._end(live, at, 19, 480, 3))
        else:
            self._at(now + _PICKED_UP_AFTER, lambda at: self._answer(live, at))

    def hang_up(self, test: str, now: datetime) -> None:
        """End it, if it lasts. Raises ``LinkDown``."""
        self._linked()
        if (live := self._live.get(test)) is not None:
            self._end(live, now, 16, 200 if live.up else None, 0)

    def crash(self) -> None:
        """The PBX dies, and every call on it."""
        self._live.clear()

    def _linked(self) -> None:
        if not self._office.linked:
            raise LinkDown

    def _ring(self, live: _Test, at: datetime) -> None:
        if live.name in self._live and not live.up:
            self._say(CallEvent(live.name, CallProgress.RINGING, at))

    def _answer(self, live: _Test, at: datetime) -> None:
        if live.name not in self._live:
            return
        live.up = True
        self._say(CallEvent(live.name, CallProgress.ANSWERED, at))
        self._say(CallEvent(live.name, CallProgress.RESPONDED, at, reason=4))
        if self.tones:
            self._at(at + _TONES_AFTER, lambda when: self._play(live, when))
            self._at(at + timedelta(seconds=self.tones_s), lambda when: self._end(live, when, 16, 200, 4))
        else:
            self._end(live, at, 16, 200, 4)

    def _play(self, live: _Test, at: datetime) -> None:
        if live.name in self._live:
            self._say(CallEvent(live.name, CallProgress.CONNECTED, at))

    def _end(self, live: _Test, at: datetime, cause: int, sip: int | None, reason: int) -> None:
        if self._live.pop(live.name, None) is None:
            return
        self._say(CallEvent(live.name, CallProgress.HUNG_UP, at, cause=cause, sip=sip))
        if not live.up:
            self._say(CallEvent(live.name, CallProgress.RESPONDED, at, reason=reason))
