"""The AWS of the fault sweep."""

from __future__ import annotations

from tests.faults.injection import FaultyAws
from tests.faults.world import client, reset
from tests.parts.elb.balancers import group_in_use


def test_the_same_requests_get_the_same_ids_whatever_came_before(aws: FaultyAws) -> None:
    reset()
    arn = group_in_use()
    client("autoscaling").describe_auto_scaling_groups()
    client("ecs").list_clusters()
    reset()
    assert group_in_use() == arn
