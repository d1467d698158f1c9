"""Who may do what with a file or a folder, and what lets the dialer's user: a group to join, or rights for it."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from pathlib import Path

from dialer.language import Translate

ENTER, READ, USE = "x", "r", "rwx"
"""What is needed: to pass a folder, to read a file, to work in a folder."""

_BITS = {"r": stat.S_IRGRP, "w": stat.S_IWGRP, "x": stat.S_IXGRP}


def closed_above(path: Path) -> Path | None:
    """The first folder on the way to ``path`` that this user may not pass; None when the way is open."""
    return next((above for above in reversed(path.parents) if above.is_dir() and not os.access(above, os.X_OK)), None)


def remedy(path: Path, need: str, t: Translate) -> str:
    """What lets the dialer's user at something that is there: ``need`` is ENTER, READ or USE."""
    info = path.stat()
    commands = []
    if info.st_gid not in {os.getegid(), *os.getgroups()}:
        commands.append(f"usermod -aG {_group(info.st_gid)} {_user()}")
    if lacking := "".join(right for right in need if not info.st_mode & _BITS[right]):
        commands.append(f"chmod g+{lacking} {path}")
    if not commands:  # the owner is this user, or the system has rules of its own
        commands.append(f"chmod g+{need} {path}")
    return t("Let the dialer's user at it, then restart the service: {command}", command="; ".join(commands))


def is_writable_for(folder: Path, uid: int, groups: frozenset[int]) -> bool:
    """Whether a user may make and move files in ``folder``, by owner, group and mode."""
    info = folder.stat()
    if uid == 0:
        return True
    if info.st_uid == uid:
        need = stat.S_IWUSR | stat.S_IXUSR
    elif info.st_gid in groups:
        need = stat.S_IWGRP | stat.S_IXGRP
    else:
        need = stat.S_IWOTH | stat.S_IXOTH
    return info.st_mode & need == need


def _user() -> str:
    """Whose rights are wanted: who runs this, or the service's user when that is root."""
    try:
        return pwd.getpwuid(os.geteuid()).pw_name if os.geteuid() else "dialer"
    except KeyError:
        return "dialer"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
