"""Instances."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Query
from botocore.exceptions import ClientError

from lambdas.dashboard import deployment
from lambdas.dashboard.access import user, visible
from lambdas.dashboard.models.board import TagText
from lambdas.dashboard.models.common import Cursor
from lambdas.dashboard.models.fleet import Fleet, Instance
from lambdas.dashboard.problems import Invalid
from lambdas.dashboard.routing import new_router
from lambdas.engine.selection import TagPattern, parse_tags, tag_map

router = new_router()


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
        return Fleet(region=deployment.region(), instances=[], cursor=None)
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
    return Fleet(
        region=deployment.region(),
        instances=[_instance(instance) for instance in shown],
        cursor=base64.urlsafe_b64encode(following.encode()).decode().rstrip("=") if following else None,
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
        name=tags.get("Name"),
        type=found["InstanceType"],
        state=found["State"]["Name"],
        reason=(found.get("StateReason") or {}).get("Message") or None,
        zone=(found.get("Placement") or {}).get("AvailabilityZone"),
        launched=found.get("LaunchTime"),
        tags=tags,
    )


def _token(cursor: str) -> str:
    try:
        return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise _bad_cursor() from None


def _bad_cursor() -> Invalid:
    return Invalid("the page is not there", {"query.cursor": "is not one that this list gave; leave it out"})
