"""Speaking HTTP to the dialer: its running service, else the same API in this process; its errors and records as ours.

The API's documents have the records' field names, so one reader makes them; what differs is mended where it is read.
"""

from __future__ import annotations

import gc
import getpass
import http.client
import json
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias, TypeVar
from urllib.parse import quote, urlencode, urlsplit

from pydantic import TypeAdapter, ValidationError

from dialer import errors
from dialer.cli.base import Cli, Json, ServiceUnreachable
from dialer.errors import DialerError, ListRefused, Refused, RowProblem, SettingsError, StoreOwned
from dialer.language import Language, reword

if TYPE_CHECKING:
    from dialer.app.local import Connect

T = TypeVar("T")
Kind: TypeAlias = Any
"""A type or a form of one, such as list[Visit]; mypy has no name for both."""

_OWNED_S = 60.0
"""How long whoever has the database is waited for: a service that starts, or another command."""
_PATIENCE_S = 1.0
"""After so long the person is told what is waited for."""
_LOOK_S = 0.1
TIMEOUT_S = 60.0
_PAGE = 1000
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class ServiceAddress:
    """Where the service said that it listens, with the token of this machine's command line.

    ``alive``: its process still exists. ``certificate``: the file with the one that it shows.
    """

    url: str
    token: str
    alive: bool
    certificate: str = ""


def find_service(data: Path) -> ServiceAddress | None:
    """The service of this data folder, as it announced itself; None when none has.

    Raises ``SettingsError`` when the announcement or the token cannot be read: another user's service.
    """
    where = data / "service.json"
    try:
        told = json.loads(where.read_text(encoding="utf-8"))
        url, pid, certificate = str(told["url"]), int(told["pid"]), str(told.get("certificate", ""))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{where}: {error.strerror}; run this as the dialer's own user") from error
    except (ValueError, KeyError, TypeError):
        return None  # half a file of a service that was killed while it started
    file = data / "cli.token"
    try:
        token = file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(f"{file}: {error.strerror}; run this as the dialer's own user") from error
    return ServiceAddress(url, token, _exists(pid), certificate)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


class Client:
    """One connection, used for one command. Never goes through a proxy: the service is near."""

    live = True
    """Whether it is a running service that answers."""

    def __init__(self, service: ServiceAddress, timeout_s: float = TIMEOUT_S, language: Language = "en") -> None:
        parts = urlsplit(service.url)
        host = parts.hostname or "127.0.0.1"
        self._connection: http.client.HTTPConnection
        if parts.scheme == "https":
            context = _pinned(service.certificate)
            self._connection = http.client.HTTPSConnection(host, parts.port, timeout=timeout_s, context=context)
        else:
            self._connection = http.client.HTTPConnection(host, parts.port, timeout=timeout_s)
        self._url, self._base = service.url, parts.path.rstrip("/")
        self._headers = {
            "Authorization": f"Bearer {service.token}",
            "Accept": _JSON,
            "Accept-Language": language,
            "Dialer-On-Behalf-Of": quote(person()),
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._connection.close()

    def connect(self) -> None:
        """Raises ``ServiceUnreachable`` when nobody listens."""
        try:
            self._connection.connect()
        except OSError as error:
            raise ServiceUnreachable(f"the service at {self._url} does not answer: {error}") from error

    def get(self, path: str, **query: object) -> Json:
        """What the API answers; a parameter that is None is left out."""
        return self.ask("GET", path, query=query)

    def all_of(self, path: str, **query: object) -> list[Json]:
        """Every page of a listing."""
        found: list[Json] = []
        while True:
            page = self.get(path, limit=_PAGE, offset=len(found), **query)
            rows = page["visits"] if isinstance(page, dict) else page
            found += rows
            if len(rows) < _PAGE:
                return found

    def send(self, method: str, path: str, body: Mapping[str, Any] | None = None, **query: object) -> Json:
        """Send a JSON body."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        return self.ask(method, path, query=query, data=data, kind=_JSON)

    def upload(self, path: str, data: bytes, **query: object) -> Json:
        """Send a file."""
        return self.ask("POST", path, query=query, data=data, kind="application/octet-stream")

    def ask(
        self, method: str, path: str, *, query: Mapping[str, object], data: bytes | None = None, kind: str = _JSON
    ) -> Json:
        """One request under /api/v1. Raises what the service answers as an error of :mod:`dialer.errors`."""
        status, found = self._exchange(method, f"/api/v1/{path}{_query(query)}", data, kind)
        if status >= http.client.BAD_REQUEST:
            raise error_of(status, found)
        return found

    def health(self, language: Language) -> tuple[bool, str]:
        """Whether the service can do its work, and what cannot."""
        status, found = self._exchange("GET", "/health/ready", None, _JSON)
        parts = found.get("parts", ()) if isinstance(found, dict) else ()
        bad = [
            f"{part['part']}: {(language == 'zh' and part['zh']) or reword(part['state'], language)}"
            for part in parts
            if part.get("level") != "ok"
        ]
        text = "; ".join(bad) or ("" if parts else str(found))
        return status == http.client.OK, text

    def _exchange(self, method: str, path: str, data: bytes | None, kind: str) -> tuple[int, Json]:
        headers = self._headers if data is None else {**self._headers, "Content-Type": kind}
        try:
            self._connection.request(method, self._base + path, body=data, headers=headers)
            response = self._connection.getresponse()
            return response.status, _decoded(response.read())
        except (OSError, http.client.HTTPException) as error:
            raise ServiceUnreachable(
                f"the service at {self._url} does not answer: {str(error) or type(error).__name__}"
            ) from error


class LocalClient(Client):
    """The same for the API in this process, where no service runs."""

    live = False

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        self._connection = _Within(connect)
        self._url, self._base = "localhost", ""
        self._headers = {"Accept": _JSON}


class _Within(http.client.HTTPConnection):
    """Over sockets that somebody else opens."""

    def __init__(self, connect: Callable[[], socket.socket]) -> None:
        super().__init__("localhost")
        self._connect = connect

    def connect(self) -> None:
        self.sock = self._connect()


def _pinned(certificate: str) -> ssl.SSLContext:
    """Trust exactly the certificate that our own service is set up with, whatever name is in it."""
    try:
        context = ssl.create_default_context(cafile=certificate or None)
    except OSError as error:
        raise SettingsError(f"the service's certificate {certificate} cannot be read: {error}") from error
    if certificate:
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def person() -> str:
    """Who sits at this command line."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no such user, as in a bare container
        return f"uid {os.getuid()}"


def segment(text: str) -> str:
    """One segment of a path."""
    return quote(text, safe="")


def read(kind: type[T], document: object) -> T:
    """A record out of a JSON document; what the record does not have is left out."""
    key: Kind = kind
    try:
        found: T = _reader(key).validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise DialerError(
            f"the service's answer is not understood ({where}: {first['msg']}): is it of another version than this?"
        ) from error
    return found


@cache
def _reader(kind: Kind) -> TypeAdapter[Any]:
    """Making a reader takes longer than reading a thousand records with it."""
    return TypeAdapter(kind)


def _query(query: Mapping[str, object]) -> str:
    pairs = {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in query.items()
        if value is not None
    }
    return "?" + urlencode(pairs) if pairs else ""


def _decoded(body: bytes) -> Json:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def error_of(status: int, body: object) -> DialerError:
    """An error answer as the error that it was; of a code that we do not have, the nearest by its status, with it."""
    if not isinstance(body, dict) or "error" not in body:
        return DialerError(f"the service answers {status}: {str(body)[:200]}")
    code, message = str(body["error"]), str(body.get("message") or body["error"])
    if code == ListRefused.code:
        return ListRefused(message, read(tuple[RowProblem, ...], body.get("problems", ())))
    kind = _kinds().get(code)
    if kind is not None:
        return kind(message)
    found = Refused(message) if status < http.client.INTERNAL_SERVER_ERROR else DialerError(message)
    found.code = code
    return found


def _kinds() -> dict[str, type[DialerError]]:
    """Error classes by code; those that take more than a message are made elsewhere."""
    return {
        each.code: each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, DialerError) and each.__init__ is DialerError.__init__
    }


