"""The dashboard's page: a bucket nobody reads but CloudFront, the distribution, and what puts the files there."""

from __future__ import annotations

from typing import Any

from lambdas.dashboard import headers, origin
from stacks.dashboard.api import API, ORIGIN_SECRET
from stacks.settings import Settings
from stacks.template.buckets import closed
from stacks.template.cloudformation import (
    Json,
    Resources,
    attribute,
    deny_plain_http,
    policy,
    ref,
    statement,
    sub,
    tags,
)
from stacks.template.functions import Code, function

BUCKET, DISTRIBUTION, FILES = "DashboardBucket", "DashboardDistribution", "DashboardFiles"

# Managed policies ("Use managed cache policies" and "... origin request policies", CloudFront Developer Guide).
_CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
_CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
_ALL_VIEWER_EXCEPT_HOST = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
_ALL_METHODS = ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"]


def address(settings: Settings) -> Json:
    """Where the dashboard is."""
    if settings.company.domain:
        return f"https://{settings.company.domain.name}/"
    return {"Fn::Sub": f"https://${{{DISTRIBUTION}.DomainName}}/"}


def page(settings: Settings, code: Code, sign_in: Json, config: dict[str, Json]) -> Resources:
    """The bucket, the distribution in front of it and of the API, and the deployment of the files.

    code: the asset of the function that puts the files. sign_in: host of the hosted sign-in. config: of the page.
    """
    return {
        **_bucket(settings),
        **_distribution(settings, sign_in),
        **_files(settings, code, config),
    }


def _bucket(settings: Settings) -> Resources:
    objects = {"Fn::Sub": f"${{{BUCKET}.Arn}}/*"}
    arn = {"Fn::Sub": f"arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{DISTRIBUTION}}}"}
    read = statement(
        "s3:GetObject",
        objects,
        principal={"Service": "cloudfront.amazonaws.com"},
        condition={"StringEquals": {"aws:SourceArn": arn}},
    )
    return {
        BUCKET: {
            "Type": "AWS::S3::Bucket",
            "Properties": closed(settings),
            "DeletionPolicy": "Delete",
            "UpdateReplacePolicy": "Delete",
        },
        f"{BUCKET}Policy": {
            "Type": "AWS::S3::BucketPolicy",
            "Properties": {
                "Bucket": ref(BUCKET),
                "PolicyDocument": policy([read, deny_plain_http("s3:*", [attribute(BUCKET), objects])]),
            },
        },
    }


def _distribution(settings: Settings, sign_in: Json) -> Resources:
    host = sign_in if isinstance(sign_in, str) else sign_in["Fn::Sub"]
    origins = ["https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}", f"https://{host}"]
    return {
        "DashboardAccess": {
            "Type": "AWS::CloudFront::OriginAccessControl",
            "Properties": {
                "OriginAccessControlConfig": {
                    "Name": _name_in_account(settings, "dashboard"),
                    "OriginAccessControlOriginType": "s3",
                    "SigningBehavior": "always",
                    "SigningProtocol": "sigv4",
                }
            },
        },
        "DashboardPageHeaders": _headers(
            _name_in_account(settings, "dashboard-page"), {"Fn::Sub": headers.page_policy(origins)}
        ),
        "DashboardApiHeaders": _headers(
            _name_in_account(settings, "dashboard-api"), headers.API["content-security-policy"]
        ),
        DISTRIBUTION: {
            "Type": "AWS::CloudFront::Distribution",
            "Properties": {
                "DistributionConfig": {
                    "Comment": f"The dashboard of {settings.app}",
                    "Enabled": True,
                    "HttpVersion": "http2and3",
                    "IPV6Enabled": True,
                    "DefaultRootObject": "index.html",
                    "Origins": [_page_origin(), _api_origin(settings)],
                    **_of_company(settings),
                    "DefaultCacheBehavior": {
                        "TargetOriginId": "page",
                        "ViewerProtocolPolicy": "redirect-to-https",
                        "Compress": True,
                        "CachePolicyId": _CACHING_OPTIMIZED,
                        "ResponseHeadersPolicyId": ref("DashboardPageHeaders"),
                    },
                    "CacheBehaviors": [
                        {
                            "PathPattern": "/api/*",
                            "TargetOriginId": "api",
                            "ViewerProtocolPolicy": "https-only",
                            "Compress": True,
                            "AllowedMethods": _ALL_METHODS,
                            "CachePolicyId": _CACHING_DISABLED,
                            "OriginRequestPolicyId": _ALL_VIEWER_EXCEPT_HOST,
                            "ResponseHeadersPolicyId": ref("DashboardApiHeaders"),
                        }
                    ],
                },
                "Tags": tags(settings.app),
            },
        },
    }


