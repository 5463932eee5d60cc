"""What happened since a user last looked, as the API tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.dashboard.routes import handover
from lambdas.store import audit
from tests.dashboard.api import Api
from tests.dashboard.runs import record


def failed_ago(aws: Any, flow: str, name: str, hours: float) -> None:
    """A run of two minutes that failed so long ago."""
    record(aws, flow, name, "FAILED", started=datetime.now(UTC) - timedelta(hours=hours, minutes=2), error="PartFailed")


def names(told: dict[str, Any]) -> list[str]:
    """The runs that failed."""
    return [run["name"] for run in told["failed"]]


def test_who_never_read_sees_a_shift_and_from_then_on_what_is_new(admin: Api, aws: Any) -> None:
    for name, hours in (("long-ago", 9), ("early", 7), ("late", 1)):
        failed_ago(aws, "nightly_backup", name, hours)
    audit.record(aws, by="bob", action="hold", flow="evening_stop", details={"run": "evening_stop/a", "why": "disk"})
    told = admin.get("/handover").json
    assert (names(told), told["read"], told["more"]) == (["early", "late"], None, False)
    (done,) = told["done"]
    assert (done["by"], done["action"], done["run"], done["details"]) == (
        "bob",
        "hold",
        "evening_stop/a",
        {"why": "disk"},
    )
    assert admin.put("/handover/read", {"until": told["until"]}).json == {"read": told["until"]}
    failed_ago(aws, "nightly_backup", "new", -0.1)
    after = admin.get("/handover").json
    assert (names(after), after["done"], after["since"], after["read"]) == (["new"], [], told["until"], told["until"])
    assert names(Api("bob").get("/handover").json) == ["early", "late", "new"], "each user has a mark of their own"


def test_a_mark_goes_neither_back_nor_into_the_future(admin: Api) -> None:
    now = datetime.now(UTC)
    kept = admin.put("/handover/read", {"until": (now + timedelta(days=1)).isoformat()}).json["read"]
    assert now - timedelta(seconds=1) < datetime.fromisoformat(kept) <= datetime.now(UTC)
    assert admin.put("/handover/read", {"until": "2026-01-01T00:00:00Z"}).json["read"] == kept
    assert admin.get("/handover").json["since"] == kept


def test_others_are_told_of_their_flows_only(desk: Api, aws: Any) -> None:
    failed_ago(aws, "nightly_backup", "not-theirs", 1)
    failed_ago(aws, "evening_stop", "theirs", 1)
    audit.record(aws, by="bob", action="hold", flow="nightly_backup")
    told = desk.get("/handover").json
    assert (names(told), told["done"]) == (["theirs"], [])


def test_a_time_can_be_chosen_of_the_last_seven_days(admin: Api, aws: Any) -> None:
    failed_ago(aws, "nightly_backup", "too-long-ago", 7 * 24 + 1)
    failed_ago(aws, "nightly_backup", "days-ago", 6 * 24)
    assert names(admin.get("/handover", since="2020-01-01T00:00:00Z").json) == ["days-ago"]
    assert admin.get("/handover", since="yesterday").status == 422


def test_of_very_much_the_latest_is_told(admin: Api, aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handover, "_MOST", 2)
    for number in range(3):
        failed_ago(aws, "nightly_backup", f"run-{number}", 3 - number)
    told = admin.get("/handover").json
    assert (names(told), told["more"]) == (["run-1", "run-2"], True)
