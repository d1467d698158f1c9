"""Test calls: the administrator lets the PBX ring one phone, and sees what becomes of it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer import callid
from dialer.campaign.model.phone import PhoneState
from dialer.phonetests.model import Finding, PhoneTest, Stage
from dialer.phonetests.words import cause, said, todo
from dialer.web.kit.access.roles import ADMINISTRATOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import Said, View, view_of
from dialer.web.kit.http.query import Input, NoBody, NoParams


class PhoneTestBody(Input):
    """Which phone."""

    extension: Annotated[str, Field(min_length=1, max_length=128, examples=["8001", "PJSIP/8001"])]
    """A dial string as agents have them, or a bare extension."""


class PhoneTestPath(Input):
    """One test call."""

    test: Annotated[str, Field(pattern=f"^{callid.TEST}$", examples=["test-0123456789ab"])]


class PhoneTestView(view_of(PhoneTest, without={"text"}), View):  # type: ignore[misc]  # made of a record
    """A test call as it stands. It is no attempt: nothing of it is in the books of a day."""

    extension: str
    """The whole dial string."""
    agent: str | None
    """Whose phone it is."""
    phone: PhoneState
    """What the PBX knew of the phone before it was rung."""
    stage: Stage
    finding: Finding | None
    """What came of it, once it is over."""
    cause: int | None
    """Q.850 cause."""
    sip: int | None
    """The last SIP code."""
    said: Said
    todo: Said
    """What to do about it; empty while it goes on."""
    evidence: str
    """SIP code, cause and the PBX's own words, when it failed."""


def shown(test: PhoneTest) -> PhoneTestView:
    """A test call with its words."""
    return PhoneTestView.of(
        test,
        said=Said(zh=said(test, "zh"), en=said(test, "en")),
        todo=Said(zh=todo(test, "zh"), en=todo(test, "en")),
        evidence=cause(test),
    )


async def place_test_call(request: Request[NoParams, PhoneTestBody]) -> PhoneTestView:
    """Ring a phone; picked up, it hears three tones.

    It answers at once: look at the test call again to see how it goes on, or listen to the event ``test_call``. A phone
    onto which a customer may come at any moment (its agent is ready, called for, talking or in wrap-up) is refused, and
    so is a number outside.
    """
    extension = request.services.dial_string(request.body.extension)
    return shown(await request.services.phone_tests.begin(extension, request.by))


async def list_test_calls(request: Request[NoParams, NoBody]) -> list[PhoneTestView]:
    """The last test calls since the start, newest first."""
    return [shown(test) for test in request.services.phone_tests.recent()]


async def get_test_call(request: Request[PhoneTestPath, NoBody]) -> PhoneTestView:
    """One test call as it stands."""
    return shown(request.services.phone_tests.test(request.params.test))


async def stop_test_call(request: Request[PhoneTestPath, NoBody]) -> PhoneTestView:
    """Hang it up; one that is over stays what it is."""
    return shown(await request.services.phone_tests.stop(request.params.test))


ROUTES = (
    route("POST", "/test-calls", place_test_call, Scope.ADMIN, ADMINISTRATOR, status=201, fails=(409,)),
    route("GET", "/test-calls", list_test_calls, Scope.ADMIN, ADMINISTRATOR),
    route("GET", "/test-calls/{test}", get_test_call, Scope.ADMIN, ADMINISTRATOR, fails=(404,)),
    route("DELETE", "/test-calls/{test}", stop_test_call, Scope.ADMIN, ADMINISTRATOR, fails=(404,)),
)
