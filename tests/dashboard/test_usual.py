"""How long a flow and its steps usually take, by its history."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.dashboard.api import Api
from tests.dashboard.runs import START, STEP, record


def steps(**seconds: float | None) -> dict[str, Any]:
    """The detail of a run whose steps took so long."""
    return {"steps": [{**STEP, "name": name, "label": name, "duration": took} for name, took in seconds.items()]}


def test_what_is_usual_is_the_median_of_what_succeeded(aws: Any, admin: Api, desk: Api) -> None:
    for number, minutes in enumerate((2, 4, 30)):
        at = START + timedelta(hours=number)
        record(aws, "evening_stop", f"n{number}", started=at, minutes=minutes, detail=steps(stop=minutes * 50, wait=9))
    record(aws, "evening_stop", "dry", minutes=500, detail=steps(stop=9999), dry_run=True)
    record(aws, "evening_stop", "again", minutes=500, detail=steps(stop=9999), redrives=1)
    record(aws, "evening_stop", "failed", "FAILED", minutes=500, detail=steps(stop=9999))
    record(aws, "nightly_backup", "other", minutes=500, detail=steps(stop=9999))
    found = desk.get("/flows/evening_stop/usual").json
    assert found == {"runs": 3, "duration": 240.0, "steps": {"stop": 200.0, "wait": 9.0}}
    assert desk.get("/flows/nightly_backup/usual").status == 404
    assert admin.get("/flows/weekly_backup/usual").json == {"runs": 0, "duration": None, "steps": {}}


def test_steps_are_those_that_succeeded_in_the_last_ten_runs(aws: Any, admin: Api) -> None:
    for number in range(12):
        detail = steps(stop=1000 if number < 2 else 10)
        detail["steps"] += [
            {**STEP, "name": "tried", "state": "handled", "duration": 5},
            {**STEP, "name": "left", "state": "succeeded", "duration": None},
        ]
        detail["steps"] += [{**STEP, "name": "loop", "duration": took} for took in (1, 2, 90)]
        record(aws, "evening_stop", f"n{number}", started=START + timedelta(hours=number), detail=detail)
    found = admin.get("/flows/evening_stop/usual").json
    assert (found["runs"], found["steps"]) == (12, {"stop": 10.0, "loop": 2.0})
