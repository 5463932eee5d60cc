"""Small builders for CloudFormation: resources and policies are plain JSON, made without a jsii call each."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Json = Any
"""A value that `json.dumps` takes."""

Resources = dict[str, dict[str, Json]]
"""Logical id -> CloudFormation resource."""

KEEP = "RetainExceptOnCreate"
"""The DeletionPolicy of what stays when its stack is deleted.

Plain Retain would also stay when the first deployment fails, and its name would be in the way of the next
("DeletionPolicy attribute", AWS CloudFormation User Guide).
"""

_PSEUDO = re.compile(r"\$\{(?!AWS::)")


def sub(text: str) -> Json:
    """`Fn::Sub` of a text with pseudo parameters such as ${AWS::Region}; plain text stays as it is.

    Any other ${...} is meant literally (an IAM policy variable, for instance) and is kept.
    """
    if "${" not in text:
        return text
    escaped = _PSEUDO.sub("${!", text)
    return {"Fn::Sub": escaped}


def arn(service: str, resource: str) -> Json:
    """The ARN of a resource of this account and region, by its name."""
    return sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def ref(logical_id: str) -> Json:
    """`Ref`."""
    return {"Ref": logical_id}


def attribute(logical_id: str, name: str = "Arn") -> Json:
    """`Fn::GetAtt`."""
    return {"Fn::GetAtt": [logical_id, name]}


def role_arn(logical_id: str) -> Json:
    """The ARN of a role made here, from its name.

    Fn::GetAtt would do on AWS; MiniStack forgets attributes when it updates a nested stack.
    """
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/${{{logical_id}}}"}


def logical_id(*words: str) -> str:
    """A logical id that two different names never share: the words in camel case and a digest of them."""
    name = "".join(word[:1].upper() + word[1:] for word in re.split(r"[^A-Za-z0-9]+", "-".join(words)))
    digest = hashlib.sha256("-".join(words).encode()).hexdigest()[:8]
    return f"{name[:200]}{digest}"


def tags(prefix: str, **more: str) -> list[dict[str, str]]:
    """The tags every resource carries: `nightshift:app` and what else is given (`flow="x"` -> `nightshift:flow`)."""
    named = {"app": prefix, **more}
    return [{"Key": f"nightshift:{key}", "Value": value} for key, value in named.items()]


def statement(
    actions: str | Sequence[str],
    resources: Json = "*",
    *,
    condition: Mapping[str, Json] | None = None,
    principal: Json = None,
    effect: str = "Allow",
) -> dict[str, Json]:
    """An IAM policy statement; `principal` only for resource policies."""
    made: dict[str, Json] = {"Effect": effect}
    if principal is not None:
        made["Principal"] = principal
    made["Action"] = actions if isinstance(actions, str) else list(actions)
    made["Resource"] = resources
    if condition:
        made["Condition"] = dict(condition)
    return made


def policy(statements: Iterable[dict[str, Json]]) -> dict[str, Json]:
    """An IAM policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def role(
    service: str,
    statements: Iterable[dict[str, Json]],
    *,
    description: str,
    tags: list[dict[str, str]],
    source_arn: Json = None,
    name: Json = None,
) -> dict[str, Json]:
    """An IAM role for one AWS service, with one inline policy.

    name: its name; by default CloudFormation chooses one.
    source_arn: which resource the service may act for; the account is held in any case, so that no other account
        can make the service use the role ("The confused deputy problem", IAM User Guide).
    """
    condition: dict[str, Json] = {"StringEquals": {"aws:SourceAccount": ref("AWS::AccountId")}}
    if source_arn is not None:
        condition["ArnLike"] = {"aws:SourceArn": source_arn}
    trust: dict[str, Json] = {
        "Effect": "Allow",
        "Principal": {"Service": f"{service}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    # Lambda's documentation names no such condition: a role cannot be passed to a function of another account.
    if service != "lambda":
        trust["Condition"] = condition
    return {
        "Type": "AWS::IAM::Role",
        "Properties": {
            "AssumeRolePolicyDocument": policy([trust]),
            "Description": description,
            "Policies": [{"PolicyName": "nightshift", "PolicyDocument": policy(statements)}],
            "Tags": tags,
            **({"RoleName": name} if name else {}),
        },
    }


def deny_plain_http(actions: str, resources: Json) -> dict[str, Json]:
    """The statement of a resource policy that refuses requests without TLS."""
    return statement(
        actions, resources, effect="Deny", principal={"AWS": "*"}, condition={"Bool": {"aws:SecureTransport": "false"}}
    )
