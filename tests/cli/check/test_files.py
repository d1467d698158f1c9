"""Mistakes in settings, files, folders, ports and at the info platform; no PBX answers in any of these rows."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dialer.cli.pbx import access, checks
from dialer.language import translator
from tests.cli.check.place import Mistake, Place, well
from tests.notices.platform import SECRET, Answer, Platform, answer


def settings(section: str, **values: object) -> Mistake:
    """One setting that is refused at once: nothing else is looked at."""
    return Mistake(f"{section} {values}", lambda p: p.set(section, **values), "settings", next(iter(values)), "Correct")


def broken_toml(p: Place) -> None:
    """A bracket too few."""
    (p.folder / "dialer.toml").write_text("[trunks\n")


def two_trunks(p: Place) -> None:
    """Of one name."""
    trunk = '[[trunks]]\nname = "t"\ntemplate = "PJSIP/{number}@carrier"\n'
    (p.folder / "dialer.toml").write_text(trunk * 2)


def unreadable(p: Place) -> None:
    """The secret is there and cannot be read, since this user is not in its group."""
    file = p.folder / "ami.secret"
    os.chown(file, -1, 54321)
    file.chmod(0o640)
    read = Path.read_text

    def refuse(path: Path, *args: object, **more: object) -> str:
        if path == file:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, *args, **more)  # type: ignore[arg-type]  # as it came

    p.patch.setattr(Path, "read_text", refuse)


def closed(name: str, mode: int, group: int = -1) -> Callable[[Place], None]:
    """This user may not use a folder: the tests may run as root, to whom nothing is closed."""

    def make(p: Place) -> None:
        folder = p.folder / name
        folder.mkdir(exist_ok=True)
        p.set("recordings", library=str(p.folder / "library"))
        p.set("backup", folder=str(p.folder / "backups"))
        os.chown(folder, -1, group)
        folder.chmod(mode)
        look = os.access
        p.patch.setattr("os.access", lambda path, need: Path(path) != folder and look(path, need))

    return make


def another_disk(p: Place) -> None:
    """The finished recordings would lie on another file system."""
    elsewhere = Path("/dev/shm")  # noqa: S108 - only looked at
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == p.folder.stat().st_dev:
        pytest.skip("there is one file system only")
    p.set("recordings", done=str(elsewhere))


def garbage(p: Place) -> None:
    """The database file is something else."""
    (p.folder / "data").mkdir()
    (p.folder / "data/dialer.sqlite3").write_bytes(b"no database " * 1000)


def full(p: Place) -> None:
    """Hardly any room is left."""
    p.patch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 20}))


def port_taken(p: Place) -> None:
    """Another program listens."""
    other = socket.create_server(("127.0.0.1", 0))
    p.set("web", port=other.getsockname()[1])
    TAKEN.append(other)


def secret(p: Place) -> Path:
    """The file of the AMI user's secret."""
    return p.folder / "ami.secret"


def unsigned(p: Place) -> None:
    """A platform, and nothing to sign with."""
    p.set("platform", url="https://platform.example/")


TAKEN: list[socket.socket] = []
NOBODY = "http://127.0.0.1:9/"


def platform(p: Place, url: str, **more: object) -> None:
    """There is an info platform at this address, with a good secret."""
    (p.folder / "platform.secret").write_text(SECRET)
    p.set("platform", **{"url": url, "secret_file": str(p.folder / "platform.secret"), "timeout_s": 3, **more})


