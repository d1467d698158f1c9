"""What is changed, and which tests are to notice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """``code`` are folders or modules; ``tests`` what is run for each change in them, the quickest first."""

    name: str
    code: tuple[str, ...]
    tests: tuple[str, ...]


RULES = "tests/campaign/rules"
ACCESS = "tests/web/kit/access"
SETTINGS = "tests/test_settings.py"
TARGETS = (
    Target(
        "breaker",
        ("dialer/campaign/rules/breaker.py",),
        (f"{RULES}/test_breaker.py", SETTINGS, "tests/campaign/dialling/test_trunks.py"),
    ),
    Target("disposition", ("dialer/campaign/rules/disposition.py",), (f"{RULES}/test_disposition.py",)),
    Target("queue", ("dialer/campaign/rules/queue.py",), (f"{RULES}/test_queue.py", "tests/campaign/dialling")),
    Target("result", ("dialer/campaign/rules/result.py",), (f"{RULES}/test_result.py",)),
    Target(
        "rule",
        tuple(f"dialer/campaign/rules/{name}.py" for name in ("rule", "timers", "waits")),
        (SETTINGS, *(f"{RULES}/test_{name}.py" for name in ("timers", "waits", "rule"))),
    ),
    Target(
        "streak",
        ("dialer/campaign/rules/streak.py",),
        (f"{RULES}/test_streak.py", SETTINGS, "tests/campaign/commands/test_alarms.py"),
    ),
    Target("tally", ("dialer/campaign/rules/tally.py",), (f"{RULES}/test_tally.py",)),
    Target(
        "phone",
        ("dialer/campaign/rules/phone.py",),
        (f"{RULES}/test_phone.py", SETTINGS, "tests/lists/test_phones.py", "tests/campaign/commands/test_agents.py"),
    ),
    *(
        Target(name, (f"dialer/web/kit/access/{name}.py",), (f"{ACCESS}/test_{name}.py",))
        for name in ("audit_log", "roles", "rows", "sessions", "tokens", "turns")
    ),
    Target("origin", ("dialer/web/kit/http/origin.py",), ("tests/web/kit/test_origin.py",)),
    Target(
        "outbox",
        ("dialer/notices/outbox.py", "dialer/notices/relay.py"),
        tuple(
            f"tests/notices/test_{name}.py"
            for name in ("relay_pace", "relay", "relay_clock", "relay_defects", "webhook", "wording")
        ),
    ),
)

OPERATORS = (
    "AddNot",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ReplaceAndWithOr",
    "ReplaceBinaryOperator_(Add_Sub|Sub_Add|Mul_Div|Div_Mul|BitAnd_BitOr)",
    "ReplaceBreakWithContinue",
    "ReplaceComparisonOperator_(Eq_NotEq|NotEq_Eq|Is_IsNot|IsNot_Is|In_NotIn|NotIn_In|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt)",
    "ReplaceContinueWithBreak",
    "ReplaceFalseWithTrue",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceUnaryOperator_(Delete_Not|USub_UAdd)",
    "ZeroIterationForLoop",
)
"""The changes that are made, as Cosmic Ray names them. Left out are those that mypy would refuse before any test."""
