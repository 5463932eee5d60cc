"""The resource record sets of a hosted zone: finding those that a change is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.contract.errors import InvalidParameter
from lambdas.contract.part import Call

Record = dict[str, Any]
"""A resource record set, as Route 53 lists it."""

ALONE = "simple"
"""Stands for the set identifier of a record set that is the only one of its name and type."""


def zone_id(given: str) -> str:
    """The id of a hosted zone without its path."""
    return given.rpartition("/")[2]


def written(name: str) -> str:
    """A name as Route 53 lists it: in lower case, with its last dot, and with some characters as their codes.

    Source: "DNS domain name format" (Amazon Route 53 Developer Guide).
    """
    told = "".join(c if c.isalnum() or c in "-_.\\" else f"\\{ord(c):03o}" for c in name.lower())
    return told if told.endswith(".") else f"{told}."


def listed(call: Call, zone: str, name: str, kind: str) -> dict[str, Record]:
    """The record sets of a name and type, by set identifier."""
    found: dict[str, Record] = {}
    start: Mapping[str, str] = {"StartRecordName": name, "StartRecordType": kind}
    client = call.client("route53")
    while start:
        page = client.list_resource_record_sets(HostedZoneId=zone, **start)
        for record in page["ResourceRecordSets"]:
            if (written(record["Name"]), record["Type"]) != (written(name), kind):
                return found
            found[record.get("SetIdentifier", ALONE)] = record
        start = {f"Start{key[4:]}": page[key] for key in _NEXT if key in page} if page["IsTruncated"] else {}
    return found


_NEXT = ("NextRecordName", "NextRecordType", "NextRecordIdentifier")


def wanted(
    found: Mapping[str, Record],
    weights: Mapping[str, int],
    failover: Mapping[str, str],
    values: list[str] | None,
    ttl: int | None,
) -> dict[str, Record]:
    """The record sets that are to change, as they are to be. Raises InvalidParameter for what does not fit them."""
    named = {*weights, *failover}
    ids = named or {*found} if values is not None or ttl is not None else named
    if (values is not None or ttl is not None) and not named and len(found) > 1:
        raise InvalidParameter(f"there are {', '.join(found)} of the name; say which by weights or failover")
    made = {}
    for i in sorted(ids & {*found}):
        record = dict(found[i])
        if i in weights:
            _needs(record, "Weight", i)
            record["Weight"] = weights[i]
        if i in failover:
            _needs(record, "Failover", i)
            record["Failover"] = failover[i]
        if (values is not None or ttl is not None) and "AliasTarget" in record:
            raise InvalidParameter(f"{i} is an alias, which has no values and no TTL of its own")
        if values is not None:
            record["ResourceRecords"] = [{"Value": value} for value in values]
        if ttl is not None:
            record["TTL"] = ttl
        made[i] = record
    return made


def _needs(record: Record, policy: str, name: str) -> None:
    if policy not in record:
        raise InvalidParameter(f"{name} has no {policy}; its routing policy is another one, which is not changed")


def changes(found: Mapping[str, Record], to_be: Mapping[str, Record]) -> list[dict[str, Any]]:
    """The changes of a batch, which Route 53 makes all or none.

    Which set is primary is changed by taking both away first: there is never more than one of a kind. What is so
    already is written again, which changes nothing and gives a change whose end can be awaited.
    """
    swapped = {i for i in to_be if found[i].get("Failover") != to_be[i].get("Failover")}
    gone = [{"Action": "DELETE", "ResourceRecordSet": found[i]} for i in sorted(swapped)]
    made = [
        {"Action": "CREATE" if i in swapped else "UPSERT", "ResourceRecordSet": record} for i, record in to_be.items()
    ]
    return [*gone, *made]
