"""What the function keeps of the events about members' instances."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdas.alarms.member_instances import handler
from lambdas.store import table as store
from lambdas.store.member_instances import find, read
from tests.tables import table

__all__ = ["table"]


@pytest.fixture(autouse=True)
def of_the_app(table: Any) -> Any:
    store.table.cache_clear()
    yield
    store.table.cache_clear()


def event(
    instance: str, state: str, time: str = "2026-11-27T20:00:00Z", account: str = "222222222222"
) -> dict[str, Any]:
    """An event as EC2 writes it ("State change events for your instances", Amazon EC2 User Guide)."""
    return {
        "source": "aws.ec2",
        "detail-type": "EC2 Instance State-change Notification",
        "account": account,
        "region": "eu-west-1",
        "time": time,
        "resources": [f"arn:aws:ec2:eu-west-1:{account}:instance/{instance}"],
        "detail": {"instance-id": instance, "state": state},
    }


def test_an_instance_is_kept_with_its_place_and_state(table: Any) -> None:
    assert handler(event("i-2", "stopped"), None) == {"kept": True}
    assert handler(event("i-1", "running", account="333333333333"), None) == {"kept": True}
    found, more = read(table)
    assert [(one.id, one.account, one.region, one.state) for one in found] == [
        ("i-2", "222222222222", "eu-west-1", "stopped"),
        ("i-1", "333333333333", "eu-west-1", "running"),
    ]
    assert not more
    known = find(table, "i-2")
    assert known is not None
    assert known.since == datetime(2026, 11, 27, 20, tzinfo=UTC)
    assert find(table, "i-3") is None


def test_the_latest_event_counts_in_whichever_order_they_come(table: Any) -> None:
    handler(event("i-1", "stopped", "2026-11-27T20:00:40Z"), None)
    assert handler(event("i-1", "stopping", "2026-11-27T20:00:00Z"), None) == {"kept": False}
    assert handler(event("i-1", "stopped", "2026-11-27T20:00:40Z"), None) == {"kept": False}
    (one,) = read(table)[0]
    assert one.state == "stopped"


def test_what_is_terminated_is_dropped_after_an_hour(table: Any) -> None:
    handler(event("i-1", "running"), None)
    handler(event("i-1", "terminated", "2026-11-27T21:00:00Z"), None)
    item = table.get_item(Key={"pk": "MEMBER_INSTANCES", "sk": "i-1"})["Item"]
    assert item["expires"] == int(datetime(2026, 11, 27, 22, tzinfo=UTC).timestamp())
    handler(event("i-2", "running"), None)
    assert "expires" not in table.get_item(Key={"pk": "MEMBER_INSTANCES", "sk": "i-2"})["Item"]
