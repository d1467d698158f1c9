"""Every error that this project raises on purpose, as one tree.

The default message of an error is its docstring. A message for people says what is wrong, where,
and how to mend it. Errors of drivers (SQLite, sockets, audio files) are translated into these at
the adapter that talks to the driver; nothing further in knows which driver it was.
"""

from __future__ import annotations

import inspect
import secrets
from dataclasses import dataclass


class DialerError(Exception):
    """Something went wrong in the dialer."""

    code = "error"
    """Stable identifier for machines; never translated, never reused."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class Defect(DialerError):
    """The dialer has a defect; its log says more under the name ``defect``. Nothing was changed."""

    code = "internal"

    def __init__(self, defect: str) -> None:
        super().__init__(f"the dialer has a defect here; its log has the details under defect={defect}")
        self.defect = defect


def new_defect() -> str:
    """A name for a defect, for the log and for whoever met it."""
    return secrets.token_hex(4)


class SettingsError(DialerError):
    """The settings cannot be used."""

    code = "settings"


# -- what somebody asked for ---------------------------------------------------------------------


class Refused(DialerError):
    """The request cannot be carried out; nothing was changed."""

    code = "refused"


class BadInput(Refused):
    """The input is malformed."""

    code = "bad-input"


class NotFound(Refused):
    """There is no such thing."""

    code = "not-found"


class Conflict(Refused):
    """The request does not fit the present state."""

    code = "conflict"


class Busy(Refused):
    """Too much is waiting to be written just now; nothing was changed. Try again in a moment."""

    code = "busy"


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong with one row of a list.

    ``row`` is the line number a person sees in a spreadsheet (the header is row 1); ``column`` is
    the header as the file writes it, or "" when the whole row is meant.
    """

    row: int
    column: str
    value: str
    reason: str


class ListRefused(BadInput):
    """The list has bad rows and was not taken."""

    code = "list-refused"

    def __init__(self, message: str, problems: tuple[RowProblem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


# -- the PBX -------------------------------------------------------------------------------------


class PbxError(DialerError):
    """The PBX could not be used."""

    code = "pbx"


class LinkDown(PbxError):
    """There is no link to the PBX. The action surely did not leave."""

    code = "link-down"


class LinkLost(PbxError):
    """The link broke while an action was under way. Nobody can say whether the PBX saw it."""

    code = "link-lost"


class LoginRefused(PbxError):
    """The PBX refuses our AMI user or its secret."""

    code = "login-refused"


class ActionRefused(PbxError):
    """The PBX answered an action with an error."""

    code = "action-refused"


# -- the store -----------------------------------------------------------------------------------


class StoreError(DialerError):
    """The database could not be used."""

    code = "store"


class StoreUnavailable(StoreError):
    """The database cannot be written just now (locked, disk full, read-only). Trying again may help."""

    code = "store-unavailable"


class StoreOutdated(StoreError):
    """The database is of an older version; starting the dialer brings it up to date."""

    code = "store-outdated"


class StoreOwned(StoreError):
    """Another dialer works on this database. ``passing``: a command, which is over by itself."""

    code = "store-owned"

    def __init__(self, message: str | None = None, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


class GuardFailed(StoreError):
    """The database refused a change that the rules should never have made. This is a defect."""

    code = "guard-failed"


# -- recordings and notices ----------------------------------------------------------------------


class RecordingError(DialerError):
    """A recording could not be read or taken in."""

    code = "recording"


class RecordingTooLong(RecordingError):
    """A recording is longer than the settings allow, or than a WAV can hold."""


class DeliveryFailed(DialerError):
    """The receiving side did not acknowledge a notice. ``status`` is what it answered, None when it did not."""

    code = "delivery-failed"

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after_s: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.permanent = permanent
        self.retry_after_s = retry_after_s
