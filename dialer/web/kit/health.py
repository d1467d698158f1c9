"""Health: whether the process runs, and whether each part does its work."""

from __future__ import annotations

import asyncio

import structlog

from dialer.errors import DialerError
from dialer.web.kit.context import Context
from dialer.web.kit.services import Health, Probe

log = structlog.get_logger(__name__)


async def examine(context: Context) -> list[Health]:
    """Every part with its state and what to do about it."""
    probes = [_probed(probe, context.config.probe_s) for probe in context.services.probes]
    return [*_engine(context), *await asyncio.gather(*probes)]


def is_ready(parts: list[Health]) -> bool:
    """Whether no part has failed."""
    return all(part.level != "failed" for part in parts)


def _engine(context: Context) -> list[Health]:
    engine = context.services.engine
    try:
        state = engine.state
    except DialerError as error:
        advice = "wait; if it lasts, look into the log for the database"
        return [
            Health("engine", "failed", str(error), advice, "", "请稍候；若持续不恢复，请查看日志中有关数据库的记录")
        ]
    if engine.trouble:
        advice = "check that the disk has room and the database file can be written; calling goes on by itself then"
        advice_zh = "请检查磁盘是否还有空间、数据库文件是否可写；恢复后会自动继续拨打"
        state_zh = f"无法写入数据：{engine.trouble}"
        parts = [Health("engine", "failed", f"nothing can be written: {engine.trouble}", advice, state_zh, advice_zh)]
    else:
        days, calls = len(state.days), len(state.attempts)
        parts = [
            Health(
                "engine",
                "ok",
                f"{_some(days, 'day')} loaded, {_some(calls, 'call')} up",
                zh=f"已载入 {days} 天，当前 {calls} 个通话",
            )
        ]
    if state.link_up:
        return [*parts, Health("pbx", "ok", "linked", zh="已连接")]
    advice = "check that Asterisk runs and that its manager.conf lets the dialer in: 'dialer check' says which"
    advice_zh = "请检查 Asterisk 是否在运行、manager.conf 是否允许本系统登录；运行 dialer check 可看到具体原因"
    return [*parts, Health("pbx", "failed", "there is no link to the PBX", advice, "与交换机没有连接", advice_zh)]


def _some(count: int, what: str) -> str:
    """1 day, 2 days."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


async def _probed(probe: Probe, seconds: float) -> Health:
    """A probe that breaks, or takes too long, has found something."""
    name = getattr(probe, "__name__", type(probe).__name__)
    try:
        async with asyncio.timeout(seconds):
            return await probe()
    except TimeoutError:
        zh = f"{seconds:g} 秒内没有回应"
        return Health(name, "failed", f"no answer within {seconds:g} s", "look into the log", zh, "请查看日志")
    except Exception as error:
        log.exception("health probe broke", action="web.probe", part=name)
        return Health(name, "failed", str(error), "look into the log", "", "请查看日志")
