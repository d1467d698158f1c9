"""Where settings come from: ``dialer.toml`` and the environment, as plain values that nobody has checked.

:mod:`dialer.settings` checks them. A command that only asks the running service reads the few that it needs here: the
checker takes longer to import than such a command runs.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from dialer.errors import SettingsError

DEFAULT_PATHS = (Path("config/dialer.toml"), Path("/etc/dialer/dialer.toml"))
DATA = "/var/lib/dialer"
ZONE = "Asia/Shanghai"

_PREFIX, _NESTED = "DIALER_", "__"


def find(path: Path | None = None) -> Path | None:
    """The settings file: ``path``, else what $DIALER_CONFIG names, else the first of :data:`DEFAULT_PATHS`."""
    if path is None and "DIALER_CONFIG" in os.environ:
        return Path(os.environ["DIALER_CONFIG"])
    return path or next((p for p in DEFAULT_PATHS if p.exists()), None)


def read(path: Path | None) -> dict[str, Any]:
    """What the file says; nothing without one. Raises :class:`SettingsError` when it cannot be read."""
    if path is None:
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}; name the file with --config") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}") from error


def with_environment(values: Mapping[str, Any], names: Container[str]) -> dict[str, Any]:
    """``values`` with what the environment sets over them; of its variables only those of ``names`` and below.

    ``DIALER_PBX__HOST=10.0.0.5`` is the ``host`` of ``pbx``. Lists and sections are written as JSON.
    """
    found = dict(values)
    for variable, text in os.environ.items():
        prefix, path = variable[: len(_PREFIX)], variable[len(_PREFIX) :].lower().split(_NESTED)
        if prefix.upper() == _PREFIX and path[0] in names:
            _put(found, path, text)
    return found


def _put(into: dict[str, Any], path: Sequence[str], text: str) -> None:
    name, *below = path
    if below:
        section = into.get(name)
        into[name] = dict(section) if isinstance(section, Mapping) else {}
        _put(into[name], below, text)
        return
    into[name] = text
    if text.startswith(("[", "{")):
        with suppress(ValueError):  # a text that begins like JSON
            into[name] = json.loads(text)
