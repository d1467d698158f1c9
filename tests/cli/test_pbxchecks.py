"""What `dialer check` makes of what a PBX says, for PBXs that the rig is not."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from dialer.ami.check.facts import NEEDED_ACTIONS, PbxFacts, Step, Taken, steps_of
from dialer.ami.check.modules import APPLICATIONS, FUNCTIONS, NEEDED, missing_modules
from dialer.ami.lease import Owner
from dialer.ami.pbxconfig import dialplan
from dialer.audit.compare import AuditRule, cannot_be_matched
from dialer.campaign.model.agent import Agent
from dialer.cli.pbx.access import is_writable_for
from dialer.cli.pbx.checks import Check, Verdict, folder_checks
from dialer.cli.pbx.ownercheck import owner_check
from dialer.cli.pbx.pbxchecks import devices_of, extensions_of, pbx_checks
from dialer.language import translator
from dialer.settings import Settings, TrunkSettings
from tests.audit.days import records, small_day

SETTINGS = Settings(
    trunks=(
        TrunkSettings(name="direct", template="PJSIP/{number}@carrier"),
        TrunkSettings(name="routes", template="Local/9{number}@from-internal/n", prefix="0"),
        TrunkSettings(name="lines", template="DAHDI/g0/{number}", reports_ringing=False),
    )
)
PROBED = {"FILTER(a-z,abc)": "abc", "IF(1?yes:no)": "yes", "DB_EXISTS(dialer/check)": "0", "CHANNEL(state)": "Down"}
RIGHTS = {"Originate": "originate", "Hangup": "call", "Setvar": "call"}
GOOD = PbxFacts(
    version="22.10.1",
    actions={
        name: frozenset({RIGHTS[name]} if name in RIGHTS else ()) for name in (*NEEDED_ACTIONS, "DeviceStateList")
    },
    read=frozenset({"call", "user", "system"}),
    booted=True,
    event_times=True,
    clock_ahead_s=0.02,
    clock_doubt_s=0.01,
    utc_offset="+0800",
    run_user="",
    dialplan=steps_of(
        dialplan(str(SETTINGS.recordings.spool), str(SETTINGS.recordings.done), 20, SETTINGS.pbx.announcement)
    ),
    states={"PJSIP/carrier": "NOT_INUSE"},
    extensions={("from-internal", "9013900000000"): True},
    journal_ahead_s=0.03,
)

ROUTES = ("from-internal", "9013900000000")


def taken(*steps: str) -> PbxFacts:
    """A PBX whose route has these steps."""
    made = [Step(place, *step.removesuffix(")").split("(", 1)) for place, step in enumerate(steps, 1)]
    return replace(GOOD, routes={ROUTES: Taken("outrt-1", "_9.", tuple(made))})


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        (("Dial(PJSIP/1@t)",), ""),
        (("Set(a=b)", "Gosub(macro-dialout-trunk,s,1(1,2))", "Macro(outisbusy)"), ""),
        (("Playback(beep,noanswer)", "Dial(PJSIP/1@t)", "Playback(busy)"), ""),
        (("Goto(elsewhere,1,1)",), ""),
        (
            ("Progress()", "Playback(cannot-complete,noanswer)", "Congestion(20)"),
            "outrt-1,_9. dials nobody (Progress())",
        ),
        (("Authenticate(1234)", "Dial(PJSIP/1@t)"), "answers by itself"),
        (("Macro(pinsets,1,0)", "Macro(dialout-trunk,1,2)"), "answers by itself"),
        (("Playback(welcome)", "Dial(PJSIP/1@t)"), "answers by itself"),
        (("Macro(dialout-trunk,1,2)", "Macro(dialout-trunk,2,2)"), "second trunk"),
        (("Dial(PJSIP/1@t)", "Dial(PJSIP/1@u)"), "second trunk"),
    ],
)
def test_a_route_is_read(steps: tuple[str, ...], fault: str) -> None:
    """A context that takes every number, a PIN, a second trunk: each is refused before the first call."""
    check = found(taken(*steps), "trunk routes")
    assert (check.verdict, fault in check.text) == (Verdict.FAIL if fault else Verdict.OK, True)
    assert bool(check.todo) == bool(fault)


@pytest.mark.parametrize(
    ("version", "verdict"),
    [
        ("22.10.1", None),
        ("23.1.0", None),
        ("GIT-master-abc", None),
        ("certified/20.7-cert1", Verdict.FAIL),
        ("16.28.0", Verdict.FAIL),
        ("22.0.0", Verdict.FAIL),
        ("21.8.0", Verdict.WARN),
        ("22.6.1", Verdict.WARN),
        ("23.0.0", Verdict.WARN),
    ],
)
def test_an_old_asterisk_is_named(version: str, verdict: Verdict | None) -> None:
    """Without MixMonitor's option D recordings are spoilt; without TechCause causes are less exact."""
    checks = pbx_checks(SETTINGS, replace(GOOD, version=version), translator("en"))
    assert [each.verdict for each in checks if each.name == "version"] == ([verdict] if verdict else [])


