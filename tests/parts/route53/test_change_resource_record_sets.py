"""route53.change_resource_record_sets: weights, failover and values, and when all servers know of them."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.contract.errors import AccessDenied, InvalidParameter, PartFailed, PartTimeout
from lambdas.parts import route53 as parts
from tests.faults.injection import FaultyAws
from tests.faults.scenarios import Scenario
from tests.faults.world import client
from tests.parts.driver import Fault, Killed, TestAws, drive

NAME = "shop.example.com"


def zone(*records: dict[str, Any]) -> str:
    """A hosted zone with these record sets; its id."""
    route53 = client("route53")
    made: str = route53.create_hosted_zone(Name="example.com", CallerReference="x")["HostedZone"]["Id"]
    base = {"Name": NAME, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
    batch = [{"Action": "CREATE", "ResourceRecordSet": {**base, **record}} for record in records]
    route53.change_resource_record_sets(HostedZoneId=made, ChangeBatch={"Changes": batch})
    return made.rpartition("/")[2]


def weighted(**weights: int) -> str:
    return zone(*({"SetIdentifier": name, "Weight": weight} for name, weight in weights.items()))


def failing_over() -> str:
    return zone(
        {"SetIdentifier": "one", "Failover": "PRIMARY", "HealthCheckId": "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"},
        {"SetIdentifier": "two", "Failover": "SECONDARY"},
    )


def shown(zone_id: str, field: str) -> dict[str, Any]:
    found = client("route53").list_resource_record_sets(HostedZoneId=zone_id)["ResourceRecordSets"]
    return {r.get("SetIdentifier", ""): r.get(field) for r in found if r["Name"] == f"{NAME}."}


def change(aws: TestAws, zone_id: str, **given: Any) -> dict[str, Any]:
    params = {"hosted_zone_id": zone_id, "record_name": NAME, **given}
    return drive(parts.change_resource_record_sets, aws, params).result


def test_weights_change_at_once_and_can_be_given_back(aws: TestAws) -> None:
    of = weighted(blue=100, green=0, grey=7)
    result = change(aws, of, weights={"blue": 0, "green": 100})
    assert shown(of, "Weight") == {"blue": 0, "green": 100, "grey": 7}
    assert result["changed"] == ["blue", "green"]
    assert len(aws.made("ChangeResourceRecordSets")) == 1
    change(aws, f"/hostedzone/{of}", weights=result["previous_weights"])
    assert shown(of, "Weight") == {"blue": 100, "green": 0, "grey": 7}


def test_it_waits_until_all_servers_know(aws: TestAws) -> None:
    of = weighted(blue=100, green=0)
    pending = [2]

    def later(params: dict[str, Any], answer: dict[str, Any]) -> None:
        if pending[0]:
            pending[0] -= 1
            answer["ChangeInfo"]["Status"] = "PENDING"

    aws.faults["GetChange"] = Fault(after=later)
    change(aws, of, weights={"blue": 0})
    assert aws.count()["GetChange"] == 3
    pending[0] = 1000
    with pytest.raises(PartTimeout, match="to be known to all DNS servers"):
        change(aws, of, weights={"blue": 1})


def test_primary_and_secondary_change_places_in_one_batch(aws: TestAws) -> None:
    of = failing_over()
    result = change(aws, of, failover={"two": "PRIMARY", "one": "SECONDARY"})
    assert shown(of, "Failover") == {"one": "SECONDARY", "two": "PRIMARY"}
    assert shown(of, "HealthCheckId")["one"] == "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"
    (batch,) = aws.made("ChangeResourceRecordSets")
    made = [c["Action"] for c in batch["ChangeBatch"]["Changes"]]
    assert made == ["DELETE", "DELETE", "CREATE", "CREATE"]
    assert result["previous_failover"] == {"one": "PRIMARY", "two": "SECONDARY"}


def test_values_and_ttl_of_the_one_record_set(aws: TestAws) -> None:
    of = zone({})
    result = change(aws, of, values=["192.0.2.7", "192.0.2.8"], ttl=30)
    assert shown(of, "ResourceRecords")[""] == [{"Value": "192.0.2.7"}, {"Value": "192.0.2.8"}]
    assert shown(of, "TTL")[""] == 30
    assert result["changed"] == ["simple"]
    with pytest.raises(InvalidParameter, match="say which by weights or failover"):
        change(aws, weighted(blue=1, green=2), ttl=30)


def test_what_is_so_already_is_left_alone(aws: TestAws) -> None:
    of = weighted(blue=100, green=0)
    result = change(aws, of, weights={"blue": 100, "green": 1})
    assert (result["changed"], [s["id"] for s in result["skipped"]]) == (["green"], ["blue"])
    assert change(aws, of, weights={"blue": 100})["changed"] == []
    assert aws.count()["ChangeResourceRecordSets"] == 1


@pytest.mark.parametrize("given", [{"weights": {"blue": 1}}, {"failover": {"one": "SECONDARY", "two": "PRIMARY"}}])
def test_a_change_whose_answer_is_lost_is_awaited_and_not_made_twice(aws: TestAws, given: dict[str, Any]) -> None:
    of = weighted(blue=100, green=0) if "weights" in given else failing_over()
    deaths = [1]

    def die(*_: Any) -> None:
        if deaths:
            deaths.pop()
            raise Killed

    aws.faults["ChangeResourceRecordSets"] = Fault(after=die)
    change(aws, of, **given)
    field, wanted = ("Weight", given["weights"]) if "weights" in given else ("Failover", given["failover"])
    now = shown(of, field)
    assert {name: now[name] for name in wanted} == wanted
    assert aws.count()["GetChange"] == 1


def test_an_absent_record_set_fails_and_another_policy_is_not_changed(aws: TestAws) -> None:
    of = weighted(blue=100, green=0)
    with pytest.raises(PartFailed, match="NoSuchRecordSet"):
        change(aws, of, weights={"red": 1})
    with pytest.raises(PartFailed, match="NoSuchRecordSet"):
        change(aws, of, record_name="other.example.com", ttl=1)
    with pytest.raises(InvalidParameter, match="blue has no Failover"):
        change(aws, of, failover={"blue": "PRIMARY"})


def test_a_dry_run_changes_nothing(aws: TestAws) -> None:
    of = weighted(blue=100, green=0)
    assert change(aws, of, weights={"blue": 0}, dry_run=True)["changed"] == ["blue"]
    assert shown(of, "Weight") == {"blue": 100, "green": 0}


def test_a_missing_permission_is_named(aws: TestAws) -> None:
    aws.faults["ChangeResourceRecordSets"] = Fault(lambda params: (403, "AccessDenied", "not authorized"))
    with pytest.raises(AccessDenied):
        change(aws, weighted(blue=1), weights={"blue": 2})


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"weights": {"blue": 256}},
        {"weights": {"blue": -1}},
        {"failover": {"one": "primary"}},
        {"failover": {"one": "PRIMARY", "two": "PRIMARY"}},
        {"values": []},
        {"ttl": -1},
    ],
)
def test_what_route_53_would_not_take_is_refused(aws: TestAws, given: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameter):
        change(aws, "Z0123456789", **given)
    assert not aws.calls


def _weights(aws: FaultyAws) -> dict[str, Any]:
    return {"hosted_zone_id": weighted(blue=100, green=0), "record_name": NAME, "weights": {"blue": 0, "green": 100}}


def _failover(aws: FaultyAws) -> dict[str, Any]:
    given = {"failover": {"one": "SECONDARY", "two": "PRIMARY"}}
    return {"hosted_zone_id": failing_over(), "record_name": NAME, **given}


SCENARIOS = [
    Scenario("weights", "route53.change_resource_record_sets", _weights),
    Scenario("failover", "route53.change_resource_record_sets", _failover),
]
