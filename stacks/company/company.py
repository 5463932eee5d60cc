"""All that a company decides, in one place: what the context says, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from nightshift.views.company_iam import CompanyAccess
from stacks.company import network, permissions, policy, sign_in
from stacks.company.given import truth
from stacks.company.sign_in import Domain, SignIn


@dataclass(frozen=True)
class Company:
    """What a company decides; each setting is a key of the context, and none is needed.

    key_arn: the KMS key of everything that is kept. tags: of everything that takes tags.
    backup: how the table is backed up. vpc: where the functions are. proxy, no_proxy: how they reach AWS, and what
    without. endpoints: where the services answer, by boto3's name.
    command_tag: the tag of the instances on which commands run. organization: id of the one whose accounts' roles are
    assumed. external_id: what the roles of other accounts ask for. member_events: whether those accounts forward what
    becomes of their instances. instance_roles: names of the roles that replaced
    instances may have. sign_in: its identity provider. rotate_refresh_tokens: whether each is for one use. domain: its
    own names. web_acl_arn: its firewall. api_through_cloudfront_only: whether the API refuses whoever does not come
    through CloudFront.
    """

    key_arn: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)
    backup: policy.Backup | None = None
    vpc: network.Vpc | None = None
    proxy: str = ""
    no_proxy: tuple[str, ...] = ()
    endpoints: Mapping[str, str] = field(default_factory=dict)
    command_tag: permissions.Tag | None = None
    organization: str = ""
    external_id: str = ""
    member_events: bool = False
    instance_roles: tuple[str, ...] = ()
    sign_in: SignIn | None = None
    rotate_refresh_tokens: bool = False
    domain: Domain | None = None
    web_acl_arn: str = ""
    api_through_cloudfront_only: bool = False

    @property
    def access(self) -> CompanyAccess:
        """What policies follow from."""
        return CompanyAccess(self.key_arn, *((self.vpc.subnets, self.vpc.security_groups) if self.vpc else ()))

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Company:
        """As the context has it: name of a setting -> value. Raises ValueError for what AWS would refuse."""
        chosen = {name: _READ[name](value) for name, value in given.items() if name in _READ}
        made = cls(**chosen)
        if made.member_events and not made.organization:
            raise ValueError(
                "context member_events is about accounts of an organization, and there is none; "
                'write its id: context organization, as "o-a1b2c3d4e5"'
            )
        if made.no_proxy and not made.proxy:
            raise ValueError("context no_proxy says what is reached without the proxy, and there is none; write proxy")
        return made

    def narrowed(self, statements: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """The statements of a part, as far as the company has it reach."""
        return permissions.narrowed(
            statements, tag=self.command_tag, organization=self.organization, roles=self.instance_roles
        )

    def environment(self) -> dict[str, str]:
        """The environment variables of all functions."""
        return network.environment(self.proxy, self.no_proxy, self.endpoints)


_READ: dict[str, Callable[[Any], Any]] = {
    "key_arn": policy.key_arn,
    "tags": policy.tags,
    "backup": policy.Backup.of,
    "vpc": network.Vpc.of,
    "proxy": network.proxy,
    "no_proxy": network.no_proxy,
    "endpoints": network.endpoints,
    "command_tag": permissions.command_tag,
    "organization": permissions.organization,
    "external_id": permissions.external_id,
    "member_events": lambda value: truth("member_events", value),
    "instance_roles": permissions.instance_roles,
    "sign_in": sign_in.SignIn.of,
    "rotate_refresh_tokens": lambda value: truth("rotate_refresh_tokens", value),
    "domain": sign_in.Domain.of,
    "web_acl_arn": sign_in.web_acl_arn,
    "api_through_cloudfront_only": lambda value: truth("api_through_cloudfront_only", value),
}

NAMES = tuple(setting.name for setting in fields(Company))
"""The keys of the context."""

OF_THE_DASHBOARD = ("sign_in", "rotate_refresh_tokens", "domain", "web_acl_arn", "api_through_cloudfront_only")
"""Those that say nothing where the dashboard is left out."""
