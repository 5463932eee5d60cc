"""The instances of member accounts, as the events of EC2 tell of them: where each is, in which state, and since when.

One partition has them all: an instance changes its state a few times a day. Events may come late and in any order, so
that of the latest time counts. An instance that is terminated is dropped after an hour, as EC2 drops it.

Source: "State change events for your instances" (Amazon EC2 User Guide).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

PARTITION = "MEMBER_INSTANCES"
MOST = 1000
"""Instances that are read at once."""

_TERMINATED = "terminated"
_KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class MemberInstance:
    """An instance of a member account. since: when it came into its state; aware."""

    id: str
    account: str
    region: str
    state: str
    since: datetime


def note(table: Any, instance: MemberInstance) -> bool:
    """Keep what an event tells, unless a later one has been; whether it was kept."""
    item: dict[str, Any] = {
        "pk": PARTITION,
        "sk": instance.id,
        "account": instance.account,
        "region": instance.region,
        "state": instance.state,
        "since": instance.since.isoformat(),
    }
    if instance.state == _TERMINATED:
        item["expires"] = int((instance.since + _KEPT).timestamp())
    try:
        table.put_item(
            Item=item,
            ConditionExpression="attribute_not_exists(#since) OR #since < :since",
            ExpressionAttributeNames={"#since": "since"},
            ExpressionAttributeValues={":since": item["since"]},
        )
    except table.meta.client.exceptions.ConditionalCheckFailedException:
        return False
    return True


def read(table: Any) -> tuple[list[MemberInstance], bool]:
    """The instances by account, Region and id, and whether there are more than MOST."""
    from boto3.dynamodb.conditions import Key

    answer = table.query(KeyConditionExpression=Key("pk").eq(PARTITION), Limit=MOST)
    found = sorted(map(_of, answer["Items"]), key=lambda one: (one.account, one.region, one.id))
    return found, "LastEvaluatedKey" in answer


def find(table: Any, instance: str) -> MemberInstance | None:
    """One of them; None for an instance that no event has told of."""
    item = table.get_item(Key={"pk": PARTITION, "sk": instance}).get("Item")
    return _of(item) if item else None


def _of(item: Mapping[str, Any]) -> MemberInstance:
    since = datetime.fromisoformat(item["since"])
    return MemberInstance(item["sk"], item["account"], item["region"], item["state"], since)
