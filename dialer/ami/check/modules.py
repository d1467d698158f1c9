"""Which of Asterisk's modules our dialplan stands on, and whether a PBX has them.

A dialplan that calls an application which is not loaded ends there: every customer who answers is hung up on. Measured
on Asterisk 22 with our least rights: `IFMODULE` tells of each module where func_module is loaded, and Getvar is empty
for a function that is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

BUILT_IN = ""
"""Of Asterisk itself: always there."""

APPLICATIONS: Mapping[str, str] = {
    "Dial": "app_dial",
    "ExecIf": "app_exec",
    "Goto": BUILT_IN,
    "GotoIf": BUILT_IN,
    "Hangup": BUILT_IN,
    "MixMonitor": "app_mixmonitor",
    "Playback": "app_playback",
    "Playtones": "app_playtones",
    "Gosub": "app_stack",
    "Return": "app_stack",
    "Ringing": BUILT_IN,
    "Set": BUILT_IN,
    "StopPlaytones": "app_playtones",
    "UserEvent": "app_userevent",
    "Wait": BUILT_IN,
}
"""Where each application of our dialplan comes from."""

FUNCTIONS: Mapping[str, str] = {
    "ARRAY": "func_strings",
    "CALLERID": "func_callerid",
    "CHANNEL": "func_channel",
    "DB": "func_db",
    "FILTER": "func_strings",
    "HANGUPCAUSE": "func_hangupcause",
    "HANGUPCAUSE_KEYS": "func_hangupcause",
    "IF": "func_logic",
    "IMPORT": "func_logic",
    "LOCAL": "app_stack",
    "MASTER_CHANNEL": "func_channel",
    "PJSIP_HEADER": "res_pjsip_header_funcs",
    "PJSIP_MEDIA_OFFER": "chan_pjsip",
    "STRFTIME": "func_strings",
    "TIMEOUT": "func_timeout",
}
"""Where each function comes from."""

NEEDED: Mapping[str, tuple[str, ...]] = {
    module: tuple(name for name, origin in {**APPLICATIONS, **FUNCTIONS}.items() if origin == module)
    for module in sorted({*APPLICATIONS.values(), *FUNCTIONS.values()} - {BUILT_IN})
}
"""Each module with what of it our dialplan uses."""

_PROBES = {
    "func_strings": ("FILTER(a-z,abc)", "abc"),
    "func_logic": ("IF(1?yes:no)", "yes"),
    "func_db": ("DB_EXISTS(dialer/check)", "0"),
    "func_channel": ("CHANNEL(state)", "Down"),
}
"""Functions whose value shows that they are there, for a PBX without func_module."""


async def missing_modules(ask: Callable[[str], Awaitable[str]], actions: Mapping[str, object]) -> list[str]:
    """The needed modules that surely are not loaded; ``ask`` gives the value of a function, "" when there is none.

    ``actions`` are the AMI's: app_mixmonitor brings some. Without func_module the others are taken to be there.
    """
    if await ask("IFMODULE(func_module.so)") == "1":
        return [module for module in NEEDED if await ask(f"IFMODULE({module}.so)") != "1"]
    found = [module for module, (expression, value) in _PROBES.items() if await ask(expression) != value]
    return found + ([] if "StopMixMonitor" in actions else ["app_mixmonitor"])
