"""Get a real Asterisk without root and without touching the machine.

An installed Asterisk that is good enough is used as it is. Otherwise Debian's package and all that it depends on is
fetched with a private apt state (its own lists, cache and empty package status) and unpacked with `dpkg -x` into the
cache, where the next call finds it. The mirror is the one that the host's own apt uses.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from dialer.demo.rig.build import AsteriskBuild, RigError, installed, unpacked

SUITES = ("testing", "sid")
"""Where Debian keeps Asterisk: it is in no stable release since 11."""

_ARCHIVE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_FETCH_TIMEOUT_S = 900


def acquire(cache: Path, report: Callable[[str], None]) -> AsteriskBuild:
    """An Asterisk to start; takes some 20 s and 350 MB in `cache` the first time, nothing later.

    `report` gets a short line for people at each step. Blocks: call it in a thread from a running loop. Two at once
    (threads or processes) wait for each other. Raises RigError: what is missing and the command that brings it.
    """
    try:
        found = installed()
    except RigError as why:
        report(f"The installed Asterisk is left alone: {why}")
    else:
        if found is not None:
            report(f"Using the installed Asterisk {found.version}; its configuration and process are not touched.")
            return found
    cache.mkdir(parents=True, exist_ok=True)
    target = cache / "asterisk"
    with _only_one(cache / "asterisk.lock", report):
        if not target.is_dir():
            _fetch_into(target, report)
        build = unpacked(target)
    report(f"Asterisk {build.version} is ready.")
    return build


@contextmanager
def _only_one(lock: Path, report: Callable[[str], None]) -> Iterator[None]:
    with lock.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("Another process is fetching Asterisk; waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fetch_into(target: Path, report: Callable[[str], None]) -> None:
    """Build in a folder beside the target and rename it when whole: a broken attempt leaves nothing to trip over."""
    missing = [tool for tool in ("apt-get", "dpkg") if shutil.which(tool) is None]
    if missing:
        raise RigError(
            f"This machine has no {' and no '.join(missing)}, so no private Asterisk can be fetched. Install Asterisk "
            "20.6 or later with the system's own package manager (Fedora: dnf install asterisk asterisk-pjsip "
            "asterisk-sounds-core-en-gsm), then try again."
        )
    work = Path(tempfile.mkdtemp(prefix=".asterisk-", dir=target.parent))
    try:
        packages = _download(work / "apt", report)
        report(f"Unpacking {len(packages)} packages.")
        root = work / "root"
        root.mkdir(mode=0o755)
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            list(pool.map(lambda package: _run("dpkg", "-x", str(package), str(root)), packages))
        unpacked(root)
        root.rename(target)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _download(apt: Path, report: Callable[[str], None]) -> list[Path]:
    """Fetch the package and its closure from the first mirror and suite that has it."""
    mirrors = _mirrors()
    if not mirrors:
        raise RigError(
            "apt knows no package mirror: there is no `deb` line in /etc/apt/sources.list(.d). Add one, or install "
            "Asterisk 20.6 or later (apt-get install asterisk)."
        )
    problems: list[str] = []
    for mirror in mirrors:
        for suite in SUITES:
            for trust in ("", f"[signed-by={_ARCHIVE_KEYRING}] ") if _ARCHIVE_KEYRING.is_file() else ("",):
                shutil.rmtree(apt, ignore_errors=True)
                options = _private_state(apt, f"deb {trust}{mirror} {suite} main\n")
                report(f"Fetching Asterisk from {mirror} ({suite}).")
                try:
                    _run("apt-get", *options, "update")
                    _run("apt-get", *options, "install", "--download-only", "--yes", "asterisk")
                except RigError as error:
                    problems.append(f"{mirror} {suite}: {error}")
                    continue
                return sorted((apt / "archives").glob("*.deb"))
    raise RigError(
        "No mirror of this machine's apt gave an Asterisk package. Check that it can be reached (apt-get update), or "
        "install Asterisk 20.6 or later yourself (apt-get install asterisk).\n" + "\n".join(problems)
    )


def _mirrors() -> list[str]:
    """The package mirrors of the host's apt, Debian's own first."""
    listed = _run("apt-get", "indextargets", "--format", "$(REPO_URI) $(ORIGIN)", "Created-By: Packages")
    pairs = [(uri, origin) for uri, _, origin in (line.partition(" ") for line in listed.splitlines()) if uri]
    pairs.sort(key=lambda pair: (pair[1] != "Debian", "security" in pair[0]))
    return list(dict.fromkeys(uri for uri, _ in pairs))


def _private_state(apt: Path, sources: str) -> list[str]:
    """An empty apt of our own; gives the options that make apt-get use it. Proxies and trust stay the host's.

    The options come from a file named with `-c`, which apt reads after /etc/apt/apt.conf.d. An ordinary user cannot
    become the sandbox user `_apt`, and root's `_apt` may not read our folders: hence no sandbox user. Hooks of the host
    (caches to clean, daemons to tell) are none of our business.
    """
    for folder in ("lists/partial", "archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(sources, encoding="utf-8")
    settings = {
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": apt / "none",
        "Dir::Etc::preferences": apt / "none",
        "Dir::Etc::preferencesparts": apt / "none",
        "Dir::State": apt,
        "Dir::State::lists": apt / "lists",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt,
        "Dir::Cache::archives": apt / "archives",
        "Dir::Log": apt,
        "APT::Install-Recommends": "false",
        "APT::Install-Suggests": "false",
        "APT::Sandbox::User": "",
        "APT::Default-Release": "",
        "Debug::NoLocking": "true",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "30",
    }
    hooks = ("APT::Update::Post-Invoke", "APT::Update::Post-Invoke-Success", "APT::Update::Pre-Invoke")
    lines = [f"#clear {hook};" for hook in (*hooks, "DPkg::Pre-Install-Pkgs", "DPkg::Post-Invoke")]
    lines += [f'{key} "{value}";' for key, value in settings.items()]
    (apt / "apt.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (apt / "none").mkdir()
    return ["-c", str(apt / "apt.conf"), "-q"]


def _run(*command: str) -> str:
    """The command's output. Raises RigError with the end of what it said."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_FETCH_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RigError(f"{command[0]} failed: {error}") from error
    # apt-get update counts an unreachable mirror as a mere warning.
    broken = [line for line in done.stderr.splitlines() if line.startswith(("E:", "Err:", "W: Failed to fetch"))]
    if done.returncode != 0 or broken:
        said = " ".join(broken) or done.stderr.strip() or done.stdout.strip()
        raise RigError(f"{command[0]} failed ({done.returncode}): {said[-400:]}")
    return done.stdout
