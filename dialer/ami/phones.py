"""The phones that are followed: asks for their states, and passes on what the PBX says of them later.

A device's state is asked with DEVICE_STATE, which needs no module beyond those that the dialplan needs; DeviceStateList
needs one that many leave out. FreePBX keeps an extension's do-not-disturb in a device of its own, ``Custom:DND8001``.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Callable, Iterable

import structlog

from dialer.ami.actions import is_device
from dialer.ami.protocol import Fields
from dialer.ami.session import Session
from dialer.ami.translate import PHONE_STATES
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.evidence import ANSWERED
from dialer.campaign.model.phone import PhoneState, phones_in
from dialer.errors import ActionRefused, PbxError

log = structlog.get_logger(__name__)

Tell = Callable[[str, PhoneState], None]
"""(device as it was asked for, its state)."""

_PUT_DOWN_S = 1.0
_LOCAL = re.compile(r"local/", re.IGNORECASE)


async def device_state(session: Session, device: str) -> PhoneState:
    """What the PBX says of a device. Raises ``LinkDown`` or ``LinkLost``."""
    if not is_device(device):  # several phones at once, or nothing that a function could take
        return PhoneState.UNSAID
    try:
        answer = await session.ask(("Action", "Getvar"), ("Variable", f"DEVICE_STATE({device})"))
    except ActionRefused:
        return PhoneState.UNSAID
    return PHONE_STATES.get(answer[0].get("Value", ""), PhoneState.UNSAID)


def do_not_disturb(device: str) -> str:
    """The device in which FreePBX keeps whether this phone is not to be disturbed."""
    return f"Custom:DND{next(iter(phones_in(device)))}"


def ends_test(event: CallEvent) -> bool:
    """Whether this is the last of a test call; one to a phone that is not there is only responded to."""
    over = event.progress in (CallProgress.HUNG_UP, CallProgress.REFUSED)
    return over or (event.progress is CallProgress.RESPONDED and event.reason != ANSWERED)


class Phones:
    """Those of one PBX. ``tell`` hears every state, that of a phone on which a test call of ours is at its end only."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._followed: dict[str, str] = {}  # device in small letters -> as it was asked for
        self._watched: dict[str, str] = {}  # the device of its do-not-disturb -> device
        self._states: dict[str, PhoneState] = {}
        self._heard: dict[str, int] = {}  # which piece of news was the last of a device
        self._news = itertools.count(1)
        self._tested: dict[str, str] = {}  # test call -> device
        self._asking: set[asyncio.Task[None]] = set()

    def follow(self, session: Session, devices: Iterable[str]) -> None:
        """Ask for these, in the background, and hear of them from now on."""
        wanted = list(devices)
        for device in wanted:
            self._followed[device.lower()] = device
            self._watched[do_not_disturb(device).lower()] = device
        task = asyncio.get_running_loop().create_task(self._ask_all(session, wanted), name="ami-phones")
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    def take(self, fields: Fields) -> None:
        """A DeviceStateChange."""
        name = fields.get("Device", "").lower()
        if name in self._followed or name in self._watched:
            self._heard[name] = next(self._news)
            self._states[name] = PHONE_STATES.get(fields.get("State", ""), PhoneState.UNSAID)
            self._say(self._followed.get(name) or self._watched[name])

    def testing(self, test: str, device: str, at_most_s: float) -> None:
        """A test call is about to ring this phone; what the phone does for it is nobody's business.

        A PBX that swallows the call never says that it is over: after ``at_most_s`` the phone is heard again.
        """
        self._tested[test] = device
        asyncio.get_running_loop().call_later(at_most_s, self._release, test)

    def tested(self, test: str) -> None:
        """It is over; the PBX puts the phone down in a moment."""
        asyncio.get_running_loop().call_later(_PUT_DOWN_S, self._release, test)

    def _release(self, test: str) -> None:
        device = self._tested.pop(test, None)
        if device is not None and device.lower() in self._followed:
            self._say(device)

    def close(self) -> None:
        """The link is gone."""
        for task in self._asking:
            task.cancel()
        for each in (self._followed, self._watched, self._states, self._heard, self._tested):
            each.clear()

    async def _ask_all(self, session: Session, devices: list[str]) -> None:
        asked = next(self._news)
        names = [name for device in devices for name in (device, do_not_disturb(device)) if not _LOCAL.match(name)]
        try:
            states = await asyncio.gather(*(device_state(session, name) for name in names))
        except PbxError as error:  # the link is lost, and asked again when it is back
            log.info("the phones' states are not known", action="ami.phones_unasked", error=str(error))
            return
        for name, state in zip(names, states, strict=True):
            if self._heard.get(name.lower(), 0) < asked:  # else what was heard meanwhile is newer
                self._states[name.lower()] = state
        for device in devices:
            self._say(device)

    def _say(self, device: str) -> None:
        if device in self._tested.values():
            return
        state = self._states.get(device.lower(), PhoneState.UNSAID)
        shut = self._states.get(do_not_disturb(device).lower(), PhoneState.UNSAID).in_use
        self._tell(device, PhoneState.DO_NOT_DISTURB if shut and state.able else state)
