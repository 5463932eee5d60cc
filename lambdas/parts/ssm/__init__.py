"""Parts that run commands on instances through Systems Manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lambdas.parts import load_when_used

if TYPE_CHECKING:
    from lambdas.parts.ssm.run_command import run_command as run_command

load_when_used(__name__)