def _page_origin() -> dict[str, Json]:
    return {
        "Id": "page",
        "DomainName": attribute(BUCKET, "RegionalDomainName"),
        "OriginAccessControlId": attribute("DashboardAccess", "Id"),
        # Empty because the origin access control takes its place.
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }


def _of_company(settings: Settings) -> dict[str, Json]:
    """The company's own name and firewall."""
    made: dict[str, Json] = {}
    if settings.company.web_acl_arn:
        made["WebACLId"] = settings.company.web_acl_arn
    if domain := settings.company.domain:
        made["Aliases"] = [domain.name]
        made["ViewerCertificate"] = {
            "AcmCertificateArn": domain.certificate,
            "MinimumProtocolVersion": "TLSv1.2_2021",
            "SslSupportMethod": "sni-only",
        }
    return made


def _api_origin(settings: Settings) -> dict[str, Json]:
    secret = f"{{{{resolve:secretsmanager:${{{ORIGIN_SECRET}}}:SecretString}}}}"
    shown = [{"HeaderName": origin.HEADER, "HeaderValue": {"Fn::Sub": secret}}]
    return {
        **({"OriginCustomHeaders": shown} if settings.company.api_through_cloudfront_only else {}),
        "Id": "api",
        "DomainName": {"Fn::Sub": f"${{{API}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"},
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only", "OriginSSLProtocols": ["TLSv1.2"]},
    }


def _name_in_account(settings: Settings, name: str) -> Json:
    """A name that an app in another region of the account does not have, for CloudFront knows no regions.

    Sources: "OriginAccessControlConfig" and "ResponseHeadersPolicyConfig", Amazon CloudFront API Reference.
    """
    return sub(settings.names.of(f"{name}-${{AWS::Region}}"))


def _headers(name: Json, content_policy: Json) -> dict[str, Json]:
    """A policy of response headers; what the origin sends of them itself is replaced."""
    others = dict(headers.SECURITY)
    age = int(others.pop("strict-transport-security").partition(";")[0].removeprefix("max-age="))
    others.pop("x-content-type-options")
    special: dict[str, dict[str, Json]] = {
        "ContentSecurityPolicy": {"ContentSecurityPolicy": content_policy},
        "ContentTypeOptions": {},
        "FrameOptions": {"FrameOption": others.pop("x-frame-options")},
        "ReferrerPolicy": {"ReferrerPolicy": others.pop("referrer-policy")},
        "StrictTransportSecurity": {"AccessControlMaxAgeSec": age, "IncludeSubdomains": True},
    }
    return {
        "Type": "AWS::CloudFront::ResponseHeadersPolicy",
        "Properties": {
            "ResponseHeadersPolicyConfig": {
                "Name": name,
                "SecurityHeadersConfig": {kind: {**given, "Override": True} for kind, given in special.items()},
                "CustomHeadersConfig": {
                    "Items": [{"Header": header, "Value": value, "Override": True} for header, value in others.items()]
                },
            }
        },
    }


def _files(settings: Settings, code: Code, config: dict[str, Json]) -> Resources:
    made = function(
        settings,
        FILES,
        "nightshift.dashboard_files",
        handler="lambdas.custom_resources.page.handler",
        description="Puts the page of the dashboard into its bucket, when it is deployed",
        code=code,
        environment={},
        statements=[
            statement("s3:ListBucket", attribute(BUCKET)),
            statement(["s3:DeleteObject", "s3:PutObject"], {"Fn::Sub": f"${{{BUCKET}.Arn}}/*"}),
        ],
        timeout=300,
        memory=512,
    )
    properties: dict[str, Any] = {
        "ServiceToken": attribute(FILES),
        "ServiceTimeout": 360,
        "Bucket": ref(BUCKET),
        "Config": config,
        # Another key is another page.
        "Content": code.key,
    }
    made["DashboardContent"] = {
        "Type": "Custom::StaticFiles",
        "Properties": properties,
        "DependsOn": [f"{FILES}Role", f"{BUCKET}Policy"],
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Delete",
    }
    return made
