"""The routing benchmark, quick: its gates, and that its comparison has teeth."""

from __future__ import annotations

import json

import pytest

from bench import route


def last_line(text: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(text.strip().splitlines()[-1])
    return found


def test_the_quick_routing_bench_passes_its_gates(capsys: pytest.CaptureFixture[str]) -> None:
    code = route.main(["--quick", "--json"])
    report = last_line(capsys.readouterr().out)
    assert code == 0, report
    assert report["mismatches"] == 0
    assert isinstance(report["compared"], int)
    assert report["compared"] >= 500
    assert set(report) >= {"decisions_per_cpu_s", "p99_us", "speedup_vs_naive", "mismatches"}


def test_an_oracle_that_breaks_ties_the_wrong_way_is_noticed() -> None:
    company = route.Company(400, seed=7)
    figures = route.measure("backlog", company, decisions=60, compare=60, break_ties=True)
    assert figures.mismatches > 0
