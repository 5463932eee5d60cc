"""Keys of the tracker's items in the app's table. docs/design.md, "The table", says which question each one answers.

Every list of runs is one partition of one index, sorted by the same text: when the run started, then which run it is.
A place in any list is therefore a place in all of them, and a page starts at a place rather than at an item that may
have moved or gone in between.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

RECORD, DETAIL = "RECORD", "DETAIL"

OF_FLOW, OF_ALL, OF_FLOW_BY_STATE, OF_ALL_BY_STATE = "gsi1", "gsi2", "gsi3", "gsi4"
"""The index behind each list of runs."""


def run_key(flow: str, name: str) -> str:
    """`pk` of a run."""
    return f"RUN#{flow}/{name}"


def day_counters(day: date, shard: int) -> tuple[str, str]:
    """`pk` and `sk` of a shard of the counters of a day; those of a year are a partition, in the order of the days."""
    return f"DAYS#{day:%Y}", f"{day:%m-%d}#{shard}"


def month_counters(flow: str, day: date, shard: int) -> tuple[str, str]:
    """`pk` and `sk` of a shard of the counters of the month of a flow that the day is in."""
    return f"MONTHS#{flow}", f"{day:%Y-%m}#{shard}"


def list_of(flow: str | None, state: str | None) -> tuple[str, str]:
    """Index and partition of the list of the runs of a flow (None: of all), in a state (None: in any)."""
    if state is None:
        return (OF_FLOW, f"RUNS#{flow}") if flow else (OF_ALL, "RUNS")
    return (OF_FLOW_BY_STATE, f"RUNS#{flow}#{state}") if flow else (OF_ALL_BY_STATE, f"RUNS##{state}")


def place(started: datetime, flow: str, name: str) -> str:
    """Where a run is in every list."""
    return f"{moment_text(started)}#{flow}/{name}"


def run_at(place: str) -> tuple[str, str]:
    """Flow and name of the run that is there."""
    flow, _, name = place.partition("#")[2].partition("/")
    return flow, name


def moment_text(moment: datetime) -> str:
    """A moment as text that sorts as moments do, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