NO_TONES = {context: steps for context, steps in GOOD.dialplan.items() if context != "dialer-test"}


def found(facts: PbxFacts, name: str) -> Check:
    """The first check of that name."""
    return next(each for each in pbx_checks(SETTINGS, facts, translator("en")) if each.name == name)


def test_a_good_pbx_passes() -> None:
    """All is well, and it is asked about each trunk in the form that its template has."""
    assert devices_of(SETTINGS) == ("PJSIP/carrier",)
    assert extensions_of(SETTINGS) == (("from-internal", "9013900000000"),)
    checks = list(pbx_checks(SETTINGS, GOOD, translator("zh")))
    assert {each.verdict for each in checks} == {Verdict.OK}
    assert not any(each.todo for each in checks)


@pytest.mark.parametrize(
    ("change", "name", "verdict", "says"),
    [
        ({"actions": {**GOOD.actions, "Command": frozenset({"command"})}}, "ami rights", "warn", "command (Command)"),
        ({"actions": {"Ping": frozenset()}}, "ami rights", "fail", "Originate"),
        ({"booted": False}, "ami events", "fail", "FullyBooted"),
        ({"read": frozenset({"call", "system"})}, "ami events", "fail", "user"),
        ({"read": frozenset({"all"})}, "ami events", "warn", "all"),
        ({"read": None}, "ami events", "ok", "does not say"),
        (
            {"actions": {n: r for n, r in GOOD.actions.items() if n != "DeviceStateList"}},
            "phone events",
            "warn",
            "loaded",
        ),
        ({"phone_events": False}, "phone events", "warn", "eventfilter"),
        ({"phone_events": True}, "phone events", "ok", "come and go"),
        ({"event_times": False}, "event times", "warn", "no time"),
        ({"clock_ahead_s": None}, "clock", "warn", "does not report"),
        ({"clock_ahead_s": -3.0}, "clock", "warn", "-3.000"),
        ({"clock_ahead_s": 3600.0}, "clock", "fail", "+3600.000"),
        ({"clock_ahead_s": 3600.0, "journal_ahead_s": 3600.1}, "clock", "fail", "+3600.000"),
        ({"dialplan": {}}, "dialplan", "fail", "dialer-connect"),
        ({"dialplan": NO_TONES}, "dialplan", "warn", "dialer-test is missing"),
        ({"dialplan": {**GOOD.dialplan, "dialer-agent": ()}}, "dialplan", "warn", "0 steps"),
        ({"dialplan": {**GOOD.dialplan, "dialer-connect": (Step(1, "Dial", "x"),)}}, "dialplan", "fail", "record into"),
        ({"states": {"PJSIP/carrier": "UNAVAILABLE"}}, "trunk direct", "warn", "does not answer"),
        ({"states": {"PJSIP/carrier": "INVALID"}}, "trunk direct", "fail", "no endpoint"),
        ({"extensions": {}}, "trunk routes", "fail", "accepts no number"),
        ({}, "trunk lines", "ok", "cannot be queried"),
    ],
)
def test_each_fault_is_named(change: dict[str, object], name: str, verdict: str, says: str) -> None:
    """One thing wrong is one check that is not ok, and says what and how to mend it."""
    check = found(replace(GOOD, **change), name)  # type: ignore[arg-type]  # the table above is typed by eye
    assert (check.verdict, says in check.text) == (verdict, True), check
    assert bool(check.todo) is (verdict != "ok")


