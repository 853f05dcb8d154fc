"""A rehearsal in words, Chinese first: the rows of its page and of the terminal."""

from __future__ import annotations

from ops.drills.report import counted
from ops.rehearsal.busy import CROWD, OTHERS
from ops.rehearsal.run import Result

_OF = {
    "crowd": ("负载发生器", "the load generator"),
    "others": ("本机上的其他程序", "other work on this machine"),
    "watch": ("观测程序", "what watches"),
    "web": ("Web 进程", "the web workers"),
    "claims": ("消费者", "the consumers"),
}


def rows(result: Result) -> list[tuple[str, str]]:
    """Name and value."""
    plan, one = result.plan, result.seen
    return [
        ("地点 / place", {"host": "单机 / one host", "lab": "三主机实验环境 / the lab"}[result.place]),
        (
            "负载 / load",
            f"{plan.students} students, {plan.lectures} x {plan.seats}, {plan.over_s:g} s, seed {plan.seed}",
        ),
        ("全部裁定用时 / drained after", f"{result.drain_s:.1f} s ({result.decided}, {result.per_s:.0f}/s)"),
        ("最长等待结果 / worst wait", f"{one.worst_wait_s:.1f} s (p50 {one.wait_p50_s:.1f}, p95 {one.wait_p95_s:.1f})"),
        ("最慢答复 / slowest answer", f"{one.worst_answer_s:.1f} s"),
        ("已受理 / accepted", f"{one.accepted} / {one.pressed}"),
        ("结果 / outcomes", ", ".join(f"{name} {count}" for name, count in sorted(one.outcomes.items()))),
        ("被拒 / refused", f"{one.refused_share:.2%}"),
        ("限流 / 429", f"{one.throttled_share:.2%}"),
        ("不可用 / 503", f"{one.unavailable_share:.2%}"),
        ("其他失败 / other failures", f"{one.failed_share:.2%}"),
        ("未获告知 / not told", str(one.untold)),
        ("最先的瓶颈 / first bottleneck", " / ".join(bottleneck(result).values())),
        ("CPU", ", ".join(f"{name} {share:.0%}" for name, share in shares(result))),
        ("所需主机 / hosts needed", " / ".join(need(result).values())),
        *((name, str(count)) for name, count in counted(result.violations).items()),
    ]


def shares(result: Result) -> list[tuple[str, float]]:
    """Who used the processors of the machine, largest first; nobody below one in a hundred."""
    total = sum(result.cpu_s.values()) or 1.0
    found = [(name, spent / total) for name, spent in result.cpu_s.items()]
    return sorted((one for one in found if one[1] >= 0.01), key=lambda one: -one[1])


def bottleneck(result: Result) -> dict[str, str]:
    """What was busy first."""
    one = result.bottleneck
    zh, en = _OF.get(one.name, (one.name, one.name))
    at = f"{one.at:.1f} s"
    return {
        "breaker": {"zh": f"{at}：{zh} 的熔断器断开", "en": f"{at}: the breaker of {en} opened"},
        "process": {"zh": f"{at}：{zh} 的一个进程占满一个核", "en": f"{at}: one process of {en} filled its core"},
        "machine": {
            "zh": f"{at}：整机 CPU 已满，其中最多的是{zh}（{one.share:.0%}）",
            "en": f"{at}: the machine was full, most of it by {en} ({one.share:.0%})",
        },
        "queue": {
            "zh": f"{at}：处理器未满而队列不断加深（{one.depth} 条）",
            "en": f"{at}: the queue grew ({one.depth}) while no processor was full",
        },
        "none": {"zh": "没有什么占满", "en": "nothing was full"},
    }[one.what]


def need(result: Result) -> dict[str, str]:
    """How many hosts, from which figure it is extrapolated, and what that figure holds beside the system."""
    within, drain = result.plan.within_s, result.drain_s
    if result.need.hosts is None:
        spent = {"redis": result.measured.redis_s, "mariadb": result.measured.mariadb_s}[result.need.limit]
        return {
            "zh": f"增加主机达不到 {within:g} 秒：唯一的 {result.need.limit} 用了 {spent:.1f} 秒 CPU",
            "en": f"no number of hosts makes {within:g} s: the one {result.need.limit} used {spent:.1f} s of CPU",
        }
    hosts, cores, share = result.need.hosts, result.measured.cores, dict(shares(result))
    load, others = share.get(CROWD, 0.0), share.get(OTHERS, 0.0)
    return {
        "zh": f"{within:g} 秒内需 {hosts} 台这样的主机（{cores} 核）；由实测 {drain:.1f} 秒线性推算，未实测；"
        f"同一台机器还承担了负载（{load:.0%}）和其他程序（{others:.0%}）",
        "en": f"{hosts} of this size ({cores} cores) for {within:g} s; extrapolated in a straight line from the {drain:.1f} s "
        f"measured, not seen; the same machine also bore the load ({load:.0%}) and other work ({others:.0%})",
    }
