"""The inbox benchmark holds its gates, and can fail them."""

import asyncio
import json
import signal
import sys

import pytest

from bench.inbox import GATES, judge

KEYS = {
    "p50_ms",
    "p99_ms",
    "ratio_to_null",
    "lost",
    "duplicated",
    "statements_per_msg",
    "cpu_ms_per_msg",
    "rss_kb_per_socket",
}


@pytest.mark.xdist_group("bench")
async def test_messages_reach_500_agents_within_three_times_the_null_app() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.inbox", "--quick", "--json", stdout=asyncio.subprocess.PIPE
    )
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 300)
    finally:
        if process.returncode is None:  # it ends what it started when it is interrupted
            process.send_signal(signal.SIGINT)
            await process.wait()
    told = json.loads(out)
    assert set(told) >= KEYS
    assert told["failed"] == []
    assert process.returncode == 0
    assert told["messages"] >= 1000


@pytest.mark.parametrize("key", sorted(GATES))
def test_a_figure_beyond_its_limit_fails(key: str) -> None:
    good = {"rate": 100.0, **dict.fromkeys(GATES, 0)}
    assert judge([good]) == []
    assert judge([{**good, key: GATES[key] + 1}]) != []
