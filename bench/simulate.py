"""How long the simulation of a year of the shipped flows takes, and what share of it is whose.

Prints the wall time and the processor time of `nightshift simulate --from 2026-04-01 --days 365` next to the aim of 25
seconds for 2,079 runs, which were a year when it was set, how much faster than the clock that is, and the time per run
and per API call; in one process, since each run finds the fleet as those before it have left it.

    python bench/simulate.py [days]
"""

from __future__ import annotations

import sys
import time
from datetime import date
from pathlib import Path

from nightshift.cli.simulating import Span, chosen, simulate

ROOT = Path(__file__).resolve().parent.parent
AIM, RUNS = 25.0, 2_079


def main() -> None:
    """Simulate once."""
    days = int(sys.argv[1]) if len(sys.argv) > 1 else 365
    start, busy = time.perf_counter(), time.process_time()
    flows = chosen(ROOT / "flow_defs", [])
    compiled = time.perf_counter() - start
    report = simulate(ROOT / "flow_defs", flows, Span(date(2026, 4, 1), days, "Asia/Tokyo"))
    total, busy = time.perf_counter() - start, time.process_time() - busy
    runs, calls = len(report.simulation.runs), report.simulation.aws.calls
    print(f"{days} days, {len(flows.scheduled)} scheduled flows, {runs:,} runs, {calls:,} API calls")
    aim = AIM * runs / RUNS
    print(f"wall time {total:.1f} s, of it {compiled:.1f} s to compile the flows; processor time {busy:.1f} s")
    shares = f"{total / aim:.2f} of it in wall time, {busy / aim:.2f} in processor time"
    print(f"the aim is {aim:.1f} s ({AIM:.0f} s for {RUNS:,} runs): {shares}")
    print(f"{days * 86400 / total:,.0f} times faster than the clock")
    print(f"{(total - compiled) / runs * 1000:.1f} ms a run, {(total - compiled) / calls * 1000:.2f} ms an API call")


if __name__ == "__main__":
    main()