@contextmanager
def connect(cli: Cli, *, changes: bool = False) -> Iterator[Client]:
    """The API; ``changes`` says that the command changes something. Raises ``ServiceUnreachable``, ``StoreError``."""
    with ExitStack() as stack:
        client = stack.enter_context(_client(cli, stack))
        if not client.live and changes:
            cli.note("No service is running; written straight into the database.")
        elif not client.live:
            cli.note("No service is running; read from the database.")
        yield client


def _client(cli: Cli, stack: ExitStack) -> Client:
    began, told = time.monotonic(), False
    while True:
        if (client := _of_service(cli)) is not None:
            return client
        try:
            return LocalClient(stack.enter_context(_local(cli)))
        except StoreOwned:
            waited = time.monotonic() - began
            if waited >= _OWNED_S:
                raise
            if waited >= _PATIENCE_S and not told:
                cli.note("The service is starting, or another command is at work: waiting for it.")
                told = True
        time.sleep(_LOOK_S)


def _of_service(cli: Cli) -> Client | None:
    """None when there is no service, or only what one has left behind."""
    service = find_service(cli.data)
    if service is None:
        return None
    client = Client(service, language=cli.language)
    try:
        client.connect()
    except ServiceUnreachable:
        if service.alive:
            raise
        return None
    return client


def _local(cli: Cli) -> AbstractContextManager[Connect]:
    gc.disable()  # as in dialer.cli: what is imported stays
    from dialer.app.local import served  # only now: it takes as long as a whole command beside a service

    gc.enable()
    cli.log_warnings()
    settings = cli.settings
    spoken = settings.model_copy(update={"web": settings.web.model_copy(update={"language": cli.language})})
    return served(spoken, f"{person()} (dialer)")


def look_up(cli: Cli, kind: type[T], path: str, **query: object) -> T:
    """What one path of the API answers, as ``kind``."""
    with connect(cli) as client:
        return read(kind, client.get(path, **query))


def change(cli: Cli, method: str, path: str, body: Mapping[str, Any] | None = None) -> Json:
    """Change one thing; what the API answers."""
    with connect(cli, changes=True) as client:
        return client.send(method, path, body)
