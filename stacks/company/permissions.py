"""How a company narrows what parts may do to what it has: instances by a tag, roles by name, accounts of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from stacks.company.given import matched, texts

_ROLE = r"[\w+=,.@/-]{1,512}"
_ALL_ROLES = "role/*"
_EC2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}


@dataclass(frozen=True)
class Tag:
    """A tag that a resource has."""

    key: str
    value: str


def command_tag(value: Any) -> Tag:
    """The tag of the instances on which commands run, "Key=Value". Raises ValueError."""
    text = matched("command_tag", value, r"[\w .:/+@-]{1,128}=[\w .:/=+@-]{1,256}", 'a tag, as "Commands=nightshift"')
    key, _, given = text.partition("=")
    return Tag(key, given)


def organization(value: Any) -> str:
    """The id of an organization. Raises ValueError."""
    return matched("organization", value, r"o-[a-z0-9]{10,32}", "the id of the organization, as o-a1b2c3d4e5")


def external_id(value: Any) -> str:
    """The external id that roles of other accounts ask for. Raises ValueError.

    Source: "AssumeRole" (AWS STS API Reference).
    """
    return matched("external_id", value, r"[\w+=,.@:/-]{2,1224}", "2 to 1,224 letters, digits and + = , . @ : / -")


def instance_roles(value: Any) -> tuple[str, ...]:
    """Names of roles, each with its path. Raises ValueError."""
    return tuple(
        matched("instance_roles", name, _ROLE, "names of the roles of instances, with their path: service/web")
        for name in texts("instance_roles", value)
    )


def narrowed(
    statements: Iterable[dict[str, Any]], *, tag: Tag | None, organization: str, roles: Sequence[str]
) -> list[dict[str, Any]]:
    """The statements of a part as the company narrows them.

    tag: `ssm:SendCommand` reaches only instances that have it ("Restricting Run Command access based on tags", AWS
    Systems Manager User Guide). organization: roles are assumed only in its accounts (`aws:ResourceOrgID`, "AWS global
    condition context keys", IAM User Guide). roles: only these are passed to instances.
    """
    return [made for statement in statements for made in _narrowed(statement, tag, organization, roles)]


def _narrowed(
    statement: dict[str, Any], tag: Tag | None, organization: str, roles: Sequence[str]
) -> Iterator[dict[str, Any]]:
    actions = statement["Action"]
    if tag and "ssm:SendCommand" in actions:
        # A condition on tags holds for documents too, which have none: they get a statement of their own.
        documents = [resource for resource in statement["Resource"] if ":document/" in resource]
        instances = [resource for resource in statement["Resource"] if ":document/" not in resource]
        yield {**statement, "Resource": documents}
        yield _where({**statement, "Resource": instances}, f"ssm:resourceTag/{tag.key}", tag.value)
    elif organization and "sts:AssumeRole" in actions:
        yield _where(statement, "aws:ResourceOrgID", organization)
    elif roles and "iam:PassRole" in actions and statement.get("Condition") == _EC2:
        every = next(resource for resource in statement["Resource"] if resource.endswith(_ALL_ROLES))
        yield {**statement, "Resource": [every.replace(_ALL_ROLES, f"role/{name}") for name in roles]}
    else:
        yield statement


def _where(statement: dict[str, Any], key: str, value: str) -> dict[str, Any]:
    """The statement, if a key of the request has a value, too."""
    condition = statement.get("Condition", {})
    return {**statement, "Condition": {**condition, "StringEquals": {**condition.get("StringEquals", {}), key: value}}}
