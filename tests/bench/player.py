"""A PBX that plays captured bytes: it answers what a client asks at the login, and at a word sends all it has."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_GREETING = b"Asterisk Call Manager/11.0.0\r\n"
_BOOTED = b"Event: FullyBooted\r\nUptime: 5\r\nStatus: Fully Booted\r\n\r\n"
_LISTS = (b"CoreShowChannels", b"DBGetTree")


class Player:
    """Serves one client at a time, in a thread, so that the client's loop has nothing to do with the sending."""

    def __init__(self, traffic: bytes) -> None:
        self._traffic = traffic
        self._go = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]

    def play(self) -> None:
        """Send everything now."""
        self._go.set()

    def serve(self) -> None:
        """One client, until it goes."""
        client, _ = self._listening.accept()
        with client, self._listening:
            threading.Thread(target=self._send, args=(client,), daemon=True, name="player").start()
            client.sendall(_GREETING)
            rest = b""
            while data := _received(client):
                *actions, rest = (rest + data).split(b"\r\n\r\n")
                for action in actions:
                    client.sendall(_answer(action))

    def _send(self, client: socket.socket) -> None:
        self._go.wait()
        try:
            client.sendall(self._traffic)
        except OSError:
            return  # the client has heard enough


def _received(client: socket.socket) -> bytes:
    try:
        return client.recv(65536)
    except OSError:
        return b""


def _answer(action: bytes) -> bytes:
    headers = dict(line.partition(b": ")[::2] for line in action.split(b"\r\n"))
    name, own = headers.get(b"Action", b""), b"ActionID: " + headers.get(b"ActionID", b"") + b"\r\n"
    if name == b"Login":
        return b"Response: Success\r\n" + own + b"Message: Authentication accepted\r\n\r\n" + _BOOTED
    if name in _LISTS:
        start = b"Response: Success\r\n" + own + b"EventList: start\r\nMessage: Result will follow\r\n\r\n"
        return start + b"Event: Complete\r\n" + own + b"EventList: Complete\r\n\r\n"
    return b"Response: Success\r\n" + own + b"\r\n"


@contextmanager
def playing(traffic: bytes) -> Iterator[Player]:
    """A player that waits for its client."""
    player = Player(traffic)
    thread = threading.Thread(target=player.serve, daemon=True, name="player-actions")
    thread.start()
    yield player
