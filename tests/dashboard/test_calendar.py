"""The calendar: what the schedules start on which day, and the days on which business rests."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.dashboard.api import Api
from tests.dashboard.runs import record

TOKYO = "Asia/Tokyo"


def month(api: Api, days: int = 31) -> dict[str, Any]:
    """The calendar from today in Tokyo on."""
    first = datetime.now(ZoneInfo(TOKYO)).date()
    given = {"since": first.isoformat(), "until": (first + timedelta(days=days - 1)).isoformat(), "timezone": TOKYO}
    found: dict[str, Any] = api.get("/calendar", **given).json
    return found


def of(calendar: dict[str, Any], flow: str) -> dict[str, dict[str, Any]]:
    """Day -> what a flow is due on it."""
    return {day["day"]: runs for day in calendar["days"] for runs in day["runs"] if runs["flow"] == flow}


def test_each_day_says_what_is_due_in_the_zone(admin: Api) -> None:
    calendar = month(admin)
    assert (len(calendar["days"]), calendar["timezone"], calendar["more"]) == (31, TOKYO, False)
    backup = of(calendar, "nightly_backup")
    assert len(backup) >= 30, "every day at 22:00 in Tokyo"
    for day, runs in backup.items():
        (moment,) = runs["times"]
        local = datetime.fromisoformat(moment).astimezone(ZoneInfo(TOKYO))
        assert (local.date().isoformat(), f"{local:%H:%M}", runs["count"]) == (day, "22:00", 1)


def test_holds_and_skips_are_counted(admin: Api) -> None:
    until = datetime.now(UTC) + timedelta(days=10)
    admin.put("/freeze", {"why": "closing", "until": until.isoformat(), "exempt": ["nightly_backup"]})
    admin.post("/flows/nightly_backup/skip-next", {"why": "by hand"})
    calendar = month(admin)
    stop = of(calendar, "evening_stop")
    last = until.astimezone(ZoneInfo(TOKYO)).date()
    assert all(runs["kept_back"] == 1 for day, runs in stop.items() if date.fromisoformat(day) < last)
    assert not any(runs["kept_back"] for day, runs in stop.items() if date.fromisoformat(day) > last)
    assert next(iter(stop.values()))["why"].startswith("held with all flows until ")
    backup = list(of(calendar, "nightly_backup").values())
    assert [runs["why"] for runs in backup[:2]] == ["skipped once by alice: by hand", None]


def test_holidays_of_the_calendars_are_named(admin: Api, desk: Api) -> None:
    year = datetime.now(UTC).year + 1
    given = {"since": f"{year}-01-01", "until": f"{year}-01-31", "timezone": TOKYO}
    calendar = admin.get("/calendar", **given).json
    (company,) = [found for found in calendar["calendars"] if found["name"] == "JP"]
    assert company["holidays"][f"{year}-01-01"]
    assert "keep_running" in company["flows"]
    assert {"calendar": "JP", "name": company["holidays"][f"{year}-01-01"]} in calendar["days"][0]["holidays"]
    assert all(found["flows"] == [] or found["name"] for found in desk.get("/calendar", **given).json["calendars"])


def test_others_see_their_flows_only(desk: Api) -> None:
    flows = {runs["flow"] for day in month(desk)["days"] for runs in day["runs"]}
    assert flows == {"evening_stop", "morning_start"}


def test_a_period_and_a_zone_have_to_be(admin: Api) -> None:
    day = {"since": "2027-01-01", "until": "2027-01-31"}
    assert admin.get("/calendar", **day, timezone="Asia/Tokio").fields.keys() == {"query.timezone"}
    assert admin.get("/calendar", since="2027-01-31", until="2027-01-01").fields.keys() == {"query.until"}
    assert admin.get("/calendar", since="2027-01-01", until="2028-01-01").status == 422
    assert admin.get("/calendar", since="0001-01-01", until="0001-01-02").status == 422
    assert admin.get("/calendar").fields.keys() == {"query.since", "query.until"}


def test_past_days_say_what_ran_in_the_zone_to_who_may_see_it(aws: Any, admin: Api, desk: Api) -> None:
    late = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    record(aws, "evening_stop", "a", started=late)
    record(aws, "evening_stop", "b", "FAILED", started=late - timedelta(minutes=31))
    record(aws, "nightly_backup", "c", started=late)
    given = {"since": "2026-11-20", "until": "2026-11-21", "timezone": TOKYO}
    calendar = admin.get("/calendar", **given).json
    ran = {day["day"]: {each["flow"]: each["counts"] for each in day["ran"]} for day in calendar["days"]}
    assert {day: sorted(flows) for day, flows in ran.items()} == {
        "2026-11-20": ["evening_stop"],
        "2026-11-21": ["evening_stop", "nightly_backup"],
    }
    assert (ran["2026-11-20"]["evening_stop"]["failed"], ran["2026-11-21"]["evening_stop"]["succeeded"]) == (1, 1)
    assert calendar["ran_since"] == "2026-11-20"
    seen = {flow["name"] for flow in desk.get("/flows").json["flows"]}
    limited = {each["flow"] for day in desk.get("/calendar", **given).json["days"] for each in day["ran"]}
    assert limited == seen & {"evening_stop", "nightly_backup"}
