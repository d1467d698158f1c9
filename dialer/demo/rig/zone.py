"""A time zone for one process alone.

Asterisk reads the zone of its machine from /etc/localtime, whatever TZ says; so does libc unless TZ is set. So the
process gets an /etc of its own, the machine's with another localtime laid over it, in a mount namespace that nobody
else sees and that ends with it.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from dialer.demo.rig.build import RigError

ZONES = Path("/usr/share/zoneinfo")
_OVER = 'mount -t overlay -o "lowerdir=$0:/etc" overlay /etc && exec "$@"'


def in_zone(zone: str, folder: Path) -> tuple[str, ...]:
    """A prefix that runs a command as on a machine in ``zone``, with the same process id; it needs ``folder`` for that.

    Empty where this machine lets us have no namespace of our own (most containers): then its zone is the command's.
    Raises RigError for a zone that the machine does not know.
    """
    if not (ZONES / zone).is_file():
        raise RigError(f"There is no time zone {zone} in {ZONES}.")
    folder.mkdir(parents=True, exist_ok=True)
    localtime = folder / "localtime"
    localtime.unlink(missing_ok=True)
    localtime.symlink_to(ZONES / zone)
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    lower = str(folder).replace("\\", "\\\\").replace(":", "\\:")
    prefix = ("unshare", *user, "--mount", "--", "sh", "-c", _OVER, lower)
    try:
        tried = subprocess.run(
            [*prefix, "true"], stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False
        )
    except FileNotFoundError:
        return ()
    return prefix if tried.returncode == 0 else ()
