"""Parts that run commands on instances through Systems Manager."""

from lambdas.parts.ssm.run_command import run_command

__all__ = ["run_command"]