@contextmanager
def answering(reply: Answer) -> Iterator[str]:
    """A platform that answers so, in a thread of its own."""
    loop, there = asyncio.new_event_loop(), Platform()
    there.otherwise = reply
    loop.run_until_complete(there.start())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield there.url
    finally:
        asyncio.run_coroutine_threadsafe(there.stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()


MISTAKES = (
    settings("rule", atempts=6),
    settings("hours", zone="Asia/Bejing"),
    settings("trunks", template="PJSIP/@carrier"),
    settings("trunks", template="Local/{number}@from-internal"),
    settings("trunks", prefix="9w"),
    settings("trunks", caller_id="0470 8221234"),
    settings("dialling", ring_timeout_s=0),
    settings("pbx", prefix="Dialer!"),
    settings("hours", monday=["8-12"]),
    Mistake("not TOML", broken_toml, "settings", "not TOML", "Correct the settings"),
    Mistake("two trunks of one name", two_trunks, "settings", "same name", "Correct the settings"),
    Mistake("no trunk", lambda p: p.sections.pop("trunks"), "trunks", "no trunk", "[[trunks]]"),
    Mistake("a gap for rehearsals", lambda p: p.set("rule", gap_s=5), "rule", "5 s", "gap_s = 300", "warn"),
    Mistake("tokens in the clear", lambda p: p.set("web", host="0.0.0.0"), "web", "0.0.0.0", "TLS", "warn"),
    Mistake("no secret", lambda p: p.set("pbx", secret_file=None), "ami secret", "not set", "asterisk-config"),
    Mistake("no file of the secret", lambda p: secret(p).unlink(), "ami secret", "No such", "asterisk-config"),
    Mistake("the secret cannot be read", unreadable, "ami secret", "Permission denied", "usermod -aG 54321"),
    Mistake("all read the secret", lambda p: secret(p).chmod(0o644), "ami secret", "everybody", "chmod o-rwx", "warn"),
    Mistake("no spool", lambda p: (p.folder / "spool").rmdir(), "recordings", "spool is not there", "install -d"),
    Mistake("no done", lambda p: (p.folder / "done").rmdir(), "recordings", "done is not there", "install -d"),
    Mistake("two disks", another_disk, "recordings", "two file systems", "one disk"),
    Mistake("all may listen", lambda p: (p.folder / "done").chmod(0o755), "recordings", "everybody", "chmod", "warn"),
    Mistake("not in the group", closed("done", 0o2770, 54321), "recordings", "read and written", "usermod -aG 54321"),
    Mistake("no rights for the group", closed("done", 0o700), "recordings", "read and written", "chmod g+rwx"),
    Mistake("the data folder", closed("data", 0o755), "data folder", "cannot be written", "install -d -o dialer"),
    Mistake("the library", closed("library", 0o755), "library", "cannot be written", "install -d -o dialer"),
    Mistake("the backups", closed("backups", 0o755), "backups", "cannot be written", "install -d -o dialer"),
    Mistake("no database", garbage, "database", "dialer.sqlite3", "newest good copy"),
    Mistake("a full disk", full, "disk", "0.0 GB", "Free some space"),
    Mistake("the port is taken", port_taken, "http port", "in use", "ss -ltnp"),
    Mistake("no signing secret", unsigned, "platform", "no signing secret", "platform.secret_file"),
    Mistake("no platform there", lambda p: platform(p, NOBODY), "platform", "cannot be reached", "firewall"),
)
"""A check also names ``pbx``, which is true: nobody answers there."""

ANSWERS = (
    (answer(401), "answered 401", "The secret must be the same"),
    (answer(403), "answered 403", "The secret must be the same"),
    (answer(404), "answered 404", "Correct platform.url"),
    (answer(302, Location="/login"), "a redirect", "Correct platform.url"),
    (answer(500, "broken"), "answered 500", "its own log"),
    (answer(200, "welcome"), "without acknowledging", "its own log"),
    (answer(200, "<html><title>Sign in</title></html>", Content_Type="text/html"), "without ack", "its own log"),
)


def test_nothing_is_named_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is wrong but that no PBX answers, that is all."""
    with answering(answer(200, '{"ok": true}')) as url:
        place = well(tmp_path, monkeypatch)
        platform(place, url, require_ack=True)
        assert place.named().keys() == {"pbx"}


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.what)
def test_each_mistake_is_named_and_no_other(mistake: Mistake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each names cause and remedy, and none is named that is not there."""
    place = well(tmp_path, monkeypatch)
    mistake.make(place)
    named = place.named()
    while TAKEN:
        TAKEN.pop().close()
    assert named.keys() - {"pbx"} == {mistake.name}, named
    verdict, says, todo = named[mistake.name]
    assert (verdict, mistake.says in says, mistake.todo in todo) == (mistake.verdict, True, True), named


@pytest.mark.parametrize(("reply", "says", "todo"), ANSWERS, ids=[says for _, says, _ in ANSWERS])
def test_a_platform_that_does_not_take_notices(
    reply: Answer, says: str, todo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reached, and not authorised, at another address, broken, or answering otherwise than a notice needs."""
    with answering(reply) as url:
        place = well(tmp_path, monkeypatch)
        platform(place, url, require_ack=True)
        named = place.named()
    assert named.keys() == {"pbx", "platform"}
    assert (says in named["platform"][1], todo in named["platform"][2]) == (True, True), named


def test_a_closed_folder_on_the_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file behind a folder that may not be passed is not a missing one."""
    file = tmp_path / "etc/ami.secret"
    closed("etc", 0o700)(well(tmp_path, monkeypatch))
    file.write_text("made-up-secret")
    assert access.closed_above(file) == tmp_path / "etc"
    assert f"chmod g+x {tmp_path / 'etc'}" in checks.readable(file, translator("en"))
