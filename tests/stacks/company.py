"""The settings of a company that has decided everything there is to decide, as its cdk.json has them."""

from __future__ import annotations

from typing import Any

from aws_cdk import App

from stacks.company.company import Company
from stacks.settings import Settings

KEY = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"

CERTIFICATE = "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d"

CONTEXT: dict[str, Any] = {
    "key_arn": KEY,
    "tags": {"cost-center": "4711", "team": "operations"},
    "backup": {"days": 35},
    "vpc": {"subnets": ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"], "security_groups": ["sg-01234567"]},
    "proxy": "http://proxy.example.com:3128",
    "no_proxy": ["s3.eu-west-1.amazonaws.com", ".internal"],
    "endpoints": {"ec2": "https://vpce-1.ec2.eu-west-1.vpce.amazonaws.com", "elbv2": "https://elb.example.com"},
    "command_tag": "Commands=nightshift",
    "organization": "o-a1b2c3d4e5",
    "external_id": "audit-2026",
    "member_events": True,
    "instance_roles": ["web", "service/batch"],
    "sign_in": {"name": "Company", "metadata": "https://idp.example.com/saml", "operators": {"Ops-Admins": "admin"}},
    "rotate_refresh_tokens": True,
    "domain": {"name": "operations.example.com", "certificate": CERTIFICATE, "sign_in": "login.example.com"},
    "web_acl_arn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/company/0a1b2c3d",
    "api_through_cloudfront_only": True,
}


def company(**changed: Any) -> Company:
    """These settings, some of them changed; None leaves one out."""
    given = {name: value for name, value in (CONTEXT | changed).items() if value is not None}
    return Settings.of(App(context=given).node).company
