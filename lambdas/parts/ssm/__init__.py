"""Parts that run commands on instances through Systems Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.ssm.get_parameter import get_parameter as get_parameter
    from lambdas.parts.ssm.run_command import run_command as run_command
    from lambdas.parts.ssm.start_automation import start_automation as start_automation

load_when_used(__name__)
