"""Parts for CloudWatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.cloudwatch.describe_alarms import describe_alarms as describe_alarms

load_when_used(__name__)
