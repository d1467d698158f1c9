"""The OpenAPI document, generated from the route table and its models."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import TypeAdapter

from dialer.web.kit.access.tokens import ON_BEHALF_OF
from dialer.web.kit.api.routes import JSON, PREFIX, Route
from dialer.web.kit.http.answers import ErrorView
from dialer.web.kit.http.query import NoBody

_REF = "#/components/schemas/{model}"
_ALWAYS = (400, 401, 403, 422, 429, 500, 503)
"""Statuses that every route may answer: it is read, authenticated, checked, and the dialer may be busy or defective."""

_BODY = (408, 413, 415)
_ERRORS = {
    400: "The request cannot be read.",
    401: "There is no API token, or it is not known.",
    403: "The token lacks the scope.",
    404: "There is no such thing.",
    408: "The body did not arrive in time.",
    409: "The request does not fit the present state.",
    413: "The body is too large.",
    415: "The body has another content type.",
    416: "The range lies outside the file.",
    422: "Parameters, body or list are not right; `problems` says where.",
    429: "The caller has too much of this under way. Try again after Retry-After seconds, when some of it is done.",
    500: "The dialer has a defect, or its files are not what they should be.",
    503: "The dialer is starting, stopping or cannot write just now. Try again after Retry-After seconds.",
    504: "The dialer has not answered in time and may still carry the request out. Look before repeating it.",
}
_HEADERS: Mapping[int, Mapping[str, Any]] = {
    401: {"headers": {"WWW-Authenticate": {"schema": {"type": "string"}}}},
    416: {"headers": {"Content-Range": {"schema": {"type": "string"}}}},
    429: {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
    503: {"headers": {"Retry-After": {"schema": {"type": "integer"}}}},
}


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """The document, as plain JSON values."""
    table = tuple(routes)
    schemas, definitions = _schemas(table)
    paths: dict[str, dict[str, Any]] = {}
    for entry in table:
        paths.setdefault(PREFIX + entry.path, {})[entry.method.lower()] = _operation(entry, schemas, definitions)
    paths.update(_OPEN)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dialer",
            "version": version,
            "description": "Calls a day's list of customers under the five-attempt rule, and keeps the recordings. "
            "Times are UTC in ISO 8601. Errors are JSON: {error, message, problems}.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": [{"name": name} for name in dict.fromkeys(entry.tag for entry in table)],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": f"An API token. {ON_BEHALF_OF} may name the person for whom a system asks.",
                }
            },
            "responses": {
                str(status): {
                    "description": text,
                    "content": {JSON: {"schema": {"$ref": _REF.format(model="ErrorView")}}},
                    **_HEADERS.get(status, {}),
                }
                for status, text in _ERRORS.items()
            },
            "schemas": definitions,
        },
    }


def _schemas(table: tuple[Route, ...]) -> tuple[dict[str, Any], dict[str, Any]]:
    """JSON schemas of what the routes answer, by operation, and of everything that the table speaks of, by name."""
    bodies = {entry.body for entry in table if _has_json(entry)}
    schemas, found = TypeAdapter.json_schemas(
        [
            *((entry.name, "serialization", entry.answer) for entry in table if entry.answer is not None),
            *((body.__name__, "validation", TypeAdapter(body)) for body in bodies),
            (ErrorView.__name__, "serialization", TypeAdapter(ErrorView)),
        ],
        ref_template=_REF,
    )
    return {name: schema for (name, _), schema in schemas.items()}, found["$defs"]


def _operation(entry: Route, schemas: Mapping[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    params = entry.params.model_json_schema(ref_template=_REF)
    definitions.update(params.get("$defs", {}))
    summary, _, more = (inspect.getdoc(entry.handler) or "").partition("\n")
    scopes = " or ".join(f"`{scope}`" for scope in sorted(entry.scopes))
    operation: dict[str, Any] = {
        "operationId": entry.name,
        "tags": [entry.tag],
        "summary": summary,
        "description": f"{more.strip()}\n\nScope: {scopes}.".strip(),
        "parameters": [
            _parameter(name, schema, entry, name in params.get("required", ()))
            for name, schema in params.get("properties", {}).items()
        ],
        "responses": {**_success(entry, schemas), **_failures(entry)},
    }
    if entry.takes_upload:
        operation["requestBody"] = _upload()
    elif _has_json(entry):
        schema = {"$ref": _REF.format(model=entry.body.__name__)}
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return operation


def _parameter(name: str, schema: Mapping[str, Any], entry: Route, required: bool) -> dict[str, Any]:
    schema = {key: value for key, value in schema.items() if key != "title"}
    kinds = [kind for kind in schema.get("anyOf", ()) if kind != {"type": "null"}]
    if len(kinds) == 1:  # what may be left out is not null
        schema = {**{key: value for key, value in schema.items() if key not in ("anyOf", "default")}, **kinds[0]}
    text = schema.pop("description", "")
    return {
        "name": name,
        "in": "path" if name in entry.in_path else "query",
        "required": required,
        **({"description": text} if text else {}),
        "schema": schema,
    }


def _success(entry: Route, schemas: Mapping[str, Any]) -> dict[str, Any]:
    status = str(entry.status)
    text = HTTPStatus(entry.status).phrase
    if entry.answer is not None:
        return {status: {"description": text, "content": {entry.media: {"schema": schemas[entry.name]}}}}
    if entry.status == HTTPStatus.NO_CONTENT:
        return {status: {"description": text}}
    if entry.media.startswith("text/"):
        return {status: {"description": text, "content": {entry.media: {"schema": {"type": "string"}}}}}
    content = {} if entry.method == "HEAD" else {"content": {entry.media: {"schema": {"format": "binary"}}}}
    answers: dict[str, Any] = {"200": {"description": "The whole file", **content}}
    answers["304"] = {"description": "What the client has is still the same"}
    if entry.method == "GET":
        answers["206"] = {"description": "The range that was asked for", **content}
    return answers


def _failures(entry: Route) -> dict[str, Any]:
    statuses = {*_ALWAYS, *entry.fails, *(_BODY if entry.takes_upload or _has_json(entry) else ())}
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}


def _has_json(entry: Route) -> bool:
    return not entry.takes_upload and entry.body is not NoBody


def _upload() -> dict[str, Any]:
    file = {"type": "string", "format": "binary"}
    form = {"type": "object", "properties": {"file": file}, "required": ["file"]}
    xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    content: dict[str, Any] = {media: {"schema": file} for media in ("text/csv", xlsx, "application/octet-stream")}
    return {"required": True, "content": {**content, "multipart/form-data": {"schema": form}}}


def _plain(text: str, media: str, *more: int) -> dict[str, Any]:
    answers = {
        str(status): {"description": HTTPStatus(status).phrase, "content": {media: {}}} for status in (200, *more)
    }
    return {"get": {"summary": text, "security": [], "tags": ["open"], "responses": answers}}


_OPEN = {
    "/health/live": _plain("The process runs.", JSON),
    "/health/ready": _plain("Each part with its state and what to do about it; 503 when one has failed.", JSON, 503),
    "/metrics": _plain("Numbers for Prometheus.", "text/plain"),
    "/openapi.json": _plain("This document.", JSON),
    "/status": _plain("The status page, for people; `lang=en` for English.", "text/html"),
}
"""What needs no token: no customer's data is in it."""
