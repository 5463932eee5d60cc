"""The local AWS: MiniStack for the control plane and an honest fleet for EC2, EBS and ELB, per project folder."""

from nightshift.local.aws import LocalAws
from nightshift.local.errors import CommandFailed, LocalAwsError, NotRunning, ServerDied
from nightshift.local.lifecycle import down, status, up
from nightshift.local.mail import Mail, sent_mail
from nightshift.local.node import ensure_node_modules, node_module_bin

__all__ = [
    "CommandFailed",
    "LocalAws",
    "LocalAwsError",
    "Mail",
    "NotRunning",
    "ServerDied",
    "down",
    "ensure_node_modules",
    "node_module_bin",
    "sent_mail",
    "status",
    "up",
]
