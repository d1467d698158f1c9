"""What a request does: filled in by the dispatchers, written down by :mod:`dialer.web.kit.access.audit_log`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from pydantic import BaseModel, SecretStr

from dialer.web.kit.http.bodies import Upload


@dataclass(slots=True)
class DraftEntry:
    """An audit entry in the making: what a request does, as far as it is known yet."""

    who: str = ""
    role: str = ""
    what: str = ""
    target: str = ""
    address: str = ""
    details: dict[str, Any] = field(default_factory=dict)
    opens: bool = False
    silent: bool = False
    """It is on record already, or is nothing that changes data."""

    def by(self, who: str, role: str, what: str, address: str, *, opens: bool = False) -> None:
        """Who does what from where; ``opens``: it opens a recording."""
        self.who, self.role, self.what, self.address, self.opens = who, role, what, address, opens

    def about(self, path: Mapping[str, str], params: object = None, body: object = None) -> None:
        """To what, and how; secrets are masked."""
        asked = {name: value for name, value in _plain(params).items() if name not in path}
        self.details |= {name: value for name, value in (asked | _plain(body)).items() if value not in (None, "")}
        named = next((self.details[name] for name in _NAMES if name in self.details), "")
        self.target = " ".join(path.values()) or str(named)


_NAMES = ("number", "name", "filename", "extension", "code")
"""Parts of a body by which to call it, the best first."""
_KEY = web.RequestKey("audit_entry", DraftEntry)


def audit_entry(request: web.Request) -> DraftEntry:
    """The audit entry of a request; one for all its clones."""
    if _KEY not in request:
        request[_KEY] = DraftEntry()
    return request[_KEY]


def _plain(value: object) -> dict[str, Any]:
    if isinstance(value, Upload):
        return {"filename": value.filename, "bytes": len(value.data)}
    if isinstance(value, BaseModel):
        secrets = {name for name, each in value if isinstance(each, SecretStr)}
        return value.model_dump(mode="json", exclude_defaults=True, exclude=secrets)
    return dict(value) if isinstance(value, Mapping) else {}
