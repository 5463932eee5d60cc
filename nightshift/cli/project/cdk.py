"""`nightshift cdk`: the CDK CLI of the version that nightshift pins, on the project in this folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


def cdk(arguments: Sequence[str]) -> int:
    """Run the CLI with the environment as it is; its exit code. Raises CommandFailed when it cannot be installed."""
    from nightshift.local.node import ensure_node_modules, node_environment, node_module_bin

    command = node_module_bin("cdk", ensure_node_modules(Path.cwd()))
    return subprocess.run([*command, *arguments], env=node_environment(dict(os.environ)), check=False).returncode
