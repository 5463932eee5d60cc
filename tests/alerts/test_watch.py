"""Deadlines, by the clock of the events that have them looked at: what is late is raised once, also without any run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lambdas.alerts import handler, telling
from lambdas.calendar.business_days import DayRule
from lambdas.calendar.deadlines import Deadlines, deadline
from lambdas.contract import aws_errors
from lambdas.gate import holds
from lambdas.store.table import table as own_table
from lambdas.tracker import opened
from lambdas.tracker.handler import _settle
from lambdas.tracker.record import FAILED, RUNNING, SKIPPED, SUCCEEDED, Record
from lambdas.tracker.store import save
from nightshift import Calendar
from nightshift.triggers import Schedule
from tests.alerts.conftest import Alerts
from tests.tracker.views import arn

DUE = datetime(2026, 11, 24, 13, tzinfo=UTC)
"""22:00 in Tokyo, when the flow is due."""

DAY = timedelta(days=1)


def look(minutes: float) -> list[str]:
    """Look so many minutes after the due time; what was raised, without the flow."""
    moment = DUE + timedelta(minutes=minutes)
    event = {"detail-type": "Scheduled Event", "source": "aws.events", "time": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    return [raised.removeprefix("backup/") for raised in handler.handler(event, None)["raised"]]


def ran(
    alerts: Alerts, name: str, state: str = SUCCEEDED, *, at: float = 0, took: float | None = 10, **fields: Any
) -> None:
    """Record a run that started so many minutes after the due time and took so many."""
    started = DUE + timedelta(minutes=at)
    ended = None if state == RUNNING or took is None else started + timedelta(minutes=took)
    due = {"type": "schedule", "scheduled_time": f"{DUE:%Y-%m-%dT%H:%M:%SZ}"}
    record = Record("backup", name, arn("backup", name), state, started, ended, **({"trigger": due} | fields))
    save(alerts.table, record, None if ended is None else {"steps": [], "output": None, "cause": "", "failures": []})


@pytest.fixture(autouse=True)
def watched(alerts: Alerts) -> Alerts:
    """The flow has to start by 22:15 and to finish by 06:00, and somebody has looked the day before."""
    alerts.flow(notify=("ops@example.com",), deadlines=Deadlines("22:15", "06:00"))
    look(-23 * 60)
    return alerts


def test_a_start_that_was_lost_is_raised_once_and_told(alerts: Alerts) -> None:
    assert look(15) == []
    assert look(18) == ["late-start-20261124T130000Z"]
    assert look(23) == []
    (mail,) = alerts.mails()
    assert mail["subject"] == "[nightshift] Nightly backup has not started in time"
    assert "It was due at 2026-11-24 22:00:00 Asia/Tokyo and had to start by 2026-11-24 22:15:00" in mail["text"]
    assert "No run of it has started." in mail["text"]
    (item,) = opened.listed(alerts.table)
    assert (item.kind, item.run, item.at) == ("late_start", "", DUE + timedelta(minutes=15))
    # Its end is late as well, and acknowledged is not raised again.
    assert look(8 * 60 + 5) == ["late-end-20261124T130000Z"]
    opened.acknowledge(alerts.table, "backup", item.key, by="alice", comment="started by hand")
    assert look(8 * 60 + 10) == []
    assert [found.kind for found in opened.listed(alerts.table)] == ["late_end"]


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (RUNNING, {"at": 14}),
        (SUCCEEDED, {"at": 1}),
        (SUCCEEDED, {"at": 5, "trigger": {"type": "manual", "by": "alice"}}),
        (FAILED, {"at": 0}),
        (SKIPPED, {"at": 0, "skipped": "held by alice"}),
    ],
)
def test_a_run_in_time_is_not_late(alerts: Alerts, state: str, fields: dict[str, Any]) -> None:
    ran(alerts, "night", state, **fields)
    assert look(30) == []


def test_a_dry_run_does_not_stand_for_a_run(alerts: Alerts) -> None:
    ran(alerts, "dry", at=5, trigger={"type": "manual", "by": "alice"}, dry_run=True)
    assert look(30) == ["late-start-20261124T130000Z"]


def test_a_late_start_names_its_run_and_is_made_good_by_it(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.tracker.handler.table", lambda: alerts.table)
    ran(alerts, "night", RUNNING, at=16)
    assert look(30) == ["late-start-20261124T130000Z"]
    (item,) = opened.listed(alerts.table)
    assert (item.run, "It started at 2026-11-24 22:16:00" in item.why) == ("night", True)
    ran(alerts, "night", at=16)
    _settle(Record("backup", "night", arn("backup", "night"), SUCCEEDED, DUE + timedelta(minutes=16)))
    assert opened.listed(alerts.table) == []


def test_a_late_end_stays_open_when_the_run_succeeds_after_all(alerts: Alerts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambdas.tracker.handler.table", lambda: alerts.table)
    ran(alerts, "night", RUNNING, at=1)
    assert look(8 * 60 + 5) == ["late-end-20261124T130000Z"]
    (item,) = opened.listed(alerts.table)
    assert "is still under way" in item.why
    record = Record("backup", "night", arn("backup", "night"), SUCCEEDED, DUE + timedelta(minutes=1))
    _settle(record)
    assert len(opened.listed(alerts.table)) == 1
    _settle(Record("backup", "next", arn("backup", "next"), SUCCEEDED, DUE + DAY))
    assert opened.listed(alerts.table) == []


def test_nothing_is_late_on_a_day_on_which_the_calendar_has_no_start(alerts: Alerts) -> None:
    rule = DayRule(Calendar("JP", extra_holidays=["2026-11-24"]).data, "business days")
    at_ten = Schedule(("cron(0 22 * * ? *)",), "Asia/Tokyo", rule)
    alerts.flow(deadlines=Deadlines("22:15"), schedule=at_ten)
    look(-23 * 60)
    assert look(30) == []
    assert look(24 * 60 + 30) == ["late-start-20261125T130000Z"]


def test_nothing_is_late_while_the_flow_is_held(alerts: Alerts) -> None:
    holds.hold(alerts.table, "backup", by="alice", why="inventory", until=DUE + timedelta(hours=1), now=DUE - DAY)
    assert look(30) == []
    assert look(24 * 60 + 30) == ["late-start-20261125T130000Z"]


def test_what_was_due_before_the_schedule_was_deployed_is_not_late(alerts: Alerts) -> None:
    at_noon = Schedule(("cron(0 12 * * ? *)",), "Asia/Tokyo")
    alerts.flow(deadlines=Deadlines("13:00"), schedule=at_noon)
    assert look(-9 * 60 + 5) == []
    assert look(-8 * 60) == []
    assert look(16 * 60) == ["late-start-20261125T030000Z"]


def test_who_cannot_be_told_now_is_told_when_it_is_looked_at_again(
    alerts: Alerts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*_: Any) -> None:
        raise ConnectionError("no way to SES")

    with monkeypatch.context() as patched:
        patched.setattr(telling, "_send", unavailable)
        patched.setattr(aws_errors, "is_temporary", lambda error: True)
        with pytest.raises(telling.NotTold):
            look(18)
    assert len(opened.listed(alerts.table)) == 1
    assert look(23) == []
    assert len(alerts.mails()) == 1


def test_a_run_that_takes_longer_than_expected_is_raised_once(alerts: Alerts) -> None:
    alerts.flow(notify=(), deadlines=Deadlines(expected="45m"))
    ran(alerts, "night", RUNNING, at=1)
    assert look(46) == []
    assert look(49) == ["long-night"]
    assert look(54) == []
    (item,) = opened.listed(alerts.table)
    assert (item.run, item.kind) == ("night", "long")
    assert "takes at most 45 min as a rule. It is still under way" in item.why


def test_a_run_is_held_against_the_history_of_its_flow(alerts: Alerts) -> None:
    alerts.flow(notify=(), deadlines=Deadlines(expected="usual"))
    manual = {"type": "manual"}
    for day in range(4):
        ran(alerts, f"before-{day}", at=-1440 * (day + 3), took=20 + day, trigger=manual)
    ran(alerts, "night", RUNNING, at=1)
    assert look(60) == []
    ran(alerts, "before-4", at=-1440 * 8, took=24, trigger=manual)
    assert look(65) == ["long-night"]


def test_the_history_of_a_flow_is_not_read_at_each_look(alerts: Alerts) -> None:
    alerts.flow(notify=(), deadlines=Deadlines(expected="usual"))
    for day in range(5):
        ran(alerts, f"before-{day}", at=-1440 * (day + 3), took=20, trigger={"type": "manual"})
    ran(alerts, "night", RUNNING, at=1)
    read: list[str] = []

    def count(params: dict[str, Any], **_: Any) -> None:
        read.append(params["ExpressionAttributeValues"][":partition"])

    own_table().meta.client.meta.events.register("provide-client-params.dynamodb.Query", count)
    assert look(20) == []
    history = "RUNS#backup#SUCCEEDED"
    assert read.count(history) == 1
    assert look(30) == []
    assert (read.count(history), read.count("RUNS#backup")) == (1, 2)


def test_a_run_that_was_long_between_two_looks_is_raised_too(alerts: Alerts) -> None:
    alerts.flow(notify=(), deadlines=Deadlines(expected="1m"))
    look(-5)
    ran(alerts, "night", at=0.5, took=1.5)
    ran(alerts, "quick", at=0.5, took=0.5)
    assert look(5) == ["long-night"]


def test_a_deadline_is_the_next_such_time_on_the_clock_of_the_zone() -> None:
    due = datetime(2026, 10, 24, 20, tzinfo=UTC)
    assert deadline(due, "22:00", "Europe/Berlin") == due
    # The clock is put back in that night: 06:00 is an hour later.
    assert deadline(due, "06:00", "Europe/Berlin") == datetime(2026, 10, 25, 5, tzinfo=UTC)
    assert deadline(due, "21:59", "Europe/Berlin") == datetime(2026, 10, 25, 20, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "clock", "by"),
    [
        # New York, 1 November: from 06:00 UTC on the clock shows the hour from 01:00 to 02:00 again.
        ("2026-11-01T05:30", "01:45", "2026-11-01T05:45"),
        ("2026-11-01T05:30", "01:15", "2026-11-01T06:15"),
        ("2026-11-01T06:30", "01:45", "2026-11-01T06:45"),
        ("2026-11-01T06:30", "01:15", "2026-11-02T06:15"),
        ("2026-11-01T06:30", "00:15", "2026-11-02T05:15"),
        # 8 March: after 01:59 it shows 03:00, at 07:00 UTC.
        ("2026-03-08T06:50", "02:30", "2026-03-08T07:30"),
        ("2026-03-08T06:50", "03:00", "2026-03-08T07:00"),
        ("2026-03-08T07:15", "03:10", "2026-03-09T07:10"),
    ],
)
def test_a_deadline_is_never_before_what_is_due(due: str, clock: str, by: str) -> None:
    moment, expected = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (due, by))
    assert deadline(moment, clock, "America/New_York").astimezone(UTC) == expected
