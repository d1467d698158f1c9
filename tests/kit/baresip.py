"""A phone of another make in the rig's office: Debian's baresip, which answers by itself and is told what to do."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
from pathlib import Path
from typing import Any, Self

from dialer.demo.rig.rig import Rig

PROGRAM = shutil.which("baresip") or ""
"""Where it is; "" where it is not installed (requirements/phone.sh brings it)."""

_DEADLINE_S = 30.0
_CONFIG = """poll_method epoll
sip_listen 127.0.0.1:{sip}
ctrl_tcp_listen 127.0.0.1:{control}
net_interface 127.0.0.1
call_max_calls 4
audio_source ausine,440
ausrc_srate 48000
ausrc_channels 2
audio_player aubridge,nil
audio_alert aubridge,nil
module_path /usr/lib/baresip/modules
module g711.so
module g722.so
module ausine.so
module aubridge.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
"""
_ACCOUNT = "<sip:{number}@{host}:{port}>;auth_pass=none;answermode=auto;regint=60;audio_codecs={codecs}\n"


class Baresip:
    """``async with`` it: one of the rig's ``desk_extensions``, registered. ``events`` is what it said, in order."""

    def __init__(
        self, rig: Rig, extension: str, folder: Path, codecs: str = "g722/16000/1,pcma/8000/1,pcmu/8000/1"
    ) -> None:
        self.events: list[dict[str, Any]] = []
        self._folder = folder
        self._ports = [_free_port(kind) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
        host, port = rig.office_sip
        sip, control = self._ports
        folder.mkdir(parents=True)
        (folder / "config").write_text(_CONFIG.format(sip=sip, control=control), encoding="ascii")
        number = extension.partition("/")[2]
        account = _ACCOUNT.format(number=number, host=host, port=port, codecs=codecs)
        (folder / "accounts").write_text(account, encoding="ascii")
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._news = asyncio.Condition()

    async def __aenter__(self) -> Self:
        with (self._folder / "log").open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                PROGRAM, "-f", str(self._folder), stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._listening = asyncio.create_task(self._listen(await self._reached(self._process)), name="baresip")
        return self

    async def _reached(self, process: asyncio.subprocess.Process) -> asyncio.StreamReader:
        """Its control port, as soon as it is open."""
        async with asyncio.timeout(_DEADLINE_S):
            while True:
                try:
                    reader, self._writer = await asyncio.open_connection("127.0.0.1", self._ports[1])
                except ConnectionRefusedError:
                    assert process.returncode is None, (self._folder / "log").read_text("utf-8")
                    await asyncio.sleep(0.02)
                else:
                    return reader

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        if self._listening is not None:
            self._listening.cancel()
        if self._writer is not None:
            self._writer.close()
        self._process.terminate()
        await asyncio.wait_for(self._process.wait(), _DEADLINE_S)

    def tell(self, command: str, params: str = "") -> None:
        """Have it do something, as a person at its keyboard would: ``hangup``, ``transfer``, ``hold``, ``resume``."""
        assert self._writer is not None
        said = json.dumps({"command": command, "params": params})
        self._writer.write(f"{len(said)}:{said},".encode())

    async def said(self, kind: str, count: int = 1) -> dict[str, Any]:
        """The ``count``-th event of this kind, once it has come."""

        def found() -> list[dict[str, Any]]:
            return [each for each in self.events if each.get("type") == kind]

        async with asyncio.timeout(_DEADLINE_S), self._news:
            await self._news.wait_for(lambda: len(found()) >= count)
        return found()[count - 1]

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while size := await reader.readuntil(b":"):
            said = await reader.readexactly(int(size[:-1]) + 1)
            async with self._news:
                self.events.append(json.loads(said[:-1]))
                self._news.notify_all()


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
