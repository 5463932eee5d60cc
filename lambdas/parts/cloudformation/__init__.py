"""Parts for CloudFormation stacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.cloudformation.create_stack import create_stack as create_stack
    from lambdas.parts.cloudformation.delete_stack import delete_stack as delete_stack
    from lambdas.parts.cloudformation.describe_stacks import describe_stacks as describe_stacks
    from lambdas.parts.cloudformation.detect_stack_drift import detect_stack_drift as detect_stack_drift
    from lambdas.parts.cloudformation.update_stack import update_stack as update_stack

load_when_used(__name__)
