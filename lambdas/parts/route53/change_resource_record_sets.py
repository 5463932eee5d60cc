"""route53.change_resource_record_sets: where a name leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Unpack

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Allow, Call, Common, Pending, Result, part
from lambdas.engine.stages import DONE, Batch, Failed, Skipped, Stage, Stages, Verdicts
from lambdas.parts.route53._records import changes, listed, wanted, zone_id

_MOST_WEIGHT = 255
_ABSENT = Failed("NoSuchRecordSet", "there is no record set '{id}' of the name and type in the hosted zone")


@dataclass
class ChangeResourceRecordSetsResult(Result):
    """Result of route53.change_resource_record_sets.

    changed: set identifiers of the record sets that were changed ("simple" for one that is alone), known to all DNS
        servers of Route 53.
    skipped: those that were so already.
    previous_weights: weights before, by set identifier, of those that have one: give them to a later call to go back.
    previous_failover: PRIMARY or SECONDARY before, by set identifier.
    """

    previous_weights: dict[str, int] = field(default_factory=dict)
    previous_failover: dict[str, str] = field(default_factory=dict)


@part(
    allow=(
        Allow(
            ("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets"),
            ("arn:${AWS::Partition}:route53:::hostedzone/*",),
            named_by="hosted_zone_id",
        ),
        Allow(("route53:GetChange",), ("arn:${AWS::Partition}:route53:::change/*",)),
    ),
    cost="Nothing; Route 53 bills zones and queries.",
    hints={"NoSuchHostedZone": "Give the id of the zone (Z...), in the account that the step acts in."},
    timeout="30m",
    one_of=(("weights", "failover", "values", "ttl"),),
)
def change_resource_record_sets(
    call: Call,
    *,
    hosted_zone_id: str,
    record_name: str,
    record_type: Literal["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SRV", "SVCB", "TXT"] = "A",
    weights: dict[str, int] | None = None,
    failover: dict[str, str] | None = None,
    values: list[str] | None = None,
    ttl: int | None = None,
    **common: Unpack[Common],
) -> ChangeResourceRecordSetsResult | Pending:
    """Change where a name leads, and wait until all DNS servers of Route 53 know it.

    The record sets have to be there; what they have besides, such as health checks, stays. All of a call change at
    once or none does. Resolvers go on with what they know for the TTL of the record set.

    Parameters:
    hosted_zone_id: id of the hosted zone, Z0123456789.
    record_name: the name, shop.example.com.
    record_type: the type of the record sets.
    weights: set identifier -> new weight from 0 to 255: {"blue": 0, "green": 100}.
    failover: set identifier -> "PRIMARY" or "SECONDARY": give both to let them change places.
    values: new values of the one record set, or of those named by weights or failover.
    ttl: new TTL in seconds, of the same.

    Result: ChangeResourceRecordSetsResult.

    Errors:
    PartFailed: there is no such record set, or Route 53 refused the change.
    PartTimeout: the change was not known to all servers in time.
    AccessDenied: the role may not change the zone.
    InvalidParameter: a record set has another routing policy, or a value cannot be.

    Source: "ChangeResourceRecordSets", "GetChange" (Amazon Route 53 API Reference).

    Example:
        from lambdas.parts import aws, ec2, route53
        from nightshift import flow

        ZONE = "Z0123456789ABCDEFGHIJ"


        @flow(timeout="4h")
        def maintain_blue():
            \"\"\"Lead the shop away from its blue half, reboot that, and lead it back.\"\"\"
            moved = route53.change_resource_record_sets(
                hosted_zone_id=ZONE, record_name="shop.example.com", weights={"blue": 0, "green": 100}
            )
            try:
                ec2.reboot_instances(tag="Half=blue", status_check=True)
            finally:
                route53.change_resource_record_sets(
                    hosted_zone_id=ZONE, record_name="shop.example.com", weights=moved.previous_weights
                )
    """
    weights, failover = weights or {}, failover or {}
    _check(weights, failover, values, ttl)
    zone, client = zone_id(hosted_zone_id), call.client("route53")

    def plan() -> Verdicts:
        found = listed(call, zone, record_name, record_type)
        to_be = wanted(found, weights, failover, values, ttl)
        call.state["before"] = [[i, found[i].get("Weight"), found[i].get("Failover")] for i in to_be]
        yield from ((i, _ABSENT) for i in sorted({*weights, *failover} - {*found}))
        if not found and not (weights or failover):
            yield record_name, _ABSENT
        for i, record in to_be.items():
            yield i, "todo" if record != found[i] else Skipped("is so already")

    def request(ids: list[str], dry_run: bool) -> Any:
        # What is there now: a request whose answer was lost may have been carried out.
        found = listed(call, zone, record_name, record_type)
        to_be = {i: record for i, record in wanted(found, weights, failover, values, ttl).items() if i in ids}
        batch = {"Comment": f"{call.run.flow} {call.run.key}"[:256], "Changes": changes(found, to_be)}
        answer = client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
        call.state["change"] = zone_id(answer["ChangeInfo"]["Id"])
        return answer

    def known(ids: list[str]) -> Verdicts:
        if client.get_change(Id=call.state["change"])["ChangeInfo"]["Status"] == "INSYNC":
            yield from ((i, DONE) for i in ids)

    def finish(result: ChangeResourceRecordSetsResult) -> None:
        before = call.state["before"]
        result.previous_weights = {i: weight for i, weight, _ in before if weight is not None}
        result.previous_failover = {i: role for i, _, role in before if role is not None}

    stages = [
        Batch("todo", "to be changed", "'{id}' was not changed in time", request=request, asks=lambda i: False),
        Stage("sent", "to be known to all DNS servers", "'{id}' is not known to all DNS servers", poll=known),
    ]
    run = Stages(call, stages, verb="change", done="changed", noun="record set", railed=False)
    return run.run(plan, ChangeResourceRecordSetsResult(), finish)


def _check(weights: Mapping[str, int], failover: Mapping[str, str], values: list[str] | None, ttl: int | None) -> None:
    for i, weight in weights.items():
        if isinstance(weight, bool) or not 0 <= weight <= _MOST_WEIGHT:
            raise InvalidParameter(f"weights[{i!r}]={weight!r}; a weight is 0 to {_MOST_WEIGHT}")
    for i, role in failover.items():
        if role not in ("PRIMARY", "SECONDARY"):
            raise InvalidParameter(f"failover[{i!r}]={role!r}; write PRIMARY or SECONDARY")
    if len(set(failover.values())) != len(failover):
        raise InvalidParameter("failover has two of a kind; one record set is PRIMARY and one is SECONDARY")
    if values is not None and not values:
        raise InvalidParameter("values is empty; a record set has at least one")
    if ttl is not None and not 0 <= ttl <= 2**31 - 1:
        raise InvalidParameter(f"ttl={ttl}; write seconds")
    if not (weights or failover or values is not None or ttl is not None):
        raise InvalidParameter("nothing is to be changed; give weights, failover, values or ttl")
