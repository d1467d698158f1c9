"""What the AMI user of `dialer asterisk-config` cannot do, asked of a real Asterisk: a stolen secret opens no shell, no
file, and changes no configuration. That it can do what the dialer needs is in tests/rig and tests/ami.

The right `call`, without which there is no Hangup, brings with it other ways to bother calls (Redirect, ChanSpy as
the application of an Originate, StopMixMonitor): Asterisk has no finer one. And where func_config is loaded, whoever
may ask for a variable may read the configuration by AST_CONFIG, one value at a time; docs/install.md says so.
"""

from __future__ import annotations

import pytest

from dialer.demo.rig.control import Header
from dialer.demo.rig.rig import Rig
from tests.demo.rig.calls import dialer_session

REFUSED: list[tuple[str, dict[str, Header]]] = [
    ("Command", {"Command": "core show version"}),
    ("Command", {"Command": "!id"}),
    ("GetConfig", {"Filename": "manager.conf"}),
    ("GetConfigJSON", {"Filename": "manager.conf"}),
    ("UpdateConfig", {"SrcFilename": "manager.conf", "DstFilename": "manager.conf", "Reload": "yes"}),
    ("CreateConfig", {"Filename": "x.conf"}),
    ("ListCategories", {"Filename": "manager.conf"}),
    ("DialplanExtensionAdd", {"Context": "x", "Extension": "s", "Priority": "1", "Application": "System"}),
    ("DialplanExtensionRemove", {"Context": "dialer-connect", "Extension": "s"}),
    ("ModuleLoad", {"Module": "app_system.so", "LoadType": "load"}),
    ("ModuleCheck", {"Module": "app_system.so"}),
    ("Reload", {}),
    ("Filter", {"Operation": "Add", "Filter": "Event: .*"}),
    ("MixMonitor", {"Channel": "x", "File": "x", "Command": "id"}),
    ("MixMonitor", {"Channel": "x", "File": "/etc/x"}),
    ("DBPut", {"Family": "dialer", "Key": "x", "Val": "x"}),
    ("DBDel", {"Family": "dialer", "Key": "x"}),
    ("DBDelTree", {"Family": "dialer"}),
    ("UserEvent", {"UserEvent": "DialerEnded"}),
    ("MessageSend", {"To": "pjsip:8001", "Body": "x"}),
    ("PJSIPShowAuths", {}),
    ("PJSIPShowEndpoints", {}),
    ("Getvar", {"Variable": "SHELL(id)"}),
    ("Getvar", {"Variable": "EVAL(${SHELL(id)})"}),
    ("Setvar", {"Variable": "SHELL(id)", "Value": "x"}),
    ("Setvar", {"Variable": "FILE(/tmp/x)", "Value": "x"}),
    ("Setvar", {"Variable": "DB(dialer/x)", "Value": "x"}),
]
APPLICATIONS = [
    ("System", "id"),
    ("TrySystem", "id"),
    ("Exec", "System(id)"),
    ("ExecIf", "1?System(id)"),
    ("AGI", "/bin/id"),
    ("EAGI", "/bin/id"),
    ("ExternalIVR", "/bin/id"),
    ("MixMonitor", "x.wav,,id"),
    ("Originate", "Local/1@x,app,System,id"),
    ("Set", "FILE(/tmp/x)=1"),
    ("NoOp", "${SHELL(id)}"),
]
FILES = ["FILE(/etc/passwd)", "STAT(e,/etc/passwd)"]
MAY_NOT = {"Command", "GetConfig", "UpdateConfig", "MixMonitor", "Reload", "ModuleLoad", "DBPut", "DBDel", "UserEvent"}


@pytest.mark.pbx
async def test_the_ami_user_may_do_no_more_than_it_needs(rig: Rig) -> None:
    """Commands, configuration, shells, files, modules and recordings of others are refused; the session lives on."""
    async with dialer_session(rig) as ami:
        for name, headers in REFUSED:
            assert (await ami.action(name, timeout=20, **headers))["Response"] == "Error", (name, headers)
        for application, data in APPLICATIONS:
            answer = await ami.action(
                "Originate", timeout=20, Channel="Local/s@none", Application=application, Data=data, Async="true"
            )
            assert answer["Response"] == "Error", application
            assert "Forbidden" in answer["Message"]
        for name in FILES:
            assert (await ami.action("Getvar", timeout=20, Variable=name)).get("Value", "") == "", name
        offered = await ami.action("ListCommands", timeout=20)
        assert not MAY_NOT & offered.keys()
        assert (await ami.action("Getvar", Variable="DIALPLAN_EXISTS(dialer-connect,s,1)"))["Value"] == "1"
