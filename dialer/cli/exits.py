"""The exit codes of the commands, and which error is which."""

from __future__ import annotations

from enum import IntEnum

from dialer.errors import Busy, DialerError, GuardFailed, PbxError, Refused, SettingsError, StoreError


class Exit(IntEnum):
    """What a script can tell from a command's end."""

    OK = 0  # done; all is well
    NO = 1  # the answer is no: refused, a bad list, findings, a failed check
    USAGE = 2  # the command line or the settings are wrong
    UNREACHABLE = 3  # the service, its database or the PBX cannot be reached
    FAILED = 4  # something went wrong that should not


class ServiceUnreachable(DialerError):
    """The running service cannot be reached."""

    code = "service-unreachable"


def exit_of(error: DialerError) -> Exit:
    """The exit code for an error."""
    match error:
        case SettingsError():
            return Exit.USAGE
        case GuardFailed():
            return Exit.FAILED
        case ServiceUnreachable() | StoreError() | PbxError() | Busy():
            return Exit.UNREACHABLE
        case Refused():
            return Exit.NO
        case _:
            return Exit.FAILED
