"""What is not everywhere: the partitions of AWS that a part of nightshift cannot be deployed to."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from aws_cdk import Stack, Token
from aws_cdk.region_info import RegionInfo

from lambdas.alerts.recipients import is_address
from nightshift.aws_names import has_mail
from nightshift.errors import CompileErrors
from nightshift.model import CompiledFlow
from nightshift.project import without_mail
from stacks.settings import Settings


def check_region(stack: Stack, settings: Settings, flows: Sequence[CompiledFlow]) -> None:
    """End the program when the stack would be deployed to a region that has not all it needs.

    The dashboard needs CloudFront and the hosted sign-in of Cognito, which are in the partition "aws" alone ("Services
    in AWS GovCloud (US) Regions", AWS GovCloud (US) User Guide; "Feature availability and implementation differences",
    Getting Started with Amazon Web Services in China). A stack without a region goes to that of the credentials, which
    the CDK CLI tells as CDK_DEFAULT_REGION.

    Mails need Amazon SES, which is not in China ("Amazon Simple Email Service endpoints and quotas", AWS General
    Reference).
    """
    region = os.environ.get("CDK_DEFAULT_REGION") if Token.is_unresolved(stack.region) else stack.region
    partition = RegionInfo.get(region).partition if region else None
    if settings.dashboard and partition not in (None, "aws"):
        sys.exit(
            f"the dashboard cannot be deployed to {region}: the partition {partition} does not have CloudFront and the "
            "sign-in pages of Cognito; deploy without it: cdk deploy -c dashboard=false. "
            "`nightshift runs`, `hold` and `run` do the same from the command line"
        )
    if region and not has_mail(region) and any(map(is_address, settings.notify)):
        sys.exit(
            f"context notify names a mail address, and Amazon SES is not in {region}; write ARNs of SNS topics or URLs"
        )
    if region and (wrong := without_mail(flows, region)):
        sys.exit(str(CompileErrors(wrong)))
