"""What the web refuses by itself: errors without their HTTP status, which :mod:`dialer.web.kit.http.errors` knows."""

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


class TooSlow(Refused):
    """The request did not arrive in time."""

    code = "too-slow"


class TooLarge(Refused):
    """The request is too large."""

    code = "too-large"


class TooMuch(Refused):
    """You have too much of this under way at the same time; wait until some of it is done, then try again."""

    code = "too-much-at-once"


class WrongMedia(Refused):
    """The body has a content type that is not taken here."""

    code = "wrong-media"


class NotYet(DialerError):
    """The dialer has not answered in time; it may still carry the request out. Look before you repeat it."""

    code = "not-yet"