def test_a_journal_that_is_written_by_another_clock_is_told() -> None:
    """The clock itself is right; what the loaded dialplan makes of it is eight hours early."""
    facts = replace(GOOD, journal_ahead_s=-28800.1)
    clock, journal = [each for each in pbx_checks(SETTINGS, facts, translator("en")) if each.name == "clock"]
    assert (clock.verdict, journal.verdict) == (Verdict.OK, Verdict.FAIL)
    assert "-28800 s" in journal.text
    assert "dialplan reload" in journal.todo


def test_whether_another_user_may_write(tmp_path: Path) -> None:
    """By owner, group and mode, as the kernel decides; root always may."""
    own, group = os.getuid(), tmp_path.stat().st_gid
    tmp_path.chmod(0o570)
    assert is_writable_for(tmp_path, own or 1, frozenset({group})) is (own == 0)
    assert is_writable_for(tmp_path, 0, frozenset())
    assert is_writable_for(tmp_path, own + 1, frozenset({group}))
    assert not is_writable_for(tmp_path, own + 1, frozenset())
    tmp_path.chmod(0o703)
    assert is_writable_for(tmp_path, own + 1, frozenset())
    assert not is_writable_for(tmp_path, own + 1, frozenset({group}))


def test_a_folder_that_asterisk_cannot_write_is_found(tmp_path: Path) -> None:
    """When the PBX says as whom it runs, its folders are checked for that user."""
    tmp_path.chmod(0o755)
    settings = SETTINGS.model_copy(
        update={"recordings": SETTINGS.recordings.model_copy(update={"spool": tmp_path, "done": tmp_path})}
    )
    checks = list(pbx_checks(settings, replace(GOOD, run_user="nobody"), translator("en")))
    (told, _) = [each for each in checks if each.name == "recordings"]
    assert told.verdict is Verdict.FAIL
    assert "nobody" in told.text
    assert str(tmp_path) in told.todo
    for user in ("root", "no-such-user-here"):
        checks = list(pbx_checks(settings, replace(GOOD, run_user=user), translator("en")))
        assert not [each for each in checks if each.name == "recordings"]


