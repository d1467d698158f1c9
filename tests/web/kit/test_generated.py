"""A foreign tool makes requests up from the document and sends them: no answer is a defect, each is as described."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from schemathesis.transport.serialization import Binary

from tests.web.busy import busy_day
from tests.web.system import Json, System

AnyCase: TypeAlias = Case[Any]
AnyOperation: TypeAlias = APIOperation[Any, Any, Any, Any]

FITTING, UNFITTING = 4, 2
"""Requests for each operation: those that fit the document, and those that do not."""

EXCLUDED: Sequence[Any] = [positive_data_acceptance, negative_data_rejection]
"""Of the tool's checks, when a request fits the document. It need not be taken: that a phone number is possible in this
numbering plan, a password hard to guess or the end after the beginning cannot be said in a schema; such requests get
422 and the reason. And where we put a list into it ourselves the tool believes that we broke it."""

LIST = "客户代码,店铺名称,主访销电话,电访员,营销部\nC0002,一店,13904700002,001,城区\n".encode()
_QUICKLY = settings(
    derandomize=True, database=None, deadline=None, phases=(Phase.generate,), suppress_health_check=list(HealthCheck)
)


@dataclass
class Tries:
    """What was asked of a system, and what was wrong with the answers."""

    system: System
    known: Mapping[str, Json]
    """Parameter or field -> the value of something that exists."""
    session: requests.Session = field(default_factory=requests.Session)
    statuses: dict[str, set[int]] = field(default_factory=dict)
    wrong: dict[tuple[str, ...], str] = field(default_factory=dict)

    def look(self, case: AnyCase, *, token: bool = True, fits: bool = True) -> int:
        """Send it, judge the answer, note what is wrong once; the status."""
        headers = {"Authorization": f"Bearer {self.system.tokens['all']}"} if token else None
        answer = self._stream(case, headers) if streams(case) else case.call(headers=headers, session=self.session)
        self.statuses.setdefault(case.operation.label, set()).add(answer.status_code)
        try:
            case.validate_response(answer, headers=headers, excluded_checks=[*EXCLUDED] if fits else [])
        except (Failure, FailureGroup) as found:
            for each in found.exceptions if isinstance(found, FailureGroup) else (found,):
                key = (case.operation.label, type(each).__name__, str(answer.status_code))
                self.wrong.setdefault(key, f"{each}\n{case.as_curl_command()}\n{answer.content[:300]!r}")
        return answer.status_code

    def _stream(self, case: AnyCase, headers: Mapping[str, str] | None) -> Response:
        """The head of an answer that does not end, and its first event."""
        sent = case.as_transport_kwargs(base_url=self.system.url, headers=dict(headers or {}))
        with requests.request(**sent, stream=True, timeout=60) as answer:
            if answer.status_code == 200:
                assert any(line == b"event: hello" for line in answer.iter_lines())
                answer.raw.close()
                answer._content = b""
            return Response.from_requests(answer, verify=True)


def streams(case: AnyCase) -> bool:
    """Whether the answer has no end."""
    return case.path.endswith("/events")


ELSEWHERE: Mapping[str, Mapping[str, Json]] = {"/orders": {"number": "N1"}, "/staff": {"number": "995"}}
"""Where a name stands for something else: the beginning of the path under the API's -> parameter -> value."""


def named(case: AnyCase, known: Mapping[str, Json]) -> AnyCase:
    """The same request about things that exist, so that it gets further than 404."""
    here = next((more for path, more in ELSEWHERE.items() if case.path.startswith(f"/api/v1{path}")), {})
    values = {**known, **here}
    for chosen in (case.path_parameters, case.query, case.body):
        if isinstance(chosen, dict):
            chosen.update({name: values[name] for name in chosen if name in values})
    if isinstance(case.body, Binary):
        case.body = Binary(LIST)
    return case


def tried(tries: Tries, document: Json) -> None:
    """Every operation of the document."""
    schemathesis.serializer("text/csv")(lambda _context, value: bytes(getattr(value, "data", b"")))
    for operation in operations(document, tries.system.url):
        fitting(tries, operation)
    open_document = {name: value for name, value in document.items() if name != "security"}
    for operation in operations(open_document, tries.system.url):  # else "wrong" may mean no more than a lacking token
        unfitting(tries, operation)


def operations(document: Json, url: str) -> Iterator[AnyOperation]:
    """Every operation of a document, to be asked for at ``url``."""
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    for result in schema.get_all_operations():
        assert isinstance(result, Ok)
        yield result.ok()


def fitting(tries: Tries, operation: AnyOperation) -> None:
    """Requests as the document has them: every second about what exists, the first one without a token as well."""
    number = count()

    @settings(_QUICKLY, max_examples=FITTING)
    @given(operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def send(case: AnyCase) -> None:
        nth = next(number)
        tries.look(named(case, tries.known) if nth % 2 else case)
        if nth == 0:
            assert tries.look(case, token=False) == (401 if operation.path.startswith("/api/") else 200)

    send()


def unfitting(tries: Tries, operation: AnyOperation) -> None:
    """Requests that the document forbids."""

    @settings(_QUICKLY, max_examples=UNFITTING)
    @given(operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    def send(case: AnyCase) -> None:
        tries.look(case, fits=False)

    with suppress(Unsatisfiable):  # it takes no parameters and no body: there is nothing to forbid
        send()


@pytest.mark.usefixtures("untraced")
async def test_no_made_up_request_finds_a_defect(system: System) -> None:
    """Every operation is asked for things that are there and that are not, rightly and wrongly, with and without token.

    Nothing of it gets a server error, a status, a content type or a body that the document does not know, or through
    without a token.
    """
    tries = Tries(system, {**await busy_day(system), "file": Binary(LIST)})
    await asyncio.to_thread(tried, tries, await system.ask("GET", "/openapi.json", token=None))
    assert not tries.wrong, "\n\n".join(f"{' '.join(key)}: {text}" for key, text in tries.wrong.items())
    done = [label for label, seen in tries.statuses.items() if any(status < 300 for status in seen)]
    assert len(done) > 0.8 * len(tries.statuses), f"only these got as far as to be carried out: {done}"
