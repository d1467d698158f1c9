"""Beside offices that others set up: only who was called may answer, whatever the PBX's own routes do meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest

from dialer.ami.check.facts import look
from dialer.campaign.calls.events import gather
from dialer.campaign.changes import Place
from dialer.campaign.messages import CallProgress
from dialer.campaign.model.evidence import Disposition, Evidence
from dialer.campaign.model.phone import PhoneState
from dialer.campaign.rules.disposition import classify
from dialer.cli.pbx.checks import Verdict
from dialer.cli.pbx.routechecks import route_checks
from dialer.demo.rig.numbers import AFTER_RINGING, AT_ONCE, always
from dialer.demo.rig.rig import Rig
from dialer.language import translator
from dialer.phonetests.model import Finding, judge
from tests.ami.real import RealBench, real_bench, real_config
from tests.contracts.pbx_contract import Caller
from tests.demo.rig.calls import fresh_number
from tests.kit import offices

pytestmark = pytest.mark.pbx

D, S = Disposition, CallProgress
_TIMEOUT_S = 20.0


@pytest.fixture
async def bench(rig: Rig) -> AsyncIterator[RealBench]:
    """The adapter, logged in."""
    async with real_bench(rig) as running:
        yield running


Call = Callable[..., Awaitable[str]]


@pytest.fixture
def call(bench: RealBench) -> Call:
    """Place a call over a trunk's template; gives the attempt's id."""
    serial = 0

    async def placed(template: str, number: str, agent: str = "", agent_timeout_s: float = 5) -> str:
        nonlocal serial
        serial += 1
        attempt = f"of-{serial}-1-{id(bench):x}"
        channel = template.replace("{number}", number)
        await bench.pbx.originate(
            Place(attempt, channel, agent or bench.agent_phone, _TIMEOUT_S, agent_timeout_s, "62880000")
        )
        return attempt

    return placed


@pytest.mark.parametrize(
    ("template", "answer", "disposition"),
    [
        (offices.ANSWERING, always(AT_ONCE, 486), D.BUSY),
        (offices.ANSWERING, always(AT_ONCE, 503), D.CONGESTION),
        (offices.ISSABEL.template, always(AFTER_RINGING, 404), D.INVALID_NUMBER),
        (offices.CHAINED_ANSWERING, always(AT_ONCE, 503), D.CONGESTION),
        (offices.PIN, "", D.OUR_FAULT),
        (offices.EMERGENCY, "", D.OUR_FAULT),
    ],
    ids=["busy", "congested", "unallocated", "chained", "pin", "emergency"],
)
async def test_a_route_that_answers_is_not_the_customer(
    bench: RealBench, call: Call, template: str, answer: str, disposition: Disposition
) -> None:
    """It is hung up, no agent's phone rings and nothing is recorded; what the carrier said of the number counts."""
    attempt = await call(template, answer + fresh_number("00"))
    caller = Caller(bench)
    assert await caller.end(attempt, _TIMEOUT_S) is disposition, caller.events(attempt)
    told = caller.progress(attempt)
    assert S.INTERCEPTED in told
    assert not {S.ANSWERED, S.AGENT_RINGING, S.CONNECTED, S.AGENT_MISSED} & {*told}
    assert not (bench.rig.recordings.spool / f"{attempt}.raw").exists()


async def test_a_dead_trunk_behind_a_route_is_our_fault(bench: RealBench, call: Call) -> None:
    """The route plays something and says congestion; nobody's phone rang."""
    attempt = await call(offices.DEAD, fresh_number("00"))
    caller = Caller(bench)
    assert await caller.end(attempt, _TIMEOUT_S) is D.OUR_FAULT, caller.events(attempt)
    assert S.PROGRESS not in caller.progress(attempt)


@pytest.mark.parametrize(
    ("answer", "disposition"),
    [
        (always(AFTER_RINGING, 603), D.DECLINED),
        (always(AFTER_RINGING, 480), D.NO_ANSWER),
        (always(AT_ONCE, 404), D.INVALID_NUMBER),
        (always(AT_ONCE, 486), D.BUSY),
    ],
    ids=["declined", "no_answer", "unallocated", "busy"],
)
async def test_the_journal_alone_tells_how_a_call_behind_a_route_ended(
    bench: RealBench, call: Call, answer: str, disposition: Disposition
) -> None:
    """For a dialer that was not there: it has what the leg said, although the route said congestion or busy."""
    attempt, caller = await call(offices.FREEPBX.template, answer + fresh_number("00")), Caller(bench)
    await caller.end(attempt, _TIMEOUT_S)
    evidence = Evidence()
    for each in (await caller.survey()).ends:
        if each.attempt == attempt:
            gather(evidence, each)
    assert classify(evidence).disposition is disposition, evidence


