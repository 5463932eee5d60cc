"""IAM actions and resources that the parts for load balancers have in common."""

from __future__ import annotations

from lambdas.contract.part import Allow

LOAD_BALANCERS = ("arn:${AWS::Partition}:elasticloadbalancing:*:${AWS::AccountId}:loadbalancer/*",)
TARGET_GROUPS = ("arn:${AWS::Partition}:elasticloadbalancing:*:${AWS::AccountId}:targetgroup/*/*",)
READ = Allow(
    (
        "ec2:DescribeInstances",
        "elasticloadbalancing:DescribeInstanceHealth",
        "elasticloadbalancing:DescribeLoadBalancers",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetHealth",
    )
)
