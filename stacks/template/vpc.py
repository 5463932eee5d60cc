"""A function in the subnets of a company: its properties, and what its role needs for that and for nothing else."""

from __future__ import annotations

from stacks.settings import Settings
from stacks.template.cloudformation import Json
from stacks.template.permissions import substituted


def vpc_properties(settings: Settings) -> dict[str, Json]:
    """Properties of AWS::Lambda::Function; none without a VPC."""
    vpc = settings.company.vpc
    if vpc is None:
        return {}
    return {"VpcConfig": {"SubnetIds": list(vpc.subnets), "SecurityGroupIds": list(vpc.security_groups)}}


def vpc_statements(settings: Settings, function: str) -> list[dict[str, Json]]:
    """What the role of a function needs in a VPC; nothing without one. function: its name."""
    return [substituted(made) for made in settings.company.access.vpc_statements(function)]
