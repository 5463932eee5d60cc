"""The mark that tells a page whether anything has changed: another one for each change, the same as time passes."""

from __future__ import annotations

from typing import Any

from lambdas.tracker.opened import OpenItem, item_of
from tests.dashboard.api import Api
from tests.dashboard.runs import START, record


def test_a_mark_changes_with_what_the_user_may_see(aws: Any, admin: Api, desk: Api) -> None:
    marks: list[str] = []

    def moved() -> bool:
        marks.append(admin.get("/pulse").json["mark"])
        return len(marks) > 1 and marks[-1] != marks[-2]

    assert not moved()
    assert not moved()
    record(aws, "nightly_backup", "one", "RUNNING")
    assert moved()
    assert not moved()
    seen = desk.get("/pulse").json["mark"]
    record(aws, "nightly_backup", "one")
    assert moved()
    # Whose runs the desk does not see do not move its mark.
    assert desk.get("/pulse").json["mark"] == seen
    desk.put("/flows/evening_stop/hold", {"why": "year end"})
    assert moved()
    assert desk.get("/pulse").json["mark"] != seen
    seen = desk.get("/pulse").json["mark"]
    admin.put("/freeze", {"why": "the data centre moves", "until": None})
    assert moved()
    assert desk.get("/pulse").json["mark"] != seen
    until = START.replace(hour=4)
    aws.put_item(Item=item_of(OpenItem("nightly_backup", "one", "failed", START, until, "one", "why", "todo")))
    assert moved()
    assert not moved()
