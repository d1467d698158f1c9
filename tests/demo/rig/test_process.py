"""The rig's processes: broken on purpose, mended, and gone at the end."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dialer.demo.rig.build import AsteriskBuild, RigError
from dialer.demo.rig.carrier import MOST_PHONES
from dialer.demo.rig.rig import ZONE, RecordingFolders, Rig
from dialer.demo.rig.zone import in_zone
from tests.demo.rig.calls import carrier_rows, dialer_session, fresh_number, journal, place, user_event
from tests.kit.settings import zone_at

pytestmark = pytest.mark.pbx


def processes_in(folder: Path) -> list[str]:
    """Command lines of all processes that name the folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended while we looked
        if str(folder) in command:
            found.append(command)
    return found


async def test_nothing_is_left_behind(asterisk_build: AsteriskBuild, tmp_path: Path) -> None:
    """After the rig no process, no port and no call is left, even if a call was up."""
    async with Rig(tmp_path, asterisk_build, phones=1) as own:
        number = fresh_number("79")
        async with dialer_session(own) as ami:
            attempt = await place(ami, own, number)
            await user_event(ami, "DialerConnected", attempt)
        assert len(processes_in(tmp_path)) == 2
    assert processes_in(tmp_path) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", own.ami.port)) != 0
    (row,) = await carrier_rows(own.carrier_cdr, number)
    assert row["disposition"] == "ANSWERED"
    assert number in own.office_cdr.read_text()


async def test_a_failing_start_leaves_nothing_and_says_why(asterisk_build: AsteriskBuild, tmp_path: Path) -> None:
    """A configuration with which Asterisk does not come up ends in an error with its last words."""
    rig = Rig(tmp_path, asterisk_build, phones=1)
    rig.office.folder.mkdir(parents=True)
    (rig.office.folder / "lib").write_text("a file where a folder must be")
    with pytest.raises((RigError, OSError)):
        await rig.__aenter__()
    assert processes_in(tmp_path) == []


async def test_the_office_lives_in_a_zone_of_its_own(rig: Rig) -> None:
    """Its machine is neither on UTC nor in the zone of a test's department, so that no test takes one for another."""
    async with rig.office.control() as ami:
        there = (await ami.action("Getvar", Variable="STRFTIME(,,%z %s)"))["Value"]
        utc = (await ami.action("Getvar", Variable="STRFTIME(,UTC,%H:%M)"))["Value"]
        now = datetime.fromtimestamp(float((await ami.action("Ping"))["Timestamp"]), UTC)
    if not in_zone(ZONE, rig.folder / "tried"):
        pytest.skip("this machine lets no process have a zone of its own")
    assert there == f"+0800 {int(now.timestamp())}"
    assert utc == f"{now:%H:%M}"
    offsets = {now.astimezone(ZoneInfo(zone_at(hour))).utcoffset() for hour in range(24)}
    assert timedelta(hours=8) not in offsets
    assert len(offsets) == 23


def test_an_unknown_zone_is_refused(tmp_path: Path) -> None:
    """By name."""
    with pytest.raises(RigError, match="Asia/Nowhere"):
        in_zone("Asia/Nowhere", tmp_path)


async def test_own_dialplan_and_user(asterisk_build: AsteriskBuild, tmp_path: Path) -> None:
    """The office takes the dialplan and the AMI user that it is given; a very long folder name does no harm."""
    folder = tmp_path / ("a-long-name-" * 8)
    assert RecordingFolders.under(folder).done == folder / "recordings/done"
    async with Rig(
        folder,
        asterisk_build,
        phones=1,
        dialplan="[elsewhere]\nexten => s,1,NoOp()\n",
        manager="[robot]\nsecret = beep-beep\nread = call\nwrite = reporting\n",
    ) as own:
        assert (own.ami.username, own.ami.secret) == ("robot", "beep-beep")
        async with dialer_session(own) as ami:
            answer = await ami.action("Getvar", Variable="DIALPLAN_EXISTS(elsewhere,s,1)")
            refused = await ami.action("Originate", Channel="Local/s@elsewhere", Application="NoOp", Async="true")
    assert answer["Value"] == "1"
    assert refused["Message"] == "Permission denied"


async def test_the_journal_survives_a_killed_pbx(quiet_rig: Rig) -> None:
    """How a call ended, and that one was answered, is still there after kill -9, but for the last second."""
    rig = quiet_rig
    async with dialer_session(rig) as ami:
        over = await place(ami, rig, fresh_number("61"))
        await user_event(ami, "DialerEnded", over)
        running = await place(ami, rig, fresh_number("79"))
        answered = await user_event(ami, "DialerAnswered", running)
        await asyncio.sleep(max(0.0, float(answered["Timestamp"]) + 1.6 - time.time()))  # written once a second
        await rig.office.kill()
    assert not rig.office.running
    await rig.office.start()
    async with dialer_session(rig) as ami:
        ended, cut = await journal(ami, over), await journal(ami, running)
        assert await ami.listed("CoreShowChannels") == []
    assert ended is not None
    assert ended["cause"] == "17"
    assert cut is not None
    assert {"answered", "connected"} <= set(cut)
    assert "end" not in cut


