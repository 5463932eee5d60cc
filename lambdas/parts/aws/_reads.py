"""Which operations only read: those are repeated without asking, and made in a dry run."""

from __future__ import annotations

import re

_VERBS = (
    "BatchDescribe",
    "BatchGet",
    "Describe",
    "Get",
    "Head",
    "List",
    "Lookup",
    "Query",
    "Scan",
    "Search",
    "Select",
    "Simulate",
    "TransactGet",
)
_READS = re.compile(rf"(?:{'|'.join(_VERBS)})(?=[A-Z0-9]|$)")

WRITES = frozenset(
    {
        "appfabric:BatchGetUserAccessTasks",
        "athena:GetSessionEndpoint",
        "bedrock-agentcore:GetWorkloadAccessToken",
        "bedrock-agentcore:GetWorkloadAccessTokenForJWT",
        "bedrock-agentcore:GetWorkloadAccessTokenForUserId",
        "cognito-identity:GetId",
        "cognito-idp:GetTokensFromRefreshToken",
        "emr-containers:GetManagedEndpointSessionCredentials",
        "emr:GetClusterSessionCredentials",
        "emr:GetOnClusterAppUIPresignedURL",
        "emr:GetPersistentAppUIPresignedURL",
        "lightsail:GetInstanceAccessDetails",
        "redshift-serverless:GetCredentials",
        "redshift:GetClusterCredentials",
        "redshift:GetClusterCredentialsWithIAM",
        "security-ir:GetCaseAttachmentUploadUrl",
        "socialmessaging:GetWhatsAppMessageMedia",
        "stepfunctions:GetActivityTask",
        "sts:GetDelegatedAccessToken",
        "sts:GetWebIdentityToken",
    }
)
"""Operations, as service:Name, that have an effect though their names sound like reading: what they give is taken."""


def reads(service: str, operation: str) -> bool:
    """Whether an operation ("DescribeDBInstances") changes nothing."""
    return bool(_READS.match(operation)) and f"{service}:{operation}" not in WRITES
