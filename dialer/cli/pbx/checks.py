"""What `dialer check` looks at, and what to do about each. The PBX has a file of its own: ``pbxchecks``."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from dialer.cli.base import ServiceUnreachable
from dialer.cli.client import Client, find_service
from dialer.cli.pbx.access import ENTER, READ, USE, closed_above, remedy
from dialer.clock import SystemClock
from dialer.errors import DialerError, SettingsError
from dialer.language import N_, Language, Translate
from dialer.settings import Settings

LOW_BYTES = 10 * 1024**3
"""About a week of talk of thirty agents; below this a person should look."""
NO_BYTES = 1024**3


class Verdict(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; ``todo`` says how to mend it, "" when nothing is to be done."""

    name: str
    verdict: Verdict
    text: str
    todo: str = ""


def ok(name: str, text: str) -> Check:
    """All is well."""
    return Check(name, Verdict.OK, text)


def warn(name: str, text: str, todo: str) -> Check:
    """It works, and somebody should look."""
    return Check(name, Verdict.WARN, text, todo)


def fail(name: str, text: str, todo: str) -> Check:
    """It cannot work like this."""
    return Check(name, Verdict.FAIL, text, todo)


def graded(name: str, text: str, todo: str, *, fails: bool, warns: bool) -> Check:
    """As bad as it is."""
    if fails:
        return fail(name, text, todo)
    return warn(name, text, todo) if warns else ok(name, text)


def settings_checks(settings: Settings, t: Translate) -> Iterator[Check]:
    """What the settings say by themselves."""
    rule = settings.rule
    text = t("{attempts} attempts, {gap:g} s apart", attempts=rule.attempts, gap=rule.gap_s)
    if settings.campaign().rule.rehearsal:
        yield warn(
            "rule", text, t("A gap below 300 s is for rehearsals only: set rule.gap_s = 300 for real customers.")
        )
    else:
        yield ok("rule", text)
    now = datetime.now(settings.zone)
    clock = t(
        "it is {now} in {zone}; calls are made by this clock", now=f"{now:%Y-%m-%d %H:%M}", zone=settings.zone.key
    )
    yield ok("hours", clock)
    if not settings.trunks:
        yield fail("trunks", t("no trunk is set"), t("Add a [[trunks]] section to the settings."))
    yield from _secret_checks(settings, t)
    if settings.web.in_the_clear:
        todo = t("Put a reverse proxy with TLS before it, or listen on 127.0.0.1: tokens pass in the clear.")
        yield warn("web", t("listens on {host}", host=settings.web.host), todo)


def _secret_checks(settings: Settings, t: Translate) -> Iterator[Check]:
    todo = t("`dialer asterisk-config --part manager` makes one and says where to put it.")
    try:
        if not settings.ami_secret():
            yield fail("ami secret", t("pbx.secret_file is not set"), todo)
            return
    except SettingsError as error:
        yield fail("ami secret", str(error), readable(settings.pbx.secret_file, t) or todo)
        return
    file = settings.pbx.secret_file
    if file is not None and file.exists() and file.stat().st_mode & stat.S_IROTH:
        yield warn("ami secret", t("{path} can be read by everybody", path=file), f"chmod o-rwx {file}")
    else:
        yield ok("ami secret", t("is set"))


def readable(file: Path | None, t: Translate) -> str:
    """What lets this user read a file that is there; "" when it is not."""
    if file is not None and (closed := closed_above(file)) is not None:
        return remedy(closed, ENTER, t)
    return remedy(file, READ, t) if file is not None and file.exists() else ""


