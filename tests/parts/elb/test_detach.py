"""elb.detach."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import PartTimeout
from lambdas.parts import elb as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.parts.driver import Fault, TestAws, drive
from tests.parts.elb.balancers import classic_balancer, group_in_use, into_classic, into_group
from tests.parts.elb.conftest import Group
from tests.parts.fleet import launch as instances
from tests.parts.unkind_elb import UnkindElb


def test_detach_waits_until_connections_are_drained(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws, drain=300)
    ids = launch(3, Role="web")
    group.register(ids)
    params = {"target_group_arn": group.arn, "tag": "Role=web", "exclude_tag": "Keep"}
    outcome = drive(parts.detach, aws, params)
    assert outcome.result["changed"] == sorted(ids)
    assert outcome.result["summary"] == "3 instances detached"
    assert outcome.result["warnings"] == ["no instance stays attached to web"]
    assert sum(outcome.waits) >= 300
    assert group.ids() == []


def test_detach_skips_what_is_not_attached_and_awaits_what_drains(aws: TestAws, group: Group, launch: Any) -> None:
    unkind = UnkindElb(aws, drain=200)
    attached, draining, never, stays = launch(4)
    group.register([attached, draining, stays])
    group.client.deregister_targets(TargetGroupArn=group.arn, Targets=[{"Id": draining}])
    unkind.deregistered[draining] = aws.now()
    ids = [attached, draining, never]
    outcome = drive(parts.detach, aws, {"target_group_arn": group.arn, "instance_id": ids})
    assert outcome.result["changed"] == [attached]
    assert {s["id"]: s["reason"] for s in outcome.result["skipped"]} == {
        draining: "already draining",
        never: "not attached",
    }
    assert outcome.result["warnings"] == []
    assert sum(outcome.waits) >= 200
    assert group.ids() == [stays]


def test_detach_gives_up_with_what_still_drains(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws, drain=3600)
    ids = launch(1)
    group.register(ids)
    params = {"target_group_arn": group.arn, "instance_id": ids, "timeout": "10m"}
    with pytest.raises(PartTimeout, match=r"Target\.DeregistrationInProgress"):
        drive(parts.detach, aws, params)


def test_only_a_target_that_is_denied_stays(aws: TestAws, group: Group, launch: Any) -> None:
    UnkindElb(aws, drain=30)
    ids = sorted(launch(5))
    group.register(ids)
    locked = {ids[0], ids[2], ids[4]}
    aws.faults["DeregisterTargets"] = Fault(
        lambda p: (403, "AccessDenied", "not authorized") if locked & {t["Id"] for t in p["Targets"]} else None
    )
    params = {"target_group_arn": group.arn, "instance_id": ids, "on_failure": "continue"}
    result = drive(parts.detach, aws, params).result
    assert (result["changed"], {f["id"] for f in result["failed"]}) == ([ids[1], ids[3]], locked)
    assert set(group.ids()) == locked


def _detach(aws: FaultyAws) -> dict[str, Any]:
    group, ids = group_in_use(), instances(3, Role="web")
    into_group(group, [*ids[:2], *instances(1)])
    UnkindElb(aws, drain=40)
    return {"target_group_arn": group, "tag": "Role=web"}


def _detach_classic(aws: FaultyAws) -> dict[str, Any]:
    balancer, ids = classic_balancer(), instances(2, Role="web")
    into_classic(balancer, [*ids, *instances(1)])
    UnkindElb(aws, drain=40)
    return {"load_balancer_name": balancer, "tag": "Role=web"}


SCENARIOS = [
    Scenario("target group", "elb.detach", _detach),
    Scenario("classic", "elb.detach", _detach_classic),
]