async def test_a_restarted_carrier_remembers_its_numbers(quiet_rig: Rig) -> None:
    """The count of calls to a number outlives a restart of the carrier, and so do its records."""
    rig = quiet_rig
    number = fresh_number("83")
    async with dialer_session(rig) as ami:
        first = await user_event(ami, "DialerEnded", await place(ami, rig, number))
        await rig.carrier.stop()
        await rig.carrier.start()
        second = await user_event(ami, "DialerEnded", await place(ami, rig, number))
    assert (first["Tech"], second["Tech"]) == ("SIP 486 Busy Here", "SIP 200 OK")
    assert [row["disposition"] for row in await carrier_rows(rig.carrier_cdr, number, 2)] == ["BUSY", "ANSWERED"]


async def test_a_frozen_carrier_gives_no_sign_of_life(quiet_rig: Rig) -> None:
    """A silent trunk looks like no answer, but with no SIP status at all; after the thaw calls go through again."""
    rig = quiet_rig
    rig.carrier.freeze()
    async with dialer_session(rig) as ami:
        event = await user_event(ami, "DialerEnded", await place(ami, rig, fresh_number("61"), timeout_ms=600))
        assert (event["Cause"], event["State"], event["Tech"]) == ("19", "Down", "")
        rig.carrier.thaw()
        event = await user_event(ami, "DialerEnded", await place(ami, rig, fresh_number("61")))
        assert event["Tech"] == "SIP 486 Busy Here"


async def test_a_dead_trunk_is_given_up_without_a_sip_status(quiet_rig: Rig) -> None:
    """SIP's own timeout shows as cause 18 and code 408, yet nobody said 408."""
    rig = quiet_rig
    await rig.carrier.kill()
    async with dialer_session(rig) as ami:
        attempt = await place(ami, rig, fresh_number("61"))
        hangup = await ami.until(
            lambda each: each.get("Event") == "Hangup" and each.get("Uniqueid") == attempt, timeout=15
        )
        event = await user_event(ami, "DialerEnded", attempt)
    assert (hangup["Cause"], hangup["TechCause"]) == ("18", "408")
    assert event["Tech"] == ""


async def test_a_running_part_is_not_started_twice(rig: Rig) -> None:
    """A second start is refused and leaves the first alone."""
    pid = rig.office.pid
    with pytest.raises(RigError, match="running already"):
        await rig.office.start()
    assert rig.office.pid == pid
    assert pid is not None
    os.kill(pid, 0)


def test_a_rig_has_room_for_its_phones(asterisk_build: AsteriskBuild, tmp_path: Path) -> None:
    """More phones than numbers for them are refused."""
    with pytest.raises(RigError, match=f"1 to {MOST_PHONES}"):
        Rig(tmp_path, asterisk_build, phones=MOST_PHONES + 1)
    with pytest.raises(RigError, match="no secret"):
        Rig(tmp_path, asterisk_build, manager="[x]\n")


async def test_a_killed_rehearsal_takes_its_pbxs_along(asterisk_build: AsteriskBuild, tmp_path: Path) -> None:
    """Even kill -9 of the process that started the rig leaves no Asterisk, where the host has setpriv."""
    if shutil.which("setpriv") is None:
        pytest.skip("this machine has no setpriv")
    script = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from dialer.demo.rig.build import AsteriskBuild\n"
        "from dialer.demo.rig.rig import Rig\n"
        "async def main():\n"
        f"    build = AsteriskBuild({asterisk_build.command!r}, Path({str(asterisk_build.modules)!r}),\n"
        f"        Path({str(asterisk_build.data)!r}), {asterisk_build.version!r}, {asterisk_build.language!r})\n"
        f"    async with Rig(Path({str(tmp_path)!r}), build, phones=1):\n"
        "        print('up', flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", script, stdout=asyncio.subprocess.PIPE)
    assert child.stdout is not None
    assert await child.stdout.readline() == b"up\n"
    assert len([each for each in processes_in(tmp_path) if "asterisk.conf" in each]) == 2
    child.kill()
    await child.wait()
    async with asyncio.timeout(30):
        while processes_in(tmp_path):  # noqa: ASYNC110 - it happens in other processes
            await asyncio.sleep(0.05)
