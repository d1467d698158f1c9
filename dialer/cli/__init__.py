"""The command line: `dialer`.

Exit codes: 0 done; 1 the answer is no (refused, bad rows, findings, a failed check); 2 command line or settings are
wrong; 3 service, database or PBX cannot be reached; 4 something else failed.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and end the process with its exit code."""
    gc.disable()  # what is imported stays; the collector would walk through it again and again
    from dialer.cli.commandline import run, the_command

    command, given = the_command(arguments)
    gc.freeze()
    gc.enable()
    run(command, given)
