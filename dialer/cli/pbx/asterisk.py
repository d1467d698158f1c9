"""`dialer asterisk-config`: what an administrator puts on the PBX, and where each piece goes."""

from __future__ import annotations

import ipaddress
import os
import secrets
import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dialer.ami.pbxconfig import dialplan, manager_general, manager_user
from dialer.cli.base import Cli, cli_of
from dialer.errors import BadInput, SettingsError
from dialer.settings import Settings

SECRET_FILE = Path("/etc/dialer/ami.secret")
_LOCAL = "127.0.0.1/255.255.255.255"


class Part(StrEnum):
    """What to print."""

    DIALPLAN = "dialplan"
    MANAGER = "manager"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One piece of configuration: its file name, and in which of the PBX's files it belongs."""

    part: Part
    name: str
    into: str
    text: str


def dialplan_of(settings: Settings) -> str:
    """The dialplan for these settings. Raises ``BadInput`` for what cannot stand in a configuration."""
    recordings, pbx = settings.recordings, settings.pbx
    timeout, longest = max(1, round(settings.dialling.agent_timeout_s)), round(recordings.longest_s)
    folders = str(recordings.spool), str(recordings.done)
    return dialplan(*folders, timeout, pbx.announcement, pbx.prefix, longest_s=longest)


def snippets(settings: Settings, secret: str, permit: str, *, freepbx: bool = False) -> tuple[Snippet, Snippet]:
    """Dialplan and AMI user for these settings. Raises ``BadInput`` for what cannot stand in a configuration."""
    pbx, custom = settings.pbx, "_custom" if freepbx else ""
    plan, user = dialplan_of(settings), manager_user(pbx.username, secret, permit)
    return (
        Snippet(Part.DIALPLAN, f"{pbx.prefix}-extensions.conf", f"/etc/asterisk/extensions{custom}.conf", plan),
        Snippet(Part.MANAGER, f"{pbx.prefix}-manager.conf", f"/etc/asterisk/manager{custom}.conf", user),
    )


def own_address(host: str, port: int) -> str:
    """The address with which this machine reaches the PBX, as manager.conf's ``permit`` takes it.

    Nothing is sent: connecting a UDP socket only picks the way. Raises ``SettingsError``.
    """
    if host == "localhost":
        return _LOCAL
    try:
        with socket.socket(*socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0][:2]) as probe:
            probe.connect((host, port))
            found = ipaddress.ip_address(probe.getsockname()[0])
    except OSError as error:
        raise SettingsError(
            f"pbx.host: no way to {host} ({error}); name this machine's address with --permit"
        ) from error
    if found.is_loopback and found.version == 4:
        return _LOCAL
    return f"{found}/{'255.255.255.255' if found.version == 4 else 128}"


def asterisk_config(
    context: typer.Context,
    part: Annotated[Part, typer.Option(help="Print only this part.")] = Part.ALL,
    freepbx: Annotated[bool, typer.Option("--freepbx", help="For FreePBX or Issabel.")] = False,
    permit: Annotated[
        str, typer.Option(help="Address from which the dialer connects to the PBX.", metavar="ADDRESS[/MASK]")
    ] = "",
    write: Annotated[Path | None, typer.Option(help="Write the files into this folder.", file_okay=False)] = None,
) -> None:
    """Print what the PBX needs: the AMI user with least rights, the dialplan, and where each goes."""
    cli = cli_of(context)
    settings, t = cli.settings, cli.t
    secret, is_new = _secret(settings)
    try:
        pieces = snippets(
            settings, secret, permit or own_address(settings.pbx.host, settings.pbx.port), freepbx=freepbx
        )
    except BadInput as error:
        raise SettingsError(str(error)) from error
    wanted = [piece for piece in pieces if part in (piece.part, Part.ALL)]
    if write is not None:
        _write(cli, write, wanted, secret if is_new else "")
    else:
        for piece in wanted:
            cli.say(f"; ==== {piece.into}\n{piece.text}")
    notes = [_place(cli, piece, freepbx=freepbx) for piece in wanted]
    if part is not Part.DIALPLAN:
        if freepbx:
            need = t("Append these lines to /etc/asterisk/manager_custom.conf; the rest is set there already:")
        else:
            need = t("The [general] section of manager.conf needs these lines:")
        notes.append(f"{need}\n\n{manager_general(settings.pbx.port, freepbx=freepbx)}")
        if is_new and write is None:
            file = settings.pbx.secret_file or SECRET_FILE
            notes.append(
                t(
                    "No AMI secret was set, so a new one was made; it stands in the user's section above. "
                    "Let the dialer know it, then run this command again to see the same text:"
                )
                + f"\n\n  printf '%s\\n' '{secret}' | install -o dialer -m 0600 /dev/stdin {file}"
                + ("" if settings.pbx.secret_file else f'\n  # dialer.toml, [pbx]: secret_file = "{file}"')
            )
    if part is not Part.MANAGER:
        r = settings.recordings
        notes.append(
            t("Asterisk and the dialer share the recording folders. The dialer's user is in Asterisk's group:")
            + f"\n\n  usermod -aG asterisk dialer\n  install -d -o asterisk -g asterisk -m 2770 {r.spool} {r.done}"
        )
    for number, note in enumerate(notes, 1):
        cli.note(f"{number}. {note}\n")


def _secret(settings: Settings) -> tuple[str, bool]:
    """The secret that is set, or a new one."""
    file = settings.pbx.secret_file
    known = settings.ami_secret() if file is None or file.exists() else ""
    return known or secrets.token_urlsafe(24), not known


def _place(cli: Cli, piece: Snippet, *, freepbx: bool) -> str:
    reload = "dialplan reload" if piece.part is Part.DIALPLAN else "manager reload"
    if freepbx:
        text = cli.t("Append {name} to {into}, then:", name=piece.name, into=piece.into)
        return f"{text}\n\n  asterisk -rx '{reload}'"
    text = cli.t(
        "Put {name} into /etc/asterisk, add this line at the end of {into}, and reload:",
        name=piece.name,
        into=piece.into,
    )
    return f"{text}\n\n  #include {piece.name}\n  asterisk -rx '{reload}'"


def _write(cli: Cli, folder: Path, pieces: list[Snippet], secret: str) -> None:
    """Write the files, those with a secret readable for the owner only."""
    files = [(piece.name, piece.text, 0o640) for piece in pieces]
    if secret:
        files.append((SECRET_FILE.name, secret + "\n", 0o600))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text, mode in files:
            target = folder / name
            target.unlink(missing_ok=True)
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8") as out:
                out.write(text)
            cli.say("Written: {path}", path=target)
    except OSError as error:
        raise SettingsError(f"--write {folder}: {error.strerror}") from error
