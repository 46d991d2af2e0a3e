"""The benchmark of calls holds what a slow machine can hold, and its gates can fail."""

import asyncio
import json
import signal
import sys

import pytest

from bench.calls import GATES, QUICK_GATES, judge, slope

KEYS = {
    "offer_ms_p50",
    "offer_ms_p99",
    "ratio_to_ari",
    "failed",
    "asterisk_cpu_pct_per_call",
    "app_cpu_pct_per_call",
    "mixdown_cpu_s_per_min",
}


@pytest.mark.xdist_group("bench")
async def test_calls_reach_their_agents_and_are_recorded() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.calls", "--quick", "--json", stdout=asyncio.subprocess.PIPE
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 400)
    finally:
        if process.returncode is None:  # it ends what it started when it is interrupted
            process.send_signal(signal.SIGINT)
            await process.wait()
    told = json.loads(out)
    assert set(told) >= KEYS
    assert told["failed_gates"] == []
    assert process.returncode == 0
    assert told["calls"] >= 60
    assert told["recorded"] > 0.5


EVERY = [(gates, key) for gates in (GATES, QUICK_GATES) for key in sorted(gates)]


@pytest.mark.parametrize(("gates", "key"), EVERY)
def test_a_figure_beyond_its_limit_fails(gates: dict[str, float], key: str) -> None:
    good = dict.fromkeys((*GATES, *QUICK_GATES), 0.0)
    assert judge(good, gates) == []
    assert judge({**good, key: gates[key] + 1}, gates) != []


def test_memory_is_told_by_what_comes_after_the_first_half() -> None:
    leaks = [(n, 100.0 if n < 500 else 100 + n / 100) for n in range(100, 1100, 100)]
    assert slope(leaks) == 10
    assert slope([(n, 50.0) for n in range(100, 1100, 100)]) == 0
