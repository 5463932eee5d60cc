"""Who uses the dashboard: the user pool with its groups, and the hosted pages on which they sign in."""

from __future__ import annotations

from collections.abc import Iterable

from lambdas.dashboard.access import ADMIN
from nightshift.model import CompiledFlow
from stacks.dashboard.sign_in import PROVIDER, check_operators, client_properties, pool_properties, provider
from stacks.settings import Settings
from stacks.template.cloudformation import KEEP, Json, Resources, logical_id, ref, tags
from stacks.template.functions import Code

POOL, CLIENT, OWN_DOMAIN = "UserPool", "UserPoolClient", "UserPoolOwnDomain"

_SESSION_HOURS, _TOKEN_MINUTES = 12, 15
"""A shift, and how long somebody who was taken out of a group still has its rights."""


def users(settings: Settings, flows: Iterable[CompiledFlow], address: Json, code: Code) -> Resources:
    """The user pool. It stays when the stack is deleted: users cannot be made again with their passwords.

    flows: whose operators and approvers become groups. address: of the page, with a slash at its end. code: of the
    function that maps groups of the company.
    """
    company = settings.company
    groups = sorted({ADMIN, *(group for flow in flows for group in (*flow.options.operators, *flow.approvers))})
    check_operators(settings, groups)
    own_tags = {tag["Key"]: tag["Value"] for tag in tags(settings.app)}
    made: Resources = {
        POOL: {
            "Type": "AWS::Cognito::UserPool",
            "Properties": {
                "UserPoolName": settings.app,
                "DeletionProtection": "ACTIVE" if settings.deletion_protection else "INACTIVE",
                # Names stay, addresses change; both sign in.
                "AliasAttributes": ["email"],
                "AutoVerifiedAttributes": ["email"],
                "UsernameConfiguration": {"CaseSensitive": False},
                "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": True},
                "AccountRecoverySetting": {"RecoveryMechanisms": [{"Name": "verified_email", "Priority": 1}]},
                "MfaConfiguration": "ON",
                "EnabledMfas": ["SOFTWARE_TOKEN_MFA"],
                "Policies": {
                    "PasswordPolicy": {
                        "MinimumLength": 12,
                        "RequireLowercase": True,
                        "RequireNumbers": True,
                        "RequireSymbols": True,
                        "RequireUppercase": True,
                        "TemporaryPasswordValidityDays": 3,
                    }
                },
                "UserPoolTags": own_tags,
                **pool_properties(settings),
            },
            "DeletionPolicy": KEEP,
            "UpdateReplacePolicy": "Retain",
        },
        f"{POOL}Domain": {
            "Type": "AWS::Cognito::UserPoolDomain",
            "Properties": {"Domain": _domain_prefix(settings), "UserPoolId": ref(POOL)},
        },
        CLIENT: {
            "Type": "AWS::Cognito::UserPoolClient",
            "Properties": {
                "ClientName": "dashboard",
                "UserPoolId": ref(POOL),
                # A page keeps no secret; PKCE takes its place.
                "GenerateSecret": False,
                "AllowedOAuthFlowsUserPoolClient": True,
                "AllowedOAuthFlows": ["code"],
                "AllowedOAuthScopes": ["openid", "email"],
                "SupportedIdentityProviders": ["COGNITO"],
                "CallbackURLs": [address],
                "LogoutURLs": [address],
                "ExplicitAuthFlows": ["ALLOW_REFRESH_TOKEN_AUTH"],
                "PreventUserExistenceErrors": "ENABLED",
                "EnableTokenRevocation": True,
                "AccessTokenValidity": _TOKEN_MINUTES,
                "IdTokenValidity": _TOKEN_MINUTES,
                "RefreshTokenValidity": _SESSION_HOURS,
                "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"},
                **client_properties(settings),
            },
            **({"DependsOn": [PROVIDER]} if company.sign_in else {}),
        },
        **provider(settings, POOL, code),
    }
    if company.domain and company.domain.sign_in:
        made[OWN_DOMAIN] = {
            "Type": "AWS::Cognito::UserPoolDomain",
            "Properties": {
                "Domain": company.domain.sign_in,
                "CustomDomainConfig": {"CertificateArn": company.domain.sign_in_certificate},
                "UserPoolId": ref(POOL),
            },
        }
    for group in groups:
        said = "Sees and may do everything" if group == ADMIN else "Sees and may start the flows that name it"
        made[logical_id("group", group)] = {
            "Type": "AWS::Cognito::UserPoolGroup",
            "Properties": {"GroupName": group, "Description": said, "UserPoolId": ref(POOL)},
        }
    return made


def sign_in_host(settings: Settings) -> Json:
    """Where users sign in: the host of the hosted pages."""
    own = settings.company.domain
    if own and own.sign_in:
        return own.sign_in
    domain = _domain_prefix(settings)["Fn::Sub"]
    return {"Fn::Sub": f"{domain}.auth.${{AWS::Region}}.amazoncognito.com"}


def _domain_prefix(settings: Settings) -> dict[str, Json]:
    """One of its kind in a region, whoever else has an app of the same name."""
    return {"Fn::Sub": settings.names.of("${AWS::AccountId}")}
