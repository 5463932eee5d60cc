"""What a company's key and network add to what the function of a part may do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nightshift.app_context import context

Statement = dict[str, Any]

READ, WRITE = ("kms:Decrypt",), ("kms:Decrypt", "kms:GenerateDataKey")

_TABLE = (
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
)
"""What DynamoDB asks of the key in the caller's name ("Using AWS KMS encryption", DynamoDB Developer Guide)."""

_BY_ACTION: Mapping[str, tuple[str, ...]] = {
    "s3:GetObject": READ,
    "s3:PutObject": WRITE,
    "sqs:SendMessage": WRITE,
    "secretsmanager:GetSecretValue": READ,
    "states:DescribeExecution": READ,
    "states:GetExecutionHistory": READ,
    "states:RedriveExecution": WRITE,
    "states:StartExecution": WRITE,
    **{
        f"dynamodb:{action}": _TABLE
        for action in ("BatchGetItem", "DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem")
    },
}
"""Action -> what the service asks of the key in the caller's name.

Sources: "Using server-side encryption with AWS KMS keys" (Amazon S3 User Guide), "Key management" (Amazon SQS Developer
Guide), "Data at rest encryption in Step Functions" (Step Functions Developer Guide), "Secret encryption and decryption
in AWS Secrets Manager" (AWS Secrets Manager User Guide).
"""

_INTERFACES = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:UnassignPrivateIpAddresses",
)
_READS = ("ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets")


@dataclass(frozen=True)
class CompanyAccess:
    """What of a company's settings policies follow from. key_arn: "" for none. subnets, security_groups: of its VPC."""

    key_arn: str = ""
    subnets: tuple[str, ...] = ()
    security_groups: tuple[str, ...] = ()

    @classmethod
    def of_project(cls, folder: Path) -> CompanyAccess:
        """As the context in the `cdk.json` of a folder has them; a deployment checks them. None without that file."""
        given = context(folder)
        vpc = given.get("vpc") or {}
        vpc = json.loads(vpc) if isinstance(vpc, str) else vpc
        ids = (tuple(vpc.get(name, ())) for name in ("subnets", "security_groups"))
        return cls(given.get("key_arn") or "", *ids)

    def statements(self, function: str, others: Iterable[Statement]) -> list[Statement]:
        """What it adds to the role of a function. function: its name. others: what the role may do besides."""
        return [*self.key_statements(others), *self.vpc_statements(function)]

    def key_statements(self, others: Iterable[Mapping[str, Any]]) -> list[Statement]:
        """What a role that may do the others needs of the key: exactly that, and by way of the service alone."""
        needed: dict[str, set[str]] = {}
        for given in others if self.key_arn else ():
            actions = [given["Action"]] if isinstance(given["Action"], str) else given["Action"]
            for action in actions if given["Effect"] == "Allow" else ():
                needed.setdefault(action.partition(":")[0], set()).update(_BY_ACTION.get(action, ()))
        return [
            {
                "Effect": "Allow",
                "Action": sorted(actions),
                "Resource": self.key_arn,
                "Condition": {"StringEquals": {"kms:ViaService": f"{service}.${{AWS::Region}}.amazonaws.com"}},
            }
            for service, actions in sorted(needed.items())
            if actions
        ]

    def vpc_statements(self, function: str) -> list[Statement]:
        """What Lambda does with a function's role to connect it, and that the code of the function may not.

        Source: "Giving Lambda functions access to resources in an Amazon VPC" (AWS Lambda Developer Guide), with its
        example of a denial by lambda:SourceFunctionArn. Subnets may be shared by another account.
        """
        if not self.subnets:
            return []
        region = "arn:${AWS::Partition}:ec2:${AWS::Region}"
        placed = [f"{region}:*:subnet/{subnet}" for subnet in self.subnets]
        placed += [f"{region}:*:security-group/{group}" for group in self.security_groups]
        arn = f"arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:{function}"
        return [
            {"Effect": "Allow", "Action": list(_READS), "Resource": "*"},
            {
                "Effect": "Allow",
                "Action": list(_INTERFACES),
                "Resource": f"{region}:${{AWS::AccountId}}:network-interface/*",
            },
            {"Effect": "Allow", "Action": "ec2:CreateNetworkInterface", "Resource": placed},
            {
                "Effect": "Deny",
                "Action": [*_INTERFACES, "ec2:DescribeNetworkInterfaces"],
                "Resource": "*",
                "Condition": {"ArnEquals": {"lambda:SourceFunctionArn": arn}},
            },
        ]
