"""What can go wrong with the local AWS.

NightshiftError
└── LocalAwsError
    ├── NotRunning       there is no local AWS in this project
    ├── ServerDied       a server process ended, or never answered
    └── CommandFailed    npm, `cdk bootstrap` or `cdk deploy` failed; the message holds the end of its output
"""

from __future__ import annotations

from lambdas.contract.errors import NightshiftError


class LocalAwsError(NightshiftError):
    """Base of what the local AWS raises."""


class NotRunning(LocalAwsError):
    """There is no local AWS in this project."""


class ServerDied(LocalAwsError):
    """A server process ended, or never answered; the message holds the end of its log."""


class CommandFailed(LocalAwsError):
    """A command of the deployment failed; the message holds the end of its output."""
