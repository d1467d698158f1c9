"""Office and carrier together, with free ports on 127.0.0.1 and everything in one folder."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from dialer.ami import pbxconfig
from dialer.demo.rig import carrier, office
from dialer.demo.rig.build import AsteriskBuild, RigError
from dialer.demo.rig.carrier import RigSpeed
from dialer.demo.rig.control import AmiControl
from dialer.demo.rig.process import PrivateAsterisk

ANNOUNCEMENT = "im-sorry&please-try-call-later"
AGENT_TIMEOUT_S = 3
ZONE = "Asia/Shanghai"
"""Where the office is: neither in UTC nor, in the tests, in the department's own zone."""

_MANAGER_GENERAL = """[general]
enabled = yes
bindaddr = 127.0.0.1
port = {port}
timestampevents = yes
[rig]
secret = {secret}
permit = 127.0.0.1/255.255.255.255
read = all
write = all
writetimeout = 5000
"""


@dataclass(frozen=True, slots=True)
class AmiAccess:
    """Where and as whom the dialer logs in."""

    host: str
    port: int
    username: str
    secret: str


@dataclass(frozen=True, slots=True)
class RecordingFolders:
    """Where the office's recordings grow, and where they are moved when complete."""

    spool: Path
    done: Path

    @classmethod
    def under(cls, folder: Path) -> RecordingFolders:
        """Those of a rig in that folder; known before it starts."""
        return cls(folder / "recordings/spool", folder / "recordings/done")


