"""What the demonstration says, in Chinese and English."""

from __future__ import annotations

from dialer.campaign.wording import Language

_WORDS: dict[str, tuple[str, str]] = {
    "setting_up": (
        "正在准备：私有的局端 Asterisk、运营商 Asterisk、电访员话机和外呼服务……",
        "Setting up: a private office PBX, a private carrier, agents' phones and the dialer ...",
    ),
    "rehearsal": (
        "演示：重拨间隔为 {gap} 秒（标准为 5 分钟），振铃最多 4 秒。没有真实电话会响。",
        "A rehearsal: {gap} s between calls instead of 5 minutes, 4 s of ringing at most. No real phone rings.",
    ),
    "closes": ("呼叫时间到 {time} 为止", "Calling closes at {time}"),
    "imported": ("已导入 {n} 户；电访员 {agents} 名", "{n} customers imported; {agents} agents at work"),
    "visits": ("客户", "Customers"),
    "agents": ("电访员", "Agents"),
    "agent": ("电访员", "agent"),
    "doing": ("状态", "doing"),
    "customer": ("客户", "customer"),
    "events": ("发生的事", "What happened"),
    "ordered_online": ("网上已订货", "ordered online"),
    "did_withdraw": ("客户 {customer} 网上已订货，撤销访销", "customer {customer} ordered online: taken off the list"),
    "did_correct": (
        "客户 {customer} 的号码由 {old} 更正为 {new}",
        "customer {customer}: number corrected, {old} to {new}",
    ),
    "did_alarm": (
        "电访员 {agent} 的话机无人接听：已暂停并告警，客户听到致歉语音",
        "agent {agent}: the phone was not answered; paused, alarm raised, the customer heard an announcement",
    ),
    "did_mend": ("电访员 {agent} 的话机已修好", "agent {agent}: the phone works again"),
    "settling": ("呼叫结束，等待录音和通知入库……", "Calling is over; recordings and notices are coming in ..."),
    "report": ("演示报告", "Report of the demonstration"),
    "shop": ("店铺", "shop"),
    "plan": ("该号码会怎样", "what this number does"),
    "calls": ("各次呼叫", "calls"),
    "end": ("结果", "end"),
    "talks": ("通话", "talks"),
    "talk_time": ("通话时长", "talk time"),
    "share": ("占比", "share"),
    "orders": ("订单及录音", "Orders and their recordings"),
    "order": ("订单号", "order"),
    "recording": ("录音", "recording"),
    "sides": ("电访员/客户电平", "agent/customer level"),
    "found_by": ("关联方式", "found by"),
    "by_agent": ("电访员录入", "the agent's entry"),
    "by_time": ("客户和时间", "customer and time"),
    "open": ("待人工确认", "open, for a person"),
    "board": ("信息平台公告", "Notices on the info platform's board"),
    "kind": ("类别", "kind"),
    "text": ("内容", "text"),
    "audit": ("与运营商话单核对", "Audit against the carrier's call records"),
    "colon": ("：", ": "),
    "audit_clean": (
        "{calls} 条话单与 {attempts} 次呼叫逐一相符，差异为零",
        "{calls} call records and {attempts} attempts agree one by one: zero differences",
    ),
    "audit_dirty": ("发现 {n} 处差异", "{n} differences"),
    "recordings_good": (
        "{n} 次通话，全部有录音，双方都有声音",
        "{n} conversations, each with a recording that has sound from both sides",
    ),
    "recordings_bad": ("录音有问题：{which}", "Recordings with something wrong: {which}"),
    "notices_good": (
        "{n} 户未接通或号码有误，每户恰有一条公告",
        "{n} customers not reached or with a wrong number, exactly one notice each",
    ),
    "notices_bad": ("公告有误：{which}", "Notices are wrong: {which}"),
    "verdict_good": ("演示通过", "The demonstration passed"),
    "verdict_bad": ("演示未通过", "The demonstration failed"),
    "took": ("用时 {seconds:.0f} 秒", "It took {seconds:.0f} s"),
    "sign_in": ("页面：{url}  （账号仅供本次演示）", "Pages: {url}  (accounts for this demonstration only)"),
    "take_over": (
        "以电访员登录后，其话机即由您接听：空闲时客户会自动接入，结果由您登记；其余电访员由演示程序扮演。",
        "Sign in as the agent and the phone is yours: customers come while you are ready; the other agents are played.",
    ),
    "role": ("角色", "role"),
    "staff_number": ("工号", "staff number"),
    "password": ("密码", "password"),
    "team_leader": ("座席班长", "team leader"),
    "supervisor": ("主任", "supervisor"),
    "administrator": ("系统管理员", "administrator"),
    "kept": (
        """继续运行中。状态页：{url}/status    令牌：{token}
设置：{config}    日志：{log}
例如：DIALER_CONFIG={config} .venv/bin/dialer status
按 Ctrl-C 结束并清理。""",
        """Still running. Status page: {url}/status    token: {token}
settings: {config}    log: {log}
Try: DIALER_CONFIG={config} .venv/bin/dialer status
Ctrl-C ends it and cleans up.""",
    ),
}


def words(language: Language) -> dict[str, str]:
    """Every text in ``language``."""
    return {key: zh if language == "zh" else en for key, (zh, en) in _WORDS.items()}
