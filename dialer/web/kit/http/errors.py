"""The one place where an error becomes an HTTP answer: a status, and a JSON body that says what, where and how to mend.

The body is ``{"error": code, "message": text, "problems": [...]}``; a traceback never leaves the log.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from itertools import zip_longest

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dialer.campaign.commands.import_report import WithdrawsMany
from dialer.errors import (
    BadInput,
    Busy,
    Conflict,
    Defect,
    DialerError,
    ListRefused,
    NotFound,
    PbxError,
    Refused,
    StoreUnavailable,
    new_defect,
)
from dialer.language import Language, Text, reword, translator
from dialer.people.accounts import TooManyTries
from dialer.web.kit.http import refusals
from dialer.web.kit.http.answers import ErrorView, ProblemView, language_asked, said
from dialer.web.kit.http.refusals import TooMuch
from dialer.web.kit.http.unfit import unfit

log = structlog.get_logger(__name__)

_EXHAUSTED = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE, errno.ENFILE, errno.ENOMEM)
"""What the machine may lack for a while, a disk with room for a workbook, say: no defect of ours."""


class Unreadable(BadInput):
    """Parameters or body do not fit; ``problems`` says where, and ``words`` what a person is told of each."""

    def __init__(
        self, message: str, problems: tuple[ProblemView, ...] = (), words: tuple[Text | None, ...] = ()
    ) -> None:
        super().__init__(message)
        self.problems = problems
        self.words = words

    def told(self, language: Language | None) -> list[ProblemView]:
        """The problems in a person's language; None: as programmers read them."""
        if language is None:
            return list(self.problems)
        t = translator(language)
        return [
            view.model_copy(update={"reason": word.said(t) if word else reword(view.reason, language)})
            for view, word in zip_longest(self.problems, self.words)
        ]


STATUS: Mapping[type[BaseException], HTTPStatus] = {
    refusals.Malformed: HTTPStatus.BAD_REQUEST,
    refusals.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    refusals.NotAllowed: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    refusals.TooSlow: HTTPStatus.REQUEST_TIMEOUT,
    Conflict: HTTPStatus.CONFLICT,
    refusals.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    refusals.WrongMedia: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    TooManyTries: HTTPStatus.TOO_MANY_REQUESTS,
    TooMuch: HTTPStatus.TOO_MANY_REQUESTS,
    BadInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    Busy: HTTPStatus.SERVICE_UNAVAILABLE,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    PbxError: HTTPStatus.SERVICE_UNAVAILABLE,
    refusals.NotYet: HTTPStatus.GATEWAY_TIMEOUT,
    Refused: HTTPStatus.BAD_REQUEST,
    DialerError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The nearest class of an error that is in here decides."""

_SECRET = re.compile(r"passw|secret|token|authori|cookie", re.IGNORECASE)
_HEADERS: Mapping[HTTPStatus, Mapping[str, str]] = {
    HTTPStatus.SERVICE_UNAVAILABLE: {"Retry-After": "1"},  # it is over in a moment
    HTTPStatus.TOO_MANY_REQUESTS: {"Retry-After": "2"},
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": 'Bearer realm="dialer"'},
    HTTPStatus.REQUEST_TIMEOUT: {"Connection": "close"},
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: {"Connection": "close"},
}
_FROM_AIOHTTP = {404: "no-such-address", 405: "method-not-allowed", 413: "too-large"}


def status_of(error: DialerError) -> HTTPStatus:
    """The HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def unreadable(error: ValidationError, where: str) -> Refused:
    """What pydantic found, as one of ours. ``where`` is "body" or "" for parameters."""
    found = error.errors(include_url=False)
    if any(detail["type"] == "json_invalid" for detail in found):
        return refusals.Malformed(f"the body is not JSON: {found[0]['msg']}")
    problems = tuple(_problem(detail, where) for detail in found)
    first = problems[0]
    message = f"{first.where}: {first.reason}" if first.where else first.reason
    return Unreadable(message, problems, tuple(map(unfit, found)))


def answering(found: Callable[[str], None]) -> Middleware:
    """Answer every error as JSON. A defect is logged with an id that the answer names; ``found`` hears of its route."""

    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await _handled(handler, request)
        except DialerError as error:
            status = status_of(error)
            if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                log.warning("request failed", action="web.failed", path=route_of(request), error=str(error))
            message = said(error, str(error), request)
            body = ErrorView(error=error.code, message=message, problems=_problems(error, request))
            return _json(status, body, _HEADERS.get(status))
        except web.HTTPException as error:
            if error.status < HTTPStatus.BAD_REQUEST:
                raise
            code = _FROM_AIOHTTP.get(error.status, "refused")
            keep = {name: error.headers[name] for name in ("Allow",) if name in error.headers}
            return _json(error.status, ErrorView(error=code, message=f"{error.reason}: {request.method} here"), keep)
        except ConnectionError:
            raise  # the client is gone
        except Exception:
            defect, route = Defect(new_defect()), route_of(request)
            log.exception("defect in a request", action="web.defect", path=route, defect=defect.defect)
            found(f"{request.method} {route}")
            return _json(HTTPStatus.INTERNAL_SERVER_ERROR, ErrorView(error=defect.code, message=str(defect)))

    return answer


async def _handled(handler: Handler, request: web.Request) -> web.StreamResponse:
    try:
        return await handler(request)
    except OSError as error:
        if error.errno in _EXHAUSTED:
            raise Busy(f"the machine cannot do this just now ({error.strerror})") from error
        raise


def _problems(error: DialerError, request: web.Request) -> list[ProblemView]:
    if isinstance(error, ListRefused):
        return [ProblemView.of_row(problem, request) for problem in error.problems]
    if isinstance(error, WithdrawsMany):
        return [ProblemView(where="withdraw", value=str(error.count), reason=str(error))]
    return error.told(language_asked(request)) if isinstance(error, Unreadable) else []


def _problem(detail: ErrorDetails, where: str) -> ProblemView:
    path = ".".join(str(part) for part in ((where,) if where else ()) + detail["loc"])
    # A name that nobody knows may have a secret for a value, such as ?token=; and answers end up in others' logs.
    hidden = detail["type"] == "extra_forbidden" or _SECRET.search(path)
    value = "" if hidden else detail["input"]
    shown = value if isinstance(value, str) else "" if isinstance(value, dict | list) else str(value)
    return ProblemView(where=path, value=shown[:60], reason=detail["msg"].removeprefix("Value error, "))


def _json(status: int, body: ErrorView, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status,
        body=body.model_dump_json().encode(),
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def route_of(request: web.Request) -> str:
    """The pattern of the route: the path itself may name a customer."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "-"
