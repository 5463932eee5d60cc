"""Instances."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from botocore.exceptions import ClientError
from pydantic import Field

from lambdas.dashboard import deployment
from lambdas.dashboard.access import scope, user, visible
from lambdas.dashboard.models.board import TagText
from lambdas.dashboard.models.common import Cursor
from lambdas.dashboard.models.fleet import Fleet, Instance, InstanceDetail, Selecting, Touched
from lambdas.dashboard.problems import Invalid, NotFound
from lambdas.dashboard.routing import new_router
from lambdas.dashboard.upcoming import next_start
from lambdas.engine.selection import TagPattern, parse_tags, tag_map
from lambdas.gate import holds
from lambdas.store import member_instances
from lambdas.store.member_instances import MemberInstance
from lambdas.store.table import table
from lambdas.tracker import touched

router = new_router()

InstanceId = Annotated[str, Field(pattern=r"^i-[0-9a-f]{1,40}$", description="Id of an instance")]

_LAST = 50
"""Runs that touched an instance."""


@router.get("/api/fleet", operation_id="list_fleet", summary="Instances with their states", tags=["fleet"])
def list_fleet(
    tag: Annotated[list[TagText] | None, Query(max_length=10, description="All of them; * and ? are wildcards")] = None,
    cursor: Annotated[Cursor | None, Query()] = None,
    limit: Annotated[int, Query(ge=5, le=1000)] = 200,
) -> Fleet:
    """Instances; those a user who is not an admin sees are those the flows of their groups select by tag."""
    wanted = parse_tags(tag or [], "tag")
    own = None if user().admin else _selections()
    if own == []:
        return Fleet(region=deployment.region(), instances=[], members=[], more_members=False, cursor=None)
    request: dict[str, Any] = {"MaxResults": limit}
    if wanted:
        request["Filters"] = list({found["Name"]: found for found in (pattern.filter() for pattern in wanted)}.values())
    if cursor:
        request["NextToken"] = _token(cursor)
    try:
        answer = deployment.ec2().describe_instances(**request)
    except ClientError as error:
        if cursor and error.response["Error"]["Code"].startswith("Invalid"):
            raise _bad_cursor() from None
        raise
    found = [instance for reservation in answer["Reservations"] for instance in reservation["Instances"]]
    shown = [i for i in found if _selected(i, wanted) and (own is None or any(_selected(i, tags) for tags in own))]
    following = answer.get("NextToken")
    # Of those in other accounts no tags are known, by which one could choose.
    asked = deployment.member_events() and user().admin and not wanted and not cursor
    members, more = member_instances.read(table()) if asked else ([], False)
    return Fleet(
        region=deployment.region(),
        instances=[_instance(instance) for instance in shown],
        members=[_member(instance) for instance in members],
        more_members=more,
        cursor=base64.urlsafe_b64encode(following.encode()).decode().rstrip("=") if following else None,
    )


@router.get("/api/fleet/<instance>", operation_id="get_instance", summary="An instance", tags=["fleet"])
def get_instance(instance: Annotated[InstanceId, Path()]) -> InstanceDetail:
    """What selects an instance, and what was done to it."""
    found = _described(instance)
    if (
        not found
        and deployment.member_events()
        and user().admin
        and (there := member_instances.find(table(), instance))
    ):
        return _detail(_member(there), [])
    entries = {
        name: entry
        for name, entry in visible().items()
        if found and any(_selected(found[0], parse_tags(tags, "tag")) for tags in entry.selects)
    }
    if not found or not (user().admin or entries):
        raise _no_instance()
    now, held = datetime.now(UTC), holds.read_all(table(), entries)
    selecting = [
        Selecting(
            flow=name,
            next=next_start(entry, held[name], now),
            alarm=entry.alarm,
            changes=[part["name"] for part in entry.parts if part["changes"]],
        )
        for name, entry in entries.items()
    ]
    selecting.sort(key=lambda each: (each.next is None, each.next or now, each.flow))
    return _detail(_instance(found[0]), selecting)


def _described(instance: str) -> list[dict[str, Any]]:
    """The instance in the app's own account and Region; nothing when it is not there."""
    try:
        answer = deployment.ec2().describe_instances(InstanceIds=[instance])
    except ClientError as error:
        if error.response["Error"]["Code"].startswith("InvalidInstanceID"):
            return []
        raise
    return [each for reservation in answer["Reservations"] for each in reservation["Instances"]]


def _detail(instance: Instance, selecting: list[Selecting]) -> InstanceDetail:
    flows = scope()
    return InstanceDetail(
        account=instance.account,
        region=instance.region,
        instance=instance,
        selecting=selecting,
        touched=[
            Touched(flow=run.flow, name=run.name, time=run.started, parts=list(run.parts), failed=run.failed)
            for run in touched.touches(table(), instance.id, _LAST)
            if flows is None or run.flow in flows
        ],
    )


def _selections() -> list[tuple[TagPattern, ...]]:
    """What the flows of the user select, each by itself."""
    return [parse_tags(tags, "tag") for entry in visible().values() for tags in entry.selects]


def _selected(instance: dict[str, Any], patterns: Sequence[TagPattern]) -> bool:
    tags = tag_map(instance.get("Tags"))
    return all(pattern.matches(tags) for pattern in patterns)


def _instance(found: dict[str, Any]) -> Instance:
    tags = tag_map(found.get("Tags"))
    return Instance(
        id=found["InstanceId"],
        account=deployment.account(),
        region=deployment.region(),
        since=None,
        name=tags.get("Name"),
        type=found["InstanceType"],
        state=found["State"]["Name"],
        reason=(found.get("StateReason") or {}).get("Message") or None,
        zone=(found.get("Placement") or {}).get("AvailabilityZone"),
        launched=found.get("LaunchTime"),
        tags=tags,
    )


def _member(found: MemberInstance) -> Instance:
    """All that its events tell."""
    return Instance(
        id=found.id,
        account=found.account,
        region=found.region,
        since=found.since,
        name=None,
        type="",
        state=found.state,
        reason=None,
        zone=None,
        launched=None,
        tags={},
    )


def _token(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise _bad_cursor() from None


def _no_instance() -> NotFound:
    return NotFound("there is no such instance in the Region, or no flow of yours selects it")


def _bad_cursor() -> Invalid:
    return Invalid("the page is not there", {"query.cursor": "is not one that this list gave; leave it out"})
