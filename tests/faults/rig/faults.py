"""The faults of the rig by name; here are those of processes, of the line to the PBX and of the world around."""

from __future__ import annotations

import asyncio
import random
import time

from dialer.demo.client import ApiError
from dialer.demo.rig.carrier import OUTAGE
from dialer.demo.rig.process import PrivateAsterisk
from tests.faults.rig import faults_disk as disk
from tests.faults.rig.platform import Mood
from tests.faults.rig.scene import WAIT_S, Fault, Scene, last
from tests.kit.waiting import until

# -- processes -----------------------------------------------------------------------------------


async def dialer_killed(s: Scene, luck: random.Random) -> None:
    """kill -9 of the dialer, and a new one."""
    await s.dialer.kill()
    await last(luck, 0.0, 2.0)
    s.over_at = time.monotonic()
    await s.dialer.start(60)


async def dialer_killed_again_and_again(s: Scene, luck: random.Random) -> None:
    """It dies three times, also while it is still starting."""
    for _ in range(3):
        await s.dialer.kill()
        s.dialer.spawn()
        await last(luck, 0.05, 1.5)
    await s.dialer.kill()
    s.over_at = time.monotonic()
    await s.dialer.start(60)


async def office_killed(s: Scene, luck: random.Random) -> None:
    """kill -9 of the office's Asterisk, and a new one."""
    s.audit.office_died.append(time.time())
    await s.rig.office.kill()
    await last(luck, 0.0, 3.0)
    await s.rig.office.start(60)


async def office_stands_still(s: Scene, luck: random.Random) -> None:
    """SIGSTOP of the office's Asterisk."""
    s.audit.office_stood_still.append(await _frozen(s.rig.office, luck))


async def carrier_killed(s: Scene, luck: random.Random) -> None:
    """kill -9 of the carrier: every phone is dead at once, and its records of the calls that were up are lost."""
    s.audit.carrier_died.append(time.time())
    await s.rig.carrier.kill()
    await last(luck, 0.0, 3.0)
    await s.rig.carrier.start(60)


async def carrier_stands_still(s: Scene, luck: random.Random) -> None:
    """SIGSTOP of the carrier: dead silence on the trunk."""
    s.audit.carrier_stood_still.append(await _frozen(s.rig.carrier, luck))


async def _frozen(asterisk: PrivateAsterisk, luck: random.Random) -> tuple[float, float]:
    """From when until when (epoch seconds) it stood still, at the least."""
    asterisk.freeze()
    since = time.time()
    try:
        await last(luck, 2.0, 5.0)
    finally:
        until_then = time.time()
        asterisk.thaw()
    return since, until_then


# -- the line to the PBX -------------------------------------------------------------------------


async def line_cut(s: Scene, luck: random.Random) -> None:
    """The connection is reset, new ones are refused for a while."""
    s.line.cut()
    await last(luck, 0.0, 4.0)
    await s.line.mend()


async def line_stalled(s: Scene, luck: random.Random) -> None:
    """Nothing passes for a while; then all of it comes at once, late."""
    s.line.stall()
    try:
        await last(luck, 0.5, 6.0)
    finally:
        s.line.flow()


async def line_half_open(s: Scene, luck: random.Random) -> None:  # noqa: ARG001 - it lasts until it is noticed
    """What the PBX says is lost and what the dialer says is not, until the dialer notices and connects anew."""
    before = s.line.connections
    s.line.go_deaf()
    await until(lambda: bool(s.line.connections - before), "the dialer connects anew")


async def line_closed_on_one_side(s: Scene, luck: random.Random) -> None:  # noqa: ARG001 - likewise
    """The PBX's side is closed; what the dialer says would still go through."""
    before = s.line.connections
    s.line.half_close()
    await until(lambda: bool(s.line.connections - before), "the dialer connects anew")


async def line_cut_between_two_bytes(s: Scene, luck: random.Random) -> None:
    """The line breaks behind any byte of an action or an event."""
    s.line.cut_after(luck.randrange(1, 900), from_pbx=luck.random() < 0.5)
    await _broken_and_mended(s, luck)


async def line_cut_in_an_originate(s: Scene, luck: random.Random) -> None:
    """The line breaks at any byte of an Originate."""
    s.line.cut_at(1, luck.choice((luck.randrange(1, 250), luck.randrange(-60, 0), None)))
    await _broken_and_mended(s, luck)


