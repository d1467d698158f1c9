"""Getting an Asterisk: what is taken, what is refused, and what people are told."""

from __future__ import annotations

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from dialer.demo.rig import build
from dialer.demo.rig.acquire import acquire
from dialer.demo.rig.build import AsteriskBuild, RigError, installed, is_new_enough, unpacked, version_of


def program(folder: Path, name: str, script: str) -> Path:
    """A shell program of that name."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def no_asterisk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """PATH is one folder of ours, and no Asterisk counts as installed; gives the folder."""
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", str(tools))
    monkeypatch.setattr("dialer.demo.rig.acquire.installed", lambda: None)
    return tools


@pytest.mark.parametrize(
    ("version", "good"),
    [
        ("22.10.1+dfsg", True),
        ("20.6.0", True),
        ("20.5.2", False),
        ("18.26.4", False),
        ("certified/20.7-cert3", True),
        ("GIT-22-abcdef", True),
        ("unknown", False),
    ],
)
def test_versions(version: str, good: bool) -> None:
    """Versions are read in every form that Asterisk prints."""
    assert is_new_enough(version) is good


@pytest.mark.pbx
def test_the_build_runs(asterisk_build: AsteriskBuild) -> None:
    """The build that tests use says its version, and has the prompts that the rig speaks with."""
    assert version_of(asterisk_build.command) == asterisk_build.version
    assert (asterisk_build.data / "sounds" / asterisk_build.language / "demo-congrats.gsm").is_file()


@pytest.mark.pbx
def test_a_second_time_nothing_is_fetched(
    asterisk_build: AsteriskBuild, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is in the cache is used without apt."""
    if len(asterisk_build.command) == 1:
        pytest.skip("this machine has its own Asterisk: there is no cache")
    root = Path(asterisk_build.command[-1]).parents[2]
    monkeypatch.setenv("PATH", str(tmp_path))
    said: list[str] = []
    assert acquire(root.parent, said.append) == asterisk_build
    assert said == [f"Asterisk {asterisk_build.version} is ready."]


def test_without_apt_people_are_told_what_to_do(no_asterisk: Path, tmp_path: Path) -> None:
    """The missing tools and the command that mends it are named."""
    with pytest.raises(RigError, match=r"no apt-get and no dpkg.*dnf install asterisk"):
        acquire(tmp_path / "cache", print)


def test_without_a_mirror_people_are_told_what_to_do(no_asterisk: Path, tmp_path: Path) -> None:
    """apt without a source."""
    program(no_asterisk, "apt-get", "exit 0")
    program(no_asterisk, "dpkg", "exit 0")
    with pytest.raises(RigError, match="knows no package mirror"):
        acquire(tmp_path / "cache", print)


def test_an_unreachable_mirror_is_named(no_asterisk: Path, tmp_path: Path) -> None:
    """What was tried is in the message with what apt said; nothing half-done stays in the cache."""
    program(
        no_asterisk,
        "apt-get",
        'case "$*" in indextargets*) echo "http://mirror.example/debian/ Debian";; '
        '*update*) echo "W: Failed to fetch http://mirror.example/ Connection refused" >&2;; esac',
    )
    program(no_asterisk, "dpkg", "exit 0")
    with pytest.raises(RigError) as caught:
        acquire(tmp_path / "cache", print)
    for part in ("mirror.example/debian/ testing", "mirror.example/debian/ sid", "Connection refused"):
        assert part in str(caught.value)
    assert [path.name for path in (tmp_path / "cache").iterdir()] == ["asterisk.lock"]


def test_half_a_build_is_refused(tmp_path: Path) -> None:
    """A folder that is no whole Asterisk is named, with what to do."""
    with pytest.raises(RigError, match="Delete that folder"):
        unpacked(tmp_path)


def test_a_binary_that_does_not_run(tmp_path: Path) -> None:
    """What it said is told."""
    broken = program(tmp_path / "bin", "asterisk", "echo 'cannot find libfoo' >&2; exit 127")
    with pytest.raises(RigError, match="cannot find libfoo"):
        version_of((str(broken),))
    with pytest.raises(RigError, match="cannot be run"):
        version_of((str(tmp_path / "nothing"),))


def test_an_installed_one_is_examined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too old, or without a module or the prompts: the reason is told, and a good one is taken."""
    prefix = tmp_path / "prefix"
    (prefix / "sbin").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{prefix / 'sbin'}{os.pathsep}{os.environ['PATH']}")
    program(prefix / "sbin", "asterisk", "echo Asterisk 22.5.0")
    with pytest.raises(RigError, match=r"modules of .* were not found"):
        installed()
    modules = prefix / "lib/asterisk/modules"
    modules.mkdir(parents=True)
    with pytest.raises(RigError, match="lacks chan_pjsip, app_mixmonitor"):
        installed()
    for name in build.NEEDED_MODULES:
        (modules / f"{name}.so").write_bytes(b"\x7fELF")
    with pytest.raises(RigError, match="lacks PJSIPHangup"):
        installed()
    (modules / "chan_pjsip.so").write_bytes(b"\x7fELF PJSIPHangup")
    monkeypatch.setattr(build, "_LOOK_FOR_DATA", (str(tmp_path / "data").lstrip("/"),))
    with pytest.raises(RigError, match="no English GSM prompts"):
        installed()
    sounds = tmp_path / "data/sounds/en"
    sounds.mkdir(parents=True)
    for name in build.NEEDED_PROMPTS:
        (sounds / f"{name}.gsm").touch()
    found = installed()
    assert found == AsteriskBuild((str(prefix / "sbin/asterisk"),), modules, tmp_path / "data", "22.5.0", "en")
    said: list[str] = []
    assert acquire(tmp_path / "cache", said.append) == found
    assert "not touched" in said[0]
    program(prefix / "sbin", "asterisk", "echo Asterisk 18.9.0")
    with pytest.raises(RigError, match=r"needs 20\.6 or later"):
        installed()


def test_an_unfit_installed_one_is_left_alone(
    no_asterisk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reason is reported, and the search goes on."""

    def unfit() -> AsteriskBuild:
        raise RigError("it is Asterisk 16")

    monkeypatch.setattr("dialer.demo.rig.acquire.installed", unfit)
    said: list[str] = []
    with pytest.raises(RigError, match="no apt-get"):
        acquire(tmp_path / "cache", said.append)
    assert said == ["The installed Asterisk is left alone: it is Asterisk 16"]


def _hold(lock: str, ready: multiprocessing.synchronize.Event, go: multiprocessing.synchronize.Event) -> None:
    import fcntl

    with Path(lock).open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        ready.set()
        go.wait(20)


def test_two_at_once_wait_for_each_other(no_asterisk: Path, tmp_path: Path) -> None:
    """The second says that it waits, and goes on when the first is done."""
    cache = tmp_path / "cache"
    cache.mkdir()
    context = multiprocessing.get_context("spawn")
    ready, go = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(str(cache / "asterisk.lock"), ready, go))
    other.start()
    try:
        assert ready.wait(20)
        said: list[str] = []

        def report(line: str) -> None:
            said.append(line)
            go.set()

        with pytest.raises(RigError, match="no apt-get"):
            acquire(cache, report)
        assert said == ["Another process is fetching Asterisk; waiting for it."]
    finally:
        go.set()
        other.join(20)
