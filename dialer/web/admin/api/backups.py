"""Backups of the database: which there are, and one more now."""

from __future__ import annotations

from datetime import datetime

from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View
from dialer.web.kit.http.query import NoBody, NoParams


class BackupView(View):
    """A backup that was verified after it was written."""

    name: str
    """Its file in the folder of backups."""
    made_at: datetime
    size: int
    """Bytes."""
    sha256: str


async def list_backups(request: Request[NoParams, NoBody]) -> list[BackupView]:
    """The verified backups, newest first."""
    return [BackupView.of(each, name=each.path.name) for each in await request.services.backups.listing()]


async def make_backup(request: Request[NoParams, NoBody]) -> BackupView:
    """Back the database up now; answers when the copy has been verified, which takes a while when it is big.

    409 while another backup is being made.
    """
    made = await request.services.backups.make()
    return BackupView.of(made, name=made.path.name)


ROUTES = (
    route("GET", "/backups", list_backups, Scope.ADMIN, ADMINISTRATOR),
    route("POST", "/backups", make_backup, Scope.ADMIN, ADMINISTRATOR, status=201, fails=(409,)),
)
