"""By when runs have to start and to end, as the API tells it of a flow and of a run."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dashboard.api import Api
from tests.dashboard.runs import record

DUE = datetime(2026, 11, 20, 11, tzinfo=UTC)
"""20:00 in Tokyo, when evening_stop is due each day."""


@pytest.fixture
def limited(aws: Any, catalogue_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The table, with a catalogue in which evening_stop has deadlines, and nightly_backup goes by its history."""
    told = json.loads(catalogue_file.read_text())
    told["evening_stop"]["deadlines"] = {"start_by": "20:15", "finish_by": "06:00", "expected": "45m"}
    told["nightly_backup"]["deadlines"] = {"start_by": None, "finish_by": None, "expected": "usual"}
    (tmp_path / "flows.json").write_text(json.dumps(told))
    monkeypatch.setenv("NIGHTSHIFT_CATALOGUE", str(tmp_path / "flows.json"))
    return aws


def scheduled(due: datetime = DUE) -> dict[str, str]:
    """The trigger of a run that a schedule started."""
    return {"type": "schedule", "schedule": "evening", "scheduled_time": due.isoformat()}


def states(api: Api, run: str) -> dict[str, tuple[str, float | None]]:
    """Kind of deadline -> state, and seconds by which it was missed."""
    found = api.get(f"/runs/{run}").json["deadlines"]
    return {each["kind"]: (each["state"], each["late"]) for each in found}


def test_a_flow_has_its_deadlines_with_the_next(limited: Any, admin: Api) -> None:
    flow = admin.get("/flows/evening_stop").json
    kinds = {each["kind"]: each for each in flow["deadlines"]}
    assert {kind: each["clock"] for kind, each in kinds.items()} == {
        "start_by": "20:15",
        "finish_by": "06:00",
        "expected": None,
    }
    due = datetime.fromisoformat(flow["next"])
    assert datetime.fromisoformat(kinds["start_by"]["next"]) - due == timedelta(minutes=15)
    assert datetime.fromisoformat(kinds["finish_by"]["next"]) - due == timedelta(hours=10)
    assert (kinds["expected"]["longest"], kinds["expected"]["next"]) == (2700.0, None)
    assert admin.get("/flows/morning_start").json["deadlines"] == []


def test_a_run_met_its_deadlines_or_missed_them(limited: Any, admin: Api) -> None:
    record(limited, "evening_stop", "fine", started=DUE, trigger=scheduled())
    assert set(states(admin, "evening_stop/fine").values()) == {("met", None)}
    late = DUE + timedelta(minutes=40)
    record(limited, "evening_stop", "late", started=late, minutes=600, trigger=scheduled())
    assert states(admin, "evening_stop/late") == {
        "start_by": ("late", 1500.0),
        "finish_by": ("late", 2400.0),
        "expected": ("late", (600 - 45) * 60.0),
    }


def test_a_run_that_goes_on_may_still_meet_them(limited: Any, admin: Api) -> None:
    now = datetime.now(UTC)
    record(limited, "evening_stop", "now", "RUNNING", started=now, trigger=scheduled(now))
    assert states(admin, "evening_stop/now")["expected"] == ("open", None)
    before = now - timedelta(days=2)
    record(limited, "evening_stop", "long", "RUNNING", started=before, trigger=scheduled(before))
    state, seconds = states(admin, "evening_stop/long")["finish_by"]
    assert (state, seconds is not None and seconds > 0) == ("late", True)


def test_what_no_schedule_started_has_no_times_of_day(limited: Any, admin: Api) -> None:
    record(limited, "evening_stop", "hand", started=DUE, trigger={"type": "manual", "by": "dora"})
    assert states(admin, "evening_stop/hand") == {"expected": ("met", None)}
    record(limited, "evening_stop", "again", started=DUE, minutes=90, trigger=scheduled(), redrives=1)
    assert states(admin, "evening_stop/again").keys() == {"start_by", "finish_by"}
    record(limited, "evening_stop", "skipped", "SKIPPED", started=DUE, trigger=scheduled())
    record(limited, "evening_stop", "dry", started=DUE, minutes=90, trigger=scheduled(), dry_run=True)
    record(limited, "morning_start", "other", started=DUE, trigger=scheduled())
    for run in ("evening_stop/skipped", "evening_stop/dry", "morning_start/other"):
        assert states(admin, run) == {}


def test_what_is_usual_is_told_by_five_runs(limited: Any, admin: Api) -> None:
    for number in range(4):
        record(limited, "nightly_backup", f"n{number}", started=DUE + timedelta(days=number), minutes=10 + number)
    assert [each["longest"] for each in admin.get("/flows/nightly_backup").json["deadlines"]] == [None]
    assert states(admin, "nightly_backup/n0") == {}
    record(limited, "nightly_backup", "n4", started=DUE + timedelta(days=4), minutes=10)
    assert [each["longest"] for each in admin.get("/flows/nightly_backup").json["deadlines"]] == [2 * 13 * 60.0]
    assert states(admin, "nightly_backup/n0") == {"expected": ("met", None)}
