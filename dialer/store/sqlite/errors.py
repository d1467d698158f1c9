"""What SQLite's errors mean."""

from __future__ import annotations

from dialer.errors import GuardFailed, StoreError, StoreUnavailable

# https://www.sqlite.org/rescode.html, primary codes: the low byte.
_BUSY, _LOCKED, _CORRUPT, _NOT_A_DATABASE = 5, 6, 11, 26
_TRYING_AGAIN_MAY_HELP = {
    _BUSY: "another program is writing to it: end that program",
    _LOCKED: "another program is writing to it: end that program",
    7: "there is not enough memory",
    8: "it cannot be written: check the owner and the rights of the file and its folder",
    9: "the work was interrupted",
    10: "the disk failed to read or write: check the disk and the system's log",
    13: "the disk is full: make room",
    14: "it cannot be opened: check the owner and the rights of the file and its folder",
}
_GUARDS = {
    18: "a value is too big",
    19: "a constraint refused it",
    20: "a value is of the wrong type",
    25: "a value is out of range",
}


def translate(error: BaseException | None, doing: str) -> StoreError:
    """What a driver's error means: try again later, a guard held, or neither."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary in _TRYING_AGAIN_MAY_HELP:
        return StoreUnavailable(f"{doing}: {_TRYING_AGAIN_MAY_HELP[primary]} ({error})")
    if primary in _GUARDS:
        return GuardFailed(f"{doing}: {_GUARDS[primary]} ({error})")
    if primary in (_CORRUPT, _NOT_A_DATABASE):
        return StoreError(f"{doing}: the file is damaged or not a database: restore a backup ({error})")
    return StoreError(f"{doing}: {error}")
