"""Log lines: one stream for our own and the libraries' records, as JSON or for a console, with secrets masked.

Every line is a stable event name plus keys (`log.info("attempt ended", attempt=..., disposition=...)`).
Secrets are masked in three ways, on the finished line so that tracebacks and libraries' messages are covered too:
by the key's name, by the values that the settings hold as secrets, and by the shapes that credentials have in text.
"""

import logging
import re
import sys
from collections.abc import Collection, Mapping
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from dialer.section import Section

MASK = "***"

_SECRET_KEY = re.compile(
    r"passw(or)?d|passphrase|secret|token|authori[sz]ation|cookie|credential|api_?key|private_?key|signature",
    re.IGNORECASE,
)
_SECRET_SHAPES = (
    re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"),
    re.compile(r"(?<=\bBearer )[^\s\"',]+", re.IGNORECASE),
    re.compile(r"(?<=\bBasic )[A-Za-z0-9+/=]{8,}"),
    re.compile(r"(?<=\bSecret: )[^\\\r\n]+", re.IGNORECASE),
    re.compile(r"\bwhsec_[A-Za-z0-9+/=]+"),
)
# A value this short would mask half of every line; settings refuse secrets like that.
_SHORTEST_SECRET = 4

# Libraries that tell more than anybody wants to read at INFO.
_QUIET = ("aiohttp.access", "aiosqlite", "alembic", "apprise", "apscheduler", "panoramisk", "sqlalchemy.engine")


class LogSettings(Section):
    """How to log: `format` for machines or people, and from which level on."""

    format: Literal["console", "json"] = "console"
    level: Literal["debug", "info", "warning", "error"] = "info"


class SecretMask:
    """A structlog processor that replaces secrets by `***` wherever they stand, nested values included."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        known = sorted({value for value in secrets if len(value) >= _SHORTEST_SECRET}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, _logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        """Mask one event; structlog calls this."""
        return {key: self._value(key, value) for key, value in event.items()}

    def text(self, text: str) -> str:
        """The text with every known secret and everything shaped like a credential masked."""
        if self._known is not None:
            text = self._known.sub(MASK, text)
        for shape in _SECRET_SHAPES:
            text = shape.sub(MASK, text)
        return text

    def _value(self, key: object, value: object) -> object:
        if isinstance(key, str) and _SECRET_KEY.search(key) and value is not None and not isinstance(value, bool):
            return MASK
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self.text(value)
            case Mapping():
                return {inner: self._value(inner, item) for inner, item in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._value(None, item) for item in value]
            case _:
                # Whatever else is logged would be turned into text by the renderer, after us.
                return self.text(str(value))


def configure(config: LogSettings, *, secrets: Collection[str] = (), stream: TextIO | None = None) -> None:
    """Send all log records of the process to `stream` (default: standard error), masked.

    Replaces what was configured before, so it can be called again. Python's warnings become records too.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    out = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=_renderers(config, SecretMask(secrets), out)
        )
    )
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(config.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(True)


def _renderers(config: LogSettings, mask: SecretMask, out: TextIO) -> list[Processor]:
    """What happens to every record last: time, traceback as text (without local variables), mask, one line."""
    if config.format == "json":
        return [
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            mask,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return [
        structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False),
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        mask,
        structlog.dev.ConsoleRenderer(colors=out.isatty()),
    ]
