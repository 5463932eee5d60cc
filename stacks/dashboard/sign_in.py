"""The identity provider of a company in front of the user pool, and the function that maps its groups."""

from __future__ import annotations

import json
from collections.abc import Collection

from stacks.company.sign_in import SignIn
from stacks.settings import Settings
from stacks.template.cloudformation import Json, Resources, attribute, ref
from stacks.template.functions import Code, function

PROVIDER, MAPPER = "UserPoolProvider", "SignInGroups"

GROUPS = "custom:groups"
"""The attribute of a user that has the groups of the company, as the provider sends them."""


def provider(settings: Settings, pool: str, code: Code) -> Resources:
    """The provider and what maps its groups; nothing when the context has no `sign_in`. pool: logical id."""
    company = settings.company.sign_in
    if company is None:
        return {}
    made: Resources = {
        PROVIDER: {
            "Type": "AWS::Cognito::UserPoolIdentityProvider",
            "Properties": {
                "UserPoolId": ref(pool),
                "ProviderName": company.name,
                "ProviderType": "OIDC" if company.oidc else "SAML",
                "ProviderDetails": _details(company),
                "AttributeMapping": {"email": company.email, GROUPS: company.groups},
            },
        }
    }
    made |= function(
        settings,
        MAPPER,
        "nightshift.sign_in_groups",
        handler="lambdas.dashboard.groups.handler",
        description="Gives users of the company's sign-in the groups they have here",
        code=code,
        environment={
            "NIGHTSHIFT_PROVIDER": company.name,
            "NIGHTSHIFT_GROUPS": json.dumps(company.operators, sort_keys=True),
        },
        statements=[],
        # Cognito waits five seconds ("Customizing user pool workflows with Lambda triggers").
        timeout=5,
        memory=256,
    )
    made[f"{MAPPER}Permission"] = {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": ref(MAPPER),
            "Principal": "cognito-idp.amazonaws.com",
            "SourceArn": attribute(pool),
        },
    }
    return made


def check_operators(settings: Settings, groups: Collection[str]) -> None:
    """Refuse a mapping to a group that no flow names. Raises ValueError."""
    company = settings.company.sign_in
    for theirs, ours in company.operators.items() if company else ():
        if ours not in groups:
            raise ValueError(
                f"context sign_in: operators: {theirs!r} becomes {ours!r}, which no flow names in operators= or "
                f"approvers=; there are {', '.join(sorted(groups))}"
            )


def pool_properties(settings: Settings) -> dict[str, Json]:
    """What the user pool has for a provider.

    Version 2 of the trigger changes access tokens, which is what the API reads, and is part of the plan Essentials
    ("Pre token generation Lambda trigger", Amazon Cognito Developer Guide).
    """
    if settings.company.sign_in is None:
        return {}
    return {
        "UserPoolTier": "ESSENTIALS",
        "Schema": [
            {
                "Name": GROUPS.removeprefix("custom:"),
                "AttributeDataType": "String",
                "Mutable": True,
                "StringAttributeConstraints": {"MaxLength": "2048"},
            }
        ],
        "LambdaConfig": {"PreTokenGenerationConfig": {"LambdaArn": attribute(MAPPER), "LambdaVersion": "V2_0"}},
    }


def client_properties(settings: Settings) -> dict[str, Json]:
    """What the client of the page has for a provider, beside its local users; and whether refresh tokens rotate.

    A provider can only set attributes that the client may write ("Specifying identity provider attribute mappings for
    your user pool"). The page asks for no scope with which a user could write them.
    """
    made: dict[str, Json] = {}
    if settings.company.sign_in is not None:
        made["SupportedIdentityProviders"] = ["COGNITO", settings.company.sign_in.name]
        made["ReadAttributes"] = ["email", "email_verified", GROUPS]
        made["WriteAttributes"] = ["email", GROUPS]
    if settings.company.rotate_refresh_tokens:
        # The old flow of refreshing is refused beside it ("Refresh tokens"). An empty list would be Cognito's default.
        made["ExplicitAuthFlows"] = ["ALLOW_USER_SRP_AUTH"]
        made["RefreshTokenRotation"] = {"Feature": "ENABLED", "RetryGracePeriodSeconds": 10}
    return made


def _details(company: SignIn) -> dict[str, Json]:
    """What a provider is told by; "IdentityProviderType", Amazon Cognito User Pools API Reference."""
    if not company.oidc:
        return {"MetadataURL": company.metadata, "IDPSignout": "false"}
    return {
        "oidc_issuer": company.issuer,
        "client_id": company.client_id,
        # CloudFormation reads it when it deploys; it is in no template.
        "client_secret": f"{{{{resolve:secretsmanager:{company.secret}:SecretString}}}}",
        "attributes_request_method": "GET",
        "authorize_scopes": "openid email profile",
    }
