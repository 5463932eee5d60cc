"""Hours of instances saved: a stop joined with the next start of the same instance, by day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from lambdas.tracker.record import Record
from tests.dashboard.api import Api
from tests.dashboard.runs import record, step

OFFICE, SHOP = "i-0a0a0a0a0a0a0a0a0", "i-0b0b0b0b0b0b0b0b0"


def power(table: Any, flow: str, at: str, *ids: str, **more: Any) -> Record:
    """Record a run that stops or starts instances, and has done so two minutes after a moment in UTC."""
    part = "ec2.stop_instances" if flow == "evening_stop" else "ec2.start_instances"
    started = datetime.fromisoformat(at).replace(tzinfo=UTC)
    times = {"started": started.isoformat(), "ended": (started + timedelta(minutes=2)).isoformat()}
    steps = [{**step(part, *ids), **times}]
    return record(table, flow, f"at-{started:%d-%H%M}", started=started, detail={"steps": steps}, **more)


def saved(api: Api, **query: str) -> dict[str, float]:
    """The hours of each day, of the days with any; and "all"."""
    told = api.get("/report", **{"since": "2026-10-24", "until": "2026-10-26", **query}).json
    hours = {day["day"]: round(day["hours_saved"], 6) for day in told["days"] if day["hours_saved"]}
    return {**hours, "all": round(told["hours_saved"], 6)}


def test_hours_are_between_a_stop_and_the_next_start_by_the_days_of_the_zone(aws: Any, admin: Api) -> None:
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE, SHOP)
    power(aws, "morning_start", "2026-10-26T06:00", OFFICE)
    assert saved(admin) == {"2026-10-24": 4.0, "2026-10-25": 24.0, "2026-10-26": 6.0, "all": 34.0}
    # The Sunday on which the clock is set back has 25 hours, and began two hours before that of UTC.
    berlin = {"2026-10-24": 2.0, "2026-10-25": 25.0, "2026-10-26": 7.0, "all": 34.0}
    assert saved(admin, timezone="Europe/Berlin") == berlin
    # Stopped before the period, and started after it.
    assert saved(admin, since="2026-10-25", until="2026-10-25") == {"2026-10-25": 24.0, "all": 24.0}


def test_what_is_not_known_to_be_saved_is_not_counted(aws: Any, admin: Api) -> None:
    power(aws, "morning_start", "2026-10-24T01:00", OFFICE)
    power(aws, "evening_stop", "2026-10-24T09:58", OFFICE)
    power(aws, "evening_stop", "2026-10-24T20:58", OFFICE)
    power(aws, "evening_stop", "2026-10-24T10:30", SHOP, dry_run=True)
    power(aws, "morning_start", "2026-10-24T22:00", OFFICE, SHOP)
    assert saved(admin) == {"2026-10-24": 1.0, "all": 1.0}


def test_hours_are_those_of_the_flow_that_stopped(aws: Any, admin: Api) -> None:
    power(aws, "evening_stop", "2026-10-24T19:58", OFFICE)
    power(aws, "morning_start", "2026-10-24T21:00", OFFICE)
    assert saved(admin, flow="evening_stop")["all"] == 1.0
    assert saved(admin, flow="morning_start") == {"all": 0.0}
    assert saved(Api("nobody", ())) == {"all": 0.0}