async def test_a_voicemail_is_no_agent(bench: RealBench, call: Call) -> None:
    """The extension's voicemail answers: the customer is not joined with it, and the agent has missed the call."""
    dead = bench.dead_phone.removeprefix("PJSIP/")
    agent = offices.WITH_VOICEMAIL.replace("{extension}", dead)
    attempt = await call(offices.PLAIN.template, fresh_number("79"), agent)
    caller = Caller(bench)
    assert await caller.end(attempt, _TIMEOUT_S) is D.ABANDONED, caller.events(attempt)
    missed = [each.text for each in caller.events(attempt) if each.progress is S.AGENT_MISSED]
    assert (missed, S.CONNECTED in caller.progress(attempt)) == (["NOANSWER"], False)


@pytest.mark.parametrize("way", [offices.WITH_VOICEMAIL, offices.SKIP_VOICEMAIL])
async def test_an_agent_behind_a_local_channel_is_connected(bench: RealBench, call: Call, way: str) -> None:
    """Their phone answers: customer and agent talk, whatever the trunk's way."""
    agent = way.replace("{extension}", bench.agent_phone.removeprefix("PJSIP/"))
    attempt = await call(offices.FREEPBX.template, fresh_number("00"), agent)
    caller = Caller(bench)
    assert await caller.end(attempt, _TIMEOUT_S) is D.CONNECTED, caller.events(attempt)


@pytest.mark.parametrize(
    ("phone", "finding"), [("dead_phone", Finding.INTERCEPTED), ("agent_phone", Finding.WORKS)], ids=["dead", "works"]
)
async def test_a_test_call_does_not_take_a_voicemail_for_the_phone(
    bench: RealBench, phone: str, finding: Finding
) -> None:
    """`dialer test-call` says that the phone works only if the phone was picked up."""
    extension = offices.WITH_VOICEMAIL.replace("{extension}", getattr(bench, phone).removeprefix("PJSIP/"))
    test = f"test-{id(bench) % 16**12:012x}"
    await bench.tester.ring(test, extension, _TIMEOUT_S)
    caller = Caller(replace(bench, messages=bench.heard))
    await bench.until(lambda: caller.over(test))
    assert judge(caller.evidence(test), PhoneState.UNSAID) is finding, caller.events(test)


async def test_a_second_trunk_behind_a_route_is_noted(bench: RealBench, call: Call) -> None:
    """The customer who declined was rung twice: the evidence has what each trunk said."""
    attempt, caller = await call(offices.TWO_TRUNKS, always(AFTER_RINGING, 603) + fresh_number("00")), Caller(bench)
    assert await caller.end(attempt, _TIMEOUT_S) is D.DECLINED
    assert [each.text for each in caller.events(attempt) if each.progress is S.HUNG_UP] == ["SIP 603 + SIP 603 Decline"]


@pytest.mark.parametrize(
    ("template", "verdicts", "text"),
    [
        (offices.ROUTED.template, [], ""),
        (offices.FREEPBX.template, [], ""),
        (offices.CATCH_ALL, [Verdict.FAIL], "freepbx-no-route,_X. dials nobody (Progress())"),
        (offices.PIN, [Verdict.FAIL], "answers by itself"),
        (offices.TWO_TRUNKS, [Verdict.FAIL], "second trunk"),
    ],
    ids=["routed", "freepbx", "catch-all", "pin", "two-trunks"],
)
async def test_the_check_reads_a_route_on_the_pbx(rig: Rig, template: str, verdicts: list[Verdict], text: str) -> None:
    """It sees what would take a number, also where the extension always exists, and calls nobody."""
    number, context = template.removeprefix("Local/").removesuffix("/n").split("@")
    asked = context, number.replace("{number}", "13900000000")
    facts = await look(real_config(rig, rig.ami.port), extensions=[asked])
    taken = facts.routes[asked]
    assert taken is not None
    told = list(route_checks("trunk", taken, translator("en")))
    assert [each.verdict for each in told] == verdicts
    assert all(text in each.text for each in told)
