"""What systemd is told of a unit with ``Type=notify`` (sd_notify(3)): that it waits, is ready, stops."""

from __future__ import annotations

import os
import socket

import structlog

log = structlog.get_logger(__name__)

READY, STOPPING = "READY=1", "STOPPING=1"


def tell(state: str) -> None:
    """Send one assignment or several lines of them; nothing happens where no systemd listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = f"\0{address[1:]}"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.sendto(state.encode(), address)
    except OSError as error:
        log.warning("systemd does not hear", action="app.notify_failed", state=state, error=str(error))