class Rig:
    """`async with Rig(folder, build) as rig`: both PBXs are up inside, and gone after it.

    `dialplan` and `manager` are what the office gets for the dialer, as `pbxconfig.dialplan()` and
    `pbxconfig.manager_user()` make them; by default the rig makes them itself, with recordings in
    `RecordingFolders.under(folder)`. `zone` is the office's time zone (see `zone.py`); the carrier has this machine's.
    Raises RigError when a PBX does not come up.
    """

    def __init__(
        self,
        folder: Path,
        build: AsteriskBuild,
        *,
        phones: int = 12,
        speed: RigSpeed | None = None,
        dialplan: str | None = None,
        manager: str | None = None,
        zone: str = ZONE,
    ) -> None:
        if not 1 <= phones <= carrier.MOST_PHONES:
            raise RigError(f"The rig has room for 1 to {carrier.MOST_PHONES} phones, not {phones}.")
        self.folder = folder.absolute()
        self.build = build
        self.speed = speed or RigSpeed()
        self.recordings = RecordingFolders.under(self.folder)
        self.trunk_templates = {"direct": "PJSIP/{number}@carrier", "local": "Local/{number}@from-internal/n"}
        self.extensions = [f"PJSIP/{number}" for number in office.phone_numbers(phones)]
        self.dead_extension = f"PJSIP/{carrier.DEAD_PHONE}"
        """Rings and is never answered."""
        self.declining_extension = f"PJSIP/{carrier.DECLINING_PHONE}"
        """Declines every call at once."""
        self.forwarding_extension = f"PJSIP/{carrier.FORWARDING_PHONE}"
        """Answers 302: forwards every call to the first phone."""
        self.transferring_extension = f"PJSIP/{carrier.TRANSFERRING_PHONE}"
        """Picks up and hands the customer on to the first phone."""
        self.twice_extension = f"PJSIP/{carrier.TWICE_PHONE}"
        """The same to the transferring phone."""
        self.returned_extension = f"PJSIP/{carrier.RETURNED_PHONE}"
        """The same to the phone that nobody answers, from where the office sends the customer back."""
        self.consulting_extension = f"PJSIP/{carrier.CONSULTING_PHONE}"
        """Asks the first phone before it hands the customer on."""

        self.desk_extensions = [f"PJSIP/{number}" for number in office.DESK_PHONES]
        """Of phones that register at `office_sip`; nobody is there by himself."""
        self.silent_extension = f"PJSIP/{office.LISTENED_TO}"
        """Another one; two seconds of silence from it end its call."""

        dialplan = dialplan or pbxconfig.dialplan(
            str(self.recordings.spool), str(self.recordings.done), AGENT_TIMEOUT_S, ANNOUNCEMENT
        )
        manager = manager or pbxconfig.manager_user("dialer", secrets.token_hex(12), "127.0.0.1/255.255.255.255")
        office_ami, carrier_ami = _free_ports(2, socket.SOCK_STREAM)
        office_sip, carrier_sip = _free_ports(2, socket.SOCK_DGRAM)
        self.office_sip = "127.0.0.1", office_sip
        # Two ranges that no other rig is likely to use; Asterisk passes over ports that are taken.
        rtp = random.randrange(34, 60) * 1000
        self.ami = _access(manager, office_ami)
        office_files = {
            "extensions.conf": office.extensions_conf(dialplan),
            "pjsip.conf": office.pjsip_conf(office_sip, carrier_sip, phones),
            "cdr.conf": office.cdr_conf(),
        }
        carrier_files = {
            "extensions.conf": carrier.extensions_conf(self.speed, office_sip),
            "pjsip.conf": carrier.pjsip_conf(carrier_sip, office_sip),
            **carrier.cdr_files(),
        }
        self.office = self._pbx("office", office_files, ("cdr_csv",), office_ami, rtp, manager, zone)
        # Later releases split the first of its modules from the second.
        modules = ("res_cdrel_custom", "cdr_custom", "app_transfer", "app_originate")
        self.carrier = self._pbx("carrier", carrier_files, modules, carrier_ami, rtp + 1000)
        self.office_cdr = self.office.folder / "log/cdr-csv/Master.csv"
        self.carrier_cdr = self.carrier.folder / "log/cdr-custom/carrier.csv"

    def _pbx(
        self,
        name: str,
        files: Mapping[str, str],
        modules: Sequence[str],
        port: int,
        rtp: int,
        manager: str = "",
        zone: str = "",
    ) -> PrivateAsterisk:
        """One of the two, with a manager interface on `port` and a thousand ports for voice from `rtp` on."""
        secret = secrets.token_hex(12)
        common = {
            "manager.conf": _MANAGER_GENERAL.format(port=port, secret=secret) + manager,
            "rtp.conf": f"[general]\nrtpstart = {rtp}\nrtpend = {rtp + 999}\n",
        }
        control = partial(AmiControl, port, "rig", secret)
        everything = {**files, **common}
        return PrivateAsterisk(
            name, self.folder / name, self.build, files=everything, modules=modules, control=control, zone=zone
        )

    async def __aenter__(self) -> Self:
        for folder in (self.recordings.spool, self.recordings.done):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o2770)
        carrier.begin_records(self.carrier.folder)
        try:
            await asyncio.gather(self.carrier.start(), self.office.start())
        except BaseException:
            await self._kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        # The office first: the carrier then sees every call end and writes its records.
        try:
            await self.office.stop()
            await self.carrier.stop()
        finally:
            await self._kill()

    async def _kill(self) -> None:
        await self.office.kill()
        await self.carrier.kill()


def _access(manager: str, port: int) -> AmiAccess:
    """Name and secret of the first user in a piece of manager.conf."""
    name = re.search(r"^\[([^\]]+)\]", manager, re.MULTILINE)
    secret = re.search(r"^secret\s*=\s*(\S+)", manager, re.MULTILINE)
    if not name or not secret:
        raise RigError("The AMI user given to the rig has no [name] or no secret line.")
    return AmiAccess("127.0.0.1", port, name[1], secret[1])


def _free_ports(count: int, kind: socket.SocketKind) -> list[int]:
    """Ports that nobody has just now; below the range from which the system gives ports to outgoing connections."""
    found: list[int] = []
    for port in random.sample(range(18_000, 32_000), 400):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RigError("There is no free port between 18000 and 32000 on 127.0.0.1.")
