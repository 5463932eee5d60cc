"""How people come to the dashboard: the company's identity provider, its domain, its firewall."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stacks.company.given import entries, matched

_ADDRESS = r"https://[^\s/]+(/\S*)?"
_SECRET = r"[A-Za-z0-9/_+=.@-]{1,512}"
_DOMAIN = r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_CERTIFICATE = r"arn:aws:acm:us-east-1:\d{12}:certificate/[A-Za-z0-9-]+"
_WEB_ACL = r"arn:aws:wafv2:us-east-1:\d{12}:global/webacl/[\w-]+/[A-Za-z0-9-]+"

_SAML_CLAIMS = (
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
)
_OIDC_CLAIMS = ("email", "groups")


@dataclass(frozen=True)
class SignIn:
    """The identity provider of a company.

    name: what Cognito and the page call it. metadata: address of a SAML provider's metadata.
    issuer, client_id, secret: of an OIDC provider; the secret is the name of one in Secrets Manager, which holds the
    client secret. email, groups: names of the claims. operators: group of the company -> group of the dashboard.
    """

    name: str
    metadata: str = ""
    issuer: str = ""
    client_id: str = ""
    secret: str = ""
    email: str = ""
    groups: str = ""
    operators: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Any) -> SignIn:
        """As the context has it. Raises ValueError."""
        given = entries("sign_in", value, known=tuple(cls.__dataclass_fields__))
        email, groups = _SAML_CLAIMS if "metadata" in given else _OIDC_CLAIMS
        made = cls(**{"name": "", "email": email, "groups": groups, **given})
        matched("sign_in: name", made.name, r"[A-Za-z][A-Za-z0-9-]{2,31}", "3 to 32 letters, digits and hyphens")
        if made.name.upper() == "COGNITO":
            raise ValueError("context sign_in: name is that of the local users; write another one")
        oidc = {name for name in ("issuer", "client_id", "secret") if getattr(made, name)}
        if bool(made.metadata) == bool(oidc) or (oidc and len(oidc) < 3):
            raise ValueError("context sign_in: write metadata for SAML, or issuer, client_id and secret for OIDC")
        if made.metadata:
            matched("sign_in: metadata", made.metadata, _ADDRESS, "the https address of the metadata")
        else:
            matched("sign_in: issuer", made.issuer, _ADDRESS, "the https address of the issuer")
            matched("sign_in: secret", made.secret, _SECRET, "the name of a secret in Secrets Manager")
        operators = entries("sign_in: operators", made.operators)
        for theirs, ours in operators.items():
            matched(f"sign_in: operators: {theirs}", ours, r"\S{1,128}", "the name of a group of the dashboard")
        return made

    @property
    def oidc(self) -> bool:
        """Whether it speaks OIDC; else SAML."""
        return bool(self.issuer)


@dataclass(frozen=True)
class Domain:
    """Names of a company for the dashboard and its sign-in, each with its certificate in us-east-1."""

    name: str
    certificate: str
    sign_in: str = ""
    sign_in_certificate: str = ""

    @classmethod
    def of(cls, value: Any) -> Domain:
        """As the context has it. Raises ValueError."""
        given = entries("domain", value, known=tuple(cls.__dataclass_fields__))
        made = cls(**{"name": "", "certificate": "", **given})
        if made.sign_in and not made.sign_in_certificate:
            made = cls(made.name, made.certificate, made.sign_in, made.certificate)
        wanted = "the ARN of a certificate in us-east-1, where CloudFront and Cognito look for it"
        matched("domain: name", made.name, _DOMAIN, "a name such as operations.example.com")
        matched("domain: certificate", made.certificate, _CERTIFICATE, wanted)
        if made.sign_in:
            matched("domain: sign_in", made.sign_in, _DOMAIN, "a name such as login.example.com")
            matched("domain: sign_in_certificate", made.sign_in_certificate, _CERTIFICATE, wanted)
        return made


def web_acl_arn(value: Any) -> str:
    """The ARN of a firewall for CloudFront. Raises ValueError."""
    return matched(
        "web_acl_arn",
        value,
        _WEB_ACL,
        "the ARN of a web ACL of WAF for CloudFront: arn:aws:wafv2:us-east-1:..:global/..",
    )
