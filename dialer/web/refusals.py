"""What this room refuses by itself: errors without the HTTP that answers them, which :mod:`dialer.web.errors` knows."""

from __future__ import annotations

from dialer.errors import DialerError, Refused


class Malformed(Refused):
    """The request cannot be read."""

    code = "malformed"


class NotAuthenticated(Refused):
    """This needs an API token: send it as 'Authorization: Bearer TOKEN'."""

    code = "not-authenticated"


class NotAllowed(Refused):
    """The token lacks the scope for this."""

    code = "not-allowed"


class TooManyTries(Refused):
    """Too many wrong passwords; wait before the next try."""

    code = "too-many-tries"

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many wrong passwords; try again in {max(1, round(wait_s / 60))} minutes")
        self.wait_s = wait_s


class TooSlow(Refused):
    """The request did not arrive in time."""

    code = "too-slow"


class TooLarge(Refused):
    """The request is too large."""

    code = "too-large"


class WrongMedia(Refused):
    """The body has a content type that is not taken here."""

    code = "wrong-media"


class NotYet(DialerError):
    """The dialer has not answered in time; it may still carry the request out. Look before you repeat it."""

    code = "not-yet"
