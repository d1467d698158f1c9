"""Log lines are well formed, the libraries' lines are among them, and no secret is in any."""

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog

from dialer.logs import MASK, LogSettings, SecretMask, configure

SECRET = "Tr0ub4dor&3"
Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def restored_logging() -> Iterator[None]:
    """Puts logging, structlog and the capture of warnings back as they were."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)
    structlog.reset_defaults()


@pytest.fixture
def out(restored_logging: None) -> io.StringIO:
    """Where the log goes: JSON, from DEBUG on, one secret known."""
    stream = io.StringIO()
    configure(LogSettings(format="json", level="debug"), secrets=[SECRET, "", "ab"], stream=stream)
    return stream


@pytest.fixture
def lines(out: io.StringIO) -> Lines:
    """Reads the lines logged so far."""
    return lambda: [json.loads(line) for line in out.getvalue().splitlines()]


def test_own_line_is_json_with_its_keys(lines: Lines) -> None:
    """An event keeps its keys, Chinese text and the moment in UTC."""
    structlog.get_logger("dialer.test").info("attempt ended", attempt="a1", shop="便民商店", tries=5, counted=True)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "attempt ended", "level": "info", "logger": "dialer.test",
        "attempt": "a1", "shop": "便民商店", "tries": 5, "counted": True,
    }  # fmt: skip


def test_library_lines_and_warnings_are_captured(lines: Lines) -> None:
    """A stdlib logger's record, its extra keys and Python's warnings come out the same way."""
    logging.getLogger("some.library").warning("lost %s of %d", "one", 2, extra={"peer": "trunk"})
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old ways", DeprecationWarning, stacklevel=1)
    library, warning = lines()
    assert (library["event"], library["peer"], library["level"]) == ("lost one of 2", "trunk", "warning")
    assert "old ways" in warning["event"]


def test_noisy_libraries_are_quiet(lines: Lines) -> None:
    """Below WARNING some libraries are not heard, even at DEBUG."""
    logging.getLogger("panoramisk").info("login")
    logging.getLogger("panoramisk.manager").debug("packet")
    logging.getLogger("panoramisk").warning("gone")
    assert [line["event"] for line in lines()] == ["gone"]


def test_level_holds_back_what_is_below(restored_logging: None) -> None:
    """At ERROR a warning does not come out."""
    stream = io.StringIO()
    configure(LogSettings(format="json", level="error"), stream=stream)
    structlog.get_logger("dialer.test").warning("small")
    structlog.get_logger("dialer.test").error("big")
    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["big"]


def test_secrets_are_masked_wherever_they_stand(out: io.StringIO, lines: Lines) -> None:
    """By key, by value, in nested values, in other objects, in a library's arguments, in a traceback."""
    log = structlog.get_logger("dialer.test")
    log.info("by key", ami_password="x", api_token=12345, headers={"Authorization": "y", "Accept": "z"}, token=None)
    log.info("by value", detail=f"login with {SECRET} failed", items=[("a", SECRET)], path=ValueError(SECRET))
    logging.getLogger("some.library").error("sent %r", {"x": SECRET})
    try:
        raise RuntimeError(f"refused: {SECRET}")
    except RuntimeError:
        log.exception("failed")
    by_key, by_value, library, failed = lines()
    assert SECRET not in out.getvalue()
    assert by_key["ami_password"] == by_key["api_token"] == MASK
    assert by_key["headers"] == {"Authorization": MASK, "Accept": "z"}
    assert by_key["token"] is None
    assert by_value["detail"] == f"login with {MASK} failed"
    assert by_value["items"] == [["a", MASK]]
    assert library["event"] == f"sent {{'x': '{MASK}'}}"
    assert f"RuntimeError: refused: {MASK}" in failed["exception"]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("POST https://bob:pa55@host/x", f"POST https://{MASK}@host/x"),
        ("Authorization: Bearer abc.def-1", f"Authorization: Bearer {MASK}"),
        ("Basic dXNlcjpwYXNz done", f"Basic {MASK} done"),
        ("Action: Login\r\nSecret: hush\r\nEvents: on", f"Action: Login\r\nSecret: {MASK}\r\nEvents: on"),
        ("key whsec_MfKQ9r8GKYqrTwjU", f"key {MASK}"),
        ("calls 13800138000 at 10:30", "calls 13800138000 at 10:30"),
    ],
)
def test_shapes_of_credentials_are_masked(text: str, masked: str) -> None:
    """A credential nobody told us of is known by its shape; ordinary text stays."""
    assert SecretMask().text(text) == masked


def test_longer_secret_is_masked_whole() -> None:
    """Where one secret begins with another, nothing of the longer one is left."""
    assert SecretMask(["hunter", "hunter2000"]).text("hunter2000 hunter") == f"{MASK} {MASK}"


def test_console_is_for_people(restored_logging: None) -> None:
    """The console form is a plain line, without colours where there is no terminal, and masked as well."""
    stream = io.StringIO()
    configure(LogSettings(format="console"), secrets=[SECRET], stream=stream)
    structlog.get_logger("dialer.test").info("trunk paused", trunk="carrier", why=SECRET)
    text = stream.getvalue()
    assert "trunk paused" in text
    assert "trunk=carrier" in text
    assert "\x1b" not in text
    assert SECRET not in text


def test_configuring_again_replaces(out: io.StringIO, lines: Lines) -> None:
    """A second configuration does not double the lines, and a bound logger follows it."""
    log = structlog.get_logger("dialer.test")
    log.info("first")
    second = io.StringIO()
    configure(LogSettings(format="json"), stream=second)
    log.info("second")
    assert [line["event"] for line in lines()] == ["first"]
    assert [json.loads(line)["event"] for line in second.getvalue().splitlines()] == ["second"]