def test_a_closed_folder_above_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever may not pass a folder on the way is told which, and nothing behind it is touched."""
    closed = tmp_path / "spool"
    behind = [closed / "dialer" / name for name in ("spool", "done")]
    for folder in behind:
        folder.mkdir(parents=True)
    look, see = os.access, Path.is_dir

    def allowed(path: Path, mode: int) -> bool:
        return not Path(path).is_relative_to(closed) and look(path, mode)

    def is_dir(path: Path) -> bool:
        if path.is_relative_to(closed) and path != closed:
            raise PermissionError(13, "Permission denied", str(path))
        return see(path)

    monkeypatch.setattr("os.access", allowed)  # the tests may run as root, to whom nothing is closed
    monkeypatch.setattr(Path, "is_dir", is_dir)
    recordings = SETTINGS.recordings.model_copy(update={"spool": behind[0], "done": behind[1]})
    settings = SETTINGS.model_copy(update={"recordings": recordings, "data": tmp_path})
    told = [each for each in folder_checks(settings, translator("en")) if each.name == "recordings"]
    assert [each.verdict for each in told] == [Verdict.FAIL, Verdict.FAIL]
    assert str(closed) in told[0].text
    assert f"chmod g+x {closed}" in told[0].todo


def test_folders_that_everybody_can_read_are_named(tmp_path: Path) -> None:
    """As `fwconsole chown` leaves them: recordings are customers' words."""
    for name, mode in (("spool", 0o755), ("done", 0o2770)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(mode)
    recordings = SETTINGS.recordings.model_copy(update={"spool": tmp_path / "spool", "done": tmp_path / "done"})
    settings = SETTINGS.model_copy(update={"recordings": recordings, "data": tmp_path})
    (told,) = [each for each in folder_checks(settings, translator("en")) if each.name == "recordings"]
    assert (told.verdict, told.text) == (Verdict.WARN, f"{tmp_path / 'spool'} can be read by everybody")
    assert told.todo.startswith(f"chmod 2770 {tmp_path / 'spool'};")
    (tmp_path / "spool").chmod(0o2770)
    (told,) = [each for each in folder_checks(settings, translator("en")) if each.name == "recordings"]
    assert told.verdict is Verdict.OK


def test_every_module_that_the_dialplan_uses_is_asked_for() -> None:
    """An application or a function that is new in our dialplan has to say where it comes from."""
    text = dialplan("/spool", "/done", 20, "vm-nobodyavail")
    steps = [step for steps in steps_of(text).values() for step in steps]
    assert {step.application for step in steps} <= APPLICATIONS.keys()
    functions = {name for step in steps for name in re.findall(r"\b([A-Z][A-Z_]+)\(", step.data)}
    assert functions <= FUNCTIONS.keys()


@pytest.mark.parametrize(
    ("answers", "actions", "missing"),
    [
        ({f"IFMODULE({name}.so)": "1" for name in ("func_module", *NEEDED)}, (), []),
        ({f"IFMODULE({name}.so)": "1" for name in ("func_module", *NEEDED) if name != "app_dial"}, (), ["app_dial"]),
        (PROBED, ("StopMixMonitor",), []),
        (PROBED, (), ["app_mixmonitor"]),
        ({**PROBED, "FILTER(a-z,abc)": ""}, ("StopMixMonitor",), ["func_strings"]),
    ],
)
async def test_a_missing_module_is_seen(answers: dict[str, str], actions: tuple[str, ...], missing: list[str]) -> None:
    """By IFMODULE where the PBX has it; else by functions without a value, and by actions that a module brings."""

    async def ask(expression: str) -> str:
        return answers.get(expression, "")

    assert await missing_modules(ask, dict.fromkeys(actions)) == missing


def test_records_that_name_no_call_are_no_audit() -> None:
    """0 matched, 390 findings of a Master.csv without ids; one id or known number, and it is judged."""
    placed = small_day()
    bare = [replace(call, dst="s", uniqueid="", linkedid="") for call in records(placed)]
    assert cannot_be_matched(placed, bare, AuditRule())
    assert not cannot_be_matched(placed, [*bare, *records(placed)[:1]], AuditRule())
    assert not cannot_be_matched([], bare, AuditRule())


@pytest.mark.parametrize(
    ("method", "verdict"),
    [("uri_core", Verdict.WARN), ("user", Verdict.OK), ("", Verdict.OK), ("uri_pjsip", Verdict.OK)],
)
def test_a_trunk_whose_redirections_make_other_calls_is_named(method: str, verdict: Verdict) -> None:
    """Asterisk's default does so only where an Originate allows it, and ours do not."""
    check = found(replace(GOOD, redirects={"PJSIP/carrier": method}), "trunk direct")
    assert check.verdict is verdict
    assert ("redirect_method = uri_pjsip" in (check.todo or "")) is (verdict is Verdict.WARN)


def test_agents_of_an_old_database_who_share_a_phone_are_named() -> None:
    """Whatever the way to it, but on one PBX; nobody is called for one while the other talks."""
    one, two = Agent("1001", extension="PJSIP/8001"), Agent("1002", extension="Local/8001@office/n")
    for agents, verdict in (([one, two], Verdict.FAIL), ([one, replace(two, pbx="other")], Verdict.OK)):
        checks = pbx_checks(SETTINGS, GOOD, translator("en"), agents)
        (check,) = [each for each in checks if each.name == "phones"]
        assert check.verdict is verdict
        assert ("8001 (1001, 1002)" in check.text) is (verdict is Verdict.FAIL)


def test_a_copy_knows_whose_the_pbx_is_before_anybody_has_logged_in() -> None:
    """From its records; a new dialer is told that nobody owns it."""
    mine = Owner("dx", "one", "here")
    t = translator("en")
    assert owner_check(mine, "", t).verdict is Verdict.OK
    assert owner_check(replace(mine, last=mine.sign), "", t).verdict is Verdict.OK
    assert owner_check(replace(mine, last="two there"), "", t).verdict is Verdict.FAIL