def folder_checks(settings: Settings, t: Translate) -> Iterator[Check]:
    """The data folder, the library, and the PBX's recording folders."""
    data, r = settings.data, settings.recordings
    places = [(N_("data folder"), data), (N_("library"), settings.library)]
    for name, folder in places if _there(settings.library) != _there(data) else places[:1]:
        # The service makes these two itself, so the nearest folder that exists must let it.
        there = _there(folder)
        if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
            yield fail(name, t("{path} cannot be written", path=there), f"install -d -o dialer -m 0750 {folder}")
        else:
            yield ok(name, str(folder))
    present = []
    for folder in (r.spool, r.done):
        make = f"install -d -o asterisk -g asterisk -m 2770 {folder}"
        if (closed := closed_above(folder)) is not None:
            text = t("{path} cannot be entered, so {folder} cannot be reached", path=closed, folder=folder)
            yield fail("recordings", text, remedy(closed, ENTER, t))
            continue
        if not folder.is_dir():
            yield fail("recordings", t("{path} is not there", path=folder), make)
            continue
        present.append(folder)
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            text = t("{path} cannot be read and written", path=folder)
            yield fail("recordings", text, remedy(folder, USE, t))
    if len(present) == 2:
        if r.spool.stat().st_dev != r.done.stat().st_dev:
            text = t("spool and done are on two file systems, so finished recordings would be copied, not renamed")
            yield fail("recordings", text, t("Put both below one folder on one disk."))
        elif open_for_all := [folder for folder in present if folder.stat().st_mode & stat.S_IROTH]:
            text = t("{path} can be read by everybody", path=", ".join(map(str, open_for_all)))
            todo = t(
                "{command}; on FreePBX also keep `fwconsole chown` away from it: a [blacklist] in "
                "/etc/asterisk/freepbx_chown.conf",
                command=f"chmod 2770 {' '.join(map(str, open_for_all))}",
            )
            yield warn("recordings", text, todo)
        elif all(os.access(folder, os.R_OK | os.W_OK | os.X_OK) for folder in present):
            yield ok("recordings", f"{r.spool}, {r.done}")


def backup_checks(settings: Settings, t: Translate) -> Iterator[Check]:
    """The folder of backups, and how old the newest is."""
    from dialer.store.backups.files import OLD, age_of_newest, listing

    folder = settings.backups
    there = _there(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        if there == _there(settings.data):
            return  # told already
        yield fail("backups", t("{path} cannot be written", path=there), f"install -d -o dialer -m 0700 {folder}")
        return
    try:
        last, age = age_of_newest(listing(folder), SystemClock().now())
    except DialerError as error:
        yield fail("backups", str(error), f"install -d -o dialer -m 0700 {folder}")
        return
    if last is None:
        yield ok("backups", t("{folder}; none has been made yet", folder=folder))
        return
    at = last.made_at.astimezone(settings.zone)
    text = t("{folder}; the newest is of {at}", folder=folder, at=f"{at:%Y-%m-%d %H:%M}")
    todo = t("Look into the log of the service for the night, then: dialer backup")
    yield graded("backups", text, todo, fails=False, warns=age > OLD)


def disk_checks(settings: Settings, t: Translate) -> Iterator[Check]:
    """Room on each disk that grows: about 115 MB an hour of talk and agent, as 8 kHz stereo."""
    seen: set[int] = set()
    for folder in (settings.data, settings.library, settings.recordings.spool):
        there = _there(folder)
        device = there.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(there).free
        text = t("{gigabytes:.1f} GB free at {path}", gigabytes=free / 1024**3, path=there)
        todo = t("Free some space, or set recordings.keep_days. A full disk stops the calls.")
        yield graded("disk", text, todo, fails=free < NO_BYTES, warns=free < LOW_BYTES)


def _there(folder: Path) -> Path:
    """The folder, or the nearest above it that this user can see."""
    for path in (folder, *folder.parents):
        with contextlib.suppress(PermissionError):  # behind a closed folder; another check tells of that one
            if path.exists():
                return path
    return Path("/")


def service_checks(settings: Settings, language: Language, t: Translate) -> Iterator[Check]:
    """The running service and its health, or a free port for it."""
    place = find_service(settings.data)
    if place is not None:
        try:
            with Client(place) as client:
                ready, lacking = client.health(language)
        except (ServiceUnreachable, DialerError) as error:
            todo = t("Look into its log: journalctl -u dialer")
            yield fail("service", str(error), todo)
        else:
            if ready:
                yield ok("service", t("running at {url}", url=place.url))
            else:
                todo = t("The lines about the PBX and the database say what is wrong.")
                yield warn("service", t("running at {url}, not ready: {why}", url=place.url, why=lacking), todo)
        return
    host, port = settings.web.host, settings.web.port
    try:
        with socket.create_server((host, port)):
            yield ok("http port", t("no service is running; {host}:{port} is free", host=host, port=port))
    except OSError as error:
        todo = t("Stop the program that listens there (ss -ltnp), or set another web.port.")
        yield fail("http port", f"{host}:{port}: {error.strerror}", todo)
