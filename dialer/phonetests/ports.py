"""The PBX as a test call needs it."""

from __future__ import annotations

from typing import Protocol

from dialer.campaign.model.phone import PhoneState
from dialer.campaign.ports import PbxSink


class PhoneTester(Protocol):
    """A PBX that rings one phone for a test. Nothing of it is told to the sink of :class:`Pbx`."""

    def hear_tests(self, sink: PbxSink) -> None:
        """Tell ``sink`` what becomes of test calls, as CallEvents under their ids, and each ``LinkLost``.

        ANSWERED: picked up; CONNECTED: the tones are being played.
        """

    async def phone(self, extension: str) -> PhoneState:
        """What is known of a phone without ringing it. Raises ``LinkDown`` or ``LinkLost``."""

    async def ring(self, test: str, extension: str, timeout_s: float) -> None:
        """Ring it, once; when it is picked up, play some tones and hang up.

        Raises ``LinkDown`` when the call surely was not placed, and ``BadInput`` for a dial string that cannot be sent.
        """

    async def hang_up(self, attempt: str) -> None:
        """End the test call of this id; nothing happens when there is none. Raises ``LinkDown``."""