async def _broken_and_mended(s: Scene, luck: random.Random) -> None:
    """The armed cut happens, or a plain one when too little passes; soon afterwards the line works again."""
    try:
        async with asyncio.timeout(WAIT_S):
            await s.line.broken.wait()
    except TimeoutError:
        s.line.cut()
    await last(luck, 0.0, 1.0)
    await s.line.mend()


# -- the outside world ---------------------------------------------------------------------------


async def trunk_refuses_all(s: Scene, luck: random.Random) -> None:
    """The carrier refuses every call."""
    await _refuse_calls(s, luck.choice((503, 500, 403)))
    try:
        await last(luck, 4.0, 8.0)
    finally:
        await _refuse_calls(s, "")


async def _refuse_calls(s: Scene, sip: int | str) -> None:
    """Every customer's number is refused with that SIP answer; "": the carrier is well again."""
    async with s.rig.carrier.control() as ami:
        await ami.action("Setvar", Variable=OUTAGE, Value=sip)


async def phone_never_answers(s: Scene, luck: random.Random) -> None:
    """An agent's phone rings and rings; the agent is paused, and comes back when the phone is mended.

    When no customer of theirs is due meanwhile, nothing happens.
    """
    number = luck.choice(sorted(s.people.agents))
    s.people.hands_off.add(number)
    try:
        await _phone(s, number, s.rig.dead_extension)
        ends = time.monotonic() + WAIT_S
        while time.monotonic() < ends and (await _presence(s, number)) != "paused":  # noqa: ASYNC110 - over HTTP
            await asyncio.sleep(0.3)
    finally:
        await _phone(s, number, s.people.agents[number])
        s.people.hands_off.discard(number)


async def _phone(s: Scene, agent: str, extension: str) -> None:
    body = {"extension": extension, "name": agent, "team": "一组"}
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                await s.client.send("PUT", f"agents/{agent}", body)
            except ApiError:
                await asyncio.sleep(0.5)
            else:
                return


async def _presence(s: Scene, agent: str) -> str:
    try:
        return str((await s.client.get(f"agents/{agent}/presence"))["presence"])
    except ApiError:
        return ""


async def platform_killed(s: Scene, luck: random.Random) -> None:
    """The info platform dies and comes back."""
    await s.platform.die()
    await last(luck, 1.0, 6.0)
    await s.platform.start()


def _platform_is(mood: Mood) -> Fault:
    async def platform_is(s: Scene, luck: random.Random) -> None:
        s.platform.mood = mood
        try:
            await last(luck, 3.0, 8.0)
        finally:
            s.platform.mood = Mood.WELL
        await s.people.resend_notices()

    return platform_is


FAULTS: dict[str, Fault] = {
    "dialer killed": dialer_killed,
    "dialer killed while starting": dialer_killed_again_and_again,
    "office Asterisk killed": office_killed,
    "office Asterisk stands still": office_stands_still,
    "carrier killed": carrier_killed,
    "carrier stands still": carrier_stands_still,
    "platform killed": platform_killed,
    "AMI line cut": line_cut,
    "AMI line stalled": line_stalled,
    "AMI line half open": line_half_open,
    "AMI line closed on one side": line_closed_on_one_side,
    "AMI line cut between two bytes": line_cut_between_two_bytes,
    "AMI line cut in an Originate": line_cut_in_an_originate,
    "database locked": disk.database_locked,
    "disk slow": disk.slow_disk,
    "disk full": disk.disk_full,
    "database made read-only": disk.database_read_only,
    "recording folder vanishes": disk.recordings_vanish,
    "clock an hour ahead and right again": disk.clock_forward,
    "clock an hour back and right again": disk.clock_back,
    "trunk refuses everything": trunk_refuses_all,
    "an agent's phone never answers": phone_never_answers,
    "platform slow": _platform_is(Mood.SLOW),
    "platform answers garbage": _platform_is(Mood.GARBAGE),
    "platform redirects": _platform_is(Mood.REDIRECTS),
    "platform does not acknowledge": _platform_is(Mood.SILENT),
    "platform broken (500)": _platform_is(Mood.BROKEN),
}
"""By the name in the report."""
