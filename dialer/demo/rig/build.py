"""Which Asterisk the rig runs on: an installed one that is good enough, or an unpacked one."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dialer.errors import DialerError

OLDEST = (20, 6)
"""The carrier gives any SIP answer with PJSIPHangup, which came with 20.6 and 21.1."""

NEEDED_MODULES = (
    "chan_pjsip",
    "app_mixmonitor",
    "app_stack",
    "cdr_custom",
    "cdr_csv",
    "format_gsm",
    "func_hangupcause",
)
NEEDED_PROMPTS = ("demo-congrats", "demo-instruct", "tt-monkeys", "ss-noservice", "im-sorry", "please-try-call-later")

_LOOK_FOR_MODULES = ("usr/lib/*/asterisk/modules", "usr/lib/asterisk/modules", "usr/lib64/asterisk/modules")
_LOOK_FOR_DATA = ("usr/share/asterisk", "var/lib/asterisk")


class RigError(DialerError):
    """The private PBX could not be set up."""

    code = "rig"


@dataclass(frozen=True, slots=True)
class AsteriskBuild:
    """A usable Asterisk: how it is started and where its parts lie."""

    command: tuple[str, ...]
    """argv up to and including the binary; the dynamic loader of the same build first, if it needs one."""
    modules: Path
    data: Path
    """astdatadir: `sounds/<language>/*.gsm` and `documentation/` lie in it."""
    version: str
    """As in `22.10.1`, with whatever the builder appended."""
    language: str
    """Folder of `data/sounds` with the prompts that the rig speaks with."""


def version_of(command: tuple[str, ...]) -> str:
    """What `asterisk -V` says, without the name. Raises RigError when it cannot be run."""
    try:
        said = subprocess.run([*command, "-V"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise RigError(f"{command[-1]} cannot be run: {error}") from error
    found = re.fullmatch(r"Asterisk (\S+).*", said.stdout.strip(), re.DOTALL)
    if said.returncode != 0 or not found:
        raise RigError(f"{command[-1]} -V fails: {(said.stderr or said.stdout).strip()[:300]}")
    return found[1]


def is_new_enough(version: str) -> bool:
    """Whether the rig can run on that version; `certified/20.7-cert1` and `GIT-22-abc` are read too."""
    found = re.search(r"(\d+)(?:\.(\d+))?", version)
    if not found:
        return False
    major, minor = int(found[1]), found[2]
    return major > OLDEST[0] or (major == OLDEST[0] and (minor is None or int(minor) >= OLDEST[1]))


def unpacked(root: Path) -> AsteriskBuild:
    """The build in a folder of unpacked packages, run with its own loader and libraries. Raises RigError."""
    binary = root / "usr/sbin/asterisk"
    modules = _first(root, _LOOK_FOR_MODULES)
    if not binary.is_file() or modules is None:
        raise RigError(f"There is no whole Asterisk in {root}. Delete that folder and try again.")
    libraries = modules.parent.parent
    loader = next((path for path in sorted(root.glob("usr/lib*/ld-linux*.so.*")) if path.exists()), None)
    loader = loader or next(iter(sorted(libraries.glob("ld-linux*.so.*"))), None)
    if loader is None:
        raise RigError(f"The packages in {root} bring no dynamic loader. Delete that folder and try again.")
    command = (str(loader), "--library-path", str(libraries), str(binary))
    return _examined(command, modules, [root / part for part in _LOOK_FOR_DATA])


def installed() -> AsteriskBuild | None:
    """The host's own Asterisk, or None when it has none. Raises RigError, saying why, when it will not do.

    Only the binary, its modules and its sounds are looked at; its configuration and its process are not.
    """
    binary = shutil.which("asterisk") or shutil.which("asterisk", path="/usr/sbin:/usr/local/sbin")
    if binary is None:
        return None
    local = Path(binary).resolve().parent.parent  # /usr or /usr/local
    modules = _first(Path("/"), _LOOK_FOR_MODULES) if local == Path("/usr") else local / "lib/asterisk/modules"
    if modules is None or not modules.is_dir():
        raise RigError(f"The modules of {binary} were not found.")
    return _examined((binary,), modules, [Path("/") / part for part in _LOOK_FOR_DATA])


def _examined(command: tuple[str, ...], modules: Path, data_folders: list[Path]) -> AsteriskBuild:
    """The build, once it is known to have all that the rig uses."""
    version = version_of(command)
    if not is_new_enough(version):
        raise RigError(f"{command[-1]} is Asterisk {version}; the rig needs {OLDEST[0]}.{OLDEST[1]} or later.")
    missing = [name for name in NEEDED_MODULES if not (modules / f"{name}.so").is_file()]
    if missing:
        raise RigError(f"{modules} lacks {', '.join(missing)}.")
    if b"PJSIPHangup" not in (modules / "chan_pjsip.so").read_bytes():
        raise RigError(f"{command[-1]} {version} lacks PJSIPHangup; any later release has it.")
    for data in data_folders:
        for sounds in sorted(data.glob("sounds/en*")):
            if all((sounds / f"{prompt}.gsm").is_file() for prompt in NEEDED_PROMPTS):
                return AsteriskBuild(command, modules, data, version, sounds.name)
    raise RigError(f"{command[-1]} has no English GSM prompts in {' or '.join(map(str, data_folders))}.")


def _first(root: Path, patterns: tuple[str, ...]) -> Path | None:
    return next((path for pattern in patterns for path in sorted(root.glob(pattern)) if path.is_dir()), None)
